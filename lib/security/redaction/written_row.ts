/**
 * A row of a terminal whose cells know which byte of the output wrote them, and which ones wrote there before.
 *
 * This module is browser compatible.
 * @module
 */

import type { Below } from "./below.ts";
import { EMPTY } from "./cells.ts";

/** Who wrote a cell that no byte stands for: a screen that was recorded as a whole, or one that is hidden already. */
export const NOBODY = -1;
/** Who wrote a cell that was passed on before it could be told that it had to be hidden. */
export const GONE = -2;

/** What a row shows. */
export class WrittenRow {
  readonly codes: Uint32Array;
  /** Place of the byte that wrote each cell. */
  readonly at: Float64Array;
  /** What stood there before, in {@linkcode Past}; 0 for nothing. */
  readonly past: Float64Array;
  /** Cells from here on were never written. */
  end = 0;
  /** The next row goes on with the same line. */
  wraps = false;
  /** What is expected in the next line. */
  below: Below | undefined;

  constructor(cols: number) {
    this.codes = new Uint32Array(cols);
    this.at = new Float64Array(cols);
    this.past = new Float64Array(cols);
  }

  /** As new. */
  clear(): void {
    this.codes.fill(EMPTY, 0, this.end);
    this.past.fill(0, 0, this.end);
    this.end = 0;
    this.wraps = false;
    this.below = undefined;
  }

  /** Written to its last column. */
  get isFull(): boolean {
    return this.end === this.codes.length && this.codes[this.codes.length - 1] !== EMPTY;
  }

  /** The last column is not a blank. */
  get endsInWord(): boolean {
    return this.codes[this.codes.length - 1]! > 0x20;
  }

  /** The same in another width. */
  resized(cols: number): WrittenRow {
    const row = new WrittenRow(cols);
    row.end = Math.min(this.end, cols);
    row.codes.set(this.codes.subarray(0, row.end));
    row.at.set(this.at.subarray(0, row.end));
    row.past.set(this.past.subarray(0, row.end));
    row.wraps = this.wraps && cols === this.codes.length;
    row.below = this.below;
    return row;
  }
}

/** How much of what was overwritten is remembered, over the whole screen. */
const REMEMBERED = 1 << 16;
/** How much room there is for it at first. */
const FEW = 1 << 8;

/** What was overwritten in cells, as a chain for each of them, the oldest forgotten. */
export class Past {
  #at = new Float64Array(FEW);
  #codes = new Uint32Array(FEW);
  #before = new Float64Array(FEW);
  #count = 0;

  /** Remembers what a cell shows, before it shows something else. */
  remember(row: WrittenRow, col: number): void {
    if (this.#count === this.#at.length && this.#count < REMEMBERED) this.#grow();
    const slot = this.#count++ & (this.#at.length - 1);
    this.#at[slot] = row.at[col]!;
    this.#codes[slot] = row.codes[col]!;
    this.#before[slot] = row.past[col]!;
    row.past[col] = this.#count;
  }

  /** Calls back with the place of every earlier writing of `code` in a chain, back to `floor`. */
  each(last: number, code: number, floor: number, written: (at: number) => void): void {
    const room = this.#at.length;
    for (let link = last; link > 0 && this.#count - link < room;) {
      const slot = (link - 1) & (room - 1);
      if (this.#at[slot]! >= 0 && this.#at[slot]! < floor) return;
      if (this.#codes[slot] === code && this.#at[slot]! >= 0) written(this.#at[slot]!);
      link = this.#before[slot]!;
    }
  }

  #grow(): void {
    const [at, codes, before] = [this.#at, this.#codes, this.#before];
    this.#at = new Float64Array(2 * at.length);
    this.#codes = new Uint32Array(2 * at.length);
    this.#before = new Float64Array(2 * at.length);
    this.#at.set(at);
    this.#codes.set(codes);
    this.#before.set(before);
  }
}
