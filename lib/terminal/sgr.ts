/**
 * How cells look, as the parameters that make a terminal show it.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellStyle } from "../event.ts";

const FLAGS = { bold: 1, dim: 2, italic: 3, blink: 5, inverse: 7, hidden: 8, strike: 9, overline: 53 } as const;

/** Parameters of SGR that set a style from nothing. */
export function sgr(style: CellStyle): string {
  const flags = (Object.keys(FLAGS) as (keyof typeof FLAGS)[]).filter((name) => style[name]).map((name) => FLAGS[name]);
  return [
    0,
    ...flags,
    ...(style.underline ? [style.underline === 1 ? "4" : `4:${style.underline}`] : []),
    ...color(style.foreground, 30),
    ...color(style.background, 40),
    ...color(style.underlineColor, 50),
  ].join(";");
}

/** A colour, by the parameter that the first of its kind has. */
function color(value: CellStyle["foreground"], base: 30 | 40 | 50): (string | number)[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") {
    const [red, green, blue] = [1, 3, 5].map((index) => parseInt(value.slice(index, index + 2), 16));
    return [`${base + 8}:2::${red}:${green}:${blue}`];
  }
  if (value < 8 && base !== 50) return [base + value];
  if (value < 16 && base !== 50) return [base + 60 + value - 8];
  return [`${base + 8}:5:${value}`];
}
