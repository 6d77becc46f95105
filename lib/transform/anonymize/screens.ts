/**
 * Names on a screen, cell by cell.
 *
 * A screen has as many cells as it has: a placeholder fills those of the name, cut or followed by blanks.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellRun, ScreenBuffer, ScreenRow, ScreenState } from "../../event.ts";
import type { Names } from "./names.ts";
import { commandWithout, titleWithout } from "./sequences.ts";

/** A cell, or two that are one character; an erased one has no text. */
export interface Cell {
  readonly style: number;
  readonly text: string | undefined;
  readonly width: number;
}

/**
 * The same screen with placeholders for all names on it, in its titles and in its links.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { loadEmulator, screenText } from "@term2ai/term2ai";
 * import { Names } from "./names.ts";
 *
 * const terminal = (await loadEmulator())({ cols: 20, rows: 2 });
 * terminal.write(new TextEncoder().encode("lovelace@engine: hello"));
 * const names = new Names();
 * names.learnUser("lovelace");
 * names.learnHost("engine");
 * deepEqual(screenText(screenWithout(terminal.snapshot(), names)), ["user    @host  : hello"]);
 * ```
 */
export function screenWithout(state: ScreenState, names: Names): ScreenState {
  const { title, icon, links, alternate } = state;
  return {
    ...state,
    ...(title === undefined ? {} : { title: titleWithout(title, names) }),
    ...(icon === undefined ? {} : { icon: titleWithout(icon, names) }),
    ...(links && { links: links.map(({ uri, ...more }) => ({ ...more, uri: linkWithout(uri, names) })) }),
    normal: bufferWithout(state.normal, names),
    ...(alternate && { alternate: bufferWithout(alternate, names) }),
  };
}

function linkWithout(uri: string, names: Names): string {
  return commandWithout(`8;;${uri}`, names)?.slice(3) ?? "";
}

function bufferWithout(buffer: ScreenBuffer, names: Names): ScreenBuffer {
  const { scrollback } = buffer;
  return {
    ...buffer,
    rows: rowsWithout(buffer.rows, names),
    ...(scrollback && { scrollback: rowsWithout(scrollback, names) }),
  };
}

/** Rows that were wrapped are one line, and a name may stand at its bend. */
function rowsWithout(rows: readonly ScreenRow[], names: Names): ScreenRow[] {
  const cells = rows.map((row) => row.cells.flatMap(cellsOf));
  for (let first = 0, row = 0; row < rows.length; row++) {
    if (rows[row]!.wraps && row + 1 < rows.length) continue;
    hide(cells.slice(first, row + 1), names);
    first = row + 1;
  }
  return rows.map((row, at) => ({ ...row, cells: runsOf(cells[at]!) }));
}

/** The cells of a run. */
export function cellsOf([style, what, width]: CellRun): Cell[] {
  if (typeof what === "number") return Array.from({ length: what }, () => ({ style, text: undefined, width: 1 }));
  if (width !== undefined) return [{ style, text: what, width }];
  return Array.from(what, (text) => ({ style, text, width: 1 }));
}

/** Replaces the names in a line, which is changed. */
function hide(rows: readonly Cell[][], names: Names): void {
  const places = rows.flatMap((row) => row.map((cell, at) => ({ row, at, text: cell.text ?? " " })));
  const text = places.map((place) => place.text).join("");
  for (const { 0: name, index } of text.matchAll(names.pattern)) {
    const placeholder = [...names.all.get(name.toLowerCase()) ?? name];
    let at = 0, end = 0; // in the placeholder, in the text
    for (const { row, at: col, text } of places) {
      const start = end;
      end += text.length;
      if (start < index || start >= index + name.length) continue;
      const { style, width } = row[col]!;
      row[col] = { style, text: placeholder.slice(at, at += width).join("").padEnd(width), width };
    }
  }
}

/** Cells as runs of one style. */
export function runsOf(cells: readonly Cell[]): CellRun[] {
  const runs: CellRun[] = [];
  for (const { style, text, width } of cells) {
    const last = runs.at(-1);
    const isLike = last !== undefined && last[0] === style && last.length === 2;
    if (text === undefined && isLike && typeof last[1] === "number") runs[runs.length - 1] = [style, last[1] + 1];
    else if (text === undefined) runs.push([style, 1]);
    else if (width > 1 && [...text].length === width) runs.push([style, text]);
    else if (width > 1 || text.length > 2) runs.push([style, text, width]);
    else if (isLike && typeof last[1] === "string") runs[runs.length - 1] = [style, last[1] + text];
    else runs.push([style, text]);
  }
  return runs;
}
