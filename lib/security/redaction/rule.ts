/**
 * What a secret looks like: something that leads to it, and the characters that it is made of.
 *
 * A rule is no free regular expression, so that what a recording holds cannot make matching slow: a fixed word is looked for,
 * a lead of bounded length is compared from there, and then characters of one set are taken as long as they come. The lead stays
 * readable, what follows is hidden.
 *
 * This module is browser compatible.
 * @module
 */

import type { Below } from "./below.ts";

/**
 * One kind of secret.
 *
 * @example
 * ```ts
 * const rule: Rule = {
 *   name: "acme-token", words: ["acme_"], lead: /(?<!\w)acme_/y, chars: charSet("A-Za-z0-9"), least: 20, most: 40,
 *   hides: ["acme_<A20>"], keeps: ["acme_short"],
 * };
 * ```
 */
export interface Rule {
  /** The name users see. */
  readonly name: string;
  /** Where one of these stands, in any case, a lead may begin; at least three characters each. */
  readonly words: readonly string[];
  /** Sticky; bounded in length. What it matches is not hidden. */
  readonly lead: RegExp;
  /** What the secret is made of. */
  readonly chars: CharSet;
  /** How long it is at the least. */
  readonly least: number;
  /** And at the most; what is longer is no secret of this kind. */
  readonly most?: number;
  /** What all of it looks like. Anchored at both ends, and linear. */
  readonly form?: RegExp;
  /** How much of it, 512 characters if left out. */
  readonly looksAt?: number;
  /** The character that must follow. */
  readonly after?: string;
  /** It ends before the first match of this. */
  readonly until?: RegExp;
  /**
   * What follows the name that the lead begins with, so that nothing has to be compared where it does not: `:` or `=`, a quote, the
   * bar of a table, or soon the end of the line.
   */
  readonly behind?: "sign" | "quote" | "bar" | "end";
  /** Sticky: how what matches goes on, with what else only sometimes belongs to a secret. */
  readonly tail?: RegExp;
  /** It goes on to the quote that stands before it, whatever is between but that quote behind a backslash, and must end so. */
  readonly isQuoted?: true;
  /** Also hidden wherever else it stands: it has no lead of its own there. */
  readonly isValue?: true;
  /** Nothing in this line is secret; what is in the lines below, as the line and the place behind the lead tell. */
  readonly opens?: (text: string, at: number) => Below | undefined;
  /** Texts with a secret in them; see {@linkcode sample}. */
  readonly hides: readonly string[];
  /** Texts that look alike and hold none. */
  readonly keeps: readonly string[];
}

/**
 * A place behind an escape of JSON, of a shell, of a terminal's colours or of a URL, as it stands in texts about texts. Its last letter
 * belongs to no word, so a secret may begin there.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * const tokens = new RegExp(`${BEHIND_ESCAPE}tok_\\w+`, "g");
 * deepEqual("a\\ntok_1 b%20tok_2 xtok_3 \\u001b[31mtok_4".match(tokens), ["tok_1", "tok_2", "tok_4"]);
 * ```
 */
export const BEHIND_ESCAPE: string = String
  .raw`(?<=\\(?:[abfnrtv]|[uU][0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[0-7]{3}|(?:e|033|x1[bB]|u001[bB])(?:\[[0-9;]{0,16}m)?)|%[0-9A-Fa-f]{2})`;

/** A set of characters: a table for ASCII, and whether all others belong to it. */
export interface CharSet {
  readonly ascii: Uint8Array;
  readonly others: boolean;
}

/**
 * A set, written as between the brackets of a regular expression; with `^` at its start, all others, which are all letters that
 * are not ASCII too. Control characters are in no set.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isIn(charSet("a-f0-9"), 0x61), true);
 * equal(isIn(charSet("^\\s"), 0x20), false);
 * ```
 */
export function charSet(members: string): CharSet {
  const pattern = new RegExp(`[${members}]`);
  const ascii = new Uint8Array(128);
  for (let code = 0x20; code < 0x7f; code++) ascii[code] = pattern.test(String.fromCharCode(code)) ? 1 : 0;
  return { ascii, others: members.startsWith("^") };
}

/** Whether a character is in a set. */
export function isIn(set: CharSet, code: number): boolean {
  return code < 128 ? set.ascii[code] === 1 : set.others;
}

const SETS: Readonly<Record<string, string>> = {
  A: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
  a: "abcdefghijklmnopqrstuvwxyz0123456789",
  U: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
  h: "0123456789abcdef",
  b: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  d: "0123456789",
};

/**
 * A sample with its random part filled in, always the same: `<A36>` are 36 letters and digits, `<a…>` small ones, `<U…>` capitals,
 * `<h…>` hexadecimal digits, `<b…>` Base64, `<d…>` digits. So no file holds what looks like a secret.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(sample("id-<d4>").length, 7);
 * ```
 */
export function sample(template: string): string {
  let seed = template.length * 2654435761 >>> 0;
  return template.replace(/<([AaUhbd])(\d+)>/g, (_, set: string, length: string) => {
    let text = "";
    while (text.length < Number(length)) {
      seed = Math.imul(seed, 1664525) + 1013904223 >>> 0;
      text += SETS[set]![(seed >>> 8) % SETS[set]!.length];
    }
    return text;
  });
}
