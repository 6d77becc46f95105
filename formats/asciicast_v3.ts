/**
 * asciicast version 3, the format of asciinema 3 (`.cast`): a header line, then a line for each event, with intervals.
 *
 * It holds output, input, resizes, markers, the exit code, comments and foreign events; times to the nanosecond if asked. It
 * is text, so bytes that are not UTF-8 are lost, and each loss is counted. Fields of the header that only we have go into one
 * extra field, `term2ai`, so nothing of a header is lost.
 *
 * Appending needs nothing of the old recording but its end: see `continueFrom` of {@linkcode AsciicastSettings}.
 *
 * This module is browser compatible.
 * @module
 */

import { type AsciicastFormat, asciicastFormat } from "./asciicast/format.ts";

export type { AsciicastFormat } from "./asciicast/format.ts";
export type { AsciicastSettings } from "./asciicast/encoder.ts";

/**
 * Reader and writer of asciicast version 3.
 *
 * Reading is lenient: damaged lines, odd times and half-valid headers are reported and gone over; only a recording without a
 * header is refused. Writing keeps microseconds unless told otherwise.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect } from "@term2ai/term2ai";
 *
 * const bytes = new Blob(['{"version": 3, "term": {"cols": 80, "rows": 24}}\n[0.5, "o", "a"]\n[0.25, "o", "b"]\n']).stream();
 * const events = await collect(bytes.pipeThrough(asciicastV3.decoder()));
 * equal(events.map((event) => event.time).join(), "0,500000000,750000000");
 * ```
 */
export const asciicastV3: AsciicastFormat = asciicastFormat(3);
