/**
 * UTF-8 at the border between our bytes and a format's text.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * How many bytes the UTF-8 character at `at` has; 0 if there is none, because it is invalid or goes on behind `end`.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const bytes = new TextEncoder().encode("a€");
 * equal(characterLength(bytes, 0, 4), 1);
 * equal(characterLength(bytes, 1, 4), 3);
 * equal(characterLength(bytes, 1, 3), 0);
 * equal(characterLength(bytes, 2, 4), 0);
 * ```
 */
export function characterLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length = expectedLength(lead);
  if (length === 0 || at + length > end || !followsLead(lead, bytes[at + 1]!)) return 0;
  for (let index = at + 2; index < at + length; index++) {
    if ((bytes[index]! & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** Bytes of a character that begins with this byte above ASCII; 0 if none does. */
function expectedLength(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Whether a second byte is one that Unicode's table 3-7 allows: no overlong forms, no surrogates, nothing over U+10FFFF. */
function followsLead(lead: number, second: number): boolean {
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
}

/**
 * How many bytes from `at` on are one fault: the longest beginning of a character that was then broken off, or one byte.
 * It is what a `TextDecoder` makes one U+FFFD of.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(faultLength(Uint8Array.of(0xe2, 0x82, 0x41), 0, 3), 2);
 * equal(faultLength(Uint8Array.of(0xff, 0xff), 0, 2), 1);
 * ```
 */
export function faultLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  const limit = Math.min(end, at + expectedLength(lead));
  if (at + 1 >= limit || !followsLead(lead, bytes[at + 1]!)) return 1;
  let stop = at + 2;
  while (stop < limit && (bytes[stop]! & 0xc0) === 0x80) stop++;
  return stop - at;
}

/**
 * How many bytes at the end are the beginning of a character that the next bytes may complete.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(cutLength(Uint8Array.of(0x61, 0xe2, 0x82)), 2);
 * equal(cutLength(Uint8Array.of(0xe2, 0x82, 0xac)), 0);
 * equal(cutLength(Uint8Array.of(0xe2, 0x20)), 0);
 * ```
 */
export function cutLength(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const at = bytes.length - length;
    if ((bytes[at]! & 0xc0) === 0x80) continue;
    return expectedLength(bytes[at]!) > length && faultLength(bytes, at, bytes.length) === length ? length : 0;
  }
  return 0;
}

/**
 * How many bytes belong to no character.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(invalidLength(Uint8Array.of(0x61, 0xff, 0xe2, 0x82)), 3);
 * ```
 */
export function invalidLength(bytes: Uint8Array): number {
  let invalid = 0;
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at, bytes.length);
    if (length === 0) invalid++;
    at += length || 1;
  }
  return invalid;
}
