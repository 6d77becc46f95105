/**
 * Text without what differs from run to run: times, durations, ids, addresses, temporary folders.
 *
 * This module is browser compatible.
 * @module
 */

// deno-fmt-ignore
const RULES: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d|UTC|GMT)\b)?/g, "<time>"],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: +\d{1,2})?,?(?: \d{4})?(?: \d\d:\d\d:\d\d)?(?: [AP]M)?(?: (?:[A-Z]{3,4}|[+-]\d{4}))?(?: \d{4})?/g, "<time>"],
  [/\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} (?:\d{4}|\d\d:\d\d(?::\d\d)?)\b/g, "<time>"],
  [/\b\d{4}-\d\d-\d\d\b/g, "<date>"],
  [/\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b/g, "<time>"],
  [/\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b/g, "<id>"],
  [/\b0x[0-9a-fA-F]{4,}\b/g, "<address>"],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b/g, "<id>"],
  [/\b(?:\d+h ?)?\d+m ?\d+(?:[.,]\d+)?s\b/g, "<duration>"],
  [/\b\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|sec|secs|seconds?|min|mins|minutes?|hours?)\b(?: ?\d+(?:\.\d+)? ?(?:ms|s|m)\b)*/g, "<duration>"],
  [/\/(?:tmp|var\/tmp|var\/folders|private\/tmp|run\/user)\/[^\s'":,;)\]]+/g, "<temporary>"],
  [/\b(pid|PID|process|Process|thread|Thread)([ :=#]+)\d+\b/g, "$1$2<id>"],
  [/\b\d+(?:\.\d+)? ?(?:[kKMG]i?B|bytes)\/s\b/g, "<rate>"],
  [/(?<=\bport |:)(?:[3-6]\d{4})\b/g, "<port>"],
];

/**
 * A line of output as it is compared: what differs between two runs of the same thing stands for its kind.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * equal(normalizeLine("2026-11-27 10:31:09 built 9fceb02 in 3.4s"), "<time> built <id> in <duration>");
 * equal(normalizeLine("2 of 3 tests failed"), "2 of 3 tests failed");
 * ```
 */
export function normalizeLine(line: string): string {
  if (!/[\d]/.test(line)) return line;
  return RULES.reduce((text, [pattern, kind]) => text.replace(pattern, kind), line);
}

/**
 * The cause that a message tells, without the names and numbers of the occasion, so that the same causes are one.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(causeOf("cannot open '/etc/a.conf': Permission denied"), causeOf("cannot open '/etc/b.conf': Permission denied"));
 * ```
 */
export function causeOf(message: string): string {
  return normalizeLine(message).replace(/(['"`‘“]).*?['"`’”]/g, "…").replace(/(?:[\w.~-]*\/)+[\w.-]+/g, "<path>")
    .replace(/\d+/g, "N").trim().slice(0, 200);
}
