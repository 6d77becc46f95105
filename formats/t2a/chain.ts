/**
 * The hash chain that makes a cut, an exchange or a change of recorded blocks show.
 *
 * This module is browser compatible.
 * @module
 */

import type { Digest } from "../../lib/ports.ts";
import { concat } from "../../lib/stream/collect.ts";
import { HEADER_BYTES, unveil } from "./block.ts";

/**
 * SHA-256 as the platform has it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal((await webDigest(new Uint8Array(0)))[0], 0xe3);
 * ```
 */
export const webDigest: Digest = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));

/**
 * The head of a chain before its first block.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(NO_HEAD.length, 32);
 * ```
 */
export const NO_HEAD: Uint8Array = new Uint8Array(32);

/**
 * The head of a chain after one more block: the hash of the head before and the block's bytes as they are stored.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal((await nextHead(webDigest, NO_HEAD, new Uint8Array(0)))[0], 0x66);
 * ```
 */
export function nextHead(digest: Digest, head: Uint8Array, block: Uint8Array): Promise<Uint8Array> {
  return digest(concat([head, block]));
}

/**
 * The hash by which a seal lists a block of derived events: of its type, flags, codec, unit and time, and its payload without
 * veil. Its number is left out, since it changes when others are added or taken away.
 *
 * @param block As it is stored.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal((await derivedHash(webDigest, new Uint8Array(40))).length, 32);
 * ```
 */
export function derivedHash(digest: Digest, block: Uint8Array): Promise<Uint8Array> {
  const payload = unveil(block.subarray(HEADER_BYTES), block[15]!);
  return digest(concat([block.subarray(4, 8), block.subarray(16, 24), payload]));
}
