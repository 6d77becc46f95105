/**
 * Which marks the recorded shell has printed itself.
 *
 * This module is browser compatible.
 * @module
 */

import { sha256Of } from "../../text/sha256.ts";

/** Tells marks of the recorded shell from all others. */
export class NonceCheck {
  readonly #sha256: string | undefined;
  #known: string | undefined; // the word, once it has been seen

  /** By the header's `nonceSha256`. */
  constructor(sha256: string | undefined) {
    this.#sha256 = sha256?.toLowerCase();
  }

  /** Whether there is such a word. */
  get hasNonce(): boolean {
    return this.#sha256 !== undefined;
  }

  /** Whether this is it. */
  isOurs(nonce: string): boolean {
    if (this.#sha256 === undefined || nonce.length > 64) return false;
    if (this.#known !== undefined) return nonce === this.#known;
    if (sha256Of(nonce) !== this.#sha256) return false;
    this.#known = nonce;
    return true;
  }
}
