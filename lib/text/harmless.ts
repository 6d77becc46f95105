/**
 * Text from a recording, made safe to show.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * Characters that do something to a terminal, or turn text around.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal("a\x1b[2Jb".replace(CONTROLS, ""), "a[2Jb");
 * ```
 */
export const CONTROLS: RegExp = /[\0-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Spells them out.
 *
 * @param kept Characters that stay as they are.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(harmless("a\x1b[2J\nb"), "a\\u{1b}[2J\\u{a}b");
 * equal(harmless("a\x1b[2J\nb", "\n"), "a\\u{1b}[2J\nb");
 * ```
 */
export function harmless(text: string, kept = ""): string {
  return text.replace(
    CONTROLS,
    (character) => kept.includes(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
