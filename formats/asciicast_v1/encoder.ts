/**
 * Writes asciicast version 1: events in, one JSON document out.
 *
 * Fields of the header that only later versions have stand there as in version 2, where programs that know version 1 look past
 * them.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventKind, EventOf, Nanos, SessionEvent } from "../../lib/event.ts";
import type { WriteSettings } from "../../lib/ports.ts";
import type { EncoderCore } from "../../lib/stream/coding.ts";
import { concat } from "../../lib/stream/collect.ts";
import { OneSession } from "../../lib/stream/one_session.ts";
import { formatJson, LineWriter } from "../../lib/text/json_writer.ts";
import { cutLength } from "../../lib/text/utf8.ts";
import { writeHeader } from "../asciicast/header.ts";
import { formatSeconds } from "../asciicast/seconds.ts";

/**
 * The kinds of event that version 1 has a place for.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(KEPT_KINDS.has("input"), false);
 * ```
 */
export const KEPT_KINDS: ReadonlySet<EventKind> = new Set(["header", "output"] as const);

/** Longer output is written as several entries of the same time. */
const PIECE = 1 << 20;
const NOTHING: Uint8Array = new Uint8Array(0);

/** Makes a document of events. It is whole when it has ended; before that, readers find all entries so far. */
export class DocumentWriter implements EncoderCore {
  readonly #report: WriteSettings["report"];
  readonly #unit: Nanos;
  readonly #session: OneSession;
  readonly #lines = new LineWriter();
  #cut = NOTHING; // bytes of a character that the next event should complete
  #written: Nanos = 0; // time of the last entry, as it stands there
  #entries = 0;
  #begun = false;

  constructor({ report, timeUnit }: WriteSettings) {
    this.#report = report;
    this.#unit = timeUnit;
    this.#session = new OneSession({ name: "asciicast-v1", keeps: KEPT_KINDS, report });
  }

  push(raw: SessionEvent): void {
    const event = this.#session.admit(raw);
    if (raw.kind === "header") this.#endCut();
    if (event?.kind === "header") this.#header(event);
    else if (event?.kind === "output") this.#output(event.data);
  }

  finish(): void {
    if (!this.#begun) return;
    this.#endCut();
    this.#lines.text("\n]}\n");
  }

  take(): Uint8Array {
    return this.#lines.take();
  }

  #header({ header }: EventOf<"header">): void {
    const lose = (field: string) => this.#report.lose(`header field ${field}`);
    const { stdout, ...fields } = writeHeader(header, 2, lose);
    if (stdout !== undefined) lose("stdout");
    this.#lines.text(formatJson({ ...fields, version: 1 }).slice(0, -1) + ',"stdout":[');
    this.#begun = true;
  }

  #output(data: Uint8Array): void {
    for (let at = 0; at < data.length || at === 0; at += PIECE) {
      const part = data.length > PIECE ? data.subarray(at, at + PIECE) : data;
      const piece = this.#cut.length > 0 ? concat([this.#cut, part]) : part;
      const whole = piece.length - cutLength(piece);
      this.#cut = whole < piece.length ? piece.slice(whole) : NOTHING;
      if (whole > 0 || piece.length === 0) this.#entry(piece.subarray(0, whole));
    }
  }

  #entry(data: Uint8Array): void {
    const time = Math.round(this.#session.end / this.#unit) * this.#unit;
    this.#lines.text(`${this.#entries++ > 0 ? "," : ""}\n[${formatSeconds(time - this.#written)}, "`);
    this.#written = time;
    const invalid = this.#lines.escaped(data);
    if (invalid > 0) this.#report.lose("bytes that are not UTF-8", invalid);
    this.#lines.text('"]');
  }

  /** No later event can complete a cut character. */
  #endCut(): void {
    if (this.#cut.length > 0) this.#entry(this.#cut);
    this.#cut = NOTHING;
  }
}
