/**
 * The lines that leave a screen at its top, as text: rows that were wrapped are one line again.
 *
 * This module is browser compatible.
 * @module
 */

import type { EngineLine } from "./engine.ts";

/** A line longer than this is given in parts. */
const LONGEST = 1 << 20;

/** Collects lines. */
export class ScrolledLines {
  #lines: string[] = [];
  #partial = ""; // of a line whose end is still on the screen
  #count = 0; // rows so far
  #skip = 0; // rows that were here before

  /** Rows so far. */
  get count(): number {
    return this.#count;
  }

  /** The next `rows` rows are those that came before, and are not to be taken again. */
  again(rows: number): void {
    this.#skip = rows;
    this.#count -= rows;
  }

  /** A row has left the screen; `goesOn` says whether its line is continued by the row below it. */
  add(row: EngineLine, goesOn: boolean): void {
    this.#count++;
    if (this.#skip > 0) return void this.#skip--;
    this.#partial += row.translateToString(!goesOn);
    if (goesOn && this.#partial.length < LONGEST) return;
    this.#lines.push(this.#partial);
    this.#partial = "";
  }

  /** The lines since the last time. */
  take(): string[] {
    return this.#lines.splice(0);
  }

  /** The beginning of a line that goes on with the first row of the screen. */
  get partial(): string {
    return this.#partial;
  }

  /** Forgets the beginning of a line. */
  forget(): void {
    this.#partial = "";
  }
}
