/**
 * asciicast version 1, the format of asciinema 1 (`.json`): one JSON document with the size, and a list of texts with the time
 * between them. It holds output only: what was typed, new sizes, markers and the exit are lost, and told.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionReader, SessionWriter } from "../lib/ports.ts";
import { decoded, encoderStream } from "../lib/stream/coding.ts";
import { beginsDocument, DocumentDecoder } from "./asciicast_v1/decoder.ts";
import { DocumentWriter, KEPT_KINDS } from "./asciicast_v1/encoder.ts";

/**
 * Reader and writer of asciicast version 1.
 *
 * Entries that are none are counted and gone over, and what was cut off is read up to there. A document of more than 64 MiB is
 * refused, since all of it must be there before its first event is known.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource, collect, Report } from "@term2ai/term2ai";
 *
 * const document = '{"version": 1, "width": 80, "height": 24, "stdout": [[0.5, "$ "], [1.25, "ls"]]}';
 * const source = blobSource("demo.json", new Blob([document]));
 * const events = await collect(asciicastV1.open(source, new Report()));
 * equal(events.at(-1)?.time, 1_750_000_000);
 * ```
 */
export const asciicastV1: SessionReader & SessionWriter = {
  name: "asciicast-v1",
  title: "asciinema recording, version 1",
  extensions: ["json"],
  prefixLength: 16384,
  binary: false,
  keeps: KEPT_KINDS,
  detect: beginsDocument,
  open: (source, report) => decoded(source.bytes(), new DocumentDecoder(report, source.name)),
  encoder: (settings) => encoderStream(new DocumentWriter(settings)),
};
