/**
 * The cells of a screen, one by one, cut or shrunk to the room that there is.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellStyle, ScreenState } from "../../event.ts";

/** One cell, or two for a wide character. */
export interface Cell {
  /** What stands there; empty where nothing was written. */
  readonly text: string;
  /** 1 or 2. */
  readonly width: number;
  /** How it looks. */
  readonly style: CellStyle;
}

/** A size in cells. */
export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** Where the shown part of a screen begins. */
export interface Corner {
  readonly col: number;
  readonly row: number;
}

/** What is to be shown: rows of cells from the left, and where the cursor is among them, if it is. */
export interface Picture {
  readonly rows: readonly (readonly Cell[])[];
  readonly cursor: Corner | undefined;
}

const NOTHING: CellStyle = {};

/** The rows of the screen that shows, each as wide as it was written. Colours that a program changed are told as they are. */
export function cellsOf(state: ScreenState): Cell[][] {
  const styles = state.styles.map((style) => colored(style, state.colors));
  const shown = state.active === "alternate" && state.alternate ? state.alternate : state.normal;
  return Array.from({ length: state.rows }, (_, row) => {
    const cells: Cell[] = [];
    for (const [index, what, width] of shown.rows[row]?.cells ?? []) {
      const style = styles[index] ?? NOTHING;
      if (typeof what === "number") { for (let col = 0; col < what; col++) cells.push({ text: "", width: 1, style }); }
      else if (width !== undefined) cells.push({ text: what, width: Math.min(2, Math.max(1, width)), style });
      else for (const text of what) cells.push({ text, width: 1, style });
    }
    return cells;
  });
}

/** A style with the colours that the palette had then. */
function colored(style: CellStyle, colors: ScreenState["colors"]): CellStyle {
  if (!colors) return style;
  const own = (color: CellStyle["foreground"], standard: string) =>
    typeof color === "string"
      ? color
      : colors[color === undefined || color === null ? standard : String(color)] ?? color;
  const [foreground, background] = [own(style.foreground, "10"), own(style.background, "11")];
  return {
    ...style,
    ...(foreground === undefined ? {} : { foreground }),
    ...(background === undefined ? {} : { background }),
  };
}

/**
 * The part of a screen that is shown in less room: it moves no more than it must for the cursor to be in it.
 *
 * @param before Where the part began that was shown before.
 */
export function follow(state: ScreenState, room: Size, before: Corner): Corner {
  const { cursor } = state;
  const isHidden = state.modes["?25"] === false;
  const along = (at: number, size: number, most: number, start: number) => {
    const wanted = isHidden ? start : Math.min(Math.max(start, at - size + 1), at);
    return Math.max(0, Math.min(wanted, most - size));
  };
  return {
    col: along(Math.min(cursor.col, state.cols - 1), room.cols, state.cols, before.col),
    row: along(cursor.row, room.rows, state.rows, before.row),
  };
}

/** A part of the screen, as it is. Half of a wide character is a blank. */
export function crop(state: ScreenState, room: Size, corner: Corner): Picture {
  const rows = cellsOf(state).slice(corner.row, corner.row + room.rows).map((cells) =>
    cut(cells, corner.col, room.cols)
  );
  const [col, row] = [Math.min(state.cursor.col, state.cols - 1) - corner.col, state.cursor.row - corner.row];
  const isInside = col >= 0 && col < room.cols && row >= 0 && row < room.rows;
  return { rows, cursor: state.modes["?25"] !== false && isInside ? { col, row } : undefined };
}

function cut(cells: readonly Cell[], start: number, length: number): Cell[] {
  const kept: Cell[] = [];
  let col = 0;
  for (const cell of cells) {
    const [from, to] = [Math.max(col, start), Math.min(col + cell.width, start + length)];
    if (to - from === cell.width) kept.push(cell);
    else if (to > from) kept.push({ text: "", width: 1, style: cell.style });
    col += cell.width;
  }
  return kept;
}

/**
 * The whole screen in less room: of the cells that share a place the first one shows that has something in it. Shapes stay,
 * words lose letters.
 */
export function shrink(state: ScreenState, room: Size): Picture {
  const factor = Math.max(1, state.cols / room.cols, state.rows / room.rows);
  const all = cellsOf(state).map(spread);
  const size = { cols: Math.ceil(state.cols / factor), rows: Math.ceil(state.rows / factor) };
  const rows = Array.from(
    { length: Math.min(size.rows, room.rows) },
    (_, row) => Array.from({ length: Math.min(size.cols, room.cols) }, (_, col) => densest(all, row, col, factor)),
  );
  const { cursor } = state;
  const at = { col: Math.floor(Math.min(cursor.col, state.cols - 1) / factor), row: Math.floor(cursor.row / factor) };
  return { rows, cursor: state.modes["?25"] !== false ? at : undefined };
}

/** Cells by column; the second half of a wide character is a blank. */
function spread(cells: readonly Cell[]): Cell[] {
  return cells.flatMap((cell) => cell.width === 1 ? [cell] : [cell, { text: "", width: 1, style: cell.style }]);
}

function densest(all: readonly (readonly Cell[])[], row: number, col: number, factor: number): Cell {
  let blank: Cell | undefined;
  for (let y = Math.floor(row * factor); y < (row + 1) * factor && y < all.length; y++) {
    for (let x = Math.floor(col * factor); x < (col + 1) * factor && x < all[y]!.length; x++) {
      const cell = all[y]![x]!;
      if (cell.text.trim() !== "") return cell.width === 1 ? cell : { ...cell, text: "▪", width: 1 };
      blank ??= cell;
    }
  }
  return blank ?? { text: "", width: 1, style: NOTHING };
}

/** The rows with each place at which `text` stands shown inverse; small letters mean large ones as well. */
export function highlight(rows: readonly (readonly Cell[])[], text: string): (readonly Cell[])[] {
  if (text === "") return [...rows];
  const isExact = text !== text.toLowerCase();
  return rows.map((cells) => {
    const words = cells.map((cell) => cell.text === "" ? " " : isExact ? cell.text : cell.text.toLowerCase());
    const line = words.join("");
    if (!line.includes(text)) return cells;
    const marked = new Set<number>();
    for (let at = line.indexOf(text); at >= 0; at = line.indexOf(text, at + 1)) {
      let offset = 0;
      words.forEach((word, index) => {
        if (offset < at + text.length && offset + word.length > at) marked.add(index);
        offset += word.length;
      });
    }
    return cells.map((cell, index) => marked.has(index) ? { ...cell, style: inverted(cell.style) } : cell);
  });
}

function inverted({ inverse, ...style }: CellStyle): CellStyle {
  return inverse ? style : { ...style, inverse: true };
}
