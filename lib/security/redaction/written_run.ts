/**
 * What a program wrote in one go, wherever on the screen it went: characters that stand side by side in its bytes.
 *
 * A line that is wider than the screen and written anew over and over stands there behind its own earlier beginnings, where nobody
 * would know it; in the bytes it is whole. Beginnings of it that were written before are hidden with it.
 *
 * This module is browser compatible.
 * @module
 */

import { bytesIn, EMPTY, WIDE_TAIL } from "./cells.ts";
import type { Matcher } from "./matcher.ts";
import type { Hider, OpenLine } from "./hider.ts";
import { GONE, NOBODY } from "./written_row.ts";

/** What is longer is looked at in parts. */
const LONGEST = 8192;
/** How many earlier runs are remembered, and how many cells of them. */
const MOST_RUNS = 256, MOST_CELLS = 1 << 16;
/** Shorter beginnings of a secret tell nothing. */
const SHORTEST = 4;

interface Run {
  readonly cells: Uint32Array;
  readonly at: Float64Array;
}

/** Takes characters as they are written. */
export class WrittenRun {
  readonly #matcher: Matcher;
  readonly #hider: Hider;
  #cells = new Uint32Array(512);
  #at = new Float64Array(512);
  #earlier: Run[] = [];
  #remembered = 0; // cells of them
  #isOver = false; // what is there is of the last run
  #past = 0; // as many cells
  /** How many cells there are. */
  length = 0;

  constructor(matcher: Matcher, hider: Hider) {
    this.#matcher = matcher;
    this.#hider = hider;
  }

  /** ASCII from `data`, `to` not included; the byte at `data[0]` has place `base`. */
  writeAscii(data: Uint8Array, from: number, to: number, base: number): void {
    for (let start = from; start < to;) {
      const count = Math.min(to - start, LONGEST / 2);
      this.#makeRoom(count);
      const shift = this.length - start;
      for (let n = start; n < start + count; n++) {
        this.#cells[shift + n] = data[n]!;
        this.#at[shift + n] = base + n;
      }
      this.length += count;
      start += count;
    }
  }

  /** One character, whose first byte has place `at`. */
  write(code: number, width: number, at: number): void {
    this.#makeRoom(2);
    this.#cells[this.length] = code;
    this.#at[this.length++] = at;
    if (width < 2) return;
    this.#cells[this.length] = WIDE_TAIL;
    this.#at[this.length++] = NOBODY;
  }

  /** Begins anew where the last run is over, which is remembered. */
  #goOn(): void {
    if (!this.#isOver) return;
    this.#isOver = false;
    if (this.#past >= SHORTEST) this.#remember(this.#past);
  }

  /** A line feed: what was written before is not written again. */
  feed(): void {
    this.#isOver = false;
  }

  #makeRoom(count: number): void {
    if (this.#isOver) this.#goOn();
    if (this.length + count > LONGEST) {
      this.#look(-1);
      const half = Math.min(this.length, LONGEST / 2);
      this.#cells.copyWithin(0, this.length - half, this.length);
      this.#at.copyWithin(0, this.length - half, this.length);
      this.length = half;
    }
    if (this.length + count <= this.#at.length) return;
    const [cells, at] = [this.#cells, this.#at], room = Math.max(2 * at.length, this.length + count);
    this.#cells = new Uint32Array(room);
    this.#at = new Float64Array(room);
    this.#cells.set(cells);
    this.#at.set(at);
  }

  /** Looks at what may go on. Bytes before `floor` have been passed on. */
  peek(floor: number): OpenLine | undefined {
    const { holdFrom, maskFrom } = this.#look(this.length), end = this.length;
    if (holdFrom === Infinity) return undefined;
    let earliest = Infinity;
    for (let cell = holdFrom; cell < end; cell++) {
      if (this.#at[cell]! >= floor) earliest = Math.min(earliest, this.#at[cell]!);
    }
    return { holdFrom: earliest, mask: () => this.#hide({ cells: this.#cells, at: this.#at }, maskFrom, end) };
  }

  /** Something else comes; `isLooked` tells that the line that the run fills has been looked at. */
  end(isLooked: boolean): void {
    if (!isLooked && this.length > 0) this.#look(-1);
    this.#isOver = true;
    this.#past = this.length;
    this.length = 0;
  }

  #remember(length: number): void {
    this.#earlier.push({ cells: this.#cells.slice(0, length), at: this.#at.slice(0, length) });
    this.#remembered += length;
    while (this.#earlier.length > MOST_RUNS || this.#remembered > MOST_CELLS) {
      this.#remembered -= this.#earlier.shift()!.cells.length;
    }
  }

  #look(cursor: number): { holdFrom: number; maskFrom: number } {
    const look = this.#matcher.look(this.#cells, this.length, cursor);
    for (const found of look.found) {
      const isNew = this.#hide({ cells: this.#cells, at: this.#at }, found.start, found.end);
      if (!isNew) continue;
      this.#hider.found(found, this.#cells);
      for (const run of this.#earlier) this.#hideBeginning(run, found.start, found.end);
    }
    return look;
  }

  /** Hides in an earlier run as much of a secret as it had. */
  #hideBeginning(run: Run, start: number, end: number): void {
    const last = Math.min(end, run.cells.length);
    if (last - start < SHORTEST) return;
    for (let cell = 0; cell < last; cell++) if (run.cells[cell] !== this.#cells[cell]) return;
    this.#hide(run, start, last);
  }

  /** Hides some cells; says whether any of them was not hidden before. */
  #hide({ cells, at: places }: Run, start: number, end: number): boolean {
    const isLeft = (at: number) => at === GONE || (at >= 0 && this.#hider.isGone(at));
    const staysWhole = this.#hider.isRevised && places.subarray(start, end).some(isLeft);
    let isNew = false;
    for (let cell = start; cell < end; cell++) {
      const code = cells[cell]!, at = places[cell]!, isGone = this.#hider.isGone(at);
      if (at < 0 || code === EMPTY || code === WIDE_TAIL || (staysWhole && !isGone)) continue;
      this.#hider.hide(at, bytesIn(code), cells[cell + 1] === WIDE_TAIL ? 2 : 1);
      places[cell] = isGone ? GONE : NOBODY;
      isNew = true;
    }
    return isNew;
  }
}
