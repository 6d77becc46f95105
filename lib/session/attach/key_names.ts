/**
 * Keys by name, as the bytes that a terminal sends for them.
 *
 * The names are those that tmux users type: `Enter`, `C-c`, `M-x`, `Up`, `F5`, `S-Tab`. What arrows and the keypad send depends on
 * what the program has asked for (DECCKM), so the modes of the screen come into it.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../../errors.ts";

const ESC = "\x1b";
const PLAIN: Readonly<Record<string, string>> = {
  enter: "\r",
  return: "\r",
  tab: "\t",
  escape: ESC,
  esc: ESC,
  space: " ",
  bspace: "\x7f",
  backspace: "\x7f",
  btab: `${ESC}[Z`,
};
/** Final bytes of keys that are CSI, or SS3 in application mode. */
const ARROWS: Readonly<Record<string, string>> = { up: "A", down: "B", right: "C", left: "D", home: "H", end: "F" };
/** Numbers of keys that end with a tilde. */
const TILDES: Readonly<Record<string, number>> = {
  insert: 2,
  ic: 2,
  delete: 3,
  dc: 3,
  pageup: 5,
  pgup: 5,
  ppage: 5,
  pagedown: 6,
  pgdn: 6,
  npage: 6,
  f5: 15,
  f6: 17,
  f7: 18,
  f8: 19,
  f9: 20,
  f10: 21,
  f11: 23,
  f12: 24,
};
const FUNCTIONS: Readonly<Record<string, string>> = { f1: "P", f2: "Q", f3: "R", f4: "S" };

/**
 * What to type for a word: the bytes of the key that it names, else the word itself.
 *
 * @param modes Of the screen, as in a `ScreenState`.
 * @throws {UsageError} If it is spelled like a key with a modifier, and there is no such key.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(["ls -l", "Enter", "C-c", "Up"].map((word) => typed(word, { "?1": true })), ["ls -l", "\r", "\x03", "\x1bOA"]);
 * ```
 */
export function typed(word: string, modes: Readonly<Record<string, boolean | number>>): string {
  const key = keyBytes(word, modes["?1"] === true);
  if (key !== undefined) return key;
  if (/^(?:[CMS]-)+\w+$/.test(word)) {
    throw new UsageError(
      `Cannot press ${word}: there is no such key; expected C-a, M-x, S-Up, Enter, Up, F1 or the like, or --literal for text`,
    );
  }
  return word;
}

function keyBytes(word: string, application: boolean): string | undefined {
  const [, modifiers = "", name = ""] = /^((?:[CMS]-)*)(.+)$/s.exec(word) ?? [];
  const lower = name.toLowerCase();
  const has = (letter: string) => modifiers.includes(letter);
  const isNamed = name.length > 1;
  if (!isNamed && modifiers === "") return undefined;
  if (!isNamed || lower === "space") return character(lower === "space" ? " " : name, has("C"), has("M"));
  if (lower === "tab" && has("S")) return PLAIN.btab;
  if (Object.hasOwn(PLAIN, lower)) return has("C") ? undefined : (has("M") ? ESC : "") + PLAIN[lower];
  const modifier = 1 + (has("S") ? 1 : 0) + (has("M") ? 2 : 0) + (has("C") ? 4 : 0);
  return special(lower, modifier, application);
}

function special(name: string, modifier: number, application: boolean): string | undefined {
  const final = ARROWS[name] ?? FUNCTIONS[name];
  if (final !== undefined && Object.hasOwn({ ...ARROWS, ...FUNCTIONS }, name)) {
    if (modifier > 1) return `${ESC}[1;${modifier}${final}`;
    return `${ESC}${application || Object.hasOwn(FUNCTIONS, name) ? "O" : "["}${final}`;
  }
  if (!Object.hasOwn(TILDES, name)) return undefined;
  return `${ESC}[${TILDES[name]}${modifier > 1 ? `;${modifier}` : ""}~`;
}

/** A character with Control or Meta. */
function character(name: string, control: boolean, meta: boolean): string | undefined {
  let bytes = name;
  if (control) {
    const code = name.toUpperCase().charCodeAt(0);
    if (name === "?") bytes = "\x7f";
    else if (name === " ") bytes = "\0";
    else if (code >= 0x40 && code <= 0x5f) bytes = String.fromCharCode(code & 0x1f);
    else return undefined;
  }
  return (meta ? ESC : "") + bytes;
}
