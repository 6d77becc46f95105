/**
 * The timing of tlog's messages: a string such as `=80x24>3+120]1/2<1` that tells how input and output follow each other.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * One step of a timing. Each may come `delay` milliseconds after the one before.
 *
 * - `text`: so many characters of the input's or output's text.
 * - `bytes`: so many replacement characters of the text are to be skipped, and so many bytes be taken.
 * - `window`: a size.
 * - `fault`: the rest of the string is no timing.
 *
 * A character is a Unicode code point.
 *
 * @example
 * ```ts
 * const resized: Step = { kind: "window", cols: 132, rows: 43, delay: 250 };
 * ```
 */
export type Step =
  | { readonly kind: "text"; readonly from: Direction; readonly count: number; readonly delay?: number }
  | {
    readonly kind: "bytes";
    readonly from: Direction;
    readonly skip: number;
    readonly count: number;
    readonly delay?: number;
  }
  | { readonly kind: "window"; readonly cols: number; readonly rows: number; readonly delay?: number }
  | { readonly kind: "fault" };

/**
 * Which of the two streams of a terminal.
 *
 * @example
 * ```ts
 * const typed: Direction = "input";
 * ```
 */
export type Direction = "input" | "output";

const RECORD = /(?:\+(\d+))?(?:([<>])(\d+)|([[\]])(\d+)\/(\d+)|=(\d+)x(\d+))/y;

/**
 * The steps of a timing, one by one.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * deepEqual([...readTiming("=80x24+5>3x")], [
 *   { kind: "window", cols: 80, rows: 24 },
 *   { kind: "text", from: "output", count: 3, delay: 5 },
 *   { kind: "fault" },
 * ]);
 * ```
 */
export function* readTiming(timing: string): Generator<Step> {
  for (let at = 0; at < timing.length;) {
    RECORD.lastIndex = at;
    const found = RECORD.exec(timing);
    if (!found) return yield { kind: "fault" };
    at += found[0].length;
    yield stepOf(found);
  }
}

function stepOf([, delay, arrow, count, bracket, skip, bytes, cols, rows]: RegExpExecArray): Step {
  const pause = delay === undefined ? {} : { delay: Number(delay) };
  if (arrow) return { kind: "text", from: arrow === "<" ? "input" : "output", count: Number(count), ...pause };
  if (!bracket) return { kind: "window", cols: Number(cols), rows: Number(rows), ...pause };
  const from = bracket === "[" ? "input" : "output";
  return { kind: "bytes", from, skip: Number(skip), count: Number(bytes), ...pause };
}
