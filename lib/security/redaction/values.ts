/**
 * Secrets whose text is known: what was typed while nothing showed, values of the environment, what was found elsewhere.
 *
 * They are kept in memory alone, and as salted SHA-256 hashes: neither a swap file nor a crash report tells them. So that not
 * every place of a recording has to be hashed, a rolling fingerprint of up to eight characters, 16 bits of it, says where to look.
 *
 * Of a long value a part may stand alone: a screen was split, a line scrolled sideways, a text folded. Eight characters at its
 * beginning, at its end and every sixteen between are looked for too, as hashes, and with them is hidden what stands around them
 * without a gap, as far as the value reaches. To look for every part would find more, and from hashes of parts that share all but
 * one character a value could be read.
 *
 * This module is browser compatible.
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { cellsOf, EMPTY } from "./cells.ts";
import { charSet, isIn } from "./rule.ts";

/** What is shorter stands everywhere by chance. */
export const SHORTEST_VALUE = 4;
/** Shorter values are only found as whole words. */
const FREE_STANDING = 8;
/** What is longer is cut. */
const LONGEST = 4096;
/** How many characters a fingerprint is made of, at most. */
const WINDOW = 8;
/** Shorter values have no parts. */
const SHORTEST_WITH_PARTS = 12;
/** Where parts of a value begin that are looked for. */
const EVERY = 2 * WINDOW;
/** How many parts are looked for. */
const MOST_PARTS = 8192;
/** A part that is no word of a text: letters and digits, or letters that no word has. */
const PART =
  /^(?=[^A-Za-z]*[A-Za-z])(?:(?=[^0-9]*[0-9])|[A-Za-z]*(?:[A-Z][a-z][A-Z]|[a-z][A-Z]{2}))[\w+/.~!@#$%^&*-]{8}$/;
const OF_PART = charSet("\\w+/.~!@#$%^&*-");
/** How much of a value must stand there before it is taken for one. */
const LIKELY = 8;

interface Value {
  readonly length: number;
  readonly digest: string;
  readonly rule: string;
  /** It is a part of a value, with so many characters before and behind it. */
  readonly part?: Margins;
}

interface Margins {
  readonly before: number;
  readonly behind: number;
}

/** The values of one window: fingerprints, and what may stand behind them. */
interface Window {
  readonly size: number;
  readonly outgoing: number; // what the character that leaves is multiplied by
  readonly isKnown: Uint8Array;
  readonly values: Map<number, Value[]>;
}

interface Part extends Margins {
  readonly at: number;
  readonly rule: string;
}

/** Hears of values. */
export interface ValueHearer {
  /** One stands there. */
  add(start: number, end: number, rule: string, isValue: boolean): void;
  /** One may have begun there when the cursor stands behind it. */
  open(start: number, isLikely: boolean): void;
  /** Whether that is of a secret that was heard of already. */
  isFound(start: number, end: number): boolean;
}

/**
 * A list of values that grows as they become known.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const values = new KnownValues();
 * values.add("correct horse", "typed-unseen");
 * equal(values.size, 1);
 * ```
 */
export class KnownValues {
  readonly #salt = crypto.getRandomValues(new Uint8Array(16));
  readonly #base = (crypto.getRandomValues(new Uint32Array(1))[0]! | 1) >>> 0;
  readonly #windows = new Map<number, Window>();
  readonly #beginnings = new Set<number>();
  readonly #digests = new Set<string>();
  readonly #parts = new Set<string>();

  /** How many there are. */
  get size(): number {
    return this.#digests.size;
  }

  /** Grows with everything that is learned. */
  get learned(): number {
    return this.#digests.size + this.#parts.size;
  }

  /** Makes a value known; `false` when it is too short, or was known. */
  add(text: string, rule: string): boolean {
    const cells = cellsOf(text).subarray(0, LONGEST);
    if (cells.length < SHORTEST_VALUE || cells.every((code) => code === cells[0])) return false;
    const digest = this.fingerprint(cells, 0, cells.length);
    if (this.#digests.has(digest)) return false;
    this.#digests.add(digest);
    this.addParts(text, rule);
    const window = this.#windowOf(Math.min(WINDOW, cells.length));
    this.#put(window, cells, { length: cells.length, digest, rule });
    for (let size = 1; size < window.size; size++) this.#beginnings.add(this.#printOf(cells, 0, size));
    return true;
  }

  /** Makes parts of a value known, which is told by itself where it is whole. */
  addParts(text: string, rule: string): void {
    const cells = cellsOf(text).subarray(0, LONGEST);
    if (cells.length < SHORTEST_WITH_PARTS) return;
    const last = cells.length - WINDOW;
    for (
      let at = 0;
      at <= last && this.#parts.size < MOST_PARTS;
      at = at + EVERY > last && at < last ? last : at + EVERY
    ) {
      const part = cells.subarray(at, at + WINDOW), digest = this.fingerprint(part, 0, WINDOW);
      if (this.#parts.has(digest) || !PART.test(String.fromCodePoint(...part))) continue;
      this.#parts.add(digest);
      this.#put(this.#windowOf(WINDOW), part, {
        length: WINDOW,
        digest,
        rule,
        part: { before: at, behind: last - at },
      });
    }
  }

  #put(window: Window, cells: Uint32Array, value: Value): void {
    const print = this.#printOf(cells, 0, window.size) >>> 16;
    window.isKnown[print] = 1;
    const values = window.values.get(print);
    if (values) values.push(value);
    else window.values.set(print, [value]);
  }

  /** Salted, so that it can be shown: it tells whether two secrets of a report are the same, and nothing else. */
  fingerprint(cells: Uint32Array, start: number, end: number): string {
    const bytes = new Uint8Array(16 + 4 * (end - start));
    bytes.set(this.#salt);
    const view = new DataView(bytes.buffer);
    for (let at = start; at < end; at++) view.setUint32(16 + 4 * (at - start), cells[at]!);
    return sha256(bytes).toHex();
  }

  /** Finds values in the first `length` cells. */
  look(cells: Uint32Array, length: number, cursor: number, hearer: ValueHearer): void {
    const parts: Part[] = [];
    for (const window of this.#windows.values()) this.#slide(window, cells, length, cursor, hearer, parts);
    for (const { at, rule, before, behind } of parts) {
      if (hearer.isFound(at, at + WINDOW)) continue;
      let start = at, end = at + WINDOW;
      while (start > Math.max(0, at - before) && isIn(OF_PART, cells[start - 1]!)) start--;
      while (end < Math.min(length, at + WINDOW + behind) && isIn(OF_PART, cells[end]!)) end++;
      hearer.add(start, end, rule, false);
    }
    if (cursor <= 0 || this.#beginnings.size === 0) return;
    for (let size = 1; size < WINDOW && size <= cursor; size++) {
      if (this.#beginnings.has(this.#printOf(cells, cursor - size, size))) hearer.open(cursor - size, false);
    }
  }

  #slide(
    { size, outgoing, isKnown, values }: Window,
    cells: Uint32Array,
    length: number,
    cursor: number,
    hearer: ValueHearer,
    parts: Part[],
  ): void {
    const base = this.#base;
    let print = 0;
    for (let at = 0; at < length; at++) {
      if (at >= size) print = (print - Math.imul(charOf(cells[at - size]!), outgoing)) | 0;
      print = (Math.imul(print, base) + charOf(cells[at]!)) | 0;
      if (at + 1 < size || isKnown[print >>> 16] === 0) continue;
      const start = at + 1 - size;
      for (const { length: wanted, digest, rule, part } of values.get(print >>> 16)!) {
        const end = start + wanted;
        if (end > length) {
          if (cursor > start && cursor <= end) hearer.open(start, cursor - start >= Math.min(LIKELY, wanted));
        } else if (isPlaced(cells, start, end, length) && this.fingerprint(cells, start, end) === digest) {
          if (part) parts.push({ at: start, rule, ...part });
          else hearer.add(start, end, rule, false);
        }
      }
    }
  }

  #windowOf(size: number): Window {
    const known = this.#windows.get(size);
    if (known) return known;
    let outgoing = 1;
    for (let power = 1; power < size; power++) outgoing = Math.imul(outgoing, this.#base);
    const made = { size, outgoing, isKnown: new Uint8Array(1 << 16), values: new Map<number, Value[]>() };
    this.#windows.set(size, made);
    return made;
  }

  #printOf(cells: Uint32Array, start: number, size: number): number {
    let print = 0;
    for (let at = start; at < start + size; at++) print = (Math.imul(print, this.#base) + charOf(cells[at]!)) | 0;
    return print;
  }
}

function charOf(code: number): number {
  return code === EMPTY ? 0x20 : code;
}

/** Short values must stand alone. */
function isPlaced(cells: Uint32Array, start: number, end: number, length: number): boolean {
  if (end - start >= FREE_STANDING) return true;
  return !isOfWord(start > 0 ? cells[start - 1]! : 0) && !isOfWord(end < length ? cells[end]! : 0);
}

function isOfWord(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
