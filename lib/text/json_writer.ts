/**
 * Gathers lines of JSON as bytes.
 *
 * What a program printed goes from the event's bytes to the file's bytes in one pass, without a string in between: a
 * `TextDecoder` costs 0.8 µs for each event, however short.
 *
 * This module is browser compatible.
 * @module
 */

import { characterLength, faultLength } from "./utf8.ts";

const QUOTE = 34, BACKSLASH = 92, LETTER_U = 117, DELETE = 127;
const HEX = new TextEncoder().encode("0123456789abcdef");
const REPLACEMENT = new TextEncoder().encode("\ufffd");

/** The letter behind the backslash for a byte that JSON has a short escape for; 0 for the others. */
const SHORT = new Uint8Array(256);
for (const [letter, byte] of Object.entries({ b: 8, t: 9, n: 10, f: 12, r: 13, '"': 34, "\\": 92 })) {
  SHORT[byte] = letter.charCodeAt(0);
}

/** What may stand in a JSON string but would move the cursor, or end a line, where the file is only looked at. */
const UNWANTED = /[\u007f-\u009f\u2028\u2029]/g;

/**
 * A value as JSON in one line: control characters and Unicode's line ends escaped, other text as it is, and U+FFFD for half
 * a surrogate pair, which UTF-8 has no bytes for.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(formatJson({ title: "é\u2028" }), '{"title":"é\\u2028"}');
 * ```
 */
export function formatJson(value: unknown): string {
  const json = JSON.stringify(value, (_name, part) => typeof part === "string" ? part.toWellFormed() : part);
  return json.replace(UNWANTED, (character) => "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0"));
}

/**
 * A buffer of lines that grows as needed.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const lines = new LineWriter();
 * lines.text('[1.0, "o", "');
 * const invalid = lines.escaped(Uint8Array.of(27, 0x61, 0xff));
 * lines.text('"]\n');
 * equal(new TextDecoder().decode(lines.take()), '[1.0, "o", "\\u001ba\ufffd"]\n');
 * equal(invalid, 1);
 * ```
 */
export class LineWriter {
  readonly #encoder = new TextEncoder();
  #buffer = new Uint8Array(4096);
  #used = 0;

  /** Adds text as it is. */
  text(text: string): void {
    this.#reserve(3 * text.length);
    if (text.length > 64) {
      this.#used += this.#encoder.encodeInto(text, this.#buffer.subarray(this.#used)).written;
      return;
    }
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 127) {
        this.#used += this.#encoder.encodeInto(text.slice(index), this.#buffer.subarray(this.#used)).written;
        return;
      }
      this.#buffer[this.#used++] = unit;
    }
  }

  /**
   * Adds bytes as the inside of a JSON string: UTF-8 as it is, control characters escaped, each fault as U+FFFD.
   *
   * @returns How many bytes were no UTF-8.
   */
  escaped(bytes: Uint8Array): number {
    this.#reserve(6 * bytes.length);
    const buffer = this.#buffer, end = bytes.length;
    let used = this.#used, invalid = 0;
    for (let at = 0; at < end;) {
      const byte = bytes[at]!;
      if (byte >= 32 && byte < DELETE && byte !== QUOTE && byte !== BACKSLASH) {
        buffer[used++] = byte;
        at++;
        continue;
      }
      this.#used = used;
      const length = characterLength(bytes, at, end);
      const fault = length > 0 ? 0 : faultLength(bytes, at, end);
      if (fault > 0) this.#replace();
      else this.#character(bytes, at, length);
      at += length + fault;
      invalid += fault;
      used = this.#used;
    }
    this.#used = used;
    return invalid;
  }

  /** Everything added since the last time. */
  take(): Uint8Array<ArrayBuffer> {
    const lines = this.#buffer.slice(0, this.#used);
    this.#used = 0;
    return lines;
  }

  #reserve(length: number): void {
    if (this.#used + length <= this.#buffer.length) return;
    const bigger = new Uint8Array(Math.max(this.#used + length, 2 * this.#buffer.length));
    bigger.set(this.#buffer.subarray(0, this.#used));
    this.#buffer = bigger;
  }

  #character(bytes: Uint8Array, at: number, length: number): void {
    const point = specialPoint(bytes, at, length);
    if (point >= 0) this.#escape(point);
    else for (let index = at; index < at + length; index++) this.#buffer[this.#used++] = bytes[index]!;
  }

  #escape(point: number): void {
    const buffer = this.#buffer;
    buffer[this.#used++] = BACKSLASH;
    if (point < 256 && SHORT[point]! > 0) {
      buffer[this.#used++] = SHORT[point]!;
      return;
    }
    buffer[this.#used++] = LETTER_U;
    for (let shift = 12; shift >= 0; shift -= 4) buffer[this.#used++] = HEX[point >> shift & 15]!;
  }

  #replace(): void {
    for (const byte of REPLACEMENT) this.#buffer[this.#used++] = byte;
  }
}

/** The code point of a character that has to be escaped, -1 for one that may stand as it is. */
function specialPoint(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at]!, second = bytes[at + 1]!, third = bytes[at + 2]!;
  if (length === 1) return first;
  if (first === 0xc2 && second < 0xa0) return second; // C1
  if (first === 0xe2 && second === 0x80 && (third === 0xa8 || third === 0xa9)) return 0x2000 | third - 0x80;
  return -1;
}
