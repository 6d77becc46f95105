/**
 * The `timing` file of a sudo I/O log: a line for each thing that happened, with the time since the one before.
 *
 * This module is browser compatible.
 * @module
 */

import { type Nanos, SECOND } from "../../lib/event.ts";

/**
 * The streams that sudo logs, in the order of their numbers. Each is a file of its own.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(STREAMS[4], "ttyout");
 * ```
 */
export const STREAMS = ["stdin", "stdout", "stderr", "ttyin", "ttyout"] as const;

/**
 * The name of a stream's file.
 *
 * @example
 * ```ts
 * const typed: StreamName = "ttyin";
 * ```
 */
export type StreamName = typeof STREAMS[number];

/**
 * What a line tells, `delay` nanoseconds after the line before.
 *
 * - `data`: so many bytes of a stream.
 * - `window`: a new size.
 * - `suspend`: the command was stopped or continued by a signal.
 * - `other`: something that has no meaning to us.
 *
 * @example
 * ```ts
 * const line: Timing = { kind: "data", delay: 1_000_000, stream: "ttyout", count: 80 };
 * ```
 */
export type Timing =
  & { readonly delay: Nanos }
  & (
    | { readonly kind: "data"; readonly stream: StreamName; readonly count: number }
    | { readonly kind: "window"; readonly cols: number; readonly rows: number }
    | { readonly kind: "suspend"; readonly signal: string }
    | { readonly kind: "other" }
  );

// Some versions wrote the decimal point of the locale.
const LINE = /^(\d{1,3})\s+(\d+)(?:[.,](\d+))?(?:\s+(\S.*?))?\s*$/;
const WINDOW = 5, SUSPEND = 7;

/**
 * What a line says; `undefined` if it is none.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * deepEqual(parseTiming("4 1.000000005 12"), { kind: "data", delay: 1_000_000_005, stream: "ttyout", count: 12 });
 * deepEqual(parseTiming("5 0.5 24 80"), { kind: "window", delay: 500_000_000, cols: 80, rows: 24 });
 * equal(parseTiming("4 soon 12"), undefined);
 * ```
 */
export function parseTiming(line: string): Timing | undefined {
  const [, type, seconds, fraction = "", rest = ""] = LINE.exec(line) ?? [];
  if (type === undefined) return undefined;
  const delay = Number(seconds) * SECOND + Number(fraction.slice(0, 9).padEnd(9, "0"));
  const stream = STREAMS[Number(type)];
  if (stream) return /^\d+$/.test(rest) ? { kind: "data", delay, stream, count: Number(rest) } : undefined;
  if (Number(type) === WINDOW) return windowOf(delay, rest);
  if (Number(type) === SUSPEND) return /^\w+$/.test(rest) ? { kind: "suspend", delay, signal: rest } : undefined;
  return { kind: "other", delay };
}

/** Rows come first. */
function windowOf(delay: Nanos, rest: string): Timing | undefined {
  const [, rows, cols] = /^(\d+)\s+(\d+)$/.exec(rest) ?? [];
  return rows === undefined ? undefined : { kind: "window", delay, cols: Number(cols), rows: Number(rows) };
}
