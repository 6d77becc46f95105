/**
 * ttyrec: the format of ttyrec, termrec and game servers.
 *
 * Reads the classic layout, with times behind 2106, and NLE's ttyrec3 with keys and score; writes the classic one.
 *
 * Source: the `ttyrec` and `termrec` packages of Debian, ovh-ttyrec 1.2 (bits 32 to 43 of the seconds), NLE (`ttyrec3`).
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch } from "../lib/event.ts";
import type { SessionReader, SessionWriter } from "../lib/ports.ts";
import { Report } from "../lib/report.ts";
import { decoderStream, encoderStream } from "../lib/stream/coding.ts";
import { TtyrecDecoder } from "./ttyrec/decoder.ts";
import { KEPT_KINDS, TtyrecEncoder } from "./ttyrec/encoder.ts";
import { layoutOf } from "./ttyrec/record.ts";

/**
 * Reader and writer of ttyrec.
 *
 * Output and times to the microsecond are kept, and when the session began. The size is kept as termrec does it, in a first
 * record that sets it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect } from "@term2ai/term2ai";
 *
 * const record = Uint8Array.fromHex("e8030000" + "05000000" + "01000000" + "61");
 * const events = await collect(new Blob([record]).stream().pipeThrough(ttyrec.decoder()));
 * equal(events.map((event) => event.kind).join(), "header,output");
 * ```
 */
export const ttyrec: SessionReader & SessionWriter & {
  /** A stage from the bytes of a recording to its events. */
  decoder(report?: Report): TransformStream<Uint8Array, EventBatch>;
} = {
  name: "ttyrec",
  title: "ttyrec",
  extensions: ["ttyrec", "tty", "ttyrec3"],
  prefixLength: 4096,
  binary: true,
  keeps: KEPT_KINDS,
  detect: (prefix) => layoutOf(prefix, true) !== undefined,
  open: (source, report) => source.bytes().pipeThrough(decoderStream(new TtyrecDecoder(report, source.name))),
  decoder: (report = new Report()) => decoderStream(new TtyrecDecoder(report, "the recording")),
  encoder: (settings) => encoderStream(new TtyrecEncoder(settings)),
};
