/**
 * How cells look, in the engine's bits and in the words of a screen state.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellColor, CellStyle } from "../event.ts";
import type { EngineAttributes, EngineExtended } from "./engine.ts";
import type { Links } from "./links.ts";

// Where the engine keeps what, of 32 bits.
const MODE = 0x3000000, SMALL = 0x1000000, LARGE = 0x2000000, RGB = 0x3000000, VALUE = 0xffffff;
const INVERSE = 0x4000000, BOLD = 0x8000000, UNDERLINE = 0x10000000, BLINK = 0x20000000;
const HIDDEN = 0x40000000, STRIKE = 0x80000000;
const ITALIC = 0x4000000, DIM = 0x8000000, EXTENDED = 0x10000000, PROTECTED = 0x20000000, OVERLINE = 0x40000000;
const UNDERLINE_STYLE = 0x1c000000, UNDERLINE_SHIFT = 26;

/** What SGR 59 leaves for the colour of underlines. */
const GIVEN_BACK = 0x3ffffff;

const FG_FLAGS = { bold: BOLD, blink: BLINK, inverse: INVERSE, hidden: HIDDEN, strike: STRIKE } as const;
const BG_FLAGS = { dim: DIM, italic: ITALIC, overline: OVERLINE, protected: PROTECTED } as const;

/** The styles of one state: each is told once, and cells refer to it by its place. */
export class StyleTable {
  readonly styles: CellStyle[] = [{}];
  readonly links: { readonly uri: string; readonly id?: string }[] = [];
  readonly #links: Links;
  readonly #places = new Map<string, number>([["{}", 0]]);
  readonly #linkPlaces = new Map<number, number>();
  readonly #plain = new Map<number, Map<number, number>>(); // by fg and bg, of cells without extended attributes

  constructor(links: Links) {
    this.#links = links;
  }

  /** The place of how the next character will look. */
  placeOfPen({ fg, bg, extended }: EngineAttributes): number {
    return this.#place(this.#styleOf(fg, bg, extended));
  }

  /** The place of how a cell looks. */
  placeOf(fg: number, bg: number, extended: EngineExtended | undefined): number {
    if (bg & EXTENDED && extended) return this.#place(this.#styleOf(fg, bg, extended));
    const ofFg = this.#plain.get(fg) ?? new Map<number, number>();
    this.#plain.set(fg, ofFg);
    const known = ofFg.get(bg);
    if (known !== undefined) return known;
    const place = this.#place(this.#styleOf(fg, bg, undefined));
    ofFg.set(bg, place);
    return place;
  }

  #place(style: CellStyle): number {
    const key = JSON.stringify(style);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.styles.push(style);
    this.#places.set(key, this.styles.length - 1);
    return this.styles.length - 1;
  }

  #styleOf(fg: number, bg: number, extended: EngineExtended | undefined): CellStyle {
    const foreground = colorOf(fg), background = colorOf(bg), link = this.#linkOf(extended?.urlId ?? 0);
    const underline = fg & UNDERLINE ? extended && ((extended._ext & UNDERLINE_STYLE) >>> UNDERLINE_SHIFT) || 1 : 0;
    const underlineColor = extended && (extended._ext & GIVEN_BACK) !== GIVEN_BACK ? colorOf(extended._ext) : null;
    return {
      ...(foreground === null ? {} : { foreground }),
      ...(background === null ? {} : { background }),
      ...flagsOf(fg, FG_FLAGS),
      ...flagsOf(bg, BG_FLAGS),
      ...(underline ? { underline: underline as CellStyle["underline"] & number } : {}),
      ...(underlineColor === null ? {} : { underlineColor }),
      ...(link === undefined ? {} : { link }),
    };
  }

  #linkOf(number: number): number | undefined {
    const target = number > 0 ? this.#links.get(number) : undefined;
    if (!target) return undefined;
    const known = this.#linkPlaces.get(number);
    if (known !== undefined) return known;
    this.links.push(target);
    this.#linkPlaces.set(number, this.links.length - 1);
    return this.links.length - 1;
  }
}

function flagsOf<Name extends string>(bits: number, flags: Readonly<Record<Name, number>>): { [name in Name]?: true } {
  const set = (Object.keys(flags) as Name[]).filter((name) => bits & flags[name]);
  return Object.fromEntries(set.map((name) => [name, true])) as { [name in Name]?: true };
}

function colorOf(bits: number): CellColor {
  const mode = bits & MODE;
  if (mode === 0) return null;
  return mode === RGB ? "#" + (bits & VALUE).toString(16).padStart(6, "0") : bits & 0xff;
}

/** What the engine keeps of a style. */
export type EngineStyle = Pick<EngineAttributes, "fg" | "bg" | "extended">;

/**
 * The engine's bits for each style of a state.
 *
 * @param blank Extended attributes to make others of.
 * @param linkNumbers The engine's numbers for the state's links.
 */
export function engineStyles(
  styles: readonly CellStyle[],
  blank: EngineExtended,
  linkNumbers: readonly number[],
): EngineStyle[] {
  return styles.map((style) => {
    const extended = blank.clone();
    const underline = style.underline ?? 0;
    extended.ext = (underline << UNDERLINE_SHIFT) | bitsOf(style.underlineColor ?? null);
    extended.urlId = linkNumbers[style.link ?? -1] ?? 0;
    const isExtended = underline > 0 || extended.urlId > 0;
    return {
      fg: (bitsOf(style.foreground ?? null) | flagBits(style, FG_FLAGS) | (underline ? UNDERLINE : 0)) >>> 0,
      bg: (bitsOf(style.background ?? null) | flagBits(style, BG_FLAGS) | (isExtended ? EXTENDED : 0)) >>> 0,
      extended,
    };
  });
}

function flagBits(style: CellStyle, flags: Readonly<Partial<Record<keyof CellStyle, number>>>): number {
  const names = Object.keys(flags) as (keyof CellStyle)[];
  return names.reduce((bits, name) => style[name] ? bits | flags[name]! : bits, 0);
}

function bitsOf(color: CellColor): number {
  if (color === null) return 0;
  if (typeof color === "number") return (color < 16 ? SMALL : LARGE) | (color & 0xff);
  return RGB | (parseInt(color.slice(1), 16) & VALUE);
}
