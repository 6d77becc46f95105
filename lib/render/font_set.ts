/**
 * The fonts that pictures are drawn with: one for most of the text, and others for what it does not have.
 *
 * This module is browser compatible.
 * @module
 */

import type { SvgFonts } from "../terminal/screen_svg.ts";
import { ColorGlyphs } from "./color_glyphs.ts";
import type { FontFile } from "./font_file.ts";

/**
 * Where fonts come from.
 *
 * @example
 * ```ts
 * const first = (shelf: FontShelf) => shelf.main[0]!.family;
 * ```
 */
export interface FontShelf {
  /** Faces of the font for most of the text, the regular one first: at least one. */
  readonly main: readonly FontFile[];
  /** Others in the order in which they are asked; each is read when it is. */
  readonly others: readonly (() => FontFile | undefined)[];
  /** Finds a font with a character that none of these has. */
  find(code: number): FontFile | undefined;
}

/**
 * Fonts at work.
 *
 * @example
 * ```ts
 * const lacks = (fonts: FontSet) => [...fonts.missing].join(" ");
 * ```
 */
export class FontSet implements SvgFonts {
  /** Width of a cell for a size of 1. */
  readonly aspect: number;
  readonly #shelf: FontShelf;
  readonly #main: FontFile;
  readonly #others: FontFile[] = [];
  readonly #used = new Set<FontFile>();
  readonly #byCode = new Map<number, FontFile | undefined>();
  readonly #colors = new Map<FontFile, ColorGlyphs>();
  readonly #images = new Map<string, string | undefined>();
  readonly #missing = new Set<string>();
  #asked = 0; // of the shelf's others

  /** The fonts of `shelf`. */
  constructor(shelf: FontShelf) {
    this.#shelf = shelf;
    this.#main = shelf.main[0]!;
    this.aspect = this.#main.advanceOf("0".codePointAt(0)!);
  }

  /** The files that text was drawn with so far. */
  get buffers(): Uint8Array[] {
    return [...this.#shelf.main, ...this.#used].map(({ bytes }) => bytes);
  }

  /** What no font has; it shows as boxes, or not at all. */
  get missing(): ReadonlySet<string> {
    return this.#missing;
  }

  /** The family that has this text; the main one where none has. */
  familyOf(text: string): string {
    const font = this.#fontOf(text);
    if (!font) this.#missing.add(text);
    else if (font !== this.#main) this.#used.add(font);
    return (font ?? this.#main).family;
  }

  /** The picture of an emoji as a data URI, from the first font with pictures that has it. */
  imageOf(text: string): string | undefined {
    if (!/\p{Emoji_Presentation}|\ufe0f/u.test(text)) return undefined;
    if (!this.#images.has(text)) this.#images.set(text, this.#pictureOf(text));
    return this.#images.get(text);
  }

  /** From the first font with pictures that has one, even where another has letters. */
  #pictureOf(text: string): string | undefined {
    const code = text.codePointAt(0)!;
    for (let at = 0; this.#other(at); at++) {
      const font = this.#other(at)!;
      if (font.glyphOf(code) === 0) continue;
      const glyphs = this.#colors.get(font) ?? new ColorGlyphs(font);
      this.#colors.set(font, glyphs);
      const png = glyphs.imageOf(text);
      if (png) return `data:image/png;base64,${png.toBase64()}`;
    }
  }

  #fontOf(text: string): FontFile | undefined {
    const code = text.codePointAt(0) ?? 0x20;
    if (!this.#byCode.has(code)) this.#byCode.set(code, this.#search(code));
    return this.#byCode.get(code);
  }

  #search(code: number): FontFile | undefined {
    if (this.#main.glyphOf(code) !== 0) return this.#main;
    for (let at = 0; this.#other(at); at++) {
      const font = this.#other(at)!;
      // A font of pictures has no letters to draw.
      if (font.glyphOf(code) !== 0 && !font.table("CBDT") && !font.table("sbix")) return font;
    }
    return this.#shelf.find(code);
  }

  /** One of the others, read now if it was not before. */
  #other(at: number): FontFile | undefined {
    while (this.#others.length <= at && this.#asked < this.#shelf.others.length) {
      const font = this.#shelf.others[this.#asked++]!();
      if (font) this.#others.push(font);
    }
    return this.#others[at];
  }
}
