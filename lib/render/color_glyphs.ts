/**
 * The coloured pictures of an emoji font (tables CBDT and CBLC, as Noto Color Emoji has them), which no SVG renderer draws.
 *
 * A cluster such as a family or a flag is one picture: the font's ligatures (GSUB, lookups of type 4) tell which.
 *
 * This module is browser compatible.
 * @module
 */

import type { FontFile } from "./font_file.ts";

/** What a glyph turns into where others follow it. */
interface Ligature {
  readonly rest: readonly number[];
  readonly glyph: number;
}

/** One step of substitution: ligatures by their first glyph. */
type Lookup = ReadonlyMap<number, readonly Ligature[]>;

const LIGATURES = 4, EXTENSION = 7;
const VARIATION_SELECTOR = 0xfe0f;

/** The pictures of a font; none where it has no such tables. */
export class ColorGlyphs {
  readonly #font: FontFile;
  #lookups: readonly Lookup[] | undefined;
  readonly #images = new Map<string, Uint8Array | undefined>();

  constructor(font: FontFile) {
    this.#font = font;
  }

  /** Whether the font has pictures. */
  get areThere(): boolean {
    return this.#font.table("CBDT") !== undefined && this.#font.table("CBLC") !== undefined;
  }

  /** The picture of a cluster, as PNG. */
  imageOf(text: string): Uint8Array | undefined {
    if (!this.areThere) return undefined;
    if (!this.#images.has(text)) this.#images.set(text, this.#find(text));
    return this.#images.get(text);
  }

  #find(text: string): Uint8Array | undefined {
    try {
      const codes = [...text].map((character) => character.codePointAt(0)!).filter((code) =>
        code !== VARIATION_SELECTOR
      );
      this.#lookups ??= lookupsOf(this.#font);
      const [first] = this.#lookups.reduce(substituted, codes.map((code) => this.#font.glyphOf(code)));
      return first ? bitmapOf(this.#font, first) : undefined;
    } catch (error) {
      if (error instanceof RangeError) return undefined; // a damaged table
      throw error;
    }
  }
}

/** Glyphs after one step, from the left, the longest ligature first. */
function substituted(glyphs: readonly number[], lookup: Lookup): number[] {
  const done: number[] = [];
  for (let at = 0; at < glyphs.length;) {
    const found = lookup.get(glyphs[at]!)?.find(({ rest }) =>
      rest.every((glyph, index) => glyphs[at + 1 + index] === glyph)
    );
    done.push(found?.glyph ?? glyphs[at]!);
    at += 1 + (found?.rest.length ?? 0);
  }
  return done;
}

function lookupsOf(font: FontFile): Lookup[] {
  const gsub = font.table("GSUB");
  if (!gsub) return [];
  const { view } = font, list = gsub.offset + view.getUint16(gsub.offset + 8);
  const offsets = numbers(view, list + 2, view.getUint16(list));
  return offsets.map((offset) => ligaturesOf(view, list + offset)).filter((lookup) => lookup.size > 0);
}

function ligaturesOf(view: DataView, lookup: number): Lookup {
  const found = new Map<number, Ligature[]>();
  for (const offset of numbers(view, lookup + 6, view.getUint16(lookup + 4))) {
    const [type, table] = unwrapped(view, view.getUint16(lookup), lookup + offset);
    if (type === LIGATURES) readLigatures(view, table, found);
  }
  for (const all of found.values()) all.sort((one, other) => other.rest.length - one.rest.length);
  return found;
}

/** A subtable that is far away is named by one that is near. */
function unwrapped(view: DataView, type: number, table: number): [type: number, table: number] {
  return type === EXTENSION ? [view.getUint16(table + 2), table + view.getUint32(table + 4)] : [type, table];
}

function readLigatures(view: DataView, table: number, found: Map<number, Ligature[]>): void {
  const firsts = coverage(view, table + view.getUint16(table + 2));
  for (const [at, offset] of numbers(view, table + 6, view.getUint16(table + 4)).entries()) {
    const set = table + offset, first = firsts[at]!;
    const ligatures = numbers(view, set + 2, view.getUint16(set)).map((offset) => {
      const ligature = set + offset;
      return {
        glyph: view.getUint16(ligature),
        rest: numbers(view, ligature + 4, view.getUint16(ligature + 2) - 1),
      };
    });
    found.set(first, [...found.get(first) ?? [], ...ligatures]);
  }
}

/** The glyphs that a subtable is about: a list, or ranges. */
function coverage(view: DataView, table: number): number[] {
  const count = view.getUint16(table + 2);
  if (view.getUint16(table) === 1) return numbers(view, table + 4, count);
  return Array.from({ length: count }, (_, at) => table + 4 + 6 * at).flatMap((range) => {
    const first = view.getUint16(range), last = view.getUint16(range + 2);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  });
}

function numbers(view: DataView, at: number, count: number): number[] {
  return Array.from({ length: Math.max(0, count) }, (_, index) => view.getUint16(at + 2 * index));
}

/** The picture of a glyph from the first size that has it. */
function bitmapOf(font: FontFile, glyph: number): Uint8Array | undefined {
  const { view } = font, cblc = font.table("CBLC")!.offset;
  for (let size = 0; size < view.getUint32(cblc + 4); size++) {
    const record = cblc + 8 + 48 * size, subtables = cblc + view.getUint32(record);
    for (let at = 0; at < view.getUint32(record + 8); at++) {
      const entry = subtables + 8 * at;
      if (glyph < view.getUint16(entry) || glyph > view.getUint16(entry + 2)) continue;
      const place = placeOf(view, subtables + view.getUint32(entry + 4), glyph, view.getUint16(entry));
      if (place) return pngAt(font, place.offset, place.format);
    }
  }
}

/** Where the index says that the image is, by the forms that fonts use: 1 and 3 have an offset for each glyph, 4 for some. */
function placeOf(view: DataView, index: number, glyph: number, first: number) {
  const [form, format, data] = [view.getUint16(index), view.getUint16(index + 2), view.getUint32(index + 4)];
  const at = glyph - first;
  if (form === 1) return { format, offset: data + view.getUint32(index + 8 + 4 * at) };
  if (form === 3) return { format, offset: data + view.getUint16(index + 8 + 2 * at) };
  if (form !== 4) return undefined;
  for (let pair = 0; pair < view.getUint32(index + 8); pair++) {
    const here = index + 12 + 4 * pair;
    if (view.getUint16(here) === glyph) return { format, offset: data + view.getUint16(here + 2) };
  }
}

/** Bytes of metrics before the image, by its format: small ones, big ones, none. */
const METRICS: Readonly<Record<number, number>> = { 17: 5, 18: 8, 19: 0 };

function pngAt(font: FontFile, offset: number, format: number): Uint8Array | undefined {
  const metrics = METRICS[format];
  if (metrics === undefined) return undefined;
  const start = font.table("CBDT")!.offset + offset + metrics;
  return font.bytes.subarray(start + 4, start + 4 + font.view.getUint32(start));
}
