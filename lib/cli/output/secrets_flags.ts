/**
 * What counts as a secret, as options of commands say it.
 * @module
 */

import type { Secrets } from "../../security/redact.ts";
import { lazy } from "../lazy.ts";
import { tell } from "../source/stdio.ts";

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
 * What to look for: the rules, the secrets of our own environment, what the configuration says, and what the options add. Who may not
 * look at the environment finds no configuration either, and is told so.
 *
 * @throws {UsageError} If an option cannot be used, or the configuration.
 */
export async function secretsFrom({ textFrom, ...rules }: SecretsFlags): Promise<Secrets> {
  const { loadRedaction, placeOfRule } = await lazy<typeof import("../../session/template/template.ts")>(
    "../session/template/template.ts",
  );
  const { joinRules } = await lazy<typeof import("../../session/template/redaction_rules.ts")>(
    "../session/template/redaction_rules.ts",
  );
  const { secretsOf } = await lazy<typeof import("../../session/template/secrets.ts")>(
    "../session/template/secrets.ts",
  );
  const own = { ...rules, ...(textFrom !== undefined && { textFrom: [textFrom] }) };
  if (Deno.permissions.querySync({ name: "env" }).state === "granted") {
    return await secretsOf(joinRules(await loadRedaction(), own), Deno.env.toObject(), placeOfRule);
  }
  tell("term2ai: secrets of your environment and rules of your configuration are not looked for without --allow-env\n");
  return await secretsOf(own, {});
}
