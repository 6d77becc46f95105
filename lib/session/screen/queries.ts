/**
 * Questions that programs put to their terminal, found in what they print.
 *
 * A question must be answered exactly once: by the terminal of whoever writes, or, where none is attached, by the session
 * itself. So whoever else looks on gets the output without them, and the session sees each of them.
 *
 * Looked for in their seven-bit forms: device attributes (DA1 to DA3, DECID), status and cursor position (DSR), version
 * (XTVERSION), modes (DECRQM), settings (DECRQSS), capabilities (XTGETTCAP), colours (OSC 4, 10 to 19), keyboard protocol
 * (kitty), and the size of window and text (XTWINOPS). Source: xterm's ctlseqs and the protocol of kitty.
 *
 * This module is browser compatible.
 * @module
 */

import { concat } from "../../stream/collect.ts";

/** A question, without its introducer and terminator. */
export interface Query {
  readonly kind: "control" | "command" | "string" | "escape";
  readonly body: string;
  /** How it ended, which is how its answer has to end. */
  readonly terminator: string;
  /** Where it ends in the bytes that it was found in; the terminal stood there when it was asked. */
  readonly end: number;
}

/** Output without its questions, and the questions. */
export interface Sifted {
  readonly rest: Uint8Array;
  readonly queries: readonly Query[];
}

const CONTROL = String.raw`\[([>=]?[\d;]*c|\??[\d;]*n|>\d*q|\??[\d;]*\$p|\?u|1[13-9]t|2[01]t)`;
const COMMAND = String.raw`\]((?:4;\d+|1\d);\?)(\x07|\x1b\\)`;
const STRING = String.raw`P([$+]q[^\x07\x1b]*)\x1b\\`;
const QUERIES = new RegExp(String.raw`\x1b(?:${CONTROL}|${COMMAND}|${STRING}|(Z))`, "g");
/** The beginning of something that may yet become one. */
const BEGUN = /^\x1b(?:|\[[>=?]?[\d;]*\$?|\][\d;]*(?:\?\x1b?)?|P(?:[$+](?:q[^\x07\x1b]*\x1b?)?)?)$/;
/** Longer than any question. */
const LONGEST = 4096;

const latin1 = new TextDecoder("latin1"); // a character for each byte

/**
 * Looks for questions, however they are split over pieces of output.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const { rest, queries } = new QuerySieve().sift(new TextEncoder().encode("a\x1b[6nb"));
 * equal(new TextDecoder().decode(rest), "ab");
 * deepEqual(queries.map(({ body }) => body), ["6n"]);
 * ```
 */
export class QuerySieve {
  #held: Uint8Array = new Uint8Array(0);

  /** Takes the next piece; a beginning that may become a question waits for its rest. */
  sift(data: Uint8Array): Sifted {
    if (this.#held.length === 0 && !data.includes(0x1b)) return { rest: data, queries: [] };
    const all = this.#held.length === 0 ? data : concat([this.#held, data]);
    const before = this.#held.length;
    const text = latin1.decode(all);
    const queries: Query[] = [];
    const kept: Uint8Array[] = [];
    let at = 0;
    for (const match of text.matchAll(QUERIES)) {
      const end = match.index + match[0].length;
      queries.push({ ...queryOf(match), end: end - before });
      kept.push(all.subarray(at, match.index));
      at = end;
    }
    const end = this.#hold(text, all, at);
    return { rest: at === 0 && end === all.length ? all : concat([...kept, all.subarray(at, end)]), queries };
  }

  /** Forgets what waits: what follows stands on its own. */
  reset(): void {
    this.#held = new Uint8Array(0);
  }

  /** Keeps a beginning at the end; returns where it starts. */
  #hold(text: string, all: Uint8Array, from: number): number {
    let start = text.lastIndexOf("\x1b");
    // The ESC at the very end may begin the terminator of a string.
    if (start === text.length - 1 && start > 0) {
      const opener = text.lastIndexOf("\x1b", start - 1);
      if (opener >= from && BEGUN.test(text.slice(opener))) start = opener;
    }
    const isBegun = start >= from && text.length - start <= LONGEST && BEGUN.test(text.slice(start));
    this.#held = isBegun ? all.slice(start) : new Uint8Array(0);
    return isBegun ? start : all.length;
  }
}

function queryOf(match: RegExpMatchArray): Omit<Query, "end"> {
  const [, control, command, terminator, string] = match;
  if (control !== undefined) return { kind: "control", body: control, terminator: "" };
  if (command !== undefined) return { kind: "command", body: command, terminator: terminator! };
  if (string !== undefined) return { kind: "string", body: string, terminator: "\x1b\\" };
  return { kind: "escape", body: "Z", terminator: "" };
}
