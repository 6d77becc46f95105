/**
 * What is to be drawn of a screen, cell by cell: text, and colours with everything that changes them counted in.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellStyle, ScreenRow, ScreenState } from "../event.ts";
import { mix, type ScreenColors } from "./themes.ts";

/** How a cell is drawn. What is absent is not there. */
export interface Look {
  readonly color: string;
  /** Absent for the terminal's own. */
  readonly background?: string;
  readonly bold?: true;
  readonly italic?: true;
  /** 1 single, 2 double, 3 curly, 4 dotted, 5 dashed. */
  readonly underline?: number;
  readonly underlineColor?: string;
  readonly strike?: true;
  readonly overline?: true;
  /** Text is there, and does not show. */
  readonly hidden?: true;
  /** Where it leads, if that is a place on the net. */
  readonly link?: string;
}

/** A cell, or as many as a wide character fills; `text` is empty where it was erased. */
export interface DrawnCell {
  readonly col: number;
  readonly width: number;
  readonly text: string;
  readonly look: Look;
}

/** How much of a dim colour is the colour behind it. */
const DIM = 0.45;

/** The looks of a state's styles, by their place. */
export function looksOf(state: ScreenState, colors: ScreenColors): Look[] {
  return state.styles.map((style) => lookOf(style, state, colors));
}

function lookOf(style: CellStyle, { links }: ScreenState, colors: ScreenColors): Look {
  const { bold, italic, underline, strike, overline, hidden } = style;
  const given = [colors.of(style.foreground) ?? colors.foreground, colors.of(style.background)] as const;
  const [own, background] = style.inverse ? [given[1] ?? colors.background, given[0]] : given;
  const color = style.dim ? mix(own, background ?? colors.background, DIM) : own;
  const underlineColor = colors.of(style.underlineColor);
  const link = linkOf(links?.[style.link ?? -1]?.uri);
  return {
    color,
    ...(background === undefined || background === colors.background ? {} : { background }),
    ...(bold && { bold }),
    ...(italic && { italic }),
    ...(underline && { underline }),
    ...(underline && underlineColor && { underlineColor }),
    ...(strike && { strike }),
    ...(overline && { overline }),
    ...(hidden && { hidden }),
    ...(link !== undefined && { link }),
  };
}

/** A link that only leads somewhere: `javascript:` and its kind would run in the page that shows the picture. */
function linkOf(uri: string | undefined): string | undefined {
  return uri !== undefined && /^(?:https?|ftp|mailto|gemini|ssh):/i.test(uri) ? uri : undefined;
}

/** The screen that shows. */
export function shownRows({ normal, alternate, active, rows }: ScreenState): readonly ScreenRow[] {
  return (active === "alternate" && alternate ? alternate : normal).rows.slice(0, rows);
}

/** The cells of a row from the left, as far as the screen is wide; blank ones one by one. */
export function* cellsOf({ cells }: ScreenRow, looks: readonly Look[], cols: number): Generator<DrawnCell> {
  let col = 0;
  for (const [style, what, columns] of cells) {
    const look = looks[style] ?? looks[0]!;
    const texts = typeof what === "number" ? blanks(what, cols) : columns === undefined ? what : [what];
    for (const text of texts) {
      const width = columns ?? 1;
      if (col + width > cols) return;
      yield { col, width, text: drawable(text), look };
      col += width;
    }
  }
}

function blanks(count: number, cols: number): string[] {
  return Array(Math.max(0, Math.min(count, cols))).fill("");
}

/** Control characters and halves of characters have no place in a picture; a space is nothing to draw. */
function drawable(text: string): string {
  return text === " " ? "" : text.replace(/[\0-\x1f\x7f-\x9f\ufffe\uffff]|\p{Cs}/gu, "\ufffd");
}

/** Where the cursor is, and how it looks; `undefined` where it is hidden. */
export interface DrawnCursor {
  readonly row: number;
  readonly col: number;
  readonly shape: "block" | "underline" | "bar";
}

/** The cursor of a state; about to wrap, it stands on the last column. */
export function cursorOf({ cursor, cursorShape = 0, modes, cols, rows }: ScreenState): DrawnCursor | undefined {
  if (modes["?25"] === false || cursor.row >= rows) return undefined;
  const shape = cursorShape <= 2 ? "block" : cursorShape <= 4 ? "underline" : "bar";
  return { row: cursor.row, col: Math.min(cursor.col, cols - 1), shape };
}
