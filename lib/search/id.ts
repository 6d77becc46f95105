/**
 * Names of stored recordings: they sort by time, and nobody can guess one.
 *
 * A name is a ULID in small letters: 48 bits of milliseconds and 80 random bits as 26 characters of Crockford's base 32, which
 * has no `i`, `l`, `o` and `u`. <https://github.com/ulid/spec>
 *
 * This module is browser compatible.
 * @module
 */

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_DIGITS = 10, RANDOM_DIGITS = 16;

/**
 * A new name.
 *
 * @param time In milliseconds since 1970-01-01T00:00:00Z.
 *
 * @example
 * ```ts
 * import { ok } from "node:assert/strict";
 * ok(newId(1) < newId(2));
 * ```
 */
export function newId(time: number = Date.now()): string {
  let rest = Math.min(Math.max(0, Math.floor(time)), 2 ** 48 - 1), digits = "";
  for (let digit = 0; digit < TIME_DIGITS; digit++) {
    digits = DIGITS[rest % 32]! + digits;
    rest = Math.floor(rest / 32);
  }
  for (const byte of crypto.getRandomValues(new Uint8Array(RANDOM_DIGITS))) digits += DIGITS[byte % 32]!;
  return digits;
}

/**
 * Whether a text is a whole name, in capitals or not.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isId(newId()), true);
 * equal(isId("demo.t2a"), false);
 * ```
 */
export function isId(text: string): boolean {
  return text.length === TIME_DIGITS + RANDOM_DIGITS && isIdPrefix(text);
}

/**
 * Whether a name may begin like that.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isIdPrefix("01K0"), true);
 * equal(isIdPrefix("demo.t2a"), false);
 * ```
 */
export function isIdPrefix(text: string): boolean {
  return text.length <= TIME_DIGITS + RANDOM_DIGITS && /^[0-9a-hjkmnp-tv-z]+$/i.test(text);
}
