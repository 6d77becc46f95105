/**
 * SHA-256 for whole recordings.
 *
 * WebCrypto hashes in another thread: for a block of a recording, waking that one and being woken again takes three times as
 * long as hashing (45 us where it is done here in 14). But to load what hashes here takes 5 ms, so short recordings do without.
 *
 * @module
 */

import type { Digest } from "../ports.ts";

/** From so many bytes on it pays to hash here. */
const WORTH_LOADING = 1 << 20;

type Hash = typeof import("node:crypto").hash;

let hashed = 0;
let hash: Promise<Hash> | undefined;

/**
 * SHA-256.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal((await sha256(new Uint8Array(0)))[0], 0xe3);
 * ```
 */
export const sha256: Digest = async (data) => {
  hashed += data.length;
  if (hashed < WORTH_LOADING) return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  hash ??= import("node:crypto").then(({ hash }) => hash);
  return new Uint8Array((await hash)("sha256", data, "buffer"));
};
