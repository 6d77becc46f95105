/**
 * A screen as a picture: SVG, with text that can be selected, searched and followed where it is a link.
 *
 * This module is browser compatible.
 * @module
 */

import type { ScreenState, Theme } from "../event.ts";
import { bar, type Place, type Shape, shapeOf, short } from "./box_drawing.ts";
import { cellsOf, cursorOf, type DrawnCell, type Look, looksOf, shownRows } from "./looks.ts";
import { ScreenColors, THEMES } from "./themes.ts";

/**
 * How a screen is drawn.
 *
 * @example
 * ```ts
 * const big: SvgOptions = { fontSize: 30, padding: 0, cursor: false };
 * ```
 */
export interface SvgOptions {
  /** Colours of the terminal; {@linkcode THEMES} has some. */
  readonly theme?: Theme;
  /** In pixels; 15 if left out. */
  readonly fontSize?: number;
  /** Families to look for, as CSS has them. */
  readonly fontFamily?: string;
  /** Pixels around the screen; 12 if left out. */
  readonly padding?: number;
  /** Whether the cursor is drawn; it is if left out. */
  readonly cursor?: boolean;
  /** What it is a picture of, for those who cannot see it; the window's title if left out. */
  readonly title?: string;
  /** Whether what is behind the picture shows where nothing was drawn. */
  readonly isTransparent?: boolean;
  /** Draws for a program that has fonts of its own instead of a browser: see {@linkcode SvgFonts}. */
  readonly fonts?: SvgFonts;
}

/**
 * What a program knows that draws text with fonts it was given.
 *
 * @example
 * ```ts
 * const fonts: SvgFonts = { aspect: 0.6, familyOf: () => "DejaVu Sans Mono", imageOf: () => undefined };
 * ```
 */
export interface SvgFonts {
  /** Width of a cell for a size of 1. */
  readonly aspect: number;
  /** The family that has this text. */
  familyOf(text: string): string;
  /** A picture for this text instead of letters, as a data URI. */
  imageOf(text: string): string | undefined;
}

/**
 * The size of cells in pixels, whole ones, so that nothing shows between them.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(cellSize(15), { width: 9, height: 18 });
 * ```
 */
export function cellSize(fontSize: number, aspect = 0.6): { readonly width: number; readonly height: number } {
  return { width: Math.max(1, Math.round(fontSize * aspect)), height: Math.max(1, Math.round(fontSize * 1.2)) };
}

/** Size and padding where nothing else is wished. */
export const USUAL_SIZE = 15, USUAL_PADDING = 12;

const FAMILIES = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace';

/**
 * Draws what a screen shows.
 *
 * Nothing in `state` becomes anything but text, colours and links to the net: the picture runs no script, and loads nothing.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 * import { loadEmulator } from "@term2ai/term2ai";
 *
 * const emulator = (await loadEmulator())({ cols: 20, rows: 3 });
 * emulator.write(new TextEncoder().encode("\x1b[31m1 < 2"));
 * match(screenSvg(emulator.snapshot()), /fill="#f2777a"[^>]*>1 &lt; 2</);
 * ```
 */
export function screenSvg(state: ScreenState, options: SvgOptions = {}): string {
  return new Drawing(state, options).svg();
}

/** A picture in the making. */
class Drawing {
  readonly #state: ScreenState;
  readonly #options: SvgOptions;
  readonly #colors: ScreenColors;
  readonly #size: number;
  readonly #cell: { readonly width: number; readonly height: number };
  readonly #padding: number;
  /** Paths of one colour and opacity that are filled, or drawn with one pen; later ones are above. */
  readonly #under = new Map<string, string>();
  readonly #over = new Map<string, string>();
  readonly #texts: string[] = [];

  constructor(state: ScreenState, options: SvgOptions) {
    this.#state = state;
    this.#options = options;
    this.#colors = new ScreenColors(options.theme ?? THEMES["dark"]!, state);
    this.#size = options.fontSize ?? USUAL_SIZE;
    this.#cell = cellSize(this.#size, options.fonts?.aspect);
    this.#padding = options.padding ?? USUAL_PADDING;
  }

  svg(): string {
    const { cols, rows, title } = this.#state;
    const [width, height] = [cols * this.#cell.width, rows * this.#cell.height].map((all) => all + 2 * this.#padding);
    const looks = looksOf(this.#state, this.#colors);
    for (const [at, row] of shownRows(this.#state).entries()) this.#row([...cellsOf(row, looks, cols)], at);
    const name = this.#options.title ?? title;
    const families = this.#options.fonts ? "" : `font-family:${this.#options.fontFamily ?? FAMILIES};`;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
      ...(name ? [`<title>${escaped(name)}</title>`] : []),
      `<style>text{${
        escaped(families)
      }font-size:${this.#size}px;white-space:pre}.b{font-weight:bold}.i{font-style:italic}.s{fill-opacity:0}</style>`,
      ...(this.#options.isTransparent
        ? []
        : [`<rect width="${width}" height="${height}" fill="${this.#colors.background}"/>`]),
      ...paths(this.#under),
      ...this.#texts,
      ...paths(this.#over),
      "</svg>\n",
    ].join("\n");
  }

  #row(cells: DrawnCell[], row: number): void {
    const drawn = this.#withCursor(cells, row);
    const y = this.#padding + row * this.#cell.height;
    const baseline = short(y + (this.#cell.height - this.#size) / 2 + this.#size * 0.8);
    for (const cell of drawn) this.#cellShapes(cell, this.#place(cell, row));
    const spans = this.#options.fonts ? this.#positioned(drawn, row) : this.#selectable(drawn);
    if (spans !== "") this.#texts.push(`<text y="${baseline}" xml:space="preserve">${spans}</text>`);
  }

  #place({ col, width }: DrawnCell, row: number): Place {
    const { width: wide, height } = this.#cell;
    return { x: this.#padding + col * wide, y: this.#padding + row * height, width: width * wide, height };
  }

  /** Cells with the one under a block cursor in its colours; other cursors are drawn above. */
  #withCursor(cells: DrawnCell[], row: number): DrawnCell[] {
    const cursor = this.#options.cursor === false ? undefined : cursorOf(this.#state);
    if (cursor?.row !== row) return cells;
    const { cursor: color, background, foreground } = this.#colors;
    const at = cells.findIndex(({ col, width }) => cursor.col >= col && cursor.col < col + width);
    const under = cells[at] ?? { col: cursor.col, width: 1, text: "", look: { color: foreground } };
    const place = this.#place(under, row), pen = Math.max(1, Math.round(this.#cell.width / 5));
    if (cursor.shape === "bar") add(this.#over, { fill: bar(place.x, place.y, pen, place.height) }, color);
    if (cursor.shape === "underline") {
      add(this.#over, { fill: bar(place.x, place.y + place.height - pen, place.width, pen) }, color);
    }
    if (cursor.shape !== "block") return cells;
    const marked = { ...under, look: { ...under.look, color: under.look.background ?? background, background: color } };
    return at < 0 ? [...cells, ...this.#gap(cells, cursor.col), marked] : cells.with(at, marked);
  }

  /** Blank cells up to a column. */
  #gap(cells: readonly DrawnCell[], until: number): DrawnCell[] {
    const last = cells.at(-1), from = last ? last.col + last.width : 0;
    const look = { color: this.#colors.foreground };
    return Array.from({ length: Math.max(0, until - from) }, (_, at) => ({ col: from + at, width: 1, text: "", look }));
  }

  #cellShapes({ text, look }: DrawnCell, place: Place): void {
    const { background, color, hidden } = look;
    if (background) add(this.#under, { fill: bar(place.x, place.y, place.width, place.height) }, background);
    const shape = hidden ? undefined : shapeOf(text, place);
    if (shape) add(this.#over, shape, color);
    for (const [rule, its] of rulesOf(look, place, this.#size)) add(this.#over, rule, its);
  }

  /** Text for browsers: runs of one look, as wide as their cells are whatever the font; shapes are there, and cannot be seen. */
  #selectable(cells: readonly DrawnCell[]): string {
    const runs: { cells: DrawnCell[]; look: Look; kind: string }[] = [];
    for (const cell of cells) {
      const last = runs.at(-1), kind = kindOf(cell);
      if (cell.text === "" || cell.look.hidden) {
        if (last) last.cells.push({ ...cell, text: " " });
        else runs.push({ cells: [{ ...cell, text: " " }], look: cell.look, kind: "blank" });
      } else if (last?.kind === kind && kind !== "alone" && isLike(last.look, cell.look)) last.cells.push(cell);
      else runs.push({ cells: [cell], look: cell.look, kind });
    }
    const last = runs.at(-1);
    while (last && last.cells.at(-1)?.text === " ") last.cells.pop();
    return runs.filter(({ cells }) => cells.length > 0).map(({ cells, look, kind }) => {
      const text = cells.map(({ text }) => text).join(""), first = cells[0]!;
      const width = cells.reduce((sum, { width }) => sum + width, 0) * this.#cell.width;
      const x = this.#padding + first.col * this.#cell.width;
      const fit = cells.length > 1 ? ` textLength="${width}"` : "";
      return linked(look, `<tspan x="${x}"${fit}${attributes(look, kind)}>${escaped(text)}</tspan>`);
    }).join("");
  }

  /** Text for programs with fonts: each character has its place. */
  #positioned(cells: readonly DrawnCell[], row: number): string {
    const fonts = this.#options.fonts!;
    const runs: { xs: number[]; text: string; look: Look; family: string }[] = [];
    for (const cell of cells) {
      const { text, look } = cell, place = this.#place(cell, row);
      if (text === "" || look.hidden || kindOf(cell) === "shape") continue;
      const image = fonts.imageOf(text);
      if (image !== undefined) {
        this.#texts.push(picture(image, place));
        continue;
      }
      const family = fonts.familyOf(text), last = runs.at(-1), isSingle = [...text].length === 1;
      if (isSingle && last?.family === family && isLike(last.look, look)) {
        last.xs.push(place.x);
        last.text += text;
      } else runs.push({ xs: [place.x], text, look, family });
    }
    return runs.map(({ xs, text, look, family }) =>
      `<tspan x="${xs.join(" ")}" font-family="${escaped(family)}"${attributes(look, "")}>${escaped(text)}</tspan>`
    ).join("");
  }
}

/** Plain characters make runs, and wide ones do; shapes cannot be seen; clusters stand alone. */
function kindOf({ text, width }: DrawnCell): "plain" | "wide" | "shape" | "alone" {
  if (shapeOf(text, { x: 0, y: 0, width: 8, height: 16 })) return "shape";
  if (width === 2) return /^[\u1100-\uffef]$/.test(text) ? "wide" : "alone";
  return /^[\x21-\u052f\u2010-\u2027]$/.test(text) ? "plain" : "alone";
}

function isLike(one: Look, other: Look): boolean {
  return one.color === other.color && one.bold === other.bold && one.italic === other.italic && one.link === other.link;
}

function attributes({ color, bold, italic }: Look, kind: string): string {
  const classes = [bold && "b", italic && "i", kind === "shape" && "s"].filter(Boolean).join(" ");
  return ` fill="${color}"${classes === "" ? "" : ` class="${classes}"`}`;
}

function linked({ link }: Look, span: string): string {
  return link === undefined ? span : `<a href="${escaped(link)}" rel="noopener noreferrer" target="_blank">${span}</a>`;
}

function picture(image: string, { x, y, width, height }: Place): string {
  return `<image x="${x}" y="${y}" width="${width}" height="${height}" href="${escaped(image)}"/>`;
}

/** Lines under, through and over the text. */
function rulesOf(look: Look, place: Place, size: number): [Shape, string][] {
  const { underline = 0, underlineColor, color, strike, overline } = look;
  const { x, y, width, height } = place;
  const pen = Math.max(1, Math.round(size / 14));
  const below = y + Math.min(height - pen, Math.round(height * 0.86));
  return [
    ...(underline ? [[underlined(underline, { ...place, y: below }, pen), underlineColor ?? color]] : []),
    ...(strike ? [[{ fill: bar(x, y + Math.round(height * 0.52), width, pen) }, color]] : []),
    ...(overline ? [[{ fill: bar(x, y, width, pen) }, color]] : []),
  ] as [Shape, string][];
}

function underlined(kind: number, { x, y, width }: Place, pen: number): Shape {
  if (kind === 2) return { fill: bar(x, y - pen, width, pen) + bar(x, y + pen, width, pen) };
  if (kind === 3) {
    const half = width / 2, rise = pen * 1.5;
    return { stroke: `M${x} ${y}q${short(half / 2)} ${-rise * 2} ${short(half)} 0t${short(half)} 0`, pen };
  }
  if (kind < 4) return { fill: bar(x, y, width, pen) };
  const count = Math.max(1, Math.round(width / (pen * (kind === 4 ? 2 : 5)))), step = width / count;
  return {
    fill: Array.from({ length: count }, (_, at) => bar(x + at * step, y, kind === 4 ? pen : step * 0.6, pen)).join(""),
  };
}

/** Puts a shape to those of its kind. */
function add(layer: Map<string, string>, { fill, stroke, pen = 1, opacity }: Shape, color: string): void {
  const faint = opacity === undefined ? "" : ` opacity="${opacity}"`;
  const put = (key: string, path: string) => layer.set(key, (layer.get(key) ?? "") + path);
  // Edges on whole pixels are sharp as they are; slanted ones need the smoothing.
  if (fill) put(`fill="${color}"${/[LQ]/.test(fill) ? "" : ' shape-rendering="crispEdges"'}${faint}`, fill);
  if (stroke) put(`fill="none" stroke="${color}" stroke-width="${pen}"`, stroke);
}

function paths(layer: ReadonlyMap<string, string>): string[] {
  return [...layer].map(([attributes, path]) => `<path ${attributes} d="${path}"/>`);
}

/** Text that stays text, in elements and in attributes. */
export function escaped(text: string): string {
  const drawable = text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]|\p{Cs}/gu, "\ufffd");
  return drawable.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
