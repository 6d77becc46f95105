/**
 * Text that should be UTF-8, from formats whose recordings are read whatever they hold.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * Decodes whole pieces of UTF-8. What is none becomes U+FFFD, and is told.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const told: string[] = [];
 * const decoder = new LenientDecoder((problem) => told.push(problem));
 * equal(decoder.decode(Uint8Array.of(97, 0xff)), "a\ufffd");
 * equal(decoder.decode(Uint8Array.of(98)), "b");
 * deepEqual(told, ["bytes that are not UTF-8 became U+FFFD"]);
 * ```
 */
export class LenientDecoder {
  readonly #strict: TextDecoder;
  readonly #lenient: TextDecoder;
  readonly #tell: (problem: string) => void;

  /**
   * @param tell Hears of each piece that is not UTF-8.
   * @param options With `ignoreBOM`, a mark at the beginning of a piece stays.
   */
  constructor(tell: (problem: string) => void, options: { readonly ignoreBOM?: boolean } = {}) {
    this.#tell = tell;
    this.#strict = new TextDecoder("utf-8", { ...options, fatal: true });
    this.#lenient = new TextDecoder("utf-8", options);
  }

  /** The text of a piece. */
  decode(bytes: Uint8Array): string {
    try {
      return this.#strict.decode(bytes);
    } catch {
      this.#tell("bytes that are not UTF-8 became U+FFFD");
      return this.#lenient.decode(bytes);
    }
  }
}
