/**
 * The colours that screens are drawn in.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellColor, ScreenState, Theme } from "../event.ts";

/** Two colours and sixteen, written one behind the other. */
function theme(foreground: string, background: string, palette: string): Theme {
  return { foreground, background, palette: palette.split(" ") };
}

/**
 * Colours by name.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(THEMES["light"]!.background, "#ffffff");
 * ```
 */
export const THEMES: Readonly<Record<string, Theme>> = {
  dark: theme(
    "#d9dbe0",
    "#24262d",
    "#32353d #f2777a #99cc99 #ffcc66 #6699cc #cc99cc #66cccc #d3d0c8 #8f9199 #ff9a9d #b5e5b5 #ffe0a0 #8fbcec #e5bce5 #94e8e8 #ffffff",
  ),
  light: theme(
    "#24292f",
    "#ffffff",
    "#24292f #cf222e #116329 #7d4e00 #0969da #8250df #1b7c83 #6e7781 #57606a #a40e26 #1a7f37 #9a6700 #218bff #a475f9 #3192aa #8c959f",
  ),
  xterm: theme(
    "#e5e5e5",
    "#000000",
    "#000000 #cd0000 #00cd00 #cdcd00 #0000ee #cd00cd #00cdcd #e5e5e5 #7f7f7f #ff0000 #00ff00 #ffff00 #5c5cff #ff00ff #00ffff #ffffff",
  ),
  dracula: theme(
    "#f8f8f2",
    "#282a36",
    "#21222c #ff5555 #50fa7b #f1fa8c #bd93f9 #ff79c6 #8be9fd #f8f8f2 #6272a4 #ff6e6e #69ff94 #ffffa5 #d6acff #ff92df #a4ffff #ffffff",
  ),
  nord: theme(
    "#d8dee9",
    "#2e3440",
    "#3b4252 #bf616a #a3be8c #ebcb8b #81a1c1 #b48ead #88c0d0 #e5e9f0 #4c566a #bf616a #a3be8c #ebcb8b #81a1c1 #b48ead #8fbcbb #eceff4",
  ),
  "gruvbox-dark": theme(
    "#ebdbb2",
    "#282828",
    "#282828 #cc241d #98971a #d79921 #458588 #b16286 #689d6a #a89984 #928374 #fb4934 #b8bb26 #fabd2f #83a598 #d3869b #8ec07c #ebdbb2",
  ),
  "solarized-dark": theme(
    "#839496",
    "#002b36",
    "#073642 #dc322f #859900 #b58900 #268bd2 #d33682 #2aa198 #eee8d5 #002b36 #cb4b16 #586e75 #657b83 #839496 #6c71c4 #93a1a1 #fdf6e3",
  ),
  "solarized-light": theme(
    "#657b83",
    "#fdf6e3",
    "#073642 #dc322f #859900 #b58900 #268bd2 #d33682 #2aa198 #eee8d5 #002b36 #cb4b16 #586e75 #657b83 #839496 #6c71c4 #93a1a1 #fdf6e3",
  ),
};

/** The steps of the colour cube, 16 to 231 of the palette. */
const CUBE = [0, 95, 135, 175, 215, 255];

/** What is not given, or is no colour at all. */
const USUAL = THEMES["dark"]!;

/** The colours of one screen: a theme, and what a program has changed of it. */
export class ScreenColors {
  /** Colour of plain text. */
  readonly foreground: string;
  /** Colour behind plain text. */
  readonly background: string;
  /** Colour of the cursor. */
  readonly cursor: string;
  readonly #palette: readonly string[];
  readonly #changed: Readonly<Record<string, string>>;

  /** The colours that `state` shows in where the terminal's own are those of `theme`. */
  constructor(theme: Theme, state: Pick<ScreenState, "colors">) {
    this.#changed = state.colors ?? {};
    this.#palette = theme.palette;
    this.foreground = first(this.#changed["10"], theme.foreground, USUAL.foreground);
    this.background = first(this.#changed["11"], theme.background, USUAL.background);
    this.cursor = first(this.#changed["12"], this.foreground);
  }

  /** A colour of a cell as `#rrggbb`; `undefined` for the terminal's own. */
  of(color: CellColor | undefined): string | undefined {
    if (color === null || color === undefined) return undefined;
    if (typeof color === "string") return isColor(color) ? color.toLowerCase() : undefined;
    // The names 10 to 12 stand for the default colours, so a program cannot change these three entries.
    const changed = color < 10 || color > 12 ? this.#changed[String(color)] : undefined;
    return first(changed, color < 16 ? this.#named(color) : fixed(color), USUAL.foreground);
  }

  #named(color: number): string {
    return first(this.#palette[color], this.#palette[color % 8], USUAL.palette[color]);
  }
}

function fixed(color: number): string {
  if (color >= 232) return "#" + hex(Array(3).fill(8 + 10 * (color - 232)));
  const at = color - 16;
  return "#" + hex([CUBE[Math.floor(at / 36)]!, CUBE[Math.floor(at / 6) % 6]!, CUBE[at % 6]!]);
}

/** Whether a text is a colour, and nothing that could end an attribute. */
export function isColor(text: unknown): text is string {
  return typeof text === "string" && /^#[0-9a-f]{6}$/i.test(text);
}

function first(...candidates: readonly (string | undefined)[]): string {
  return candidates.find(isColor)!.toLowerCase();
}

/** Red, green and blue of `#rrggbb`. */
export function rgb(color: string): [number, number, number] {
  const value = parseInt(color.slice(1), 16);
  return [value >> 16, value >> 8 & 255, value & 255];
}

/** A colour on the way from one to another: `part` 0 is `from`. */
export function mix(from: string, to: string, part: number): string {
  const [one, other] = [rgb(from), rgb(to)];
  return "#" + hex(one.map((value, at) => Math.round(value + (other[at]! - value) * part)));
}

function hex(values: readonly number[]): string {
  return values.map((value) => value.toString(16).padStart(2, "0")).join("");
}
