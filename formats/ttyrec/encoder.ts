/**
 * Writes ttyrec: events in, bytes out.
 *
 * This module is browser compatible.
 * @module
 */

import { type EventKind, type EventOf, MICROSECOND, type SessionEvent } from "../../lib/event.ts";
import type { WriteSettings } from "../../lib/ports.ts";
import { concat } from "../../lib/stream/collect.ts";
import type { EncoderCore } from "../../lib/stream/coding.ts";
import { OneSession } from "../../lib/stream/one_session.ts";
import { writeRecord } from "./record.ts";
import { writeSize } from "./size.ts";

/**
 * The kinds of event that a ttyrec can hold.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(KEPT_KINDS.has("input"), false);
 * ```
 */
export const KEPT_KINDS: ReadonlySet<EventKind> = new Set(["header", "output"] as const);

/** Players and recognisers expect no longer record. */
const LONGEST = 65_535;
/** Seconds that 44 bits hold, in microseconds, or all that is exact; whichever is less. */
const MAX_MICROS = Number.MAX_SAFE_INTEGER;

/**
 * The core of an encoder. Times are the wall clock's to the microsecond; a session that does not tell when it began, begins in
 * 1970. Output of no bytes has no record.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Report } from "@term2ai/term2ai";
 *
 * const encoder = new TtyrecEncoder({ report: new Report(), timeUnit: 1, sibling: () => Promise.reject() });
 * encoder.push({ kind: "header", time: 0, header: { cols: 80, rows: 24, startedAt: 1000 } });
 * equal(encoder.take().subarray(0, 12).toHex(), "01000000" + "00000000" + "0d000000");
 * ```
 */
export class TtyrecEncoder implements EncoderCore {
  readonly #session: OneSession;
  readonly #unit: number; // steps of time, in microseconds
  #records: Uint8Array[] = [];
  #start = 0; // of the session, in microseconds since 1970

  /** What is lost goes to the settings' report. */
  constructor({ report, timeUnit }: WriteSettings) {
    const fields = new Set(["cols", "rows", "startedAt"] as const);
    this.#session = new OneSession({ name: "ttyrec", keeps: KEPT_KINDS, fields, report });
    this.#unit = Math.max(1, timeUnit / MICROSECOND);
  }

  push(raw: SessionEvent): void {
    const event = this.#session.admit(raw);
    if (event?.kind === "header") this.#begin(event);
    if (event?.kind !== "output") return;
    const time = Math.round(event.time / MICROSECOND / this.#unit) * this.#unit;
    for (let at = 0; at < event.data.length; at += LONGEST) {
      this.#record(this.#start + time, event.data.subarray(at, at + LONGEST));
    }
  }

  finish(): void {}

  take(): Uint8Array {
    const bytes = concat(this.#records);
    this.#records = [];
    return bytes;
  }

  #begin({ header: { cols, rows, startedAt = 0 } }: EventOf<"header">): void {
    this.#start = Math.max(0, Math.round(startedAt * 1000));
    this.#record(this.#start, writeSize(cols, rows));
  }

  #record(micros: number, data: Uint8Array): void {
    this.#records.push(writeRecord(Math.min(micros, MAX_MICROS), data));
  }
}
