/**
 * What both versions of asciicast have in common, as a reader and writer.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch } from "../../lib/event.ts";
import type { SessionReader, SessionWriter } from "../../lib/ports.ts";
import { Report } from "../../lib/report.ts";
import { asciicastDecoder } from "./decoder.ts";
import { asciicastEncoder, type AsciicastSettings, KEPT_KINDS } from "./encoder.ts";
import type { Version } from "./header.ts";
import { detectVersion, PREFIX_LENGTH } from "./recognize.ts";

/**
 * A version of asciicast: how to tell, read and write it.
 *
 * @example
 * ```ts
 * const convert = (from: AsciicastFormat, to: AsciicastFormat, bytes: ReadableStream<Uint8Array>) =>
 *   bytes.pipeThrough(from.decoder()).pipeThrough(to.encoder());
 * ```
 */
export interface AsciicastFormat extends SessionReader, SessionWriter {
  /**
   * A stage from the bytes of a recording to its events, one batch for each chunk. It holds at most one line of 16 MiB.
   *
   * @param report Hears what was wrong with the recording, and how it ended.
   * @throws {FormatError} From the stream, if the first line is no usable header of this version.
   */
  decoder(report?: Report): TransformStream<Uint8Array, EventBatch>;
  /**
   * A stage from events to the bytes of a recording, one chunk of whole lines for each batch.
   *
   * @throws {RangeError} If a setting is not one of those allowed.
   * @throws {UsageError} From the stream, if it does not begin with a `header`.
   */
  encoder(settings?: AsciicastSettings): TransformStream<EventBatch, Uint8Array>;
}

/**
 * The reader and writer of a version.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(asciicastFormat(2).name, "asciicast-v2");
 * ```
 */
export function asciicastFormat(version: Version): AsciicastFormat {
  return {
    name: `asciicast-v${version}`,
    title: `asciinema recording, version ${version}`,
    extensions: ["cast"],
    prefixLength: PREFIX_LENGTH,
    binary: false,
    keeps: KEPT_KINDS,
    detect: (prefix) => detectVersion(prefix) === version,
    open: (source, report) => source.bytes().pipeThrough(asciicastDecoder(version, report, source.name)),
    decoder: (report = new Report()) => asciicastDecoder(version, report, "the recording"),
    encoder: (settings) => asciicastEncoder(version, settings),
  };
}
