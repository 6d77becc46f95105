/**
 * asciicast version 2, the format of asciinema 2 (`.cast`): a header line, then a line for each event, with absolute times.
 *
 * It holds what version 3 holds but comments: its readers stop at them, so they are lost in writing. `header.term` is told as
 * `env.TERM`. The field `duration` is not computed, since nobody knows it when the header is written; one that was read is
 * kept in `header.extra`.
 *
 * Appending needs the time at which the old recording ends: see `continueFrom` of {@linkcode AsciicastSettings}.
 *
 * This module is browser compatible.
 * @module
 */

import { type AsciicastFormat, asciicastFormat } from "./asciicast/format.ts";

export type { AsciicastFormat } from "./asciicast/format.ts";
export type { AsciicastSettings } from "./asciicast/encoder.ts";

/**
 * Reader and writer of asciicast version 2.
 *
 * Reading is lenient: damaged lines, odd times and half-valid headers are reported and gone over; only a recording without a
 * header is refused. Writing keeps microseconds unless told otherwise.
 *
 * @example Appending to a recording that ends at 90 seconds
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collectBytes, streamOf } from "@term2ai/term2ai";
 *
 * const more = streamOf(
 *   { kind: "header", time: 0, header: { cols: 80, rows: 24 } },
 *   { kind: "marker", time: 1_500_000_000, label: "again" },
 * );
 * const bytes = await collectBytes(more.pipeThrough(asciicastV2.encoder({ continueFrom: 90e9 })));
 * equal(new TextDecoder().decode(bytes), '[90.0, "r", "80x24"]\n[91.5, "m", "again"]\n');
 * ```
 */
export const asciicastV2: AsciicastFormat = asciicastFormat(2);
