/**
 * The lines that a program printed, without colours and cursor movement, from bytes that are cut anywhere.
 *
 * This module is browser compatible.
 * @module
 */

/** A line is held to this length; what is longer is cut there. */
const MAX_LINE = 8192;
/** The cursor goes to the first column: spinners print over themselves with it. */
const TO_START = /\x1b\[[01]?G/g;
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])/g;

/**
 * Bytes in, text with whole lines out; the lines themselves only when asked for, since most output has nothing of interest.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const lines = new PlainLines();
 * const text = lines.push(new TextEncoder().encode("\x1b[31merror\x1b[m: no\r\n 50%\r100%\r\nnext"));
 * deepEqual(plainLinesOf(text), ["error: no", "100%"]);
 * deepEqual(lines.flush(), "next");
 * ```
 */
export class PlainLines {
  readonly #decoder = new TextDecoder();
  #rest = ""; // a line whose end has not come yet

  /** Whole lines as they were printed, with their line feeds; empty when no line has ended. */
  push(data: Uint8Array): string {
    const text = this.#rest + this.#decoder.decode(data, { stream: true });
    const end = text.lastIndexOf("\n") + 1;
    this.#rest = text.length - end > MAX_LINE ? text.slice(-MAX_LINE / 2) : text.slice(end);
    return end === 0 ? "" : text.slice(0, end);
  }

  /** What follows the last line feed. */
  flush(): string {
    const rest = this.#rest + this.#decoder.decode();
    this.#rest = "";
    return rest;
  }
}

/**
 * The lines of a text: no sequences, no carriage returns, what was overwritten left out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(plainLinesOf("a\x08b\r\n\x1b]0;title\x07c\n"), ["b", "c"]);
 * ```
 */
export function plainLinesOf(text: string): string[] {
  const plain = text.includes("\x1b") ? text.replace(TO_START, "\r").replace(SEQUENCE, "") : text;
  const lines = plain.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map(settle);
}

/** A line as it shows once everything in it has been printed. */
function settle(line: string): string {
  if (line.endsWith("\r")) line = line.replace(/\r+$/, "");
  const start = line.lastIndexOf("\r") + 1;
  if (start > 0) line = line.slice(start);
  while (line.includes("\b")) {
    const shorter = line.replace(/[^\b]\x08/g, "").replace(/^\x08+/, "");
    if (shorter === line) break;
    line = shorter;
  }
  // deno-lint-ignore no-control-regex
  return line.replace(/[\0-\x08\x0b-\x1f\x7f]/g, "").slice(0, MAX_LINE).trimEnd();
}
