/**
 * What the marks of shells say.
 *
 * Sources: FinalTerm's OSC 133 with the options of kitty and Ghostty, VS Code's OSC 633, and the sequences that tell a working
 * directory: OSC 7, OSC 9;9, iTerm2's OSC 1337.
 *
 * This module is browser compatible.
 * @module
 */

import { MICROSECOND, type Nanos } from "../../event.ts";

/**
 * A mark. `nonce` is the last field of ours, and of VS Code's command lines.
 *
 * - `prompt`, `input`, `output`, `done`: the phases of a command (A, B, C, D).
 *   An end is `late` when the shell could tell it only after other things, and `unseen` where it cannot tell beginnings any more.
 *   By the shell's own clock the command took `took`, and the mark was printed `ago` after its end.
 * - `text`: the command line (E).
 * - `cwd`: the working directory.
 * - `shown`: the prompt as it is shown, where the shell cannot tell its line.
 *
 * @example
 * ```ts
 * const failed: Mark = { kind: "done", code: 1 };
 * ```
 */
export type Mark =
  | { readonly kind: "prompt" | "input"; readonly nonce?: string }
  | { readonly kind: "output"; readonly text?: string; readonly nonce?: string }
  | {
    readonly kind: "done";
    readonly code?: number;
    readonly late?: true;
    readonly unseen?: true;
    readonly took?: Nanos;
    readonly ago?: Nanos;
    readonly nonce?: string;
  }
  | { readonly kind: "text" | "cwd" | "shown"; readonly value: string; readonly nonce?: string };

/**
 * Reads a mark; `undefined` for what means nothing to us.
 *
 * @param body What stands between `ESC ]` and the terminator.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(readMark("133;D;7;aid=12"), { kind: "done", code: 7 });
 * deepEqual(readMark("633;E;echo a\\x3b echo b;0123"), { kind: "text", value: "echo a; echo b", nonce: "0123" });
 * deepEqual(readMark("7;file://engine/home/ada%20l"), { kind: "cwd", value: "/home/ada l" });
 * ```
 */
export function readMark(body: string): Mark | undefined {
  const [number, ...fields] = body.split(";");
  switch (number) {
    case "133":
      return readFinalTerm(fields);
    case "633":
      return readCode(fields);
    case "7":
      return cwdOf(readUrl(fields.join(";")));
    case "9":
      return cwdOf(fields.slice(1).join(";"));
    case "1337":
      return cwdOf(/^CurrentDir=(.*)$/s.exec(fields.join(";"))?.[1]);
  }
}

function readFinalTerm([letter, ...fields]: string[]): Mark | undefined {
  const options = new Map(fields.map((field) => split(field, "=")));
  switch (letter) {
    case "A":
      return options.get("k") === "s" ? undefined : { kind: "prompt" };
    case "P":
      return options.get("k") === "i" ? { kind: "prompt" } : undefined;
    case "B":
      return { kind: "input" };
    case "C":
      return { kind: "output", ...optionalText(options) };
    case "D":
      return { kind: "done", ...optionalCode(fields[0]) };
  }
}

function readCode([letter, first, second, ...flags]: string[]): Mark | undefined {
  switch (letter) {
    case "A":
      return { kind: "prompt", ...optionalNonce(first) };
    case "B":
      return { kind: "input", ...optionalNonce(first) };
    case "C":
      return { kind: "output", ...optionalNonce(first) };
    case "D":
      return { kind: "done", ...optionalCode(first), ...optionalNonce(second), ...flagsOf(flags) };
    case "E":
      return first === undefined ? undefined : { kind: "text", value: unescape(first), ...optionalNonce(second) };
    case "P":
      return readProperty(first ?? "", second);
  }
}

function readProperty(field: string, nonce: string | undefined): Mark | undefined {
  const [name, value] = split(field, "=");
  if (name === "Cwd") return { kind: "cwd", value: unescape(value), ...optionalNonce(nonce) };
  if (name === "Prompt") return { kind: "shown", value: unescape(value), ...optionalNonce(nonce) };
}

/** `\\` and `\xHH`, where bytes of a character stand as they are. */
function unescape(text: string): string {
  return text.replace(/\\(?:\\|x([0-9a-fA-F]{2}))/g, (_, hex) => hex ? String.fromCharCode(parseInt(hex, 16)) : "\\");
}

function optionalText(options: ReadonlyMap<string, string>): { text?: string } {
  const encoded = options.get("cmdline_url");
  const text = encoded === undefined ? unquote(options.get("cmdline")) : decodePercent(encoded);
  return text === undefined ? {} : { text };
}

/** A word as `printf %q` writes it; where it may be something else nothing is better than something wrong. */
function unquote(word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  const ansi = /^\$'((?:[^'\\]|\\[^])*)'$/.exec(word);
  if (ansi) return unquoteAnsi(ansi[1]!);
  const plain = /^'([^']*)'$/.exec(word);
  return plain ? plain[1] : word.replace(/\\([^])/g, "$1");
}

function unquoteAnsi(text: string): string | undefined {
  const letters: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", E: "\x1b", a: "\x07", b: "\b" };
  if (/\\[0-7]/.test(text)) return undefined; // bytes that are no text
  return text.replace(/\\([^])/g, (_, letter: string) => letters[letter] ?? letter);
}

function readUrl(url: string): string | undefined {
  const kitty = /^kitty-shell-cwd:\/\/[^/]*(\/.*)$/s.exec(url);
  if (kitty) return kitty[1];
  const file = /^file:\/\/[^/]*(\/.*)$/s.exec(url);
  return file ? decodePercent(file[1]!) : undefined;
}

function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const cwdOf = (value: string | undefined): Mark | undefined => value ? { kind: "cwd", value } : undefined;
const optionalNonce = (nonce: string | undefined) => nonce ? { nonce } : {};
const flagsOf = (flags: readonly string[]) => ({
  ...(flags.includes("late") && { late: true as const }),
  ...(flags.includes("unseen") && { unseen: true as const }),
  ...optionalTime("took", flags),
  ...optionalTime("ago", flags),
});

/** Microseconds; what took more than eleven days nobody needs to know as exactly. */
function optionalTime(name: "took" | "ago", flags: readonly string[]): { took?: Nanos; ago?: Nanos } {
  const digits = flags.map((flag) => split(flag, "=")).find(([key]) => key === name)?.[1];
  return digits !== undefined && /^\d{1,12}$/.test(digits) ? { [name]: Number(digits) * MICROSECOND } : {};
}

const optionalCode = (code: string | undefined) =>
  code !== undefined && /^\d{1,10}$/.test(code) ? { code: Number(code) } : {};

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}
