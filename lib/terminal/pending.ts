/**
 * The bytes that a parser has read since it was last at rest: the beginning of a character or of an escape sequence.
 *
 * This module is browser compatible.
 * @module
 */

import { concat } from "../stream/collect.ts";
import { characterLength, cutLength } from "../text/utf8.ts";

const ESC = 0x1b, C1_LEAD = 0xc2;

/** What a parser tells of itself. It is only ever given whole characters. */
export interface Parser {
  parse(data: Uint8Array): void;
  /** In no escape sequence. */
  readonly isGround: boolean;
}

/** A string that nothing ends (a title, a picture) is told by its beginning. */
const MOST = 64 << 10;
const NOTHING: Uint8Array = new Uint8Array(0);

/** Feeds a parser, and keeps what it has pending. */
export class PendingBytes {
  #chunks: Uint8Array[] = []; // of a sequence
  #length = 0;
  #cut = NOTHING; // of a character, which the parser has not been given

  /** The bytes, which lead a parser at rest to where this one is. */
  get bytes(): Uint8Array {
    return concat([...this.#chunks, this.#cut]);
  }

  /** Has `parser` read `data`. */
  feed(parser: Parser, data: Uint8Array): void {
    const all = this.#cut.length > 0 ? concat([this.#cut, data]) : data;
    const whole = all.length - cutLength(all);
    this.#cut = whole < all.length ? all.slice(whole) : NOTHING;
    if (whole > 0) this.#feed(parser, all.subarray(0, whole));
  }

  /** Forgets all of it. */
  clear(): void {
    this.#chunks = [];
    this.#length = 0;
    this.#cut = NOTHING;
  }

  #feed(parser: Parser, data: Uint8Array): void {
    if (mayHoldC1(data)) return this.#feedEach(parser, data);
    const escape = data.lastIndexOf(ESC);
    if (escape > 0) parser.parse(data.subarray(0, escape));
    parser.parse(escape > 0 ? data.subarray(escape) : data);
    this.#settle(parser, escape < 0 ? data : data.subarray(escape), escape >= 0);
  }

  /** Introducers of one character (C1) may stand inside of strings, where they are none; only each one's effect tells. */
  #feedEach(parser: Parser, data: Uint8Array): void {
    for (let at = 0; at < data.length;) {
      const character = data.subarray(at, at += characterLength(data, at, data.length) || 1);
      parser.parse(character);
      this.#settle(parser, character, character[0] === ESC);
    }
  }

  /** Lets go of all that the parser is through with. An ESC ends whatever was before it. */
  #settle(parser: Parser, data: Uint8Array, isNew: boolean): void {
    if (isNew || parser.isGround) {
      this.#chunks = [];
      this.#length = 0;
    }
    if (parser.isGround) return;
    const part = data.slice(0, MOST - this.#length);
    if (part.length > 0) this.#chunks.push(part);
    this.#length += part.length;
  }
}

function mayHoldC1(data: Uint8Array): boolean {
  for (let at = data.indexOf(C1_LEAD); at >= 0; at = data.indexOf(C1_LEAD, at + 1)) {
    const next = data[at + 1] ?? 0;
    if (next >= 0x80 && next < 0xa0) return true;
  }
  return false;
}
