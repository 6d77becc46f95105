/**
 * Sorts events into blocks.
 *
 * Where a block ends depends on the events alone, never on the batches they came in: so the same events give the same bytes,
 * whether filters ran in one process or in several. Derived events have no part in it: recorded blocks stay the same with
 * and without them.
 *
 * This module is browser compatible.
 * @module
 */

import { type EventOf, isDerived, type Nanos, type SessionEvent, type SessionHeader } from "../../lib/event.ts";
import type { Report } from "../../lib/report.ts";
import type { BlockFields } from "./block.ts";
import { blockOf } from "./foreign.ts";
import { type Encoded, encodeEvent, type PlainEvent } from "./payload.ts";

/** Output and input beyond this are cut into several events of the same time. */
const MAX_DATA = 4 << 20;

/** No other event can be larger: a block has to hold it. */
const MAX_EVENT = 12 << 20;

/** Derived events that wait for their recorded block, in bytes. */
const MAX_DERIVED = 1 << 20;

/** What an event weighs beside its payload, so that a million empty ones are many blocks too. */
const EVENT_WEIGHT = 8;

/**
 * A piece of a recording that is ready to become a block.
 *
 * @example
 * ```ts
 * const due: Due = { kind: "seal" };
 * ```
 */
export type Due =
  | { readonly kind: "header"; readonly header: SessionHeader }
  | { readonly kind: "recorded"; readonly events: readonly Encoded[] }
  | { readonly kind: "derived"; readonly events: readonly Encoded[]; readonly places: readonly number[] }
  | { readonly kind: "foreign"; readonly fields: Omit<BlockFields, "sequence">; readonly event: EventOf<"opaque"> }
  | { readonly kind: "checkpoint" }
  | { readonly kind: "seal" | "index" | "end" };

/**
 * Events in, pieces out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { Report } from "../../lib/report.ts";
 *
 * const gatherer = new Gatherer({ unit: 1, blockBytes: 65536, report: new Report() });
 * gatherer.push({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
 * gatherer.push({ kind: "marker", time: 5, label: "here" });
 * gatherer.finish();
 * deepEqual(gatherer.due.map(({ kind }) => kind), ["header", "recorded", "seal", "index", "end"]);
 * ```
 */
export class Gatherer {
  readonly #unit: Nanos;
  readonly #blockBytes: number;
  readonly #report: Report;
  #time = -1; // of the event before; -1 while no session is open
  #recorded: Encoded[] = [];
  #recordedBytes = 0;
  #derived: Encoded[] = [];
  #derivedBytes = 0;
  #places: number[] = [];

  /** What is ready, oldest first; whoever makes blocks of it takes it away. */
  readonly due: Due[] = [];

  /** Gathers up to `blockBytes` in one block; times are kept in steps of `unit`. */
  constructor({ unit, blockBytes, report }: { unit: Nanos; blockBytes: number; report: Report }) {
    this.#unit = unit;
    this.#blockBytes = blockBytes;
    this.#report = report;
  }

  /** Weight of what waits for its block to be full. */
  get openBytes(): number {
    return this.#recordedBytes + this.#derivedBytes;
  }

  /**
   * Takes an event.
   *
   * @throws {RangeError} If it comes before any header, or holds a number that a recording cannot.
   */
  push(event: SessionEvent): void {
    if (event.kind === "header") return this.#begin(event.header);
    if (this.#time < 0) throw new RangeError(`Cannot write a ${event.kind} event: no header came before it`);
    const timed = this.#timed(event);
    if ((timed.kind === "output" || timed.kind === "input") && timed.data.length > MAX_DATA) this.#cut(timed);
    else if (timed.kind === "opaque") this.#foreign(timed);
    else this.#add(timed);
  }

  /** Closes the open block; nothing happens when there is none. */
  close(): void {
    this.#closeDerived();
    if (this.#recorded.length > 0) this.due.push({ kind: "recorded", events: this.#recorded });
    this.#recorded = [];
    this.#recordedBytes = 0;
  }

  /** Has what was recorded so far signed. */
  checkpoint(): void {
    if (this.#time < 0) return;
    this.close();
    this.due.push({ kind: "checkpoint" });
  }

  /** Ends the session, if there is one. */
  finish(): void {
    if (this.#time < 0) return;
    this.close();
    this.due.push({ kind: "seal" }, { kind: "index" }, { kind: "end" });
    this.#time = -1;
  }

  #begin(header: SessionHeader): void {
    this.finish();
    this.due.push({ kind: "header", header });
    this.#time = 0;
  }

  /** Each time is rounded by itself, so errors never add up; it is held where it would run backwards. */
  #timed(event: PlainEvent): PlainEvent {
    const rounded = Math.min(Math.round(event.time / this.#unit) * this.#unit, Number.MAX_SAFE_INTEGER);
    const time = rounded >= this.#time ? rounded : this.#time;
    if (!(event.time >= this.#time - this.#unit)) {
      this.#report.warn("clock-backwards", "time ran backwards and was held");
    }
    this.#time = time;
    return time === event.time ? event : { ...event, time };
  }

  #cut(event: EventOf<"output"> | EventOf<"input">): void {
    for (let at = 0; at < event.data.length; at += MAX_DATA) {
      this.#add({ ...event, data: event.data.subarray(at, at + MAX_DATA) });
    }
  }

  #foreign(event: EventOf<"opaque">): void {
    const fields = blockOf(event, event.time);
    if (!fields) return this.#add(event);
    this.close();
    this.due.push({ kind: "foreign", fields, event });
  }

  #add(event: PlainEvent): void {
    const encoded = encodeEvent(event);
    const weight = encoded.payload.length + EVENT_WEIGHT;
    if (weight > MAX_EVENT) {
      this.#report.warn("too-large", `an event of more than ${MAX_EVENT} bytes was left out`);
      return this.#report.lose(event.kind);
    }
    if (isDerived(event)) return this.#addDerived(encoded, weight);
    if (this.#recorded.length > 0 && this.#recordedBytes + weight > this.#blockBytes) this.close();
    this.#recorded.push(encoded);
    this.#recordedBytes += weight;
    if (this.#recordedBytes >= this.#blockBytes) this.close();
  }

  #addDerived(encoded: Encoded, weight: number): void {
    if (this.#derived.length > 0 && this.#derivedBytes + weight > MAX_DERIVED) this.#closeDerived();
    this.#derived.push(encoded);
    this.#places.push(this.#recorded.length);
    this.#derivedBytes += weight;
  }

  /** Derived events stand before the recorded block they belong to, which may still be open. */
  #closeDerived(): void {
    if (this.#derived.length > 0) this.due.push({ kind: "derived", events: this.#derived, places: this.#places });
    this.#derived = [];
    this.#places = [];
    this.#derivedBytes = 0;
  }
}
