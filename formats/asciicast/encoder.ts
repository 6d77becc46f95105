/**
 * Writes asciicast of versions 2 and 3: events in, bytes out.
 *
 * Every batch of events becomes one chunk of whole lines, so what has been written is a valid recording at any moment.
 * Times are rounded from the session's start, not from event to event: however many intervals version 3 adds up, the sum is
 * off by half a step at most.
 *
 * This module is browser compatible.
 * @module
 */

import {
  type EventBatch,
  type EventKind,
  type EventOf,
  MICROSECOND,
  MILLISECOND,
  type Nanos,
  type SessionEvent,
} from "../../lib/event.ts";
import { Report } from "../../lib/report.ts";
import { encoderStream } from "../../lib/stream/coding.ts";
import { concat } from "../../lib/stream/collect.ts";
import { OneSession } from "../../lib/stream/one_session.ts";
import { type Version, writeHeader } from "./header.ts";
import { formatJson, LineWriter } from "../../lib/text/json_writer.ts";
import { formatSeconds } from "./seconds.ts";
import { exitCodeOf } from "../../lib/text/signals.ts";
import { cutLength, invalidLength } from "../../lib/text/utf8.ts";

/**
 * The kinds of event that asciicast has a line for.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(KEPT_KINDS.has("marker"), true);
 * equal(KEPT_KINDS.has("keyframe"), false);
 * ```
 */
export const KEPT_KINDS: ReadonlySet<EventKind> = new Set(
  ["header", "output", "input", "resize", "marker", "custom", "exit"] as const,
);

/**
 * How an asciicast is to be written. All of it may be left out.
 *
 * @example Going on where a recording of 90 seconds ended
 * ```ts
 * const settings: AsciicastSettings = { timeUnit: 1_000_000, continueFrom: 90e9 };
 * ```
 */
export interface AsciicastSettings {
  /** Hears of everything asciicast cannot hold. */
  readonly report?: Report;
  /** Times are kept in steps of this many nanoseconds: 1, 1,000 (as if left out) or 1,000,000. */
  readonly timeUnit?: Nanos;
  /**
   * The bytes are to be appended to a recording that ends at this time. The first `header` becomes a resize instead of a
   * header line, and version 2, which tells absolute times, counts from here.
   */
  readonly continueFrom?: Nanos;
}

const RESERVED = new Set(["o", "i", "m", "r", "x"]); // codes that have a meaning of their own
const MAX_TEXT = 2 << 20; // UTF-16 units; escaped, six times as many bytes still fit into the line of 16 MiB that we read
const PIECE = 1 << 20; // longer output is written as several events of the same time, for the same reason

/**
 * A stage from events to the bytes of a recording, one chunk for each batch.
 *
 * A second `header` (two sessions, one after the other) goes on in time where the first session ended, with a resize if the
 * size differs; the rest of that header is reported as lost.
 *
 * @throws {RangeError} If a setting is not one of those allowed.
 * @throws {UsageError} From the stream, if it does not begin with a `header`.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collectBytes, streamOf } from "@term2ai/term2ai";
 *
 * const events = streamOf(
 *   { kind: "header", time: 0, header: { cols: 80, rows: 24 } },
 *   { kind: "output", time: 1_500_000_000, data: Uint8Array.of(104, 105) },
 * );
 * const bytes = await collectBytes(events.pipeThrough(asciicastEncoder(3)));
 * equal(new TextDecoder().decode(bytes), '{"version":3,"term":{"cols":80,"rows":24}}\n[1.5, "o", "hi"]\n');
 * ```
 */
export function asciicastEncoder(
  version: Version,
  settings: AsciicastSettings = {},
): TransformStream<EventBatch, Uint8Array> {
  return encoderStream(new EventWriter(version, settings));
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** Makes lines of events. */
class EventWriter {
  readonly #version: Version;
  readonly #report: Report;
  readonly #unit: Nanos;
  readonly #lines = new LineWriter();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #cut = { o: NOTHING, i: NOTHING }; // bytes of a character that the next event should complete
  readonly #session: OneSession;
  #written: Nanos = 0; // time of the last line, as it stands there

  constructor(version: Version, { report = new Report(), timeUnit = MICROSECOND, continueFrom }: AsciicastSettings) {
    if (![1, MICROSECOND, MILLISECOND].includes(timeUnit)) {
      throw new RangeError(`Cannot write times in steps of ${timeUnit} ns: expected 1, 1000 or 1000000`);
    }
    if (continueFrom !== undefined && !(continueFrom >= 0 && continueFrom < Infinity)) {
      throw new RangeError(`Cannot continue a recording from ${continueFrom} ns: expected a finite number >= 0`);
    }
    this.#version = version;
    this.#report = report;
    this.#unit = timeUnit;
    this.#written = Math.ceil((continueFrom ?? 0) / timeUnit) * timeUnit;
    this.#session = new OneSession({
      name: "asciicast",
      keeps: KEPT_KINDS,
      report,
      ...(continueFrom === undefined ? {} : { continueFrom: this.#written }),
    });
  }

  push(raw: SessionEvent): void {
    const event = this.#session.admit(raw);
    if (raw.kind === "header") this.#endCuts();
    if (!event) return;
    switch (event.kind) {
      case "header":
        return this.#header(event);
      case "output":
        return this.#stream("o", event.data);
      case "input":
        if (event.by !== undefined) this.#report.lose("who typed");
        return this.#stream("i", event.data);
      case "resize":
        return this.#resize(event.cols, event.rows);
      case "marker":
        return this.#marker(event.label);
      case "custom":
        return this.#custom(event);
      case "exit":
        return this.#exit(event);
    }
  }

  finish(): void {
    this.#endCuts();
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#lines.take();
  }

  #header({ header }: EventOf<"header">): void {
    const fields = writeHeader(header, this.#version, (field) => this.#report.lose(`header field ${field}`));
    this.#lines.text(formatJson(fields) + "\n");
  }

  /** The beginning of a line, up to where its data begins. */
  #open(code: string): void {
    const time = Math.round(this.#session.end / this.#unit) * this.#unit;
    const shown = this.#version === 3 ? time - this.#written : time;
    this.#written = time;
    this.#lines.text(`[${formatSeconds(shown)}, ${code}, `);
  }

  /** Output or input. A character cut at its end is held back for the next event of that code. */
  #stream(code: "o" | "i", data: Uint8Array): void {
    for (let at = 0; at < data.length || at === 0; at += PIECE) {
      const part = data.length > PIECE ? data.subarray(at, at + PIECE) : data;
      const piece = this.#cut[code].length > 0 ? concat([this.#cut[code], part]) : part;
      const whole = piece.length - cutLength(piece);
      this.#cut[code] = whole < piece.length ? piece.slice(whole) : NOTHING;
      if (whole > 0 || piece.length === 0) this.#bytes(`"${code}"`, piece.subarray(0, whole));
    }
  }

  /** A line whose data is bytes. */
  #bytes(code: string, data: Uint8Array): void {
    this.#open(code);
    this.#lines.text('"');
    this.#loseBytes(this.#lines.escaped(data));
    this.#lines.text('"]\n');
  }

  #loseBytes(invalid: number): void {
    if (invalid > 0) this.#report.lose("bytes that are not UTF-8", invalid);
  }

  /** No later event can complete a cut character. */
  #endCuts(): void {
    for (const code of ["o", "i"] as const) {
      const cut = this.#cut[code];
      this.#cut[code] = NOTHING;
      if (cut.length > 0) this.#bytes(`"${code}"`, cut);
    }
  }

  #text(code: "m" | "r" | "x", text: string): void {
    this.#open(`"${code}"`);
    this.#lines.text(formatJson(text) + "]\n");
  }

  #marker(label: string): void {
    if (label.length > MAX_TEXT) this.#report.lose("marker");
    else this.#text("m", label);
  }

  #resize(cols: number, rows: number): void {
    this.#text("r", `${cols}x${rows}`);
  }

  #custom({ code, data }: EventOf<"custom">): void {
    const writable = code === "#" ? this.#version === 3 : !RESERVED.has(code);
    if (!writable || code.length + data.length > MAX_TEXT) this.#report.lose("custom");
    else if (code === "#") this.#comment(data);
    else this.#bytes(formatJson(code), data);
  }

  #comment(data: Uint8Array): void {
    this.#loseBytes(invalidLength(data));
    for (const line of this.#decoder.decode(data).split(/\r\n|\r|\n/)) this.#lines.text(`#${line}\n`);
  }

  /** A signal is told as shells do, by 128 and its number. */
  #exit({ status }: EventOf<"exit">): void {
    this.#endCuts();
    if ("code" in status) return this.#text("x", String(status.code));
    this.#report.lose("name of the signal that ended the session");
    this.#text("x", String(exitCodeOf(status)));
  }
}
