/**
 * A session as an animated GIF.
 *
 * Letters are drawn once and copied; a frame has only the rectangle that changed, unchanged cells in it are transparent, and it
 * has the colours it needs, exactly, while there are 255 at the most. Times are kept to a hundredth of a second and their
 * rounding never adds up.
 *
 * This module is browser compatible.
 * @module
 */

import gifenc from "gifenc";
import { type Nanos, SECOND } from "../event.ts";
import { rgb } from "../terminal/themes.ts";
import { COVERED, type Film, FILM_COLS, type FilmCell, type FilmFrame, OUTSIDE } from "./film.ts";
import { type Canvas, type Indexed, indexed } from "./palette.ts";
import type { Tiles } from "./tiles.ts";

/** How a film becomes a GIF. */
export interface GifOptions {
  readonly padding: number;
  /** How long the last picture stays. */
  readonly hold: Nanos;
  /** Whether it begins again, for ever. */
  readonly loop: boolean;
}

/** Hundredths of a second that a frame can say that it stays. */
const LONGEST_DELAY = 65_535;

/** The bytes, a piece for each frame. */
export function* gifOf(film: Film, tiles: Tiles, options: GifOptions): Generator<Uint8Array> {
  const encoder = gifenc.GIFEncoder();
  const { frames } = film, painter = new Painter(film, tiles, options);
  for (const [at, frame] of frames.entries()) {
    const delay = delayOf(frame.time, frames[at + 1]?.time ?? film.end + options.hold);
    const painted = at === 0 ? painter.first(frame) : painter.change(frame);
    const [first, ...rest] = pieces(delay);
    yield encode(encoder, painted, first!, options);
    for (const piece of rest) yield encode(encoder, NOTHING, piece, options);
  }
  encoder.finish();
  yield taken(encoder);
}

/** Hundredths of a second from one moment to another, so that those of all frames add up. */
function delayOf(from: Nanos, to: Nanos): number {
  return Math.round(to * 100 / SECOND) - Math.round(from * 100 / SECOND);
}

function pieces(delay: number): number[] {
  const whole = Math.floor(delay / LONGEST_DELAY), rest = delay % LONGEST_DELAY;
  return [...Array(whole).fill(LONGEST_DELAY), ...(rest > 0 || whole === 0 ? [rest] : [])];
}

/** A frame that changes nothing. */
const NOTHING: Painted = {
  x: 0,
  y: 0,
  width: 1,
  height: 1,
  palette: [[0, 0, 0], [0, 0, 0]],
  indices: Uint8Array.of(0),
  transparent: 0,
};

interface Painted extends Indexed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

// deno-lint-ignore no-explicit-any -- the package has no types
function encode(encoder: any, painted: Painted, delay: number, { loop }: GifOptions): Uint8Array {
  const { x, y, width, height, palette, indices, transparent } = painted;
  encoder.writeFrame(indices, width, height, {
    palette,
    delay: delay * 10,
    dispose: 1,
    transparent: transparent >= 0,
    transparentIndex: transparent,
    colorDepth: Math.max(2, Math.ceil(Math.log2(palette.length))),
    repeat: loop ? 0 : -1,
  });
  // The package knows no places: they stand behind the frame's control block of 8 bytes and the mark of an image.
  if (x > 0 || y > 0) new Uint8Array(encoder.buffer).set([x & 255, x >> 8, y & 255, y >> 8], 9);
  return taken(encoder);
}

// deno-lint-ignore no-explicit-any -- the package has no types
function taken(encoder: any): Uint8Array {
  const bytes = encoder.bytes();
  encoder.stream.reset();
  return bytes;
}

/** Puts cells on a canvas. */
class Painter {
  readonly #film: Film;
  readonly #tiles: Tiles;
  readonly #options: GifOptions;

  constructor(film: Film, tiles: Tiles, options: GifOptions) {
    this.#film = film;
    this.#tiles = tiles;
    this.#options = options;
  }

  /** In pixels. */
  get size(): { width: number; height: number } {
    const { cols, rows } = this.#film, { padding } = this.#options;
    return { width: cols * this.#tiles.width + 2 * padding, height: rows * this.#tiles.height + 2 * padding };
  }

  /** All of it. */
  first(frame: FilmFrame): Painted {
    const { padding } = this.#options;
    const canvas = { ...this.size, fill: rgbNumber(this.#film.background) };
    return this.#paint(frame, canvas, 0, 0, -padding, -padding);
  }

  /** The rectangle around what has changed. */
  change(frame: FilmFrame): Painted {
    const { changes } = frame, { width, height } = this.#tiles, { padding } = this.#options;
    let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
    for (let at = 0; at < changes.length; at += 2) {
      const row = Math.floor(changes[at]! / FILM_COLS), col = changes[at]! % FILM_COLS;
      const cols = this.#film.cells[changes[at + 1]!]?.width ?? 1;
      [left, top] = [Math.min(left, col), Math.min(top, row)];
      [right, bottom] = [Math.max(right, col + cols), Math.max(bottom, row + 1)];
    }
    right = Math.min(right, this.#film.cols);
    const canvas = { width: (right - left) * width, height: (bottom - top) * height, fill: undefined };
    const [x, y] = [left * width, top * height];
    return this.#paint(frame, canvas, x + padding, y + padding, x, y);
  }

  /** @param x Where the canvas lies in the picture; `originX` where it lies in the screen. */
  #paint(frame: FilmFrame, canvas: Canvas, x: number, y: number, originX: number, originY: number): Painted {
    const { changes } = frame, { cells } = this.#film;
    const { width, height } = this.#tiles;
    this.#tiles.prepare([...new Set(changes.filter((_, at) => at % 2))].flatMap((cell) => cells[cell] ?? []));
    const outside = { text: "", width: 1, look: { color: "#000000", background: this.#film.background } };
    const stamps = Array.from({ length: changes.length / 2 }, (_, at) => {
      const [place, number] = [changes[2 * at]!, changes[2 * at + 1]!];
      const cell: FilmCell | undefined = number === OUTSIDE ? outside : cells[number];
      const [col, row] = [place % FILM_COLS, Math.floor(place / FILM_COLS)];
      return number === COVERED || !cell ? [] : [{
        cell,
        letter: this.#tiles.letter(cell),
        rule: this.#tiles.rule(cell),
        x: col * width - originX,
        y: row * height - originY,
        width: cell.width * width,
        height,
      }];
    }).flat();
    return { x, y, width: canvas.width, height: canvas.height, ...indexed(canvas, stamps) };
  }
}

function rgbNumber(color: string): number {
  const [red, green, blue] = rgb(color);
  return red << 16 | green << 8 | blue;
}
