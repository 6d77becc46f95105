/**
 * Reads the lines that nearly every recording nearly only consists of: `[1.25, "o", "text"]`, well formed, output or input.
 *
 * It goes from the file's bytes to the event's bytes in one pass, without a string in between. Whatever is out of the
 * ordinary is refused, not judged: the caller reads it again the lenient way.
 *
 * This module is browser compatible.
 * @module
 */

import { type Nanos, SECOND } from "../../lib/event.ts";
import { characterLength } from "../../lib/text/utf8.ts";

const SPACE = 32, QUOTE = 34, COMMA = 44, DOT = 46, ZERO = 48, OPEN = 91, BACKSLASH = 92, CLOSE = 93;
const LETTER_I = 105, LETTER_O = 111, LETTER_U = 117;

/** Value of a hexadecimal digit by its code; 16 for what is none. */
const HEX = new Uint8Array(256).fill(16);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/** The byte that a backslash and a letter stand for; 0 for what is no escape. */
const ESCAPED = new Uint8Array(256);
for (const [letter, byte] of Object.entries({ b: 8, t: 9, n: 10, f: 12, r: 13, '"': 34, "/": 47, "\\": 92 })) {
  ESCAPED[letter.charCodeAt(0)] = byte;
}

/**
 * Reads plain lines one after the other. The last one read stands in its members.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const line = new TextEncoder().encode('[1.25, "o", "a\\u001b"]');
 * const event = new PlainEvent();
 * equal(event.read(line, 0, line.length, line.length), true);
 * deepEqual([event.time, event.code, [...event.data()]], [1_250_000_000, "o", [97, 27]]);
 * ```
 */
export class PlainEvent {
  /** The first element, in nanoseconds. */
  time: Nanos = 0;
  /** The second element. */
  code: "o" | "i" = "o";

  #pool = new Uint8Array(0); // what the events of a chunk say, one behind the other
  #start = 0; // where the last event's data lies in the pool
  #used = 0;
  #bytes = new Uint8Array(0); // the line lies here,
  #at = 0; // from here
  #end = 0; // to here

  /** The third element, as UTF-8. Events read from one chunk share a buffer. */
  data(): Uint8Array {
    return this.#pool.subarray(this.#start, this.#used);
  }

  /**
   * Reads the line from `start` to before `end`, and says whether it was a plain one.
   *
   * @param ahead How many bytes of lines are at hand from `start` on: what they say will share one buffer.
   */
  read(bytes: Uint8Array, start: number, end: number, ahead: number): boolean {
    this.#reserve(end - start, ahead);
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.#at = start;
    this.#end = end;
    return this.#take(OPEN) && this.#readTime() && this.#separate() && this.#readCode() && this.#separate() &&
      this.#readText() && this.#take(CLOSE) && this.#at === end;
  }

  /** Room for what a line of `length` bytes says, which is never longer than the line. */
  #reserve(length: number, ahead: number): void {
    if (this.#pool.length - this.#used < length) {
      this.#pool = new Uint8Array(Math.max(length, ahead));
      this.#used = 0;
    }
    this.#start = this.#used;
  }

  #take(byte: number): boolean {
    return this.#at < this.#end && this.#bytes[this.#at++] === byte;
  }

  /** A comma, and a space perhaps. */
  #separate(): boolean {
    if (!this.#take(COMMA)) return false;
    if (this.#bytes[this.#at] === SPACE) this.#at++;
    return true;
  }

  /** Seconds without a sign or an exponent. */
  #readTime(): boolean {
    const start = this.#at;
    const whole = this.#digits();
    const length = this.#at - start;
    if (length === 0 || length > 1 && this.#bytes[start] === ZERO) return false;
    this.time = whole * SECOND;
    if (this.#bytes[this.#at] !== DOT) return true;
    const point = this.#at++;
    let fraction = this.#digits();
    const decimals = this.#at - point - 1;
    if (decimals === 0 || decimals > 15) return false;
    for (let place = decimals; place < 9; place++) fraction *= 10;
    if (decimals > 9) fraction = Math.round(fraction / 10 ** (decimals - 9));
    this.time += fraction;
    return true;
  }

  /** The number that the next digits tell, however many they are. */
  #digits(): number {
    let number = 0;
    let digit = 0;
    while (this.#at < this.#end && (digit = this.#bytes[this.#at]! - ZERO) >= 0 && digit <= 9) {
      number = number * 10 + digit;
      this.#at++;
    }
    return number;
  }

  #readCode(): boolean {
    if (!this.#take(QUOTE)) return false;
    const letter = this.#bytes[this.#at++];
    if (letter !== LETTER_O && letter !== LETTER_I) return false;
    this.code = letter === LETTER_O ? "o" : "i";
    return this.#take(QUOTE);
  }

  /** A JSON string, into the pool. */
  #readText(): boolean {
    if (!this.#take(QUOTE)) return false;
    const bytes = this.#bytes, pool = this.#pool, end = this.#end;
    let at = this.#at, used = this.#used;
    while (at < end) {
      const byte = bytes[at++]!;
      if (byte >= SPACE && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH) {
        pool[used++] = byte;
        continue;
      }
      this.#at = at;
      this.#used = used;
      if (byte === QUOTE) return true;
      if (!(byte === BACKSLASH ? this.#unescape() : this.#copyCharacter(byte))) return false;
      at = this.#at;
      used = this.#used;
    }
    return false;
  }

  /** What stands behind a backslash. A surrogate without its other half is refused. */
  #unescape(): boolean {
    const letter = this.#bytes[this.#at++]!;
    if (letter !== LETTER_U) {
      const byte = ESCAPED[letter]!;
      if (byte > 0) this.#pool[this.#used++] = byte;
      return byte > 0;
    }
    const unit = this.#hex();
    if (unit < 0 || unit >= 0xdc00 && unit < 0xe000) return false;
    if (unit < 0xd800 || unit >= 0xe000) return this.#put(unit);
    if (!this.#take(BACKSLASH) || !this.#take(LETTER_U)) return false;
    const low = this.#hex();
    return low >= 0xdc00 && low < 0xe000 && this.#put(0x10000 + (unit - 0xd800 << 10) + low - 0xdc00);
  }

  /** Four hexadecimal digits; -1 if they are none. */
  #hex(): number {
    if (this.#at + 4 > this.#end) return -1;
    const bytes = this.#bytes;
    const a = HEX[bytes[this.#at++]!]!, b = HEX[bytes[this.#at++]!]!;
    const c = HEX[bytes[this.#at++]!]!, d = HEX[bytes[this.#at++]!]!;
    return (a | b | c | d) > 15 ? -1 : a << 12 | b << 8 | c << 4 | d;
  }

  #put(point: number): true {
    const pool = this.#pool;
    if (point < 0x80) pool[this.#used++] = point;
    else if (point < 0x800) {
      pool[this.#used++] = 0xc0 | point >> 6;
    } else if (point < 0x10000) {
      pool[this.#used++] = 0xe0 | point >> 12;
      pool[this.#used++] = 0x80 | point >> 6 & 63;
    } else {
      pool[this.#used++] = 0xf0 | point >> 18;
      pool[this.#used++] = 0x80 | point >> 12 & 63;
      pool[this.#used++] = 0x80 | point >> 6 & 63;
    }
    if (point >= 0x80) pool[this.#used++] = 0x80 | point & 63;
    return true;
  }

  /** A character of several bytes that stands for itself, begun by `lead`; invalid UTF-8 is refused. */
  #copyCharacter(lead: number): boolean {
    const length = characterLength(this.#bytes, this.#at - 1, this.#end);
    if (length < 2) return false;
    this.#pool[this.#used++] = lead;
    for (let left = length - 1; left > 0; left--) this.#pool[this.#used++] = this.#bytes[this.#at++]!;
    return true;
  }
}
