/**
 * One stream of events into several sinks that are not equally fast.
 *
 * `tee()` queues without bound for the slower branch. Here each sink says how much may wait for it, and what happens then.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventStream, Nanos, SessionEvent } from "../event.ts";

/**
 * Where events go, and how patient their source is with it.
 *
 * - `wait`: the source, and with it every other sink, waits. For sinks that must have everything.
 * - `drop`: events are dropped until the next `keyframe`, `screen` or `header`; a `gap` before that one tells how many
 *   bytes of output are missing. For viewers.
 * - `fail`: the sink is aborted. For sinks that are worthless with a hole.
 *
 * @example
 * ```ts
 * const sink: FanOutSink = { name: "viewer", events: new WritableStream(), bound: 1 << 20, whenFull: "drop" };
 * ```
 */
export interface FanOutSink {
  /** For the report. */
  readonly name: string;
  /** Where they go. */
  readonly events: WritableStream<EventBatch>;
  /** Bytes of payload that may wait; a batch that is larger alone is still accepted when nothing waits. */
  readonly bound: number;
  /** What happens at the bound. */
  readonly whenFull: "wait" | "drop" | "fail";
}

/**
 * What became of a sink.
 *
 * @example
 * ```ts
 * const fine = (result: FanOutResult) => result.error === undefined && result.droppedEvents === 0;
 * ```
 */
export interface FanOutResult {
  /** Name of the sink. */
  readonly name: string;
  /** Events of any kind that it did not get. */
  readonly droppedEvents: number;
  /** Output among them, in bytes. */
  readonly droppedBytes: number;
  /** Why the sink stopped taking events, if it did. */
  readonly error?: unknown;
}

/**
 * Sends every event to every sink, and resolves when the source has ended and all sinks have closed.
 *
 * A sink that fails is left behind; the others go on. When none is left the source is cancelled.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { type SessionEvent, streamOf } from "@term2ai/term2ai";
 *
 * const seen: string[] = [];
 * const events = new WritableStream<readonly SessionEvent[]>({ write: (batch) => void seen.push(...batch.map((e) => e.kind)) });
 * const results = await fanOut(streamOf({ kind: "marker", time: 0, label: "a" }), [{ name: "list", events, bound: 100, whenFull: "wait" }]);
 * deepEqual(seen, ["marker"]);
 * deepEqual(results, [{ name: "list", droppedEvents: 0, droppedBytes: 0 }]);
 * ```
 */
export async function fanOut(source: EventStream, sinks: readonly FanOutSink[]): Promise<FanOutResult[]> {
  const branches = sinks.map((sink) => new Branch(sink));
  const reader = source.getReader();
  try {
    while (branches.some((branch) => branch.open)) {
      const { done, value } = await reader.read();
      if (done) break;
      await Promise.all(branches.map((branch) => branch.offer(value)));
    }
    if (!branches.some((branch) => branch.open)) await reader.cancel(branches[0]?.result.error);
  } catch (error) {
    await Promise.all(branches.map((branch) => branch.abort(error)));
    throw error;
  } finally {
    reader.releaseLock();
  }
  return await Promise.all(branches.map((branch) => branch.close()));
}

/** Payload bytes of an event, plus a little for the event itself so that a million markers are bounded too. */
function weigh(event: SessionEvent): number {
  return 32 + ("data" in event && event.data instanceof Uint8Array ? event.data.length : 0);
}

class Branch {
  readonly #sink: FanOutSink;
  readonly #writer: WritableStreamDefaultWriter<EventBatch>;
  #waiting = 0; // weight of what the sink has not taken yet
  #drained = Promise.resolve();
  #dropping = false;
  #gapBytes = 0; // output dropped since the last gap was told
  #droppedEvents = 0;
  #droppedBytes = 0;
  #error: unknown;
  open = true;

  constructor(sink: FanOutSink) {
    this.#sink = sink;
    this.#writer = sink.events.getWriter();
    this.#writer.closed.catch((error) => this.#fail(error));
  }

  get result(): FanOutResult {
    const counts = { name: this.#sink.name, droppedEvents: this.#droppedEvents, droppedBytes: this.#droppedBytes };
    return this.#error === undefined ? counts : { ...counts, error: this.#error };
  }

  /** Takes the batch, drops it or fails; resolves when the source may go on. */
  async offer(batch: EventBatch): Promise<void> {
    if (!this.open) return;
    if (this.#sink.whenFull === "drop") batch = this.#sift(batch);
    if (batch.length === 0) return;
    const weight = batch.reduce((sum, event) => sum + weigh(event), 0);
    if (this.#overflows(weight)) {
      if (this.#sink.whenFull === "fail") {
        return await this.abort(new Error(`${this.#sink.name} fell more than ${this.#sink.bound} bytes behind`));
      }
      while (this.open && this.#overflows(weight)) await this.#drained;
      if (!this.open) return;
    }
    this.#write(batch, weight);
  }

  async close(): Promise<FanOutResult> {
    if (this.open) {
      await this.#writer.close().catch((error) => this.#fail(error));
      this.open = false;
    }
    return this.result;
  }

  async abort(error: unknown): Promise<void> {
    if (!this.open) return;
    this.#fail(error);
    await this.#writer.abort(error).catch(() => {});
  }

  #overflows(weight: number): boolean {
    return this.#waiting > 0 && this.#waiting + weight > this.#sink.bound;
  }

  #write(batch: EventBatch, weight: number): void {
    this.#waiting += weight;
    const written = this.#writer.write(batch).catch((error) => this.#fail(error));
    this.#drained = written.then(() => void (this.#waiting -= weight));
  }

  #fail(error: unknown): void {
    this.open = false;
    this.#error ??= error ?? new Error(`${this.#sink.name} was closed`);
  }

  /** The events of a batch that are not dropped, after a `gap` where dropping has ended. */
  #sift(batch: EventBatch): EventBatch {
    const kept: SessionEvent[] = [];
    let weight = 0;
    for (const event of batch) {
      const fits = !this.#overflows(weight + weigh(event));
      if (this.#dropping && fits && rebuildsScreen(event)) {
        this.#dropping = false;
        if (event.kind !== "header") kept.push(this.#gap(event.time));
        this.#gapBytes = 0;
      }
      if (this.#dropping || !fits) this.#drop(event);
      else {
        kept.push(event);
        weight += weigh(event);
      }
    }
    return kept;
  }

  #gap(time: Nanos): SessionEvent {
    return { kind: "gap", time, reason: "slow-reader", bytes: this.#gapBytes };
  }

  #drop(event: SessionEvent): void {
    this.#dropping = true;
    this.#droppedEvents++;
    if (event.kind !== "output") return;
    this.#droppedBytes += event.data.length;
    this.#gapBytes += event.data.length;
  }
}

function rebuildsScreen(event: SessionEvent): boolean {
  return event.kind === "keyframe" || event.kind === "screen" || event.kind === "header";
}
