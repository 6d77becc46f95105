/**
 * Cells as the pixels of a picture of 256 colours at the most.
 *
 * Where letters have soft edges in so many colours that there is no room for all, edges get fewer steps; where colours alone
 * are too many, the nearest of 255 stand for them.
 *
 * This module is browser compatible.
 * @module
 */

import gifenc from "gifenc";
import { rgb } from "../terminal/themes.ts";
import type { FilmCell } from "./film.ts";
import type { Tile } from "./tiles.ts";

/** What is painted on; without `fill` it is transparent. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly fill: number | undefined;
}

/** A cell, where it goes. */
export interface Stamp {
  readonly cell: FilmCell;
  readonly letter: Tile | undefined;
  readonly rule: Tile | undefined;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A picture of few colours. */
export interface Indexed {
  readonly palette: readonly (readonly [number, number, number])[];
  readonly indices: Uint8Array;
  /** The colour that is none, -1 if all are. */
  readonly transparent: number;
}

const TRANSPARENT = 0x1000000;
const MOST_COLORS = 255; // and one that is transparent
/** Steps of a soft edge that are tried. */
const STEPS = [15, 7, 3, 1];

/** Paints the stamps. */
export function indexed(canvas: Canvas, stamps: readonly Stamp[]): Indexed {
  const pixels = new Uint32Array(canvas.width * canvas.height);
  for (const steps of STEPS) {
    pixels.fill(canvas.fill ?? TRANSPARENT);
    for (const stamp of stamps) paint(pixels, canvas.width, stamp, steps);
    const found = byColor(pixels);
    if (found) return found;
  }
  return nearest(pixels);
}

function paint(pixels: Uint32Array, rowLength: number, stamp: Stamp, steps: number): void {
  const { cell: { look, cursor, width: cols }, letter, rule, x, y, width, height } = stamp;
  const background = numberOf(look.background);
  fill(pixels, rowLength, x, y, width, height, background);
  if (letter?.image) lay(pixels, rowLength, stamp, letter.image, steps);
  else if (letter) blend(pixels, rowLength, stamp, letter.mask, rampOf(look.color, background, steps));
  if (rule) blend(pixels, rowLength, stamp, rule.mask, rampOf(look.underlineColor ?? look.color, background, steps));
  if (!cursor) return;
  const pen = Math.max(1, Math.round(width / cols / 5)), color = numberOf(cursor.color);
  if (cursor.shape === "bar") fill(pixels, rowLength, x, y, pen, height, color);
  else fill(pixels, rowLength, x, y + height - pen, width, pen, color);
}

function fill(
  pixels: Uint32Array,
  rowLength: number,
  x: number,
  y: number,
  width: number,
  height: number,
  color: number,
) {
  for (let row = y; row < y + height; row++) pixels.fill(color, row * rowLength + x, row * rowLength + x + width);
}

/** Colours from the one behind to the one in front, for each value of a mask; what is nothing stays as it was. */
type Ramp = Int32Array;

const ramps = new Map<string, Ramp>();

function rampOf(color: string, background: number, steps: number): Ramp {
  const key = `${color}${background}/${steps}`;
  const known = ramps.get(key);
  if (known) return known;
  if (ramps.size > 4096) ramps.clear();
  const front = rgb(color), behind = [background >> 16, background >> 8 & 255, background & 255];
  const ramp = Int32Array.from({ length: 256 }, (_, value) => {
    const part = Math.round(value / 255 * steps) / steps;
    if (part === 0) return -1;
    const [red, green, blue] = front.map((to, at) => Math.round(behind[at]! + (to - behind[at]!) * part)) as number[];
    return red! << 16 | green! << 8 | blue!;
  });
  ramps.set(key, ramp);
  return ramp;
}

function blend(pixels: Uint32Array, rowLength: number, { x, y, width, height }: Stamp, mask: Uint8Array, ramp: Ramp) {
  for (let row = 0, at = 0; row < height; row++) {
    const start = (y + row) * rowLength + x;
    for (let col = 0; col < width; col++, at++) {
      const color = ramp[mask[at]!]!;
      if (color >= 0) pixels[start + col] = color;
    }
  }
}

/** A picture with colours of its own, in fewer of them. */
function lay(pixels: Uint32Array, rowLength: number, { x, y, width, height }: Stamp, image: Uint8Array, steps: number) {
  const coarse = (value: number) => Math.round(Math.round(value / 255 * steps) / steps * 255);
  for (let row = 0, at = 0; row < height; row++) {
    for (let col = 0; col < width; col++, at += 4) {
      const part = image[at + 3]! / 255, place = (y + row) * rowLength + x + col;
      if (part === 0) continue;
      const behind = pixels[place]!;
      const over = (value: number, shift: number) => coarse(value * part + (behind >> shift & 255) * (1 - part));
      pixels[place] = over(image[at]!, 16) << 16 | over(image[at + 1]!, 8) << 8 | over(image[at + 2]!, 0);
    }
  }
}

/** Each colour with its number; `undefined` where there are too many. */
function byColor(pixels: Uint32Array): Indexed | undefined {
  const numbers = new Map<number, number>(), indices = new Uint8Array(pixels.length);
  let [last, number] = [-1, 0];
  for (let at = 0; at < pixels.length; at++) {
    const color = pixels[at]!;
    if (color !== last) {
      last = color;
      number = numbers.get(color) ?? numbers.size;
      if (number === numbers.size) {
        if (number > MOST_COLORS) return undefined;
        numbers.set(color, number);
      }
    }
    indices[at] = number;
  }
  const palette = [...numbers.keys()].map((color) => [color >> 16 & 255, color >> 8 & 255, color & 255] as const);
  return { palette: atLeastTwo(palette), indices, transparent: numbers.get(TRANSPARENT) ?? -1 };
}

type Palette = readonly (readonly [number, number, number])[];

function atLeastTwo(palette: Palette): Palette {
  return palette.length < 2 ? [...palette, ...Array(2 - palette.length).fill([0, 0, 0])] : palette;
}

/** The 255 colours that come nearest to all of them. */
function nearest(pixels: Uint32Array): Indexed {
  const bytes = new Uint8Array(4 * pixels.length);
  for (const [at, color] of pixels.entries()) {
    bytes.set([color >> 16 & 255, color >> 8 & 255, color & 255, 255], 4 * at);
  }
  const colors: [number, number, number][] = gifenc.quantize(bytes, MOST_COLORS);
  const indices: Uint8Array = gifenc.applyPalette(bytes, colors);
  const transparent = colors.length;
  for (const [at, color] of pixels.entries()) if (color === TRANSPARENT) indices[at] = transparent;
  return { palette: atLeastTwo([...colors, [0, 0, 0]]), indices, transparent };
}

function numberOf(color: string): number {
  const [red, green, blue] = rgb(color);
  return red << 16 | green << 8 | blue;
}
