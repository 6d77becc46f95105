/**
 * Numbers and texts as bytes: the smallest pieces that a T2A recording is made of.
 *
 * Integers are varints: seven bits a byte, lowest first, the high bit says that more follow. They hold what a JavaScript
 * number holds exactly (2^53 - 1), so nothing here uses 32-bit operators on them.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The UTF-8 bytes of a text; half a surrogate pair becomes U+FFFD.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(utf8("é"), Uint8Array.of(0xc3, 0xa9));
 * ```
 */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/**
 * The text of UTF-8 bytes.
 *
 * @throws {FormatError} If they are not UTF-8.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(textOf(Uint8Array.of(0xc3, 0xa9)), "é");
 * ```
 */
export function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new FormatError("Cannot read a text: its bytes are not UTF-8");
  }
}

/**
 * Bytes as hexadecimal digits, as ids and checksums are shown.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(hex(Uint8Array.of(1, 255)), "01ff");
 * ```
 */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Writes pieces one behind the other.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(new ByteWriter().varint(300).text("a").finish(), Uint8Array.of(0xac, 0x02, 1, 97));
 * ```
 */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** One byte. */
  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  /**
   * A whole number from 0 to 2^53 - 1.
   *
   * @throws {RangeError} If it is anything else.
   */
  varint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Cannot write ${value}: a T2A recording holds whole numbers from 0 to 2^53 - 1`);
    }
    this.#reserve(8);
    while (value >= 0x80) {
      this.#bytes[this.#length++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** A whole number of either sign: one byte that tells the sign (1 below zero), then the magnitude. */
  signed(value: number): this {
    return this.byte(value < 0 ? 1 : 0).varint(Math.abs(value));
  }

  /** Eight bytes, lowest first. */
  u64(value: number): this {
    this.#reserve(8);
    const view = new DataView(this.#bytes.buffer, this.#length);
    view.setUint32(0, value % 2 ** 32, true);
    view.setUint32(4, Math.floor(value / 2 ** 32), true);
    this.#length += 8;
    return this;
  }

  /** Four bytes, lowest first. */
  u32(value: number): this {
    this.#reserve(4);
    new DataView(this.#bytes.buffer, this.#length).setUint32(0, value, true);
    this.#length += 4;
    return this;
  }

  /** Bytes as they are. */
  bytes(data: Uint8Array): this {
    this.#reserve(data.length);
    this.#bytes.set(data, this.#length);
    this.#length += data.length;
    return this;
  }

  /** A text: its length in bytes, then its UTF-8 bytes. */
  text(text: string): this {
    const data = utf8(text);
    return this.varint(data.length).bytes(data);
  }

  /** All that was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/**
 * Reads pieces one behind the other; each method throws a `FormatError` rather than read past the end.
 *
 * @example
 * ```ts
 * import { equal, throws } from "node:assert/strict";
 *
 * const reader = new ByteReader(Uint8Array.of(0xac, 0x02, 1, 97));
 * equal(reader.varint(), 300);
 * equal(reader.text(), "a");
 * throws(() => reader.byte(), /ends/);
 * ```
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** Reads from the start of `bytes`. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** One byte. */
  byte(): number {
    if (this.#at >= this.#bytes.length) {
      throw new FormatError(`Cannot read a number: the data ends after ${this.#at} bytes`);
    }
    return this.#bytes[this.#at++]!;
  }

  /** A number that {@linkcode ByteWriter.varint} wrote. */
  varint(): number {
    const bytes = this.#bytes; // an index is tens of thousands of these, read before anything has been compiled
    let at = this.#at;
    let byte = bytes[at++];
    let value = 0;
    for (let scale = 1; byte !== undefined && scale <= 2 ** 49; scale *= 0x80) {
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        this.#at = at;
        return value;
      }
      byte = bytes[at++];
    }
    if (byte === undefined) throw new FormatError(`Cannot read a number: the data ends after ${bytes.length} bytes`);
    throw new FormatError("Cannot read a number: it is larger than 2^53 - 1");
  }

  /** A number that {@linkcode ByteWriter.signed} wrote. */
  signed(): number {
    const sign = this.byte();
    if (sign > 1) throw new FormatError(`Cannot read a number: its sign is ${sign}, expected 0 or 1`);
    const magnitude = this.varint();
    return sign === 1 ? -magnitude : magnitude;
  }

  /** Eight bytes, lowest first. */
  u64(): number {
    const bytes = this.take(8);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const value = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
    if (value > Number.MAX_SAFE_INTEGER) throw new FormatError("Cannot read a number: it is larger than 2^53 - 1");
    return value;
  }

  /** Four bytes, lowest first. */
  u32(): number {
    const bytes = this.take(4);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Uint8Array {
    if (length > this.left) throw new FormatError(`Cannot read ${length} bytes: only ${this.left} are left`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A text that {@linkcode ByteWriter.text} wrote. */
  text(): string {
    const length = this.varint();
    return length === 0 ? "" : textOf(this.take(length));
  }

  /** Everything not read yet. */
  rest(): Uint8Array {
    return this.take(this.left);
  }
}
