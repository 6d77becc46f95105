/**
 * All that counts as a secret: the rules, values that are known, what the user names; and what is none although it looks so.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../../errors.ts";
import { ASSIGNMENT_RULES } from "./assignments.ts";
import { COMMAND_RULES } from "./commands.ts";
import { CONTEXT_RULES } from "./contexts.ts";
import { LINES_RULES } from "./lines.ts";
import { Matcher, type TextSearch } from "./matcher.ts";
import type { Rule } from "./rule.ts";
import { SERVICE_RULES } from "./services.ts";
import { STATEMENT_RULES } from "./statements.ts";
import { KnownValues, SHORTEST_VALUE } from "./values.ts";

/**
 * Every rule there is.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(REDACTION_RULES.some(({ name }) => name === "jwt"), true);
 * ```
 */
export const REDACTION_RULES: readonly Rule[] = [
  ...LINES_RULES,
  ...SERVICE_RULES,
  ...ASSIGNMENT_RULES,
  ...COMMAND_RULES,
  ...STATEMENT_RULES,
  ...CONTEXT_RULES,
];

/**
 * What to look for beside what the rules know.
 *
 * @example
 * ```ts
 * const wishes: SecretOptions = { literals: ["Project Bluebird"], without: ["password-hash"] };
 * ```
 */
export interface SecretOptions {
  /** Texts to hide wherever they stand, four characters at the least. */
  readonly literals?: readonly string[];
  /** Regular expressions in RE2's syntax, which takes linear time; {@linkcode compilePatterns} makes them. */
  readonly patterns?: readonly TextSearch[];
  /** Values that stay although they look like secrets, and regular expressions of such values. */
  readonly allow?: readonly (string | ((text: string) => boolean))[];
  /** The environment, whose secrets are told by their variables' names. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of rules to leave out. */
  readonly without?: readonly string[];
}

const SENSITIVE =
  /(?:^|[_.-])(?:.*pass(?:word|wd|phrase)?|.*secret|.*token|.*api_?key|.*credentials?|.*private_?key|.*access_?key|.*signing_?key|.*encryption_?key|auth|.*_auth|pat|pw|pwd_hash|.*_key|dsn|.*_pat|.*_pw)$/i;
/** What only seems so. */
const HARMLESS =
  /^(?:PWD|OLDPWD|SSH_AUTH_SOCK|GPG_KEY|KEY|XAUTHORITY|.*_KEY_?(?:ID|PATH|FILE)|.*(?:FILE|PATH|DIR|SOCK|URL_BASE))$/i;
/** Shorter values of variables stand everywhere by chance. */
const SHORTEST_OF_ENV = 8;

/**
 * Whether what has this name is a secret.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isSensitiveName("GITHUB_TOKEN"), true);
 * equal(isSensitiveName("SSH_AUTH_SOCK"), false);
 * ```
 */
export function isSensitiveName(name: string): boolean {
  return name.length <= 256 && SENSITIVE.test(name) && !HARMLESS.test(name);
}

/**
 * What is looked for in one recording, or in several.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const secrets = new Secrets({ literals: ["Bluebird"] });
 * secrets.learn("correct horse");
 * equal(secrets.values.size, 2);
 * ```
 */
export class Secrets {
  /**
   * Values that are known by their text.
   *
   * @internal
   */
  readonly values: KnownValues = new KnownValues();
  /**
   * Looks at lines.
   *
   * @internal
   */
  readonly matcher: Matcher;

  /**
   * Joins the rules with what the options add.
   *
   * @throws {UsageError} If a literal is too short to be looked for, or a rule to leave out does not exist.
   */
  constructor({ literals = [], patterns = [], allow = [], env = {}, without = [] }: SecretOptions = {}) {
    for (const name of without) {
      if (REDACTION_RULES.some((rule) => rule.name === name)) continue;
      throw new UsageError(
        `Cannot leave out ${JSON.stringify(name)}: there is no such rule; expected a name such as jwt or github-token`,
      );
    }
    const exact = new Set(allow.filter((each) => typeof each === "string"));
    const tests = allow.filter((each) => typeof each === "function");
    this.matcher = new Matcher({
      rules: REDACTION_RULES.filter(({ name }) => !without.includes(name)),
      values: this.values,
      searches: patterns,
      isAllowed: (text) => exact.has(text) || tests.some((test) => test(text)),
    });
    for (const literal of literals) {
      if ([...literal].length < SHORTEST_VALUE) {
        throw new UsageError(
          `Cannot hide a text of ${[...literal].length} ${
            [...literal].length === 1 ? "character" : "characters"
          }: expected ${SHORTEST_VALUE} or more`,
        );
      }
      this.values.add(literal, "literal");
    }
    for (const [name, value] of Object.entries(env)) {
      if (value.length >= SHORTEST_OF_ENV && isSensitiveName(name)) this.values.add(value, "environment");
    }
  }

  /** Makes known what was typed unseen, or is secret for another reason. It is not kept as text. */
  learn(text: string, rule = "typed-unseen"): void {
    this.values.add(text, rule);
  }
}
