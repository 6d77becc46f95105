/**
 * A session on a terminal of another size: as much of its screen as fits, around the cursor.
 *
 * Bytes made for one size are nonsense on another, so they are shown by an emulator of the session's size, and what that shows
 * is drawn. The last row says that this is so.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellRun, ScreenRow, ScreenState } from "../../event.ts";
import type { Emulator, EmulatorMaker } from "../../ports.ts";
import { screenToAnsi } from "../../terminal/screen_ansi.ts";

/** Modes that are set on the terminal itself: what keys send, and whether the cursor shows. */
const KEPT_MODES = ["?1", "?25", "?66", "?2004"];

/** A session of one size, drawn on a terminal of another. */
export class FittedView {
  readonly #emulator: Emulator;
  #last = "";

  /** @param make Makes the emulator, of the session's size. */
  constructor(make: EmulatorMaker, cols: number, rows: number) {
    this.#emulator = make({ cols, rows });
  }

  /** Takes what the session sends. */
  write(data: Uint8Array): void {
    this.#emulator.write(data);
  }

  /** What to send to a terminal of `cols` x `rows`; empty when nothing has changed. */
  draw(cols: number, rows: number, name: string): string {
    const state = this.#emulator.snapshot();
    const shown = cropped(state, cols, Math.max(1, rows - 1));
    const label = `[${name} is ${state.cols}x${state.rows}, this terminal ${cols}x${rows}]`.slice(0, cols);
    const status = rows > 1 ? `\x1b[${rows};1H\x1b[0;7m${label}\x1b[0m` : "";
    const body = new TextDecoder().decode(screenToAnsi(shown));
    if (body + status === this.#last) return "";
    this.#last = body + status;
    return `\x1b[?2026h\x1b[!p\x1b[0m\x1b[H\x1b[2J${status}${body}\x1b[?2026l`;
  }
}

/** The part of a screen that fits, with the cursor in it; the normal screen of a terminal, whichever showed. */
export function cropped(state: ScreenState, cols: number, rows: number): ScreenState {
  const { cursor } = state;
  const left = windowStart(cursor.col, cols, state.cols);
  const top = windowStart(cursor.row, rows, state.rows);
  const shown = state.active === "alternate" && state.alternate ? state.alternate : state.normal;
  const fitting = shown.rows.slice(top, top + rows).map((row) => croppedRow(row, left, cols));
  const { title } = state;
  return {
    cols,
    rows,
    styles: state.styles,
    ...(state.links ? { links: state.links } : {}),
    normal: { rows: fitting },
    cursor: { ...cursor, col: Math.min(cursor.col - left, cols - 1), row: cursor.row - top },
    modes: Object.fromEntries(KEPT_MODES.flatMap((mode) => mode in state.modes ? [[mode, state.modes[mode]!]] : [])),
    ...(title === undefined ? {} : { title }),
  };
}

/** Where to begin so that `at` is inside, in steps of half a window so that it does not move with each key. */
function windowStart(at: number, size: number, whole: number): number {
  if (whole <= size || at < size) return 0;
  const step = Math.max(1, Math.floor(size / 2));
  return Math.min(whole - size, Math.ceil((at - size + 1) / step) * step);
}

function croppedRow({ cells }: ScreenRow, left: number, cols: number): ScreenRow {
  const kept: CellRun[] = [];
  let at = -left; // column of the run's first cell in the window
  for (const run of cells) {
    const [style, what, width] = run;
    const length = typeof what === "number" ? what : width ?? [...what].length;
    const [from, to] = [Math.max(0, -at), Math.min(length, cols - at)];
    if (to > from) {
      if (typeof what === "number") kept.push([style, to - from]);
      else if (width === undefined) kept.push([style, [...what].slice(from, to).join("")]);
      else if (to - from === width) kept.push(run);
      else kept.push([style, to - from]); // half of a wide character
    }
    at += length;
  }
  return { cells: kept };
}
