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
  #shown = new Map<number, number>(); // cell by place
  #theme: Theme;
  #due: Nanos | undefined = 0; // of the next picture; undefined while nothing has changed
  #next: Nanos = 0; // no picture before this
  #last: Nanos = 0; // time of the last event
  #cols = 1;
  #rows = 1;
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
    if (CHANGING.has(event.kind)) this.#due ??= Math.max(event.time, this.#next);
  }

  film(): Film {
    if (this.#due !== undefined) this.#shoot(this.#due);
    const end = Math.max(this.#last, this.#frames.at(-1)!.time), background = this.#theme.background;
    return { cols: this.#cols, rows: this.#rows, cells: this.#cells, frames: this.#frames, background, end };
  }

  #shoot(time: Nanos): void {
    this.#due = undefined;
    const { state } = this.#tracker;
    const now = this.#placed(state);
    const changes: number[] = [];
    for (const [place, cell] of now) if (this.#shown.get(place) !== cell) changes.push(place, cell);
    for (const place of this.#shown.keys()) if (!now.has(place)) changes.push(place, OUTSIDE);
    if (changes.length === 0 && this.#frames.length > 0) return;
    this.#changes += changes.length / 2;
    if (this.#changes > MOST_CHANGES) {
      throw new UsageError(
        `Cannot draw all of it: more than ${
          MOST_CHANGES / 1e6
        } million cells change\n  Choose a part with --from and --to, or fewer pictures with --fps`,
      );
    }
    this.#frames.push({ time, changes: Int32Array.from(changes) });
    this.#shown = now;
    this.#next = time + this.#interval;
    [this.#cols, this.#rows] = [Math.max(this.#cols, state.cols), Math.max(this.#rows, state.rows)];
  }

  /** The numbers of all cells of a screen, by place. */
  #placed(state: ScreenState): Map<number, number> {
    const colors = new ScreenColors(this.#theme, state), looks = looksOf(state, colors);
    const cursor = this.#options.cursor ? cursorOf(state) : undefined;
    const rows = shownRows(state), placed = new Map<number, number>();
    const blank = this.#number({ col: 0, width: 1, text: "", look: { color: colors.foreground } }, colors);
    for (let row = 0; row < state.rows; row++) {
      const start = row * FILM_COLS;
      for (let col = 0; col < state.cols; col++) placed.set(start + col, blank);
      const cells = rows[row];
      for (const cell of cells ? cellsOf(cells, looks, state.cols) : []) {
        placed.set(start + cell.col, this.#number(cell, colors));
        for (let more = 1; more < cell.width; more++) placed.set(start + cell.col + more, COVERED);
      }
    }
    if (cursor) this.#putCursor(placed, cursor, colors);
    return placed;
  }

  #putCursor(placed: Map<number, number>, { row, col, shape }: DrawnCursor, colors: ScreenColors): void {
    let place = row * FILM_COLS + col;
    if (placed.get(place) === COVERED) place--;
    const { text, width, look } = this.#cells[placed.get(place)!]!;
    const under = shape === "block" ? { ...look, color: look.background, background: colors.cursor } : look;
    const cursor = shape === "block" ? undefined : { shape, color: colors.cursor };
    placed.set(place, this.#number({ col, width, text, look: under }, colors, cursor));
  }

  #number({ text, width, look }: DrawnCell, colors: ScreenColors, cursor?: FilmCell["cursor"]): number {
    const { link: _, hidden, ...seen } = look;
    const full = { ...seen, background: look.background ?? colors.background };
    const cell = { text: hidden ? "" : text, width, look: full, ...(cursor && { cursor }) };
    const key = JSON.stringify(cell);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#cells.length);
    return this.#cells.push(cell) - 1;
  }
}
