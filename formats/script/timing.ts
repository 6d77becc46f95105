/**
 * The lines of script's timing logs: `0.5 12` in the classic one, `O 0.500000 12` and others in the advanced one.
 *
 * Source: scriptreplay and `term-utils/script.c` of util-linux 2.38.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../../lib/event.ts";

/**
 * A line of a timing log.
 *
 * @example
 * ```ts
 * const resized: TimingEntry = { letter: "S", delta: 297_320_000, rest: "SIGWINCH ROWS=40 COLS=120" };
 * ```
 */
export interface TimingEntry {
  /** `O` output, `I` input, `S` signal, `H` a fact. */
  readonly letter: string;
  /** Time since the entry before. */
  readonly delta: Nanos;
  /** The number of bytes, or what the fact is. */
  readonly rest: string;
}

const ADVANCED = /^([A-Z]) (\d{1,12})\.(\d{1,9})\d* (.*)$/s;
const CLASSIC = /^()(\d{1,12})\.(\d{1,9})\d* (\d+)$/;

/**
 * The entry that a line is, without its line feed; `undefined` if it is none.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 * deepEqual(readEntry("0.25 7"), { letter: "O", delta: 250_000_000, rest: "7" });
 * deepEqual(readEntry("I 1.000001 3"), { letter: "I", delta: 1_000_001_000, rest: "3" });
 * equal(readEntry("hello"), undefined);
 * ```
 */
export function readEntry(line: string): TimingEntry | undefined {
  const [, letter, seconds, fraction, rest] = ADVANCED.exec(line) ?? CLASSIC.exec(line) ?? [];
  if (rest === undefined) return undefined;
  return { letter: letter || "O", delta: Number(seconds) * 1e9 + Number(fraction!.padEnd(9, "0")), rest };
}

/**
 * A line of the advanced log. Always six digits: scriptreplay reads what follows the point as a number of microseconds.
 *
 * @param micros Time since the entry before, in microseconds.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(writeEntry("O", 1_000_050, "12"), "O 1.000050 12\n");
 * ```
 */
export function writeEntry(letter: string, micros: number, rest: string): string {
  return `${letter} ${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")} ${rest}\n`;
}
