/**
 * Letters as pixels: each is drawn once in each of its shapes, and then only copied, in whatever colours.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellRun, CellStyle, ScreenRow } from "../event.ts";
import type { Rasterizer } from "../ports.ts";
import { cellSize, screenSvg } from "../terminal/screen_svg.ts";
import type { FilmCell } from "./film.ts";
import type { FontSet } from "./font_set.ts";

/** The pixels of a cell. */
export interface Tile {
  /** How much of the colour of its text a pixel has, 0 to 255. */
  readonly mask: Uint8Array;
  /** Red, green, blue and opacity of a picture that has colours of its own. */
  readonly image?: Uint8Array;
}

/** Columns of a sheet of letters; there is a free one, and a free row, between any two. */
const SHEET_COLS = 32;
const WHITE = "#ffffff";

/** Draws what was not drawn before. */
export class Tiles {
  readonly width: number;
  readonly height: number;
  readonly #fontSize: number;
  readonly #fonts: FontSet;
  readonly #rasterizer: Rasterizer;
  readonly #tiles = new Map<string, Tile>();

  constructor(fontSize: number, fonts: FontSet, rasterizer: Rasterizer) {
    this.#fontSize = fontSize;
    this.#fonts = fonts;
    this.#rasterizer = rasterizer;
    ({ width: this.width, height: this.height } = cellSize(fontSize, fonts.aspect));
  }

  /** Draws all that these cells need, together. */
  prepare(cells: Iterable<FilmCell>): void {
    const wanted = new Map<string, [FilmCell, CellStyle]>();
    for (const cell of cells) {
      for (const style of [letterOf(cell), ruleOf(cell)]) {
        if (style && !this.#tiles.has(keyOf(cell, style))) wanted.set(keyOf(cell, style), [cell, style]);
      }
    }
    const all = [...wanted];
    for (let at = 0; at < all.length; at += SHEET_COLS * 8) this.#draw(all.slice(at, at + SHEET_COLS * 8));
  }

  /** The text of a cell, without lines under, through or over it. */
  letter(cell: FilmCell): Tile | undefined {
    const style = letterOf(cell);
    return style && this.#tiles.get(keyOf(cell, style));
  }

  /** Those lines. */
  rule(cell: FilmCell): Tile | undefined {
    const style = ruleOf(cell);
    return style && this.#tiles.get(keyOf(cell, style));
  }

  #draw(wanted: readonly [string, [FilmCell, CellStyle]][]): void {
    const styles: CellStyle[] = [{}], rows: ScreenRow[] = [];
    for (let at = 0; at < wanted.length; at += SHEET_COLS) {
      const cells: CellRun[] = wanted.slice(at, at + SHEET_COLS).flatMap(([, [{ text, width }, style]]) => {
        styles.push(style);
        return [[styles.length - 1, isRule(style) ? " " : text, width], [0, 3 - width]] as CellRun[];
      });
      rows.push({ cells }, { cells: [] });
    }
    const cursor = { col: 0, row: 0, style: 0, charsets: ["B", "B", "B", "B"], charset: 0 } as const;
    const [cols, modes] = [3 * SHEET_COLS, { "?25": false }];
    const sheet = { cols, rows: rows.length, styles, normal: { rows }, cursor, modes };
    const theme = { foreground: WHITE, background: "#000000", palette: [] };
    const look = { theme, fontSize: this.#fontSize, fonts: this.#fonts, padding: 0, isTransparent: true };
    const { data, width } = this.#rasterizer.pixels(screenSvg(sheet, look), this.#fonts.buffers);
    for (const [at, [key, [cell, style]]] of wanted.entries()) {
      const [row, col] = [2 * Math.floor(at / SHEET_COLS), 3 * (at % SHEET_COLS)];
      const hasColors = !isRule(style) && this.#fonts.imageOf(cell.text) !== undefined;
      this.#tiles.set(key, this.#cut(data, width, col * this.width, row * this.height, cell.width, hasColors));
    }
  }

  #cut(data: Uint8Array, rowLength: number, x: number, y: number, cols: number, hasColors: boolean): Tile {
    const width = cols * this.width;
    const image = new Uint8Array(4 * width * this.height);
    for (let row = 0; row < this.height; row++) {
      const start = 4 * ((y + row) * rowLength + x);
      image.set(data.subarray(start, start + 4 * width), 4 * row * width);
    }
    const mask = Uint8Array.from({ length: width * this.height }, (_, at) => image[4 * at + 3]!);
    return hasColors ? { mask, image } : { mask };
  }
}

function letterOf({ text, look }: FilmCell): CellStyle | undefined {
  if (text === "") return undefined;
  return { foreground: WHITE, ...(look.bold && { bold: true }), ...(look.italic && { italic: true }) };
}

function ruleOf({ look: { underline, strike, overline } }: FilmCell): CellStyle | undefined {
  if (!underline && !strike && !overline) return undefined;
  return {
    foreground: WHITE,
    ...(underline && { underline: underline as CellStyle["underline"] & number }),
    ...(strike && { strike }),
    ...(overline && { overline }),
  };
}

function isRule({ underline, strike, overline }: CellStyle): boolean {
  return underline !== undefined || strike === true || overline === true;
}

function keyOf({ text, width }: FilmCell, style: CellStyle): string {
  return `${width}${JSON.stringify(style)}${isRule(style) ? "" : text}`;
}
