/**
 * One sink of several: how much waits for it, and what happens when that is too much.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventOf, Nanos, ScreenState, SessionEvent } from "../event.ts";

/**
 * Where events go, and how patient their source is with it.
 *
 * - `wait`: the source, and with it every other sink, waits. For sinks that must have everything.
 * - `drop`: events are dropped until the next `keyframe`, `screen` or `header`; a `gap` before that one tells how many
 *   bytes of output are missing. A `header` that was dropped itself comes before both. For viewers.
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

/** Payload bytes of an event, plus a little for the event itself so that a million markers are bounded too. */
function weigh(event: SessionEvent): number {
  if ("state" in event) return 32 + weighScreen(event.state);
  return 32 + ("data" in event && event.data instanceof Uint8Array ? event.data.length : 0);
}

/** About what a screen takes in memory: 32 bytes for each run of cells, which outweighs all else in it. */
function weighScreen({ normal, alternate }: ScreenState): number {
  const rows = [normal.rows, normal.scrollback ?? [], alternate?.rows ?? []].flat();
  return 32 * rows.reduce((runs, row) => runs + 1 + row.cells.length, 0);
}

/** A sink, and what waits for it. */
export class Branch {
  readonly #sink: FanOutSink;
  readonly #writer: WritableStreamDefaultWriter<EventBatch>;
  readonly #leave: (error: unknown) => void;
  #waiting = 0; // weight of what the sink has not taken yet
  #drained = Promise.resolve();
  #dropping = false;
  #gapBytes = 0; // output dropped since the last gap was told
  #header: EventOf<"header"> | undefined; // the last header dropped, which nothing after it makes sense without
  #droppedEvents = 0;
  #droppedBytes = 0;
  #error: unknown;
  open = true;

  /**
   * @param leave Hears why the sink takes no more.
   * @param isLate Whether the sink has missed what was before, and waits for a screen like one that fell behind.
   */
  constructor(sink: FanOutSink, leave: (error: unknown) => void, isLate = false) {
    this.#sink = sink;
    this.#leave = leave;
    this.#dropping = isLate;
    this.#writer = sink.events.getWriter();
    this.#writer.closed.catch((error) => this.#fail(error));
  }

  get result(): FanOutResult {
    const counts = { name: this.#sink.name, droppedEvents: this.#droppedEvents, droppedBytes: this.#droppedBytes };
    return this.#error === undefined ? counts : { ...counts, error: this.#error };
  }

  /** Whether it gets nothing before the next screen. */
  get isBehind(): boolean {
    return this.#dropping;
  }

  /** Weight of what it has not taken yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Takes the batch, drops it or fails; resolves when the source may go on. */
  async offer(batch: EventBatch): Promise<void> {
    if (!this.open) return;
    if (this.#sink.whenFull === "drop") batch = this.#sift(batch);
    if (batch.length === 0) return;
    const weight = batch.reduce((sum, event) => sum + weigh(event), 0);
    if (this.#sink.whenFull !== "drop" && this.#overflows(weight)) {
      if (this.#sink.whenFull === "fail") {
        // Not awaited: aborting takes as long as the write that is stuck, and the others must not.
        return void this.abort(new Error(`${this.#sink.name} fell more than ${this.#sink.bound} bytes behind`));
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
    this.#leave(this.#error);
  }

  /** The events of a batch that are not dropped, after a `gap` where dropping has ended. */
  #sift(batch: EventBatch): EventBatch {
    const kept: SessionEvent[] = [];
    let weight = 0;
    for (const event of batch) {
      const fits = !this.#overflows(weight + weigh(event));
      if (this.#dropping && fits && rebuildsScreen(event)) {
        if (event.kind !== "header") kept.push(...this.#resume(event.time));
        this.#dropping = false;
        this.#gapBytes = 0;
        this.#header = undefined;
      }
      if (this.#dropping || !fits) this.#drop(event);
      else {
        kept.push(event);
        weight += weigh(event);
      }
    }
    return kept;
  }

  /** What a sink has to hear before it can go on. */
  #resume(time: Nanos): SessionEvent[] {
    if (this.#droppedEvents === 0) return [];
    const gap: SessionEvent = { kind: "gap", time, reason: "slow-reader", bytes: this.#gapBytes };
    if (!this.#header) return [gap];
    this.#droppedEvents--;
    return [this.#header, gap];
  }

  #drop(event: SessionEvent): void {
    this.#dropping = true;
    this.#droppedEvents++;
    if (event.kind === "header") this.#header = event;
    if (event.kind !== "output") return;
    this.#droppedBytes += event.data.length;
    this.#gapBytes += event.data.length;
  }
}

function rebuildsScreen(event: SessionEvent): boolean {
  return event.kind === "keyframe" || event.kind === "screen" || event.kind === "header";
}
