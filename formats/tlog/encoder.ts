/**
 * Writes tlog's logs: events in, messages out.
 *
 * Each session of the stream becomes a recording with an id of its own. Bytes that are no UTF-8 are kept exactly, and so is where
 * each event begins: tlog's `+0` stands between two of the same time and direction. Times are rounded to milliseconds, from the
 * session's start.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../../lib/errors.ts";
import { type EventKind, type EventOf, MILLISECOND, type SessionEvent, type SessionHeader } from "../../lib/event.ts";
import type { Report } from "../../lib/report.ts";
import type { EncoderCore } from "../../lib/stream/coding.ts";
import { concat } from "../../lib/stream/collect.ts";
import { MessageWriter } from "./message_writer.ts";

/**
 * The kinds of event that tlog has a place for.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(KEPT_KINDS.has("input"), true);
 * equal(KEPT_KINDS.has("exit"), false);
 * ```
 */
export const KEPT_KINDS: ReadonlySet<EventKind> = new Set(["header", "output", "input", "resize"] as const);

/** What a message says of the session's header. */
const KEPT_FIELDS: ReadonlySet<string> = new Set(["cols", "rows", "id", "startedAt", "user", "host", "term", "extra"]);

const MAX_DELAY = 10_000; // ms that one message spans; tlog itself writes every 10 seconds what it has

/**
 * The core of tlog's writer.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 * import { Report } from "@term2ai/term2ai";
 *
 * const core = new TlogEncoder(new Report());
 * core.push({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
 * core.push({ kind: "output", time: 5_000_000, data: Uint8Array.of(104, 105, 255) });
 * core.finish();
 * match(new TextDecoder().decode(core.take()), /"timing":"=80x24\+5>2\]1\/1".*"out_txt":"hi\ufffd","out_bin":\[255\]/);
 * ```
 */
export class TlogEncoder implements EncoderCore {
  readonly #report: Report;
  readonly #parts: Uint8Array[] = [];
  #sessions = 0;
  #message: MessageWriter | undefined;

  /** Losses go to `report`. */
  constructor(report: Report) {
    this.#report = report;
  }

  /** Takes the next event. */
  push(event: SessionEvent): void {
    if (event.kind === "header") return this.#begin(event.header);
    const message = this.#message;
    if (!message) {
      throw new UsageError(`Cannot write tlog: the first event is of kind ${event.kind}, expected a header`);
    }
    if (!KEPT_KINDS.has(event.kind)) return this.#report.lose(event.kind);
    const time = Math.round(event.time / MILLISECOND);
    if (time >= message.pos + MAX_DELAY) message.end(time);
    if (event.kind === "resize") return message.resize(time, event.cols, event.rows);
    if (event.kind === "input" && event.by !== undefined) this.#report.lose("who typed");
    const { kind, data } = event as EventOf<"input" | "output">;
    message.write(time, kind, data);
  }

  /** There are no more events. */
  finish(): void {
    this.#message?.finish();
  }

  /** The messages that are full, or whose session has ended. */
  take(): Uint8Array {
    return concat(this.#parts.splice(0));
  }

  #begin(header: SessionHeader): void {
    this.finish();
    this.#loseFields(header);
    const name = `unnamed-${++this.#sessions}`;
    this.#message = new MessageWriter({ ...header, id: nameOf(header) ?? name }, (line) => this.#parts.push(...line));
  }

  #loseFields(header: SessionHeader): void {
    for (const [name, value] of Object.entries(header)) {
      if (value !== undefined && !KEPT_FIELDS.has(name)) this.#report.lose(`header field ${name}`);
    }
    for (const name of Object.keys(header.extra ?? {})) {
      if (name !== "session" && (name !== "rec" || header.id !== undefined)) this.#report.lose(`header field ${name}`);
    }
  }
}

/** What the recording is called: by us, or by the tlog that made it. */
function nameOf({ id, extra }: SessionHeader): string | undefined {
  return id ?? (typeof extra?.rec === "string" && extra.rec !== "" ? extra.rec : undefined);
}
