/**
 * What counts as a secret, as options of commands say it.
 * @module
 */

import { UsageError } from "../errors.ts";
import { REDACTION_RULES, Secrets } from "../security/redact.ts";
import { lazy } from "./lazy.ts";
import { openForReading } from "./stdio.ts";

/** The options. */
export interface SecretsFlags {
  readonly text?: readonly string[];
  readonly textFrom?: string;
  readonly pattern?: readonly string[];
  readonly allow?: readonly string[];
  readonly allowPattern?: readonly string[];
  readonly without?: readonly string[];
}

const many = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, variadic: true, optional: true }) as const;

/** Their definitions. */
export const SECRETS_FLAGS = {
  text: many("a text to hide wherever it stands; may be given again", "TEXT"),
  textFrom: {
    kind: "parsed",
    parse: String,
    brief: "a file of such texts, one a line: no command line shows them",
    placeholder: "FILE",
    optional: true,
  },
  pattern: many("a regular expression of what to hide (RE2); may be given again", "RE"),
  allow: many("a value that stays although it looks like a secret; may be given again", "TEXT"),
  allowPattern: many("a regular expression of such values; may be given again", "RE"),
  without: many("a rule to leave out, by its name; may be given again", "RULE"),
} as const;

/**
 * What to look for: the rules, the secrets of our own environment, and what the options add.
 *
 * @throws {UsageError} If an option cannot be used.
 */
export async function secretsFrom(flags: SecretsFlags): Promise<Secrets> {
  const { text = [], textFrom, pattern = [], allow = [], allowPattern = [], without = [] } = flags;
  const literals = [...text, ...(textFrom === undefined ? [] : await linesOf(textFrom))];
  if (pattern.length + allowPattern.length === 0) {
    return new Secrets({ literals, allow, without, env: Deno.env.toObject() });
  }
  const { compilePatterns, wholeMatch } = await lazy<typeof import("../security/redaction/patterns.ts")>(
    "../security/redaction/patterns.ts",
  );
  return new Secrets({
    literals,
    patterns: compilePatterns(pattern),
    allow: [...allow, ...allowPattern.map(wholeMatch)],
    without,
    env: Deno.env.toObject(),
  });
}

async function linesOf(path: string): Promise<string[]> {
  const text = await new Response((await openForReading(path)).readable).text();
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  if (lines.length === 0) throw new UsageError(`Cannot hide the texts in ${path}: there are none`);
  return lines;
}

/** The rules, one a line. */
export function listOfRules(): string {
  return REDACTION_RULES.map(({ name }) => name + "\n").join("");
}
