/**
 * A session as the pictures that a moving one is made of: for each what has changed since the one before it, cell by cell.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../errors.ts";
import { type EventStream, type Nanos, type ScreenState, SECOND, type SessionEvent, type Theme } from "../event.ts";
import type { EmulatorMaker } from "../ports.ts";
import { eventsOf } from "../stream/collect.ts";
import {
  cellsOf,
  cursorOf,
  type DrawnCell,
  type DrawnCursor,
  type Look,
  looksOf,
  shownRows,
} from "../terminal/looks.ts";
import { ScreenTracker } from "../terminal/screen_tracker.ts";
import { ScreenColors } from "../terminal/themes.ts";

/** What a cell shows, whatever its place; cells that look alike are one. */
export interface FilmCell {
  readonly text: string;
  readonly width: number;
  readonly look: Look & { readonly background: string };
  /** The cursor above it, and its colour; one that is a block is in the look. */
  readonly cursor?: { readonly shape: DrawnCursor["shape"]; readonly color: string };
}

/** One picture. */
export interface FilmFrame {
  readonly time: Nanos;
  /** Pairs: place (row × {@linkcode FILM_COLS} + column), and number of the cell. */
  readonly changes: Int32Array;
}

/** All pictures, of a screen that has room for each. */
export interface Film {
  readonly cols: number;
  readonly rows: number;
  readonly cells: readonly FilmCell[];
  readonly frames: readonly FilmFrame[];
  /** Colour behind all of it. */
  readonly background: string;
  /** When the session ends. */
  readonly end: Nanos;
}

/** Columns of the widest terminal. */
export const FILM_COLS = 2048;
/** What stands for the right half of a wide character, and for what is outside of a screen. */
export const COVERED = -1, OUTSIDE = -2;

/** How a session is filmed. */
export interface FilmOptions {
  /** The colours, by those that were recorded. */
  readonly theme: (recorded: Theme | undefined) => Theme;
  /** Pictures in a second at the most. */
  readonly fps: number;
  readonly cursor: boolean;
  /** Throws where a screen of this size cannot be drawn, so that nobody waits for that. */
  readonly check?: (cols: number, rows: number) => void;
  /** Changes of cells at the most. */
  readonly mostChanges?: number;
}

/** More changes than these are no picture any more that somebody would want, and take 160 MB. */
const MOST_CHANGES = 20e6;

/**
 * Takes the pictures: one at the beginning, then one for each change, at most as often as `fps` says.
 *
 * @throws {UsageError} If there are too many.
 */
export async function filmOf(events: EventStream, make: EmulatorMaker, options: FilmOptions): Promise<Film> {
  const camera = new Camera(new ScreenTracker(make), options);
  for await (const event of eventsOf(events)) camera.push(event);
  return camera.film();
}

const CHANGING: ReadonlySet<SessionEvent["kind"]> = new Set(["header", "output", "resize", "screen"]);

class Camera {
  readonly #tracker: ScreenTracker;
  readonly #options: FilmOptions;
  readonly #interval: Nanos;
  readonly #numbers = new Map<string, number>();
  readonly #cells: FilmCell[] = [];
  readonly #frames: FilmFrame[] = [];
  #shown: Grid = { cols: 1, cells: new Int32Array(0) };
  #theme: Theme;
  #due: Nanos | undefined = 0; // of the next picture; undefined while nothing has changed
  #next: Nanos = 0; // no picture before this
  #last: Nanos = 0; // time of the last event
  #cols = 0;
  #rows = 0;
  #changes = 0;

  constructor(tracker: ScreenTracker, options: FilmOptions) {
    this.#tracker = tracker;
    this.#options = options;
    this.#interval = SECOND / options.fps;
    this.#theme = options.theme(undefined);
  }

  push(event: SessionEvent): void {
    if (this.#due !== undefined && event.time > this.#due) this.#shoot(this.#due);
    if (event.kind === "header") this.#theme = this.#options.theme(event.header.theme);
    this.#tracker.push(event);
    this.#last = event.time;
    if (event.kind === "header" || event.kind === "resize" || event.kind === "screen") this.#measure();
    if (CHANGING.has(event.kind)) this.#due ??= Math.max(event.time, this.#next);
  }

  film(): Film {
    if (this.#cols === 0) this.#measure(); // nothing came at all
    if (this.#due !== undefined) this.#shoot(this.#due);
    const end = Math.max(this.#last, this.#frames.at(-1)!.time), background = this.#theme.background;
    return { cols: this.#cols, rows: this.#rows, cells: this.#cells, frames: this.#frames, background, end };
  }

  #shoot(time: Nanos): void {
    this.#due = undefined;
    const { state } = this.#tracker;
    const now = this.#gridOf(state);
    const changes = differences(this.#shown, now);
    if (changes.length === 0 && this.#frames.length > 0) return;
    this.#changes += changes.length / 2;
    const { mostChanges = MOST_CHANGES } = this.#options;
    if (this.#changes > mostChanges) {
      throw new UsageError(
        `Cannot draw all of it: more than ${mostChanges / 1e6} million cells change\n` +
          "  Choose a part with --from and --to, or fewer pictures with --fps",
      );
    }
    this.#frames.push({ time, changes });
    this.#shown = now;
    this.#next = time + this.#interval;
  }

  /** Makes room for another size. */
  #measure(): void {
    const { cols, rows } = this.#tracker.emulator;
    [this.#cols, this.#rows] = [Math.max(this.#cols, cols), Math.max(this.#rows, rows)];
    this.#options.check?.(this.#cols, this.#rows);
  }

  /** The numbers of all cells of a screen. */
  #gridOf(state: ScreenState): Grid {
    const { cols } = state;
    const colors = new ScreenColors(this.#theme, state), looks = looksOf(state, colors);
    const names = new Map<Look, string>(); // of looks, since spelling them out for each cell takes most of the time
    const number = (cell: DrawnCell) => this.#number(cell, colors, names);
    const blank = number({ col: 0, width: 1, text: "", look: { color: colors.foreground } });
    const cells = new Int32Array(cols * state.rows).fill(blank);
    for (const [at, row] of shownRows(state).entries()) {
      for (const cell of cellsOf(row, looks, cols)) {
        const place = at * cols + cell.col;
        cells[place] = number(cell);
        cells.fill(COVERED, place + 1, place + cell.width);
      }
    }
    const cursor = this.#options.cursor ? cursorOf(state) : undefined;
    if (cursor) this.#putCursor(cells, cursor.row * cols + cursor.col, cursor, colors);
    return { cols, cells };
  }

  #putCursor(cells: Int32Array, at: number, { shape }: DrawnCursor, colors: ScreenColors): void {
    const place = cells[at] === COVERED ? at - 1 : at;
    const { text, width, look } = this.#cells[cells[place]!]!;
    const under = shape === "block" ? { ...look, color: look.background, background: colors.cursor } : look;
    const cursor = shape === "block" ? undefined : { shape, color: colors.cursor };
    cells[place] = this.#number({ col: 0, width, text, look: under }, colors, new Map(), cursor);
  }

  #number(
    { text, width, look }: DrawnCell,
    { background }: ScreenColors,
    names: Map<Look, string>,
    cursor?: FilmCell["cursor"],
  ): number {
    const { link: _, hidden, ...seen } = look;
    const full = { ...seen, background: look.background ?? background };
    const name = names.get(look) ?? JSON.stringify(full);
    names.set(look, name);
    const key = `${name}${cursor ? JSON.stringify(cursor) : ""}${width}${hidden ? "" : text}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#cells.length);
    return this.#cells.push({ text: hidden ? "" : text, width, look: full, ...(cursor && { cursor }) }) - 1;
  }
}

/** Cells, row by row. */
interface Grid {
  readonly cols: number;
  readonly cells: Int32Array;
}

/** Pairs of place and cell, for each that is another. */
function differences(before: Grid, now: Grid): Int32Array {
  const changes: number[] = [];
  const rowsOf = ({ cols, cells }: Grid) => cells.length / cols;
  const at = ({ cols, cells }: Grid, row: number, col: number) =>
    col < cols ? cells[row * cols + col] ?? OUTSIDE : OUTSIDE;
  const rows = Math.max(rowsOf(before), rowsOf(now)), cols = Math.max(before.cols, now.cols);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const cell = at(now, row, col);
      if (cell !== at(before, row, col)) changes.push(row * FILM_COLS + col, cell);
    }
  }
  return Int32Array.from(changes);
}
