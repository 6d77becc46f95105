/**
 * What a font file says of itself: its family, the width of its letters, and which characters it has.
 *
 * Tables as OpenType 1.9 has them.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../errors.ts";

/**
 * A font; of a collection the first one.
 *
 * @example
 * ```ts
 * const has = (font: FontFile, character: string) => font.glyphOf(character.codePointAt(0)!) !== 0;
 * ```
 */
export class FontFile {
  /** All of it. */
  readonly bytes: Uint8Array;
  /** The family that its makers gave it. */
  readonly family: string;
  /** Units of the em square. */
  readonly unitsPerEm: number;
  readonly #view: DataView;
  readonly #tables: ReadonlyMap<string, { readonly offset: number; readonly length: number }>;
  readonly #cmap: CharacterMap;

  /**
   * Reads the tables.
   *
   * @throws {FormatError} If the bytes are no font.
   */
  constructor(bytes: Uint8Array, name = "a font") {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    try {
      this.#tables = tablesOf(this.#view);
      this.#cmap = characterMap(this.#view, this.table("cmap")!.offset);
      this.unitsPerEm = this.#view.getUint16(this.table("head")!.offset + 18) || 1000;
      this.family = nameOf(this.#view, this.table("name")!.offset);
    } catch (error) {
      throw new FormatError(`Cannot read ${name}: it is no TrueType or OpenType font`, {}, { cause: error });
    }
  }

  /** Where a table is. */
  table(tag: string): { readonly offset: number; readonly length: number } | undefined {
    return this.#tables.get(tag);
  }

  /** Its numbers. */
  get view(): DataView {
    return this.#view;
  }

  /** The glyph of a code point, 0 if there is none. */
  glyphOf(code: number): number {
    try {
      return this.#cmap(code);
    } catch {
      return 0; // its table is damaged there
    }
  }

  /** How far a character moves on, in ems. */
  advanceOf(code: number): number {
    const [hhea, hmtx] = [this.table("hhea"), this.table("hmtx")];
    if (!hhea || !hmtx) return 0.6;
    const count = this.#view.getUint16(hhea.offset + 34);
    const glyph = Math.min(this.glyphOf(code), count - 1);
    return this.#view.getUint16(hmtx.offset + 4 * glyph) / this.unitsPerEm;
  }
}

/** From a code point to a glyph. */
type CharacterMap = (code: number) => number;

function tablesOf(view: DataView): Map<string, { offset: number; length: number }> {
  const start = tagAt(view, 0) === "ttcf" ? view.getUint32(12) : 0;
  const tables = new Map<string, { offset: number; length: number }>();
  for (let at = 0; at < view.getUint16(start + 4); at++) {
    const entry = start + 12 + 16 * at;
    tables.set(tagAt(view, entry), { offset: view.getUint32(entry + 8), length: view.getUint32(entry + 12) });
  }
  return tables;
}

function tagAt(view: DataView, at: number): string {
  return String.fromCharCode(...Array.from({ length: 4 }, (_, index) => view.getUint8(at + index)));
}

/** The map that knows the most: all of Unicode (format 12), else its first plane (format 4). */
function characterMap(view: DataView, cmap: number): CharacterMap {
  const offsets = Array.from(
    { length: view.getUint16(cmap + 2) },
    (_, at) => cmap + view.getUint32(cmap + 4 + 8 * at + 4),
  );
  const ofFormat = (format: number) => offsets.find((offset) => view.getUint16(offset) === format);
  const [all, first] = [ofFormat(12), ofFormat(4)];
  if (all !== undefined) return (code) => glyphInGroups(view, all, code);
  if (first !== undefined) return (code) => glyphInSegments(view, first, code);
  return () => 0;
}

function glyphInGroups(view: DataView, table: number, code: number): number {
  let [low, high] = [0, view.getUint32(table + 12) - 1];
  while (low <= high) {
    const middle = (low + high) >> 1, group = table + 16 + 12 * middle;
    const first = view.getUint32(group);
    if (code < first) high = middle - 1;
    else if (code > view.getUint32(group + 4)) low = middle + 1;
    else return view.getUint32(group + 8) + code - first;
  }
  return 0;
}

function glyphInSegments(view: DataView, table: number, code: number): number {
  if (code > 0xffff) return 0;
  const doubled = view.getUint16(table + 6); // twice the number of segments
  for (let at = 0; at < doubled; at += 2) {
    const end = view.getUint16(table + 14 + at);
    if (code > end) continue;
    const starts = table + 16 + doubled + at, start = view.getUint16(starts);
    if (code < start) return 0;
    const delta = view.getUint16(starts + doubled), ranges = starts + 2 * doubled, range = view.getUint16(ranges);
    if (range === 0) return (code + delta) & 0xffff;
    const glyph = view.getUint16(ranges + range + 2 * (code - start));
    return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
  }
  return 0;
}

/** The typographic family (16), else the family (1); in English where it is there in several languages. */
function nameOf(view: DataView, table: number): string {
  const strings = table + view.getUint16(table + 4);
  const found = new Map<number, string>();
  for (let at = 0; at < view.getUint16(table + 2); at++) {
    const record = table + 6 + 12 * at;
    const [platform, , language, name, length, offset] = [0, 2, 4, 6, 8, 10].map((part) =>
      view.getUint16(record + part)
    ) as [number, number, number, number, number, number];
    if ((name !== 1 && name !== 16) || platform !== 3 || (found.has(name) && language !== 0x409)) continue;
    found.set(name, utf16(view, strings + offset, length));
  }
  return found.get(16) ?? found.get(1) ?? "";
}

function utf16(view: DataView, at: number, length: number): string {
  return String.fromCharCode(...Array.from({ length: length >> 1 }, (_, index) => view.getUint16(at + 2 * index)));
}
