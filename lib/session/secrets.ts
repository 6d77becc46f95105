/**
 * Makes what is looked for out of what users say.
 * @module
 */

import { UsageError } from "../errors.ts";
import { reason } from "../host/file.ts";
import { Secrets } from "../security/redact.ts";
import type { RedactionRules } from "./redaction_rules.ts";

/**
 * What to look for: the rules, the secrets of an environment, and what a user adds.
 *
 * @throws {UsageError} If something cannot be used.
 */
export async function secretsOf(rules: RedactionRules, env: Readonly<Record<string, string>>): Promise<Secrets> {
  const { text = [], textFrom = [], pattern = [], allow = [], allowPattern = [], without = [] } = rules;
  const literals = [...text, ...(await Promise.all(textFrom.map(linesOf))).flat()];
  if (pattern.length + allowPattern.length === 0) return new Secrets({ literals, allow, without, env });
  // Handed over as a value, so that a recorder without expressions does not load the engine for them.
  const specifier = new URL("../security/redaction/patterns.ts", import.meta.url).href;
  const { compilePatterns, wholeMatch }: typeof import("../security/redaction/patterns.ts") = await import(specifier);
  const allowed = [...allow, ...allowPattern.map(wholeMatch)];
  return new Secrets({ literals, patterns: compilePatterns(pattern), allow: allowed, without, env });
}

async function linesOf(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path).catch((error) => {
    throw new UsageError(`Cannot read ${path}: ${reason(error)}`, { cause: error });
  });
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  if (lines.length === 0) throw new UsageError(`Cannot hide the texts in ${path}: there are none`);
  return lines;
}
