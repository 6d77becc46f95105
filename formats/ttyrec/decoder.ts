/**
 * Reads ttyrec: bytes in, events out.
 *
 * Where a record cannot be one, the next that can be is looked for, and a `gap` stands in its place. Memory is bounded by one
 * record, whatever length it claims to have.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import { type EventBatch, MICROSECOND, type Nanos, type SessionEvent } from "../../lib/event.ts";
import type { Report } from "../../lib/report.ts";
import { ByteQueue } from "../../lib/stream/byte_queue.ts";
import type { DecoderCore } from "../../lib/stream/coding.ts";
import { headLength, isPlausible, type Layout, layoutOf, readHead, type RecordHead } from "./record.ts";
import { readSize } from "./size.ts";

/** How many bytes it takes at most to tell the layout: four records of the usual size. */
const MAX_PREFIX = 1 << 18;
/** How many bytes of rubbish are searched for the next record. */
const MAX_SEARCH = 1 << 20;
const MAX_TIME: Nanos = 2 ** 62; // 146 years
const WRAP = 2 ** 31; // seconds; a clock that jumps back this far has lost its highest bit

/**
 * The core of a decoder.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Report } from "@term2ai/term2ai";
 *
 * const decoder = new TtyrecDecoder(new Report(), "demo.ttyrec");
 * decoder.push(Uint8Array.fromHex("e8030000" + "05000000" + "01000000" + "61"));
 * decoder.finish();
 * equal(decoder.take().map((event) => event.kind).join(), "header,output");
 * ```
 */
export class TtyrecDecoder implements DecoderCore {
  readonly #report: Report;
  readonly #name: string;
  readonly #queue = new ByteQueue();
  #events: SessionEvent[] = [];
  #layout: Layout | undefined;
  #first: RecordHead | undefined; // of the recording: when it began
  #last: RecordHead | undefined; // the record before
  #time: Nanos = 0; // of the last event
  #searched = 0; // bytes of rubbish since the last record
  #givenUp = false; // no record was found for so long that nobody looks any more
  #done = false;

  /** Findings go to `report`; messages call the recording `name`. */
  constructor(report: Report, name: string) {
    this.#report = report;
    this.#name = name;
  }

  push(chunk: Uint8Array): void {
    if (this.#givenUp) return;
    this.#queue.push(chunk);
    this.#read();
  }

  finish(): void {
    this.#done = true;
    if (this.#queue.offset === 0 && this.#queue.length === 0) this.#refuse("it is empty");
    this.#read();
    this.#end();
  }

  take(): EventBatch {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #read(): void {
    this.#layout ??= this.#findLayout();
    if (this.#layout === undefined) return;
    while (!this.#givenUp && this.#step(this.#layout));
  }

  #findLayout(): Layout | undefined {
    const length = Math.min(this.#queue.length, MAX_PREFIX);
    const layout = layoutOf(this.#queue.peek(length), this.#done || length === MAX_PREFIX);
    if (layout === "more") return undefined;
    if (layout === "big-endian") this.#refuse("its numbers are big-endian, and only little-endian ones are read");
    if (layout === undefined) this.#refuse("its first 12 bytes are no time and length of a record");
    return layout;
  }

  #refuse(found: string): never {
    const expected = "expected records of seconds, microseconds, length and data";
    throw new FormatError(`Cannot read ${this.#name} as ttyrec: ${found}; ${expected}`, { byte: this.#queue.offset });
  }

  /** Reads one record or passes over one byte; false when that takes more bytes. */
  #step(layout: Layout): boolean {
    const length = headLength(layout);
    if (this.#queue.length < length) return false;
    const head = readHead(this.#queue.peek(length), layout);
    const verdict = this.#searched > 0 ? this.#isFound(head, layout) : isPlausible(head, false);
    if (verdict === undefined) return false;
    if (!verdict) return this.#passOver();
    if (this.#queue.length < length + head.length) return false;
    this.#queue.skip(length);
    this.#record(head, this.#queue.take(head.length));
    return true;
  }

  #passOver(): true {
    const byte = this.#queue.offset;
    if (this.#searched === 0) this.#damage("bad-record", "bytes that are no record were left out", byte);
    this.#queue.skip(1);
    if (++this.#searched < MAX_SEARCH) return true;
    this.#report.warn("no-more-records", `no record was found in ${MAX_SEARCH} bytes, nor looked for behind`, { byte });
    this.#givenUp = true;
    return true;
  }

  #damage(code: string, message: string, byte: number): void {
    this.#report.warn(code, message, { byte });
    if (this.#first) this.#events.push({ kind: "gap", time: this.#time, reason: "damage" });
  }

  /** In rubbish, a record is one when it is soon after the last, and another one, or the end, is behind it. */
  #isFound(head: RecordHead, layout: Layout): boolean | undefined {
    const last = this.#last ?? head;
    const isSoon = head.seconds >= last.seconds && head.seconds - last.seconds < 86_400;
    if (!isSoon || !isPlausible(head)) return false;
    const own = headLength(layout) + head.length, both = own + headLength(layout);
    if (this.#queue.length >= both) return isPlausible(readHead(this.#queue.peek(both).subarray(own), layout), false);
    return this.#done ? this.#queue.length === own : undefined;
  }

  #record(head: RecordHead, data: Uint8Array): void {
    this.#searched = 0;
    const isFirst = this.#first === undefined;
    this.#first ??= head;
    const size = isFirst ? readSize(data) : undefined;
    if (isFirst) {
      const startedAt = head.seconds * 1000 + head.micros / 1000;
      this.#events.push({ kind: "header", time: 0, header: { ...(size ?? { cols: 80, rows: 24 }), startedAt } });
    }
    this.#advance(head);
    if (!size) this.#events.push(this.#eventOf(head.channel, data));
  }

  #eventOf(channel: number, data: Uint8Array): SessionEvent {
    const time = this.#time;
    if (channel === 0) return { kind: "output", time, data };
    if (channel === 1) return { kind: "input", time, data };
    return { kind: "custom", time, code: channel === 2 ? "nle-score" : `nle-channel-${channel}`, data };
  }

  /** Time goes on by what lies between two records, and never back; where the clock did, a `clock` event says so. */
  #advance(head: RecordHead): void {
    const last = this.#last ?? head;
    this.#last = head;
    const delta = nanosBetween(last, head);
    if (delta >= 0 && this.#time + delta <= MAX_TIME) return void (this.#time += delta);
    if (delta < -WRAP * 1e9) return this.#wrap(delta);
    const [code, message] = delta < 0
      ? ["clock-backwards", "the clock ran backwards, and time was held"]
      : ["absurd-time", "a time of more than 146 years was held"];
    this.#report.warn(code!, message!, { byte: this.#queue.offset });
    this.#tellClock(head);
  }

  /** The 32 bits of the seconds have run over, as they will in 2106. */
  #wrap(delta: Nanos): void {
    this.#time += Math.max(0, delta + 2 ** 32 * 1e9);
    this.#report.warn("clock-wrapped", "the seconds ran over 32 bits and began again at 0", {
      byte: this.#queue.offset,
    });
  }

  #tellClock(head: RecordHead): void {
    const drift = nanosBetween(this.#first!, head) - this.#time;
    if (Number.isSafeInteger(drift)) this.#events.push({ kind: "clock", time: this.#time, drift });
  }

  #end(): void {
    const torn = this.#givenUp ? 0 : this.#queue.length;
    if (!this.#first) this.#refuse(`it has no whole record, only ${this.#queue.offset + torn} bytes`);
    this.#report.completeness = torn > 0 ? "unfinished" : "unknown";
    this.#report.tornBytes = torn;
    if (torn > 0) {
      this.#report.warn("torn-end", "the last record is cut off and was left out", { byte: this.#queue.offset });
    }
  }
}

function nanosBetween(one: RecordHead, other: RecordHead): Nanos {
  return ((other.seconds - one.seconds) * 1e6 + (other.micros - one.micros)) * MICROSECOND;
}
