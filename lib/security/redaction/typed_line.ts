/**
 * The line that somebody types, as the keys make it: letters, corrections, and a line taken back.
 *
 * Keys leave no picture, so of what they do only this is known: Backspace takes the last letter, Ctrl-W the last word, Ctrl-U the
 * line. Letters that were taken back in the middle of a secret are hidden with it. Other keys, and the brackets around what is
 * pasted, go between two words, perhaps: the line is looked at whole and in the pieces that they make.
 *
 * This module is browser compatible.
 * @module
 */

import type { Below, Taken } from "./below.ts";
import { bytesIn, RAW } from "./cells.ts";
import { type Look, type Matcher, textOf } from "./matcher.ts";
import type { Hider, OpenLine } from "./hider.ts";
import { GONE, NOBODY } from "./written_row.ts";

const BS = 0x08, LF = 0x0a, CR = 0x0d, ETB = 0x17, NAK = 0x15, ESC = 0x1b, DEL = 0x7f;
/** A line that is longer is looked at in parts. */
const LONGEST = 8192;
/** What comes at once and is no shorter was pasted. */
const PASTED = 8;

/** Follows the keys. */
export class TypedLine {
  readonly #matcher: Matcher;
  readonly #hider: Hider;
  #cells = new Uint32Array(64);
  #at = new Float64Array(64);
  #length = 0;
  #erased: { readonly index: number; readonly at: number; readonly bytes: number }[] = [];
  #bounds: number[] = []; // where other keys were pressed, or a paste began or ended
  #state: "ground" | "escape" | "control" | "string" = "ground";
  #above: Below | undefined;
  #missing = 0;
  #code = 0;
  #codeAt = 0;
  open: OpenLine | undefined;

  constructor(matcher: Matcher, hider: Hider) {
    this.#matcher = matcher;
    this.#hider = hider;
  }

  /** Where a character began that is not whole yet. */
  get unfinishedAt(): number {
    return this.#missing > 0 ? this.#codeAt : Infinity;
  }

  /** Reads bytes, the first of which has place `base`. */
  read(data: Uint8Array, base: number): void {
    if (data.length >= PASTED) this.#bound();
    for (let n = 0; n < data.length; n++) this.#next(data[n]!, base + n);
    if (data.length >= PASTED) this.#bound();
  }

  /** Looks at the line, which may go on. */
  peek(): void {
    this.open = undefined;
    const { holdFrom, maskFrom } = this.#look(this.#length);
    if (holdFrom === Infinity) return;
    const end = this.#length;
    this.open = { holdFrom: this.#earliest(holdFrom), mask: () => this.#hide(maskFrom, end) };
  }

  /** The session is over. */
  finish(): void {
    this.#endLine(true);
  }

  #next(code: number, at: number): void {
    if (this.#state !== "ground") return this.#escaped(code);
    if (this.#missing > 0 && (code & 0xc0) === 0x80) {
      this.#code = (this.#code << 6) | (code & 0x3f);
      if (--this.#missing === 0) this.#add(this.#code, this.#codeAt);
      return;
    }
    this.#missing = 0;
    if (code === ESC) {
      this.#state = "escape";
      this.#bound();
    } else if (code === DEL || code === BS) this.#takeBack(1);
    else if (code === ETB) this.#takeBack(/\S*\s*$/.exec(textOf(this.#cells, 0, this.#length))![0].length);
    else if (code === CR || code === LF) this.#endLine(true);
    else if (code === NAK || (code < 0x20 && code !== 0x09)) this.#endLine(code === 0x03);
    else this.#begin(code, at);
  }

  #bound(): void {
    if (this.#length > 0 && this.#bounds.at(-1) !== this.#length) this.#bounds.push(this.#length);
  }

  #begin(code: number, at: number): void {
    if (code < 0x80) return this.#add(code, at);
    if (code < 0xc2 || code > 0xf4) return this.#add(RAW + code, at);
    this.#missing = code < 0xe0 ? 1 : code < 0xf0 ? 2 : 3;
    this.#code = code & (0x3f >> this.#missing);
    this.#codeAt = at;
  }

  /** Keys that print nothing, and pasted text's brackets. */
  #escaped(code: number): void {
    if (this.#state === "escape") {
      this.#state = code === 0x5b || code === 0x4f ? "control" : code === 0x5d || code === 0x50 ? "string" : "ground";
    } else if (this.#state === "control") {
      if (code >= 0x40 && code < 0x7f) this.#state = "ground";
    } else if (code === 0x07 || code === 0x5c || code < 0x08) this.#state = "ground";
  }

  #add(code: number, at: number): void {
    if (this.#length === this.#at.length && this.#length < LONGEST) this.#grow();
    if (this.#length === LONGEST) {
      this.#look(-1);
      this.#cells.copyWithin(0, LONGEST / 2);
      this.#at.copyWithin(0, LONGEST / 2);
      this.#length = LONGEST / 2;
      this.#bounds = this.#bounds.map((bound) => bound - LONGEST / 2).filter((bound) => bound > 0);
      this.#erased = [];
    }
    this.#cells[this.#length] = code;
    this.#at[this.#length++] = at;
  }

  #grow(): void {
    const [cells, at] = [this.#cells, this.#at];
    this.#cells = new Uint32Array(2 * cells.length);
    this.#at = new Float64Array(2 * cells.length);
    this.#cells.set(cells);
    this.#at.set(at);
  }

  #takeBack(count: number): void {
    this.#look(-1);
    for (let n = Math.min(count, this.#length); n > 0; n--) {
      this.#length--;
      if (this.#at[this.#length]! < 0) continue;
      this.#erased.push({
        index: this.#length,
        at: this.#at[this.#length]!,
        bytes: bytesIn(this.#cells[this.#length]!),
      });
    }
    while (this.#bounds.length > 0 && this.#bounds.at(-1)! > this.#length) this.#bounds.pop();
  }

  #endLine(isLine: boolean): void {
    const { opens } = this.#look(-1);
    if (isLine) {
      const taken = this.#taken();
      if (taken) this.#hide(taken.start, taken.end);
      this.#above = opens ?? taken?.below ?? (this.#length === 0 && this.#above?.skipsEmpty ? this.#above : undefined);
    }
    this.#length = 0;
    this.#bounds = [];
    this.#erased = [];
    this.open = undefined;
  }

  /** What the line above tells about this one. */
  #taken(): Taken | undefined {
    return this.#above?.take(textOf(this.#cells, 0, this.#length));
  }

  #look(cursor: number): { holdFrom: number; maskFrom: number; opens: Below | undefined } {
    const look = this.#matcher.look(this.#cells, this.#length, cursor);
    for (const found of look.found) {
      if (this.#hide(found.start, found.end)) this.#hider.found(found, this.#cells);
    }
    const taken = cursor >= 0 ? this.#taken() : undefined;
    const begun = cursor >= 0 ? this.#above?.begins?.(textOf(this.#cells, 0, this.#length)) : undefined;
    if (begun !== undefined) return { holdFrom: begun, maskFrom: begun, opens: undefined };
    if (taken && taken.end > taken.start) return { holdFrom: taken.start, maskFrom: taken.start, opens: undefined };
    return { ...this.#lookAtPieces(cursor, look), opens: look.opens };
  }

  /** Looks at what stands between two bounds as if nothing else were there. */
  #lookAtPieces(cursor: number, { holdFrom, maskFrom }: Look): { holdFrom: number; maskFrom: number } {
    if (this.#bounds.length === 0) return { holdFrom, maskFrom };
    let start = 0;
    for (const end of [...this.#bounds, this.#length]) {
      const cells = this.#cells.subarray(start, end);
      const look = this.#matcher.look(cells, cells.length, cursor === end ? cells.length : -1);
      for (const found of look.found) {
        if (this.#hide(start + found.start, start + found.end)) this.#hider.found(found, cells);
      }
      holdFrom = Math.min(holdFrom, start + look.holdFrom);
      maskFrom = Math.min(maskFrom, start + look.maskFrom);
      start = end;
    }
    return { holdFrom, maskFrom };
  }

  #earliest(from: number): number {
    let earliest = Infinity;
    for (let cell = from; cell < this.#length; cell++) {
      if (this.#at[cell]! >= 0) earliest = Math.min(earliest, this.#at[cell]!);
    }
    return earliest;
  }

  /** Hides some of the line; says whether any of it was not hidden before. */
  #hide(start: number, end: number): boolean {
    const isLeft = (at: number) => at === GONE || (at >= 0 && this.#hider.isGone(at));
    const staysWhole = this.#hider.isRevised && this.#at.subarray(start, end).some(isLeft);
    let isNew = false;
    for (let cell = start; cell < end; cell++) {
      const at = this.#at[cell]!, isGone = this.#hider.isGone(at);
      if (at < 0 || (staysWhole && !isGone)) continue;
      this.#hider.hide(at, bytesIn(this.#cells[cell]!), 1);
      this.#at[cell] = isGone ? GONE : NOBODY;
      isNew = true;
    }
    if (staysWhole) return isNew;
    this.#erased = this.#erased.filter(({ index, at, bytes }) => {
      if (index < start || index > end) return true;
      this.#hider.hide(at, bytes, 1);
      return false;
    });
    return isNew;
  }
}
