/**
 * Raw output: what a session printed, byte for byte, and nothing else.
 *
 * Any bytes could be a raw recording, so it is never recognised, only read when asked for by name.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventKind, SessionEvent } from "../lib/event.ts";
import type { SessionReader, SessionWriter, WriteSettings } from "../lib/ports.ts";
import type { Report } from "../lib/report.ts";
import { ByteQueue } from "../lib/stream/byte_queue.ts";
import { type DecoderCore, decoderStream, type EncoderCore, encoderStream } from "../lib/stream/coding.ts";
import { concat } from "../lib/stream/collect.ts";
import { OneSession } from "../lib/stream/one_session.ts";

const KEPT_KINDS: ReadonlySet<EventKind> = new Set(["header", "output"] as const);

/** Bytes of one event. */
const PIECE = 65_536;

/** As asciinema and termrec begin their recordings; and as script begins its. */
const SIZE = /^(?:\x1b%G)?\x1b\[8;(\d{1,4});(\d{1,4})t/;
const SCRIPT_SIZE = /^[^\n]* COLUMNS="(\d{1,4})" LINES="(\d{1,4})"/;

/**
 * Reader and writer of raw output.
 *
 * Reading gives all of it at time 0; the size is that of a sequence that sets it at the very beginning, or 80x24.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(raw.detect(new TextEncoder().encode("hello")), false);
 * ```
 */
export const raw: SessionReader & SessionWriter = {
  name: "raw",
  title: "raw output",
  extensions: ["raw"],
  prefixLength: 0,
  binary: false,
  keeps: KEPT_KINDS,
  detect: () => false,
  open: (source, report) => source.bytes().pipeThrough(decoderStream(new RawDecoder(report))),
  encoder: (settings) => encoderStream(new RawEncoder(settings)),
};

class RawDecoder implements DecoderCore {
  readonly #queue = new ByteQueue();
  #events: SessionEvent[] = [];
  #begun = false;

  constructor(report: Report) {
    report.completeness = "unknown";
  }

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
    while (this.#queue.length >= PIECE) this.#piece(PIECE);
  }

  finish(): void {
    if (this.#queue.length > 0 || !this.#begun) this.#piece(this.#queue.length);
  }

  take(): EventBatch {
    return this.#events.splice(0);
  }

  #piece(length: number): void {
    const data = this.#queue.take(length);
    if (!this.#begun) this.#events.push({ kind: "header", time: 0, header: sizeIn(data) });
    this.#begun = true;
    if (length > 0) this.#events.push({ kind: "output", time: 0, data });
  }
}

function sizeIn(data: Uint8Array): { cols: number; rows: number } {
  const beginning = new TextDecoder().decode(data.subarray(0, 4096));
  const [, rows, cols] = SIZE.exec(beginning) ?? [];
  const [, its, lines] = SCRIPT_SIZE.exec(beginning) ?? [];
  return { cols: cellsOf(cols ?? its) ?? 80, rows: cellsOf(rows ?? lines) ?? 24 };
}

function cellsOf(text: string | undefined): number | undefined {
  const cells = Number(text);
  return cells >= 1 ? Math.min(cells, 2048) : undefined;
}

class RawEncoder implements EncoderCore {
  readonly #session: OneSession;
  readonly #report: Report;
  #chunks: Uint8Array[] = [];
  #timed = false;

  constructor({ report }: WriteSettings) {
    this.#report = report;
    this.#session = new OneSession({ name: "raw", keeps: KEPT_KINDS, fields: new Set(), report });
  }

  push(raw: SessionEvent): void {
    const event = this.#session.admit(raw);
    if (event?.kind !== "output") return;
    if (event.time > 0 && !this.#timed) this.#report.lose("times");
    this.#timed ||= event.time > 0;
    this.#chunks.push(event.data);
  }

  finish(): void {}

  take(): Uint8Array {
    return concat(this.#chunks.splice(0));
  }
}
