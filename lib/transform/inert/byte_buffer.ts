/**
 * Bytes that are gathered one by one.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * A row of bytes that grows.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const buffer = new ByteBuffer();
 * buffer.push(0x68);
 * buffer.append(Uint8Array.of(0x69));
 * equal(buffer.text(), "hi");
 * deepEqual(buffer.take(), Uint8Array.of(0x68, 0x69));
 * equal(buffer.length, 0);
 * ```
 */
export class ByteBuffer {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds one. */
  push(byte: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = byte;
  }

  /** Adds several. */
  append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The bytes as they are now; good until the next change. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The bytes from `start` on, each as the character with its number. */
  text(start = 0): string {
    let text = "";
    for (let at = start; at < this.#length; at++) text += String.fromCharCode(this.#bytes[at]!);
    return text;
  }

  /** A copy of all bytes; none stay. */
  take(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** Forgets all bytes. */
  clear(): void {
    this.#length = 0;
  }

  #grow(by: number): void {
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + by));
    larger.set(this.view());
    this.#bytes = larger;
  }
}
