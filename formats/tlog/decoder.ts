/**
 * Reads tlog's logs: lines in, events out.
 *
 * Memory is bounded by one line and by the messages that wait for their turn, whatever the log holds.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { EventBatch, SessionEvent } from "../../lib/event.ts";
import type { Report } from "../../lib/report.ts";
import type { DecoderCore } from "../../lib/stream/coding.ts";
import { formatJson } from "../../lib/text/json_writer.ts";
import { LenientDecoder } from "../../lib/text/lenient_decoder.ts";
import { type LineSink, LineSplitter } from "../../lib/text/lines.ts";
import { isJournalEntry, readMessage } from "./message.ts";
import { RecordingReader } from "./recording.ts";
import { Turns } from "./turns.ts";

const MAX_MESSAGE = 1 << 20; // bytes of a line; tlog makes them of 2 KiB unless told otherwise
const MAX_STRANGE = 100; // lines before the first message that are none: after these, it is no log of tlog's
const BATCH = 1024; // events after which a reader is given what there is
const TOO_LONG = `has more than the ${MAX_MESSAGE} bytes that a message may have`;
const EXAMPLE = '{"ver":"2.3","host":"…","rec":"…","id":1,"pos":0,"timing":"…", …}';

/**
 * The core of tlog's reader.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, Report } from "@term2ai/term2ai";
 * import { decoded } from "../../lib/stream/coding.ts";
 *
 * const log = '{"ver":"2.3","rec":"a","id":1,"pos":0,"timing":"=80x24>2","out_txt":"hi"}\n';
 * const core = new TlogDecoder(new Report(), "tlog.log");
 * equal((await collect(decoded(new Blob([log]).stream(), core))).length, 2);
 * ```
 */
export class TlogDecoder implements DecoderCore, LineSink {
  readonly #report: Report;
  readonly #name: string;
  readonly #splitter = new LineSplitter(this, MAX_MESSAGE);
  readonly #utf8 = new LenientDecoder((problem) => this.#warn("bad-utf8", problem));
  readonly #turns: Turns;
  #events: SessionEvent[] = [];
  #line = 0;
  #strange: { readonly line: number; readonly found: string } | undefined; // the first line that is no message

  /** Findings go to `report`; messages call the log `name`. */
  constructor(report: Report, name: string) {
    this.#report = report;
    this.#name = name;
    this.#turns = new Turns(() => new RecordingReader(report, (event) => this.#events.push(event)));
  }

  /** Takes the next bytes of the log. */
  push(chunk: Uint8Array): void {
    this.#splitter.push(chunk);
    if (this.#splitter.skipped === 0 || this.#turns.haveBegun) return;
    this.#strange ??= { line: this.#line + 1, found: TOO_LONG };
    this.#refuse();
  }

  /** There are no more. */
  finish(): void {
    this.#splitter.flush();
    if (!this.#turns.haveBegun) this.#refuse();
    this.#turns.end();
    this.#report.completeness = this.#report.tornBytes > 0 ? "unfinished" : "unknown";
  }

  /** Some more events; when there are none, there will be none before the next bytes. */
  take(): EventBatch {
    while (this.#events.length < BATCH && this.#turns.advance());
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** A line that is short enough to be a message. */
  line(bytes: Uint8Array, start: number, end: number, ended: boolean): void {
    this.#line++;
    if (start === end) return;
    const text = this.#utf8.decode(bytes.subarray(start, end)).trim();
    if (text === "") return;
    const message = readMessage(text, this.#line);
    if (message) this.#turns.add(message);
    else if (!ended && this.#turns.haveBegun) this.#tear(end - start);
    else this.#strangeLine(text);
  }

  /** A line that is too long for one. */
  longLine(length: number, ended: boolean): void {
    this.#line++;
    if (!ended && this.#turns.haveBegun) return this.#tear(length);
    this.#warn("long-line", `a line of more than ${MAX_MESSAGE} bytes was left out`);
    this.#strange ??= { line: this.#line, found: TOO_LONG };
    this.#turns.gap();
  }

  #tear(length: number): void {
    this.#report.tornBytes = length;
    this.#warn("torn-end", "the last line is cut off and was left out");
  }

  #strangeLine(text: string): void {
    this.#strange ??= { line: this.#line, found: `is ${excerpt(text)}` };
    if (!this.#turns.haveBegun && this.#line >= this.#strange.line + MAX_STRANGE) this.#refuse();
    if (isJournalEntry(text)) {
      return this.#warn("other-entry", "a journal entry of another program was left out");
    }
    this.#warn("bad-line", "a line that is not a message was left out");
    this.#turns.gap();
  }

  #refuse(): never {
    const none = this.#line === 0 ? "is absent, the log is empty" : "is blank, like all lines";
    const { line, found } = this.#strange ?? { line: 1, found: none };
    throw new FormatError(
      `Cannot read ${this.#name} as tlog: line ${line} ${found}; expected messages such as ${EXAMPLE}`,
      { line },
    );
  }

  #warn(code: string, message: string): void {
    this.#report.warn(code, message, { line: this.#line });
  }
}

/** The beginning of a line, in quotes. */
function excerpt(text: string): string {
  return formatJson(text.length > 40 ? text.slice(0, 40).toWellFormed() + "…" : text);
}
