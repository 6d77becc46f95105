/**
 * What databases can compare by themselves, so that only text comes out of them that is worth a look.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * A pattern for LIKE that each text with this part fits, whatever case it has there. Beyond ASCII the folding of cases differs, and
 * may change lengths; `k` and `s` are also what the Kelvin sign and the long s fold to.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(patternFor("50% desk"), "%50\\% de__%");
 * ```
 */
export function patternFor(part: string): string {
  const wild = part.replace(/[%_\\]/g, "\\$&").replace(/[ks]/g, "_").replace(/[^\x20-\x7e]+/g, "%");
  return `%${wild}%`;
}
