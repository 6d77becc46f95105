/**
 * Lines of a screen, put together from their rows, and what is to be hidden in them.
 *
 * A row that was written to its last column goes on in the next one, whether the terminal wrapped it or the program did. Of a
 * line that is longer than the screen as much is remembered as the longest secret needs.
 *
 * This module is browser compatible.
 * @module
 */

import { type Below, isKeyLine, KEY_END, KEY_HEADERS, KEY_LINES, type Taken } from "./below.ts";
import { bytesIn, EMPTY, WIDE_TAIL } from "./cells.ts";
import { type CharSet, isIn } from "./rule.ts";
import { type Found, type Matcher, textOf } from "./matcher.ts";
import { GONE, NOBODY, type WrittenRow } from "./written_row.ts";
import type { Hider, OpenLine } from "./hider.ts";
import { WrittenRun } from "./written_run.ts";
import type { LineLooker, WrittenScreen } from "./written_screen.ts";

/** How many cells of a line are remembered that have scrolled off. */
const CARRIED = 4096;

/** Looks at the lines of one screen. */
export class WrittenLines implements LineLooker {
  readonly #matcher: Matcher;
  readonly #hider: Hider;
  #cells = new Uint32Array(512); // of the line at hand, where it has several rows
  #carried = 0; // how many of them have scrolled off
  #carriedAt = new Float64Array(0);
  #carriedCells = new Uint32Array(0);
  #running: CharSet | undefined; // the secret that began before what is carried goes on with these
  #above: Below | undefined; // of what scrolled off last
  /** Set by a look at the line of the cursor. */
  open: OpenLine | undefined;
  /** Bytes before this place have been passed on. */
  floor = 0;
  readonly run: WrittenRun;

  constructor(matcher: Matcher, hider: Hider) {
    this.run = new WrittenRun(matcher, hider);
    this.#matcher = matcher;
    this.#hider = hider;
  }

  look(screen: WrittenScreen, row: number, cursor: boolean): void {
    this.open = undefined;
    const isRun = this.#isRun(screen, row);
    this.#lookAtRow(screen, row, cursor);
    if (!cursor) this.run.end(isRun);
    else if (!isRun) this.#alsoOpen(this.run.peek(this.floor));
  }

  /** Whether all that the line holds up to here was written in one go: then looking at it once is enough. */
  #isRun({ rows, cols, isAlternate }: WrittenScreen, row: number): boolean {
    if (rows[row]!.wraps) return false;
    let first = row;
    while (first > 0 && rows[first - 1]!.wraps) first--;
    const before = first === 0 && !isAlternate ? this.#carried : 0;
    return this.run.length === before + (row - first) * cols + rows[row]!.end;
  }

  #lookAtRow(screen: WrittenScreen, row: number, cursor: boolean): void {
    const { rows } = screen;
    let first = row, last = row;
    while (first > 0 && goesOn(rows[first - 1]!, row - first)) first--;
    while (last + 1 < rows.length && goesOn(rows[last]!, last - row + MOST_FOLDED - 2) && rows[last + 1]!.end > 0) {
      last++;
    }
    this.#lookAt(screen, first, last, cursor);
    if (rows.slice(first, last).every(({ wraps }) => wraps)) return;
    // A program may also end a line in the last column: what is whole in its rows is looked at without the others.
    for (let from = first; from <= last; from++) {
      let to = from;
      while (to < last && rows[to]!.wraps) to++;
      const open: OpenLine | undefined = this.open;
      this.#lookAt(screen, from, to, false);
      this.open = open;
      from = to;
    }
  }

  #lookAt(screen: WrittenScreen, first: number, last: number, cursor: boolean): void {
    const { rows, cols } = screen;
    const before = first === 0 && !screen.isAlternate ? this.#carried : 0;
    let cells = rows[first]!.codes, length = rows[last]!.end;
    if (before > 0 || last > first) {
      length += before + (last - first) * cols;
      const room = before + (last - first + 1) * cols;
      if (room > this.#cells.length) this.#cells = new Uint32Array(2 * room);
      cells = this.#cells;
      cells.set(this.#carriedCells.subarray(0, before));
      for (let at = first; at <= last; at++) cells.set(rows[at]!.codes, before + (at - first) * cols);
    }
    const line = { screen, first, before, cells, length };
    if (before > 0 && this.#running) this.#hideRunning(line, this.#running);
    const at = cursor ? before + (screen.row - first) * cols + screen.col : -1;
    const look = this.#matcher.look(cells, length, at);
    for (const found of look.found) this.#hide(line, found.start, found.end, found);
    this.#lookBelow(line, last, look.opens, cursor);
    if (cursor) this.#setOpen(line, look.holdFrom, look.maskFrom, at);
  }

  /** Secrets of which the line above tells, and what this line tells about the next. */
  #lookBelow(line: LineAtHand, last: number, opens: Below | undefined, cursor: boolean): void {
    const { screen, first } = line;
    const above = this.#expectedAt(screen, first);
    let below = opens === KEY_END ? undefined : opens;
    if (above || screen.rows[last + 1]?.below === KEY_LINES) {
      const text = textOf(line.cells, 0, line.length);
      const taken = above ? above.take(text) : isKeyLine(text) ? KEY_LINES.take(text) : undefined;
      const begun = cursor && above ? above.begins?.(text) : undefined;
      if (taken && taken.end > taken.start) this.#hideTaken(line, taken, above, cursor);
      else if (begun !== undefined) this.#alsoOpen(this.#opening(line, begun, begun, text.length));
      below ??= taken?.below ?? (above?.skipsEmpty && text.trim() === "" ? above : undefined);
    }
    if (cursor) return;
    for (let at = first; at <= last; at++) screen.rows[at]!.below = below;
    if (opens === KEY_END && !above) this.#hideKeyAbove(screen, first);
  }

  /** The last lines of a private key, whose first ones do not show. */
  #hideKeyAbove(screen: WrittenScreen, end: number): void {
    for (let row = end - 1; row >= 0; row--) {
      const { codes, end: length } = screen.rows[row]!, text = textOf(codes, 0, length);
      const taken = isKeyLine(text) || row === end - 1 ? KEY_LINES.take(text) : undefined;
      if (!taken) return;
      const line = { screen, first: row, before: 0, cells: codes, length };
      this.#hideTaken(line, taken, row === end - 1 ? KEY_HEADERS : KEY_LINES, false);
    }
  }

  /** What the lines above a row say about it; empty ones may stand between. */
  #expectedAt({ rows }: WrittenScreen, row: number): Below | undefined {
    for (let above = row - 1; above >= Math.max(0, row - 1 - MOST_EMPTY); above--) {
      const { below, end } = rows[above]!;
      if (end > 0 || below) return below && (above === row - 1 || below.skipsEmpty) ? below : undefined;
    }
    return row === 0 || (row <= MOST_EMPTY && this.#above?.skipsEmpty) ? this.#above : undefined;
  }

  #hideTaken(line: LineAtHand, taken: Taken, above: Below | undefined, cursor: boolean): void {
    const { start, end, isValue = false } = taken, { rule } = above ?? KEY_LINES;
    if (cursor) return this.#alsoOpen(this.#opening(line, start, start, end));
    const isOne = above !== undefined && above !== KEY_LINES; // a key is one secret, however many lines it has
    this.#hide(line, start, end, isOne ? { start, end, rule, isValue, chars: undefined } : undefined);
  }

  #setOpen(line: LineAtHand, holdFrom: number, maskFrom: number, cursor: number): void {
    if (holdFrom === Infinity) return;
    this.#alsoOpen(this.#opening(line, holdFrom, maskFrom, Math.min(cursor, line.length)));
  }

  #alsoOpen(open: OpenLine | undefined): void {
    const known = this.open;
    if (open === undefined) return;
    this.open = known === undefined ? open : {
      holdFrom: Math.min(known.holdFrom, open.holdFrom),
      mask: () => {
        known.mask();
        open.mask();
      },
    };
  }

  #opening(line: LineAtHand, holdFrom: number, maskFrom: number, end: number): OpenLine {
    let earliest = Infinity;
    const consider = (at: number) => {
      if (at >= this.floor && at < earliest) earliest = at;
    };
    for (let cell = holdFrom; cell < end; cell++) this.#placesOf(line, cell, consider);
    return { holdFrom: earliest, mask: () => this.#hide(line, maskFrom, end, undefined) };
  }

  /** Who wrote what a cell shows, now and in earlier drawings that have not been passed on. */
  #placesOf({ screen, first, before, cells }: LineAtHand, cell: number, place: (at: number) => void): void {
    if (cell < before) return place(this.#carriedAt[cell]!);
    const row = screen.rows[first + Math.floor((cell - before) / screen.cols)]!;
    const col = (cell - before) % screen.cols, code = cells[cell]!;
    if (code === EMPTY || code === WIDE_TAIL) return;
    place(row.at[col]!);
    screen.past.each(row.past[col]!, code, this.floor, place);
  }

  #hideRunning(line: LineAtHand, set: CharSet): void {
    let end = 0;
    while (end < line.length && isIn(set, line.cells[end]!) && line.cells[end] !== EMPTY) end++;
    this.#hide(line, 0, end, undefined);
  }

  /**
   * Whether a secret is to stay as it is, because some of it is gone: masked in part, nobody would find the rest any more. What is
   * written from its beginning, as nearly everything is, shows no more than that beginning, and is masked from there.
   */
  #staysWhole(line: LineAtHand, start: number, end: number): boolean {
    let isFresh = false;
    for (let cell = start; cell < end; cell++) {
      const at = this.#placeOf(line, cell);
      if (at === NOBODY) continue;
      if (at !== GONE && !this.#hider.isGone(at)) isFresh = true;
      else if (isFresh || this.#hider.isRevised) return true;
    }
    return false;
  }

  /** Who wrote what a cell shows. */
  #placeOf({ screen, first, before, cells }: LineAtHand, cell: number): number {
    if (cell < before) return this.#carriedAt[cell]!;
    if (cells[cell] === EMPTY || cells[cell] === WIDE_TAIL) return NOBODY;
    return screen.rows[first + Math.floor((cell - before) / screen.cols)]!.at[(cell - before) % screen.cols]!;
  }

  /** Hides some cells of a line; whoever wrote the same into one of them before is hidden too. */
  #hide(line: LineAtHand, start: number, end: number, found: Found | undefined): void {
    const { screen, first, before, cells } = line;
    const staysWhole = this.#staysWhole(line, start, end);
    let isNew = false;
    for (let cell = start; cell < end; cell++) {
      const code = cells[cell]!;
      if (code === EMPTY || code === WIDE_TAIL) continue;
      const bytes = bytesIn(code), width = cells[cell + 1] === WIDE_TAIL ? 2 : 1;
      const hide = (at: number) => this.#hider.hide(at, bytes, width);
      if (cell < before) {
        const at = this.#carriedAt[cell]!, isGone = this.#hider.isGone(at);
        if (at < 0 || (staysWhole && !isGone)) continue;
        hide(at);
        this.#carriedAt[cell] = isGone ? GONE : NOBODY;
      } else {
        const row = screen.rows[first + Math.floor((cell - before) / screen.cols)]!;
        const col = (cell - before) % screen.cols;
        const at = row.at[col]!, isGone = this.#hider.isGone(at);
        if (at < 0 || (staysWhole && !isGone)) continue;
        hide(at);
        if (!staysWhole && row.past[col]! > 0) screen.past.each(row.past[col]!, code, 0, hide);
        row.at[col] = isGone ? GONE : NOBODY;
        row.past[col] = 0;
      }
      isNew = true;
    }
    if (isNew && found) this.#hider.found(found, cells);
  }

  scrolledOff(screen: WrittenScreen, row: WrittenRow): void {
    if (row.end > 0 || row.below || !this.#above?.skipsEmpty) this.#above = row.below;
    if (!row.wraps) {
      this.#carried = 0;
      this.#running = undefined;
      return;
    }
    const { cols } = screen, at = this.#carried;
    if (this.#carriedCells.length === 0) {
      this.#carriedAt = new Float64Array(2 * CARRIED);
      this.#carriedCells = new Uint32Array(2 * CARRIED);
    }
    this.#carriedCells.set(row.codes, at);
    this.#carriedAt.set(row.at, at);
    this.#carried += cols;
    if (this.#carried > CARRIED) this.#dropHalf(screen);
  }

  /** Looks at a line before its beginning is forgotten. */
  #dropHalf(screen: WrittenScreen): void {
    const half = this.#carried - CARRIED / 2;
    const cells = this.#carriedCells.slice(0, this.#carried), length = this.#carried;
    const line = { screen, first: 0, before: length, cells, length };
    if (this.#running) this.#hideRunning(line, this.#running);
    const { found } = this.#matcher.look(cells, length, -1);
    for (const each of found) this.#hide(line, each.start, each.end, each);
    const over = found.find(({ start, end }) => start < half && end >= half);
    if (over) this.#running = over.chars;
    else if (this.#running && !cells.subarray(0, half).every((code) => isIn(this.#running!, code))) {
      this.#running = undefined;
    }
    this.#carriedCells.copyWithin(0, half, length);
    this.#carriedAt.copyWithin(0, half, length);
    this.#carried -= half;
  }
}

interface LineAtHand {
  readonly screen: WrittenScreen;
  readonly first: number;
  readonly before: number; // cells that have scrolled off
  readonly cells: Uint32Array;
  readonly length: number;
}

/** How many empty rows may stand between a line and what it tells about. */
const MOST_EMPTY = 2;
/** How many rows back a line is put together that a program folded in the last column, and where it folded between words. */
const MOST_FOLDED = 32, MOST_FOLDED_WORDS = 2;

/** Whether the next row belongs to the same line, perhaps; `count` rows were put together already. */
function goesOn(row: WrittenRow, count: number): boolean {
  return row.wraps || (row.isFull && count < (row.endsInWord ? MOST_FOLDED : MOST_FOLDED_WORDS));
}
