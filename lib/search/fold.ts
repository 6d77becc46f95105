/**
 * Makes texts equal that differ only in the case of letters, one UTF-16 code unit at a time.
 *
 * An index may say that a text is worth a look when it is not, never the other way round. So whatever a regular expression with the
 * flags `iu` takes for the same becomes the same here: capitals of ASCII are small letters, the long s and the Kelvin sign are those
 * that they fold to, and all letters beyond ASCII that have a case are one, as are the halves of characters beyond 16 bits.
 *
 * This module is browser compatible.
 * @module
 */

/** Stands for what is not told apart. */
const SOME = 1;

/** What has been asked before; 0 for what has not. */
const known = new Uint16Array(0x10000);

/**
 * The code unit that stands for this one; never 0.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(foldUnit("K".charCodeAt(0)), "k".charCodeAt(0));
 * equal(foldUnit("Ü".charCodeAt(0)), foldUnit("ü".charCodeAt(0)));
 * equal(foldUnit("漢".charCodeAt(0)), "漢".charCodeAt(0));
 * ```
 */
export function foldUnit(unit: number): number {
  return known[unit] || (known[unit] = fold(unit));
}

function fold(unit: number): number {
  if (unit >= 0x41 && unit <= 0x5a) return unit + 0x20;
  if (unit < 0x80) return unit || SOME;
  if (unit === 0x17f) return 0x73;
  if (unit === 0x212a) return 0x6b;
  if (unit >= 0xd800 && unit <= 0xdfff) return SOME;
  const text = String.fromCharCode(unit);
  return text.toLowerCase() === text && text.toUpperCase() === text ? unit : SOME;
}

/**
 * A text in small letters, as long as it was: `toLowerCase()` makes two characters of one, or looks at those beside it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(inSmallLetters("ÜBER İ ΟΔΟΣ"), "über İ οδοσ");
 * ```
 */
export function inSmallLetters(text: string): string {
  return Array.from(text, (character) => {
    const small = character.toLowerCase();
    return small.length === character.length ? small : character;
  }).join("");
}
