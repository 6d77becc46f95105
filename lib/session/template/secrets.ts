/**
 * Makes what is looked for out of what users say.
 * @module
 */

import { UsageError } from "../../errors.ts";
import { readWholeText } from "../../host/whole_file.ts";
import { Secrets } from "../../security/redact.ts";
import { SHORTEST_VALUE } from "../../security/redaction/values.ts";
import { LISTS, type RedactionRules } from "./redaction_rules.ts";

/** Where a rule stands, for messages; `undefined` if it is not known. */
export type PlaceOfRule = (list: keyof RedactionRules, rule: string) => Promise<string | undefined>;

/**
 * What to look for: the rules, the secrets of an environment, and what a user adds.
 *
 * @param place Tells of a rule that cannot be used where it stands.
 * @throws {UsageError} If something cannot be used.
 */
export async function secretsOf(
  rules: RedactionRules,
  env: Readonly<Record<string, string>>,
  place?: PlaceOfRule,
): Promise<Secrets> {
  try {
    return await made(rules, env);
  } catch (error) {
    if (!(error instanceof UsageError) || !place) throw error;
    throw await placed(rules, place) ?? error;
  }
}

/** The first rule that cannot be used, with its place. */
async function placed(rules: RedactionRules, place: PlaceOfRule): Promise<UsageError | undefined> {
  for (const list of LISTS) {
    for (const rule of rules[list] ?? []) {
      const error = await made({ [list]: [rule] }, {}).then(() => undefined, (error: unknown) => error);
      const where = error instanceof UsageError ? await place(list, rule) : undefined;
      if (where !== undefined) {
        return new UsageError(`${(error as UsageError).message}\n  It is ${where}`, { cause: error });
      }
    }
  }
  return undefined;
}

async function made(rules: RedactionRules, env: Readonly<Record<string, string>>): Promise<Secrets> {
  const { text = [], textFrom = [], pattern = [], allow = [], allowPattern = [], without = [] } = rules;
  const literals = [...text, ...(await Promise.all(textFrom.map(linesOf))).flat()];
  if (pattern.length + allowPattern.length === 0) return new Secrets({ literals, allow, without, env });
  // Handed over as a value, so that a recorder without expressions does not load the engine for them.
  const specifier = new URL("../../security/redaction/patterns.ts", import.meta.url).href;
  const { compilePatterns, wholeMatch }: typeof import("../../security/redaction/patterns.ts") = await import(
    specifier
  );
  const allowed = [...allow, ...allowPattern.map(wholeMatch)];
  return new Secrets({ literals, patterns: compilePatterns(pattern), allow: allowed, without, env });
}

async function linesOf(path: string): Promise<string[]> {
  const text = await readWholeText(path);
  const all = text.split(/\r?\n/), lines = all.filter((line) => line !== "");
  for (const line of lines) {
    const { length } = [...line];
    if (length >= SHORTEST_VALUE) continue;
    throw new UsageError(
      `Cannot hide the text in ${path}, line ${
        all.indexOf(line) + 1
      }: it has ${length} characters, expected ${SHORTEST_VALUE} or more`,
    );
  }
  if (lines.length === 0) throw new UsageError(`Cannot hide the texts in ${path}: there are none`);
  return lines;
}
