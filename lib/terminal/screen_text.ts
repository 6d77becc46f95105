/**
 * What a screen says, as lines of text.
 *
 * This module is browser compatible.
 * @module
 */

import type { ScreenRow, ScreenState } from "../event.ts";

/**
 * The lines of the screen that shows: rows that were wrapped are one line again, blanks at the ends of lines and empty lines
 * at the end are left out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { loadEmulator } from "@term2ai/term2ai";
 *
 * const emulator = (await loadEmulator())({ cols: 10, rows: 5 });
 * emulator.write(new TextEncoder().encode("a line that is too long\r\n\r\n$ "));
 * deepEqual(screenText(emulator.snapshot()), ["a line that is too long", "", "$"]);
 * ```
 */
export function screenText(state: ScreenState): string[] {
  const { rows } = state.active === "alternate" && state.alternate ? state.alternate : state.normal;
  const lines: string[] = [];
  let line = "";
  for (const row of rows) {
    line += rowText(row, state.cols);
    if (row.wraps) continue;
    lines.push(line.trimEnd());
    line = "";
  }
  if (line !== "") lines.push(line.trimEnd());
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

/**
 * The rows of the screen that shows as they are, all of them, without the blanks at their ends.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { loadEmulator } from "@term2ai/term2ai";
 *
 * const emulator = (await loadEmulator())({ cols: 10, rows: 3 });
 * emulator.write(new TextEncoder().encode("a line that is too long"));
 * deepEqual(screenRows(emulator.snapshot()), ["a line tha", "t is too l", "ong"]);
 * ```
 */
export function screenRows(state: ScreenState): string[] {
  const { rows } = state.active === "alternate" && state.alternate ? state.alternate : state.normal;
  const lines = rows.slice(0, state.rows).map((row) => rowText(row, state.cols).trimEnd());
  return [...lines, ...Array(state.rows - lines.length).fill("")];
}

/** The text of a row; one that goes on is as wide as the screen, or what follows would move to the left. */
function rowText({ cells, wraps }: ScreenRow, cols: number): string {
  let text = "", width = 0;
  for (const [, what, columns] of cells) {
    text += typeof what === "number" ? " ".repeat(what) : what;
    width += typeof what === "number" ? what : columns ?? [...what].length;
  }
  // A wide character that did not fit has left a blank cell, which belongs to nobody's text.
  return wraps && width < cols - 1 ? text + " ".repeat(cols - width) : wraps ? text : text.trimEnd();
}
