/**
 * A terminal's screen as far as it matters for finding text in it: where characters stand, and which bytes put them there.
 *
 * No colours, no answers, no modes but those that decide where a character goes. What a program draws piece by piece, over and
 * over, in one line or all over the screen, is whole here, and each cell leads back to the bytes that must be hidden. A line is
 * looked at when the cursor leaves it, or goes back in it, so what is found does not depend on how the bytes were split.
 *
 * This module is browser compatible.
 * @module
 */

import { EMPTY, WIDE_TAIL, widthOf } from "./cells.ts";
import { NOBODY, Past, WrittenRow } from "./written_row.ts";
import type { WrittenRun } from "./written_run.ts";

/** What becomes of a line when the cursor leaves it. */
export interface LineLooker {
  /** Takes what is written, wherever it goes. */
  readonly run?: WrittenRun;
  /** Looks at the line that a row belongs to. */
  look(screen: WrittenScreen, row: number, cursor: boolean): void;
  /** A row goes off the top of the screen. */
  scrolledOff(screen: WrittenScreen, row: WrittenRow): void;
}

interface SavedCursor {
  readonly col: number;
  readonly row: number;
}

/** Rows, a cursor, and what moves it. Rows and columns count from 0. */
export class WrittenScreen {
  readonly past = new Past();
  readonly #looker: LineLooker;
  cols: number;
  rows: WrittenRow[];
  col = 0;
  row = 0;
  isAlternate = false;
  /** Something was written since the line was looked at last. */
  isDirty = false;
  #other: WrittenRow[] | undefined; // of the screen that does not show
  #top = 0; // margins
  #bottom: number;
  #wraps = true; // DECAWM
  #inserts = false; // IRM
  #saved: SavedCursor = { col: 0, row: 0 };

  constructor(cols: number, rows: number, looker: LineLooker) {
    this.cols = clamp(cols, 2, 4096);
    this.#looker = looker;
    this.rows = this.#blank(clamp(rows, 1, 2048));
    this.#bottom = this.rows.length - 1;
  }

  #blank(count: number): WrittenRow[] {
    return Array.from({ length: count }, () => new WrittenRow(this.cols));
  }

  /** Looks at the line of the cursor, if anything is new in it. */
  settle(): void {
    if (!this.isDirty) return;
    this.isDirty = false;
    this.#looker.look(this, this.row, false);
  }

  /** Looks at the line of the cursor, which may go on. */
  peek(): void {
    this.#looker.look(this, this.row, true);
  }

  /** Writes ASCII from `data` as far as it goes; the byte at `data[0]` has place `base`. Returns where it ends. */
  writeAscii(data: Uint8Array, from: number, base: number): number {
    let at = from;
    this.isDirty = true;
    for (;;) {
      if (this.col >= this.cols) this.#wrap();
      const row = this.rows[this.row]!, { codes, at: places } = row;
      const stop = Math.min(data.length, at + this.cols - this.col);
      if (this.#inserts) this.#shift(row, this.col, 1);
      let col = this.col;
      for (; at < stop; at++, col++) {
        const code = data[at]!;
        if (code < 0x20 || code > 0x7e) break;
        if (codes[col]! > 0x20) this.past.remember(row, col);
        codes[col] = code;
        places[col] = base + at;
        if (this.#inserts) {
          at++, col++;
          break;
        }
      }
      this.col = col;
      if (col > row.end) row.end = col;
      if (at < data.length && data[at]! >= 0x20 && data[at]! <= 0x7e) continue;
      this.#looker.run?.writeAscii(data, from, at, base);
      return at;
    }
  }

  /** Writes one character, whose first byte has place `at`. */
  write(code: number, at: number): void {
    const width = widthOf(code);
    if (width === 0) return;
    this.isDirty = true;
    if (this.col + width > this.cols) this.#wrap();
    const row = this.rows[this.row]!;
    if (this.#inserts) this.#shift(row, this.col, width);
    this.#set(row, this.col, code, at);
    if (width === 2) this.#set(row, this.col + 1, WIDE_TAIL, NOBODY);
    this.col += width;
    if (this.col > row.end) row.end = this.col;
    this.#looker.run?.write(code, width, at);
  }

  /** Writes the last character again, as REP does; the same byte stands for it. */
  repeat(count: number): void {
    const row = this.rows[this.row]!, col = this.col - 1;
    if (col < 0) return;
    const code = row.codes[col]!, at = row.at[col]!;
    for (let n = Math.min(count, this.cols * this.rows.length); n > 0; n--) this.write(code, at);
  }

  #set(row: WrittenRow, col: number, code: number, at: number): void {
    if (row.codes[col]! > 0x20) this.past.remember(row, col);
    row.codes[col] = code;
    row.at[col] = at;
  }

  #wrap(): void {
    if (!this.#wraps) {
      this.col = this.cols - 1;
      return;
    }
    this.rows[this.row]!.wraps = true;
    this.col = 0;
    this.#down();
  }

  /** A line feed. */
  lineFeed(): void {
    this.settle();
    this.#looker.run?.feed();
    this.#down();
  }

  #down(): void {
    if (this.row === this.#bottom) this.scroll(1);
    else if (this.row < this.rows.length - 1) this.row++;
  }

  /** Reverse index. */
  up(): void {
    this.settle();
    if (this.row === this.#top) this.scroll(-1);
    else if (this.row > 0) this.row--;
  }

  /** Moves the cursor; a line that it leaves is looked at. */
  moveTo(row: number, col: number): void {
    this.settle();
    this.row = clamp(row, 0, this.rows.length - 1);
    this.col = clamp(col, 0, this.cols - 1);
  }

  /** Moves it within its row, further than the last column by nothing. */
  moveBy(rows: number, cols: number): void {
    this.moveTo(this.row + rows, Math.min(this.col, this.cols - 1) + cols);
  }

  /** A tab, to the next eighth column. */
  tab(): void {
    this.#looker.run?.write(EMPTY, 1, NOBODY);
    if (this.col < this.cols) this.col = Math.min(this.cols - 1, (this.col | 7) + 1);
  }

  /** Scrolls what is between the margins; down when negative. */
  scroll(count: number): void {
    for (let n = Math.min(Math.abs(count), this.rows.length); n > 0; n--) {
      if (count > 0) this.#drop(this.#top, this.#bottom);
      else this.#drop(this.#bottom, this.#top);
    }
  }

  /** Takes a row out and puts an empty one in elsewhere. */
  #drop(from: number, to: number): void {
    const [row] = this.rows.splice(from, 1) as [WrittenRow];
    if (from === 0 && to > 0 && !this.isAlternate) this.#looker.scrolledOff(this, row);
    row.clear();
    this.rows.splice(to, 0, row);
  }

  /** Inserts rows at the cursor; deletes them when negative. */
  insertRows(count: number): void {
    this.settle();
    if (this.row < this.#top || this.row > this.#bottom) return;
    const top = this.row === 0 ? 0 : this.row;
    for (let n = Math.min(Math.abs(count), this.rows.length); n > 0; n--) {
      const [from, to] = count > 0 ? [this.#bottom, top] : [top, this.#bottom];
      const [row] = this.rows.splice(from, 1) as [WrittenRow];
      row.clear();
      this.rows.splice(to, 0, row);
    }
  }

  /** Inserts empty cells at the cursor; deletes cells when negative. */
  insertCells(count: number): void {
    this.settle();
    this.#shift(this.rows[this.row]!, Math.min(this.col, this.cols - 1), count);
  }

  #shift(row: WrittenRow, col: number, count: number): void {
    const { codes, at, past } = row, width = Math.min(Math.abs(count), this.cols - col);
    for (const cells of [codes, at, past]) {
      if (count > 0) cells.copyWithin(col + width, col, this.cols - width);
      else cells.copyWithin(col, col + width);
      if (count > 0) cells.fill(0, col, col + width);
      else cells.fill(0, this.cols - width);
    }
    row.end = this.cols;
  }

  /** Erases cells of the cursor's row, `to` not included. What was written there is remembered. */
  eraseCells(from: number, to: number): void {
    this.settle();
    this.#erase(this.rows[this.row]!, from, Math.min(to, this.cols));
  }

  #erase(row: WrittenRow, from: number, to: number): void {
    for (let col = from; col < Math.min(to, row.end); col++) this.#set(row, col, EMPTY, NOBODY);
    if (to < this.cols) return;
    row.wraps = false;
    row.end = Math.min(row.end, from);
    if (from === 0) row.below = undefined;
  }

  /** Erases whole rows, `to` not included. */
  eraseRows(from: number, to: number): void {
    this.settle();
    for (let at = from; at < to; at++) this.#erase(this.rows[at]!, 0, this.cols);
  }

  /** Sets the margins; none are the whole screen. */
  setMargins(top = 0, bottom = this.rows.length - 1): void {
    const last = clamp(bottom, 0, this.rows.length - 1);
    if (top >= last) return;
    [this.#top, this.#bottom] = [Math.max(0, top), last];
    this.moveTo(0, 0);
  }

  /** DECAWM and IRM. */
  setMode(mode: "wraps" | "inserts", isOn: boolean): void {
    if (mode === "wraps") this.#wraps = isOn;
    else this.#inserts = isOn;
  }

  /** Puts down what a recorded screen shows; no byte stands for it. */
  restore(rows: readonly { readonly codes: Uint32Array; readonly wraps: boolean }[], row: number, col: number): void {
    for (const [at, { codes, wraps }] of rows.slice(0, this.rows.length).entries()) {
      const to = this.rows[at]!;
      to.codes.set(codes.subarray(0, this.cols));
      to.end = Math.min(codes.length, this.cols);
      to.at.fill(NOBODY, 0, to.end);
      to.wraps = wraps;
    }
    this.row = clamp(row, 0, this.rows.length - 1);
    this.col = clamp(col, 0, this.cols);
  }

  saveCursor(): void {
    this.#saved = { col: this.col, row: this.row };
  }

  restoreCursor(): void {
    this.moveTo(this.#saved.row, this.#saved.col);
  }

  /** Shows the alternate screen, or the normal one again. */
  switchTo(isAlternate: boolean): void {
    this.settle();
    if (isAlternate === this.isAlternate) return;
    const other = isAlternate || !this.#other ? this.#blank(this.rows.length) : this.#other;
    this.#other = this.rows;
    this.rows = other;
    this.isAlternate = isAlternate;
    this.#top = 0;
    this.#bottom = this.rows.length - 1;
    this.row = Math.min(this.row, this.#bottom);
  }

  /** RIS. */
  reset(): void {
    this.settle();
    this.switchTo(false);
    this.eraseRows(0, this.rows.length);
    this.#wraps = true;
    this.#inserts = false;
    this.setMargins();
    this.moveTo(0, 0);
  }

  resize(cols: number, rows: number): void {
    this.settle();
    this.cols = clamp(cols, 2, 4096);
    const count = clamp(rows, 1, 2048);
    const fitted = (old: WrittenRow[]) => {
      const kept = old.slice(Math.max(0, Math.min(this.row + 1, old.length) - count)).slice(0, count);
      return [...kept.map((row) => row.resized(this.cols)), ...this.#blank(count - kept.length)];
    };
    const gone = Math.max(0, this.row + 1 - count);
    if (this.#other) this.#other = fitted(this.#other);
    this.rows = fitted(this.rows);
    this.#top = 0;
    this.#bottom = count - 1;
    this.row = clamp(this.row - gone, 0, count - 1);
    this.col = Math.min(this.col, this.cols - 1);
  }
}

function clamp(value: number, least: number, most: number): number {
  return value < least || Number.isNaN(value) ? least : value > most ? most : Math.floor(value);
}
