/**
 * What a message holds of one direction, taken piece by piece as its timing says.
 *
 * This module is browser compatible.
 * @module
 */

import type { Payload } from "./message.ts";

const SURROGATE = /[\ud800-\udfff]/;

/**
 * Gives out text and bytes in the order in which they are asked for.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const payload = new PayloadReader({ text: "😀\ufffd!", bytes: [0xff] });
 * equal(new TextDecoder().decode(payload.text(1)), "😀");
 * deepEqual(payload.bytes(1, 1), Uint8Array.of(0xff));
 * equal(payload.rest().length, 1);
 * equal(payload.isShort, false);
 * payload.text(1);
 * equal(payload.isShort, true);
 * ```
 */
export class PayloadReader {
  readonly #encoder = new TextEncoder();
  readonly #text: string;
  readonly #bytes: readonly number[];
  readonly #isPlain: boolean; // each code point is one UTF-16 unit
  #at = 0; // in the text
  #used = 0; // of the bytes
  #isShort = false;

  /** Half a surrogate pair in the text counts as U+FFFD. */
  constructor({ text, bytes }: Payload) {
    this.#isPlain = !SURROGATE.test(text);
    this.#text = this.#isPlain ? text : text.toWellFormed();
    this.#bytes = bytes ?? [];
  }

  /** Whether more was asked for than there was. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** The next `count` characters, as UTF-8. */
  text(count: number): Uint8Array {
    const start = this.#at;
    this.#skip(count);
    return this.#encoder.encode(this.#text.slice(start, this.#at));
  }

  /** The next `count` bytes; `skip` characters of the text stood for them. */
  bytes(skip: number, count: number): Uint8Array {
    this.#skip(skip);
    const start = this.#used;
    this.#used = Math.min(this.#bytes.length, start + count);
    if (this.#used - start < count) this.#isShort = true;
    return Uint8Array.from(this.#bytes.slice(start, this.#used));
  }

  /** The text that nobody asked for. */
  rest(): Uint8Array {
    const start = this.#at;
    this.#at = this.#text.length;
    return this.#encoder.encode(this.#text.slice(start));
  }

  #skip(count: number): void {
    const { length } = this.#text;
    if (this.#isPlain) {
      if (count > length - this.#at) this.#isShort = true;
      this.#at = Math.min(length, this.#at + count);
      return;
    }
    for (let left = count; left > 0; left--) {
      if (this.#at === length) return void (this.#isShort = true);
      this.#at += this.#text.codePointAt(this.#at)! > 0xffff ? 2 : 1;
    }
  }
}
