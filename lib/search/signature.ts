/**
 * What pieces of text hold, in bits: an index that takes up little more than half of the text, and is written as fast as it is read.
 *
 * Each piece of some lines is a column of bits. Each three characters that stand side by side in it set one of the bits, and so do its
 * whole words, short ones more of them. Who searches for a text takes the rows of those bits that it would set, and looks at the
 * pieces that have all of them. The bits of pieces lie side by side in rows ("slices"), so a search reads only rows that it needs, and
 * two signatures are joined by laying their rows end to end.
 *
 * A piece of 256 characters says nearly what stands side by side in it: in a gigabyte of logs, to find 50 places that hold a phrase
 * takes a look at a few hundred pieces, where pieces of a kilobyte took ten thousand.
 *
 * This module is browser compatible.
 * @module
 */

import type { TextNeed } from "../ports.ts";
import { foldUnit, inSmallLetters } from "./fold.ts";

/** Rows of bits; of a piece of 256 characters about a sixth is set. */
export const SLICES = 1536;
/** More rows make a search no more exact, only slower. */
const MOST = 16;
/** Bytes of a column. */
const COLUMN = SLICES / 8;

/** Rows of bits, `width` bytes each, one behind the other; eight columns to a byte, the first in its highest bit. */
export interface Signature {
  readonly width: number;
  readonly bits: Uint8Array<ArrayBuffer>;
}

/** Makes a signature, column by column. */
export class SignatureBuilder {
  #columns = new Uint8Array(64 * COLUMN);
  #count = 0;

  /** Columns so far. */
  get count(): number {
    return this.#count;
  }

  /** Takes the lines of a piece as its next column. */
  add(lines: readonly string[]): void {
    const from = this.#count * COLUMN;
    if (from === this.#columns.length) {
      const more = new Uint8Array(2 * from);
      more.set(this.#columns);
      this.#columns = more;
    }
    this.#count++;
    const column = this.#columns.subarray(from, from + COLUMN);
    for (const line of lines) mark(line, column);
  }

  /** Those so far as a signature, filled up with empty columns to whole bytes; begins anew. */
  take(): Signature {
    const width = (this.#count + 7) >> 3;
    const bits = new Uint8Array(width * SLICES);
    for (let byte = 0; byte < width; byte++) {
      for (let at = 0; at < COLUMN; at++) this.#turn(byte * 8 * COLUMN + at, bits, at * 8 * width + byte, width);
    }
    this.#columns.fill(0, 0, this.#count * COLUMN);
    this.#count = 0;
    return { width, bits };
  }

  /** Turns a square of eight bytes: those of eight columns become those of eight rows. */
  #turn(from: number, bits: Uint8Array, to: number, width: number): void {
    const of = this.#columns;
    let upper = of[from]! << 24 | of[from + COLUMN]! << 16 | of[from + 2 * COLUMN]! << 8 | of[from + 3 * COLUMN]!;
    let lower = of[from + 4 * COLUMN]! << 24 | of[from + 5 * COLUMN]! << 16 | of[from + 6 * COLUMN]! << 8 |
      of[from + 7 * COLUMN]!;
    if ((upper | lower) === 0) return;
    let swap = (upper ^ (upper >>> 7)) & 0x00aa00aa;
    upper ^= swap ^ (swap << 7);
    swap = (lower ^ (lower >>> 7)) & 0x00aa00aa;
    lower ^= swap ^ (swap << 7);
    swap = (upper ^ (upper >>> 14)) & 0x0000cccc;
    upper ^= swap ^ (swap << 14);
    swap = (lower ^ (lower >>> 14)) & 0x0000cccc;
    lower ^= swap ^ (swap << 14);
    const first = (upper & 0xf0f0f0f0) | ((lower >>> 4) & 0x0f0f0f0f);
    const second = ((upper << 4) & 0xf0f0f0f0) | (lower & 0x0f0f0f0f);
    for (let row = 0; row < 4; row++) {
      bits[to + (7 - row) * width] = first >>> (24 - 8 * row);
      bits[to + (3 - row) * width] = second >>> (24 - 8 * row);
    }
  }
}

/**
 * The columns of several signatures as one.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * const builder = new SignatureBuilder();
 * builder.add(["a line"]);
 * const one = builder.take();
 * equal(joined([one, one]).width, 2);
 * ```
 */
export function joined(signatures: readonly Signature[]): Signature {
  const width = signatures.reduce((sum, { width }) => sum + width, 0);
  const bits = new Uint8Array(width * SLICES);
  let before = 0;
  for (const { width: own, bits: its } of signatures) {
    for (let row = 0; row < SLICES; row++) bits.set(its.subarray(row * own, (row + 1) * own), row * width + before);
    before += own;
  }
  return { width, bits };
}

/**
 * Leaves in a row of bits only those that are set in another too; says whether there are any.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 * const row = Uint8Array.of(0b1100, 1);
 * equal(keepCommon(row, Uint8Array.of(0b0110, 0)), true);
 * deepEqual([...row], [0b0100, 0]);
 * ```
 */
export function keepCommon(row: Uint8Array, other: Uint8Array): boolean {
  let some = 0, words = 0;
  if (row.byteOffset % 4 === 0 && other.byteOffset % 4 === 0) { // four bytes at once
    words = row.length >> 2;
    const own = new Uint32Array(row.buffer, row.byteOffset, words);
    const its = new Uint32Array(other.buffer, other.byteOffset, words);
    for (let at = 0; at < words; at++) some |= own[at]! &= its[at]!;
  }
  for (let at = words * 4; at < row.length; at++) some |= row[at]! &= other[at]!;
  return some !== 0;
}

/**
 * The rows that a piece must have set to hold what is needed; none when that tells nothing.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(slicesFor({ words: [], parts: ["ab"] }).length, 0);
 * equal(slicesFor({ words: [], parts: ["abcd"] }).length, 2);
 * ```
 */
export function slicesFor({ words, parts }: TextNeed): number[] {
  const ofWords = new Set<number>(), ofParts = new Set<number>();
  for (const word of words) {
    const units = folded(word);
    if (units.every(isOfWord)) wordRows(hashOf(units), units.length, (row) => ofWords.add(row));
  }
  for (const part of parts) {
    const [units, all] = [folded(part), ofParts];
    for (let at = 2; at < units.length; at++) all.add(rowOf(trigram(units[at - 2]!, units[at - 1]!, units[at]!)));
  }
  const chosen = spread([...ofWords], MOST / 2);
  const others = [...ofParts].filter((row) => !chosen.includes(row));
  return [...chosen, ...spread(others, MOST - chosen.length)];
}

/** At most so many, from all over. */
function spread(rows: readonly number[], most: number): number[] {
  if (rows.length <= most) return [...rows];
  return Array.from({ length: most }, (_, at) => rows[Math.floor(at * rows.length / most)]!);
}

function folded(text: string): number[] {
  const small = inSmallLetters(text);
  return Array.from({ length: small.length }, (_, at) => foldUnit(small.charCodeAt(at)));
}

/** Sets the bits of a line. What is no letter of ASCII ends a word: so there may be more words than a reader sees, never fewer. */
function mark(line: string, column: Uint8Array): void {
  let before = 0, last = 0, hash = FIRST, length = 0;
  for (let at = 0; at < line.length; at++) {
    const unit = foldUnit(line.charCodeAt(at));
    if (at >= 2) setRow(column, rowOf(trigram(before, last, unit)));
    if (isOfWord(unit)) {
      hash = next(hash, unit);
      length++;
    } else if (length > 0) {
      markWord(hash, length, column);
      hash = FIRST;
      length = 0;
    }
    before = last;
    last = unit;
  }
  if (length > 0) markWord(hash, length, column);
}

function markWord(hash: number, length: number, column: Uint8Array): void {
  wordRows(hash, length, (row) => setRow(column, row));
}

function setRow(column: Uint8Array, row: number): void {
  column[row >> 3]! |= 1 << (row & 7);
}

function isOfWord(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x5f;
}

/** A word's rows. Short words have few groups of three beside them to tell them by. */
function wordRows(hash: number, length: number, set: (row: number) => void): void {
  const count = length <= 2 ? 5 : length === 3 ? 4 : length === 4 ? 3 : 2;
  let mixed = hash;
  for (let at = 0; at < count; at++) {
    mixed = mix(mixed + 0x9e3779b9 | 0);
    set(rowOf(mixed));
  }
}

/** As FNV-1a does. */
const FIRST = 0x811c9dc5 | 0;

function next(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

function hashOf(units: readonly number[]): number {
  return units.reduce(next, FIRST);
}

function trigram(first: number, second: number, third: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(third, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}

function rowOf(hash: number): number {
  return ((hash >>> 16) * SLICES) >>> 16;
}
