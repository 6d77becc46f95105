/**
 * What stands in the cells of a terminal, as numbers: code points, and three more kinds.
 *
 * This module is browser compatible.
 * @module
 */

/** Nothing was written here. */
export const EMPTY = 0;
/** The second cell of a wide character. */
export const WIDE_TAIL = 0x110000;
/** A byte that is no text is this and its number. */
export const RAW = 0x110100;

// deno-fmt-ignore
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], [0x231a, 0x231b], [0x23e9, 0x23ec], [0x2614, 0x2615], [0x26a1, 0x26a1], [0x2705, 0x2705], [0x274c, 0x274c],
  [0x2e80, 0x303e], [0x3041, 0xa4cf], [0xa960, 0xa97f], [0xac00, 0xd7a3], [0xf900, 0xfaff], [0xfe30, 0xfe6f], [0xff00, 0xff60],
  [0xffe0, 0xffe6], [0x1f300, 0x1f64f], [0x1f680, 0x1f6ff], [0x1f900, 0x1faff], [0x20000, 0x3fffd],
];
// deno-fmt-ignore
const ZERO: readonly (readonly [number, number])[] = [
  [0x300, 0x36f], [0x483, 0x489], [0x591, 0x5bd], [0x610, 0x61a], [0x64b, 0x65f], [0x200b, 0x200f], [0x202a, 0x202e],
  [0x2060, 0x2064], [0x20d0, 0x20f0], [0xfe00, 0xfe0f], [0xfe20, 0xfe2f], [0xfeff, 0xfeff], [0xe0100, 0xe01ef],
];

const within = (code: number, ranges: readonly (readonly [number, number])[]) =>
  ranges.some(([first, last]) => code >= first && code <= last);

/** How many cells a character fills: 0 for marks on the one before and for what does not show, else 1 or 2. */
export function widthOf(code: number): 0 | 1 | 2 {
  if (code < 0x300 || code >= WIDE_TAIL) return 1;
  return within(code, ZERO) ? 0 : within(code, WIDE) ? 2 : 1;
}

/** How many bytes a character was written with. */
export function bytesIn(code: number): number {
  if (code < 0x80 || code >= WIDE_TAIL) return 1;
  return code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** The cells that a text fills. */
export function cellsOf(text: string): Uint32Array {
  const cells: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0)!, width = widthOf(code);
    if (width > 0) cells.push(code);
    if (width > 1) cells.push(WIDE_TAIL);
  }
  return Uint32Array.from(cells);
}
