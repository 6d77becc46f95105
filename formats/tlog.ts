/**
 * tlog's log: what `tlog-rec` and `tlog-rec-session` write to files and to the journal, one JSON message in each line.
 *
 * It holds output and input byte for byte, sizes, and times in milliseconds; it has no place for marks, an exit status or the
 * command. A log may mix the messages of several recordings: each becomes a session of its own, and sessions follow each other
 * in the order in which they began (the messages of the others wait, up to 16 MiB of them). What `journalctl -o json`
 * prints is read as well.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch } from "../lib/event.ts";
import type { SessionReader, SessionWriter } from "../lib/ports.ts";
import { Report } from "../lib/report.ts";
import { decoded, encoderStream } from "../lib/stream/coding.ts";
import { TlogDecoder } from "./tlog/decoder.ts";
import { KEPT_KINDS, TlogEncoder } from "./tlog/encoder.ts";
import { beginsWithMessage } from "./tlog/message.ts";

/**
 * How to tell, read and write logs of tlog.
 *
 * @example
 * ```ts
 * import type { Report } from "@term2ai/term2ai";
 * const toTlog = (format: TlogFormat, report: Report) => format.encoder({ report });
 * ```
 */
export interface TlogFormat extends SessionReader, SessionWriter {
  /**
   * A stage from events to messages of about 2 KiB. A message is handed on when it is full, when it spans 10 seconds and when
   * its session ends.
   *
   * @throws {UsageError} From the stream, if it does not begin with a `header`.
   */
  encoder(settings?: TlogSettings): TransformStream<EventBatch, Uint8Array>;
}

/**
 * How a log is to be written. All of it may be left out.
 *
 * @example
 * ```ts
 * import { Report } from "@term2ai/term2ai";
 * const settings: TlogSettings = { report: new Report() };
 * ```
 */
export interface TlogSettings {
  /** Hears of everything tlog cannot hold. */
  readonly report?: Report;
}

/**
 * Reader and writer of tlog's logs.
 *
 * A header's `id` is the recording's id (`rec`); an id that is not 32 hexadecimal digits is kept as `extra.rec`, the audit
 * session as `extra.session`. Messages that are missing leave a `gap`. Nothing in a log tells that its recordings were ended,
 * so that stays unknown.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource, collect, Report } from "@term2ai/term2ai";
 *
 * const log = '{"ver":"2.3","host":"mars","rec":"a-1","id":1,"pos":0,"timing":"=80x24+5>2]1/1","out_txt":"hi\ufffd","out_bin":[255]}\n';
 * const source = blobSource("tlog.log", new Blob([log]));
 * const [, output] = await collect(tlog.open(source, new Report()));
 * equal(output?.kind === "output" && output.data.toHex(), "6869ff");
 * ```
 */
export const tlog: TlogFormat = {
  name: "tlog",
  title: "log of tlog",
  extensions: ["tlog"],
  prefixLength: 16384,
  binary: false,
  keeps: KEPT_KINDS,
  detect: beginsWithMessage,
  open: (source, report) => decoded(source.bytes(), new TlogDecoder(report, source.name)),
  encoder: ({ report = new Report() } = {}) => encoderStream(new TlogEncoder(report)),
};
