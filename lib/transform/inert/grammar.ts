/**
 * Which control sequences only change the picture.
 *
 * Lists of what is let through, because nobody knows all that terminals can be asked to do. Sources: ECMA-48, the VT510
 * manual, xterm's ctlseqs, the extensions of kitty, VTE, iTerm2 and mintty, and the Linux console's manual page.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * Final bytes of control sequences (CSI) that only draw, by what stands before the final byte beside parameters: a private
 * prefix or intermediates.
 *
 * The prefixes `<`, `=` and `>` are missing wholly: they speak to the terminal about itself (device attributes, keyboard
 * protocols, versions, pointer). Of those without prefix `c n x` are questions, `t` commands the window, `i` the printer, `q` the
 * keyboard's lights and `]` the Linux console; `* |` and `$ |` change the window's size.
 */
const DRAWING = new Map([
  ["", "@ABCDEFGHIJKLMPSTWXYZ`abdefghjklmrsu"],
  ["?", "JKWchlrs"], // `?c` is the Linux console's cursor shape, not a question
  [" ", "@Aq"],
  ["!", "p"],
  ['"', "q"],
  ["#", "PQpq{}"],
  ["$", "rtvxz{}~"],
  ["'", "}~"],
  ["*", "x"],
]);

/** ANSI modes that draw: insert, and line feeds that return. The others lock the keyboard or echo it. */
const ANSI_MODES = new Set(["4", "20"]);

/**
 * DEC private modes that draw: columns, scrolling, colours, origin, wrapping, cursor, margins, screens, sixels, synchronised updates.
 *
 * The others switch what keys, mouse, focus and pasting send, raise the window, or leave the language of escape sequences
 * altogether for that of the VT52 (2) or of Tektronix (38).
 */
// deno-fmt-ignore
const PRIVATE_MODES = new Set([
  "3", "4", "5", "6", "7", "12", "13", "14", "25", "34", "41", "42", "45", "47", "69", "80", "95",
  "1045", "1047", "1048", "1049", "1070", "2026", "2027", "8452",
]);

/** The most usual sequences at one glance: no prefix, no intermediates, no modes. */
const USUAL = /^[\d:;]*[@A-MPSTWXYZ`abd-gjkmrsu]$/;
const SEQUENCE = /^([?]?)([\d:;]*)([ -/]*)([@-~])$/;

/**
 * What to show instead of a control sequence: the sequence, without its introducer, or the part of it that draws, or nothing.
 *
 * @param body Parameters, intermediates and final byte.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(drawingPart("1;31m"), "1;31m");
 * equal(drawingPart("?1049;1000h"), "?1049h");
 * equal(drawingPart("6n"), "");
 * ```
 */
export function drawingPart(body: string): string {
  if (USUAL.test(body)) return body;
  const [, prefix, parameters, intermediates, final] = SEQUENCE.exec(body) ?? [];
  if (final === undefined || !DRAWING.get(prefix! + intermediates!)?.includes(final)) return "";
  if (!namesModes(prefix!, final)) return body;
  const modes = parameters!.split(";");
  const kept = modes.filter((mode) => (prefix === "?" ? PRIVATE_MODES : ANSI_MODES).has(mode));
  if (kept.length === modes.length) return body;
  return kept.length === 0 ? "" : prefix! + kept.join(";") + final;
}

/** Set and reset; with the private prefix also save and restore. */
function namesModes(prefix: string, final: string): boolean {
  return final === "h" || final === "l" || (prefix === "?" && (final === "r" || final === "s"));
}

/**
 * Says whether an escape sequence only draws.
 *
 * Missing: `Z` (who are you), `=` and `>` (keypad), `<` and `%` (other languages of escape sequences, other encodings),
 * `SP F` and the like (what the terminal sends).
 *
 * @param body What follows the ESC: intermediates and final byte.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isDrawingEscape("7"), true);
 * equal(isDrawingEscape("Z"), false);
 * ```
 */
export function isDrawingEscape(body: string): boolean {
  return /^(?:[6-9DEFHMNOVWcklmno|}~\\]|#[34568]|[()*+\-./][ -/]?[0-~])$/.test(body);
}

/**
 * Says whether an operating system command (OSC) only draws: a title, a link, or a colour that is set and not asked for.
 *
 * @param body What stands between introducer and terminator.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isDrawingCommand("2;~/src"), true);
 * equal(isDrawingCommand("11;?"), false);
 * equal(isDrawingCommand("52;c;Zm9v"), false);
 * ```
 */
export function isDrawingCommand(body: string): boolean {
  if (/^[0128];/.test(body)) return true;
  return /^(?:(?:4|5|1\d);[^?]*|10[45](?:;[^?]*)?|11\d;?)$/.test(body);
}

/**
 * Says from its head whether a device control string (DCS) draws: sixel pictures do, all others ask or set something.
 *
 * @param head Parameters, intermediates and final byte, which open the string.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isDrawingString("0;1q"), true);
 * equal(isDrawingString("$q"), false);
 * ```
 */
export function isDrawingString(head: string): boolean {
  return /^[\d;]*q$/.test(head);
}
