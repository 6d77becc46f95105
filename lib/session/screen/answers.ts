/**
 * What a session answers when a program asks about its terminal and nobody's terminal is there to be asked.
 *
 * The answers tell the truth about the emulator that keeps the session's screen: a VT220 with colours, of this size, with the
 * cursor here. What it cannot know (pixels, the keyboard's protocol) stays unanswered, as with terminals that do not know it either.
 *
 * This module is browser compatible.
 * @module
 */

import type { ScreenState } from "../../event.ts";
import type { Query } from "./queries.ts";

/** What is asked of. */
export interface Answering {
  /** The screen at the moment of the question; only asked for where the answer depends on it. */
  screen(): ScreenState;
  /** Name and version, for XTVERSION. */
  readonly version: string;
}

/** Colours of a terminal that was told nothing: light on dark. */
const COLORS: Readonly<Record<string, string>> = { 10: "#d0d0d0", 11: "#000000", 12: "#d0d0d0" };
const ANSI = "000000cd000000cd00cdcd000000eecd00cd00cdcde5e5e57f7f7fff000000ff00ffff005c5cffff00ff00ffffffffff";
/** DEC private modes that the emulator knows. */
const KNOWN_MODES = new Set(
  [
    "?1",
    "?6",
    "?7",
    "?9",
    "?12",
    "?25",
    "?45",
    "?47",
    "?66",
    "?1000",
    "?1002",
    "?1003",
    "?1004",
    "?1006",
    "?1016",
    "?1047",
    "?1049",
    "?2004",
    "?2026",
    "4",
    "20",
  ],
);

/**
 * The answer to a question; empty where there is none to give.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const asked = { kind: "control", body: "5n", terminator: "", end: 4 } as const;
 * equal(answerTo(asked, { screen: () => { throw new Error("not needed"); }, version: "term2ai 0" }), "\x1b[0n");
 * ```
 */
export function answerTo(query: Query, session: Answering): string {
  switch (query.kind) {
    case "escape":
      return DEVICE;
    case "control":
      return answerToControl(query.body, session);
    case "command":
      return answerToColor(query, session.screen());
    case "string":
      return answerToString(query.body, session);
  }
}

const DEVICE = "\x1b[?62;22c";

function answerToControl(body: string, session: Answering): string {
  if (/^0?c$/.test(body)) return DEVICE;
  if (/^>0?c$/.test(body)) return "\x1b[>1;277;0c";
  if (/^=0?c$/.test(body)) return "\x1bP!|00000000\x1b\\";
  if (body === "5n") return "\x1b[0n";
  if (body === "6n" || body === "?6n") return positionOf(session.screen(), body.startsWith("?"));
  if (/^>0?q$/.test(body)) return `\x1bP>|${session.version}\x1b\\`;
  if (body.endsWith("$p")) return answerToMode(body.slice(0, -2), session.screen());
  if (body === "11t") return "\x1b[1t";
  if (body === "18t" || body === "19t") {
    const { cols, rows } = session.screen();
    return `\x1b[${body === "18t" ? 8 : 9};${rows};${cols}t`;
  }
  return "";
}

function positionOf({ cursor, cols, modes, margins }: ScreenState, extended: boolean): string {
  const row = cursor.row - (modes["?6"] ? margins?.[0] ?? 0 : 0);
  return `\x1b[${extended ? "?" : ""}${row + 1};${Math.min(cursor.col, cols - 1) + 1}R`;
}

/** 1 set, 2 reset, 0 not known. */
function answerToMode(mode: string, { modes, active }: ScreenState): string {
  const isAlternate = ["?47", "?1047", "?1049"].includes(mode);
  const isOn = isAlternate ? active === "alternate" : modes[mode] ?? (mode === "?7" || mode === "?25");
  return `\x1b[${mode};${KNOWN_MODES.has(mode) ? (isOn ? 1 : 2) : 0}$y`;
}

function answerToColor({ body, terminator }: Query, { colors = {} }: ScreenState): string {
  const [first, second] = body.split(";") as [string, string];
  const isIndexed = first === "4";
  const color = isIndexed ? colors[second] ?? paletteColor(Number(second)) : colors[first] ?? COLORS[first];
  if (color === undefined) return "";
  const parts = [1, 3, 5].map((at) => color.slice(at, at + 2).repeat(2));
  return `\x1b]${isIndexed ? `4;${second}` : first};rgb:${parts.join("/")}${terminator}`;
}

/** xterm's 256 colours. */
function paletteColor(index: number): string | undefined {
  if (index < 16) return `#${ANSI.slice(6 * index, 6 * index + 6)}`;
  if (index > 255 || !Number.isInteger(index)) return undefined;
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  if (index >= 232) return `#${hex(8 + 10 * (index - 232)).repeat(3)}`;
  const level = (value: number) => hex(value === 0 ? 0 : 55 + 40 * value);
  const cube = index - 16;
  return `#${level(Math.floor(cube / 36))}${level(Math.floor(cube / 6) % 6)}${level(cube % 6)}`;
}

/** Settings and capabilities: those that are known, and for all others that they are not. */
function answerToString(body: string, session: Answering): string {
  if (body.startsWith("+q")) return `\x1bP0+r${body.slice(2)}\x1b\\`;
  if (body === "$qr") {
    const { rows, margins = [0, rows - 1] } = session.screen();
    return `\x1bP1$r${margins[0] + 1};${margins[1] + 1}r\x1b\\`;
  }
  if (body === "$q q") return `\x1bP1$r${session.screen().cursorShape ?? 1} q\x1b\\`;
  return "\x1bP0$r\x1b\\";
}
