/**
 * What a user calls a secret, beside what the rules know: as configurations, templates and options say it.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * Rules of a user.
 *
 * @example
 * ```ts
 * const rules: RedactionRules = { text: ["Project Bluebird"], pattern: ["EMP-[0-9]{6}"], allow: ["EMP-000000"] };
 * ```
 */
export interface RedactionRules {
  /** Texts to hide wherever they stand, four characters at the least. */
  readonly text?: readonly string[];
  /** Files of such texts, one a line. */
  readonly textFrom?: readonly string[];
  /** Regular expressions of what to hide, in RE2's syntax. */
  readonly pattern?: readonly string[];
  /** Values that stay although they look like secrets. */
  readonly allow?: readonly string[];
  /** Regular expressions of such values. */
  readonly allowPattern?: readonly string[];
  /** Names of rules to leave out. */
  readonly without?: readonly string[];
}

/** The names of its lists. */
export const LISTS = ["text", "textFrom", "pattern", "allow", "allowPattern", "without"] as const;

/** Both together. */
export function joinRules(one: RedactionRules, other: RedactionRules): RedactionRules {
  const lists = LISTS.map((name) => [name, [...one[name] ?? [], ...other[name] ?? []]] as const);
  return Object.fromEntries(lists.filter(([, list]) => list.length > 0));
}
