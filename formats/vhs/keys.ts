/**
 * What terminals send for keys, in the words of a VHS tape.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * A piece of what was typed: text, a key, or bytes that a tape has no word for.
 *
 * @example
 * ```ts
 * const enter: Typed = { key: "Enter" };
 * ```
 */
export type Typed = { readonly text: string } | { readonly key: string } | { readonly unknown: string };

const SEQUENCES: Readonly<Record<string, string>> = {
  "A": "Up",
  "B": "Down",
  "C": "Right",
  "D": "Left",
  "H": "Home",
  "F": "End",
  "1~": "Home",
  "2~": "Insert",
  "3~": "Delete",
  "4~": "End",
  "5~": "PageUp",
  "6~": "PageDown",
  "7~": "Home",
  "8~": "End",
  "Z": "Shift+Tab",
};

const PASTE = /^\x1b\[200~([\s\S]*?)\x1b\[201~/;
const SEQUENCE = /^\x1b(?:\[([0-?]*[ -/]*[@-~])|O([@-~]))/;
const STRING = /^\x1b[P\]X^_][\s\S]*?(?:\x07|\x1b\\)/;
const PRINTABLE = /^[^\0-\x1f\x7f-\x9f]+/;

/**
 * Cuts typed text into pieces.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(readKeys("ls\r\x03\x1b[A"), [{ text: "ls" }, { key: "Enter" }, { key: "Ctrl+C" }, { key: "Up" }]);
 * ```
 */
export function readKeys(typed: string): Typed[] {
  const pieces: Typed[] = [];
  for (let rest = typed; rest !== "";) {
    const [piece, length] = next(rest);
    pieces.push(...piece);
    rest = rest.slice(length);
  }
  return pieces;
}

/** The pieces at the beginning of `rest`, and how long they are in it. */
function next(rest: string): [Typed[], number] {
  const [printable] = PRINTABLE.exec(rest) ?? [];
  if (printable !== undefined) return [[{ text: printable }], printable.length];
  if (!rest.startsWith("\x1b")) return [[controlKey(rest.charCodeAt(0))], 1];
  const [paste, pasted] = PASTE.exec(rest) ?? [];
  if (paste !== undefined) return [pasted! === "" ? [] : readKeys(pasted!.replaceAll("\x1b", "")), paste.length];
  const [sequence, control, single] = SEQUENCE.exec(rest) ?? [];
  if (sequence !== undefined) return [[sequenceKey(sequence, (control ?? single)!)], sequence.length];
  const [string] = STRING.exec(rest) ?? [];
  if (string !== undefined) return [[{ unknown: string }], string.length];
  const [, letter] = /^\x1b([!-~])/.exec(rest) ?? [];
  return letter === undefined ? [[{ key: "Escape" }], 1] : [[{ key: `Alt+${letter}` }], 2];
}

function sequenceKey(sequence: string, body: string): Typed {
  const key = SEQUENCES[body];
  return key === undefined ? { unknown: sequence } : { key };
}

const CONTROLS: Readonly<Record<number, string>> = {
  8: "Backspace",
  9: "Tab",
  10: "Enter",
  13: "Enter",
  127: "Backspace",
};

function controlKey(code: number): Typed {
  if (CONTROLS[code]) return { key: CONTROLS[code] };
  if (code >= 1 && code <= 26) return { key: `Ctrl+${String.fromCharCode(64 + code)}` };
  if (code === 0) return { key: "Ctrl+@" };
  if (code >= 28 && code <= 31) return { key: `Ctrl+${"\\]^_"[code - 28]}` };
  return { unknown: String.fromCharCode(code) };
}
