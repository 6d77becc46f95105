/**
 * Reads the events of a recording one by one, from any place on, and knows at each where it is.
 *
 * The next block is read while the events of this one are waited for, as {@linkcode ReadAhead} does for streams.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, Nanos, SessionEvent } from "../event.ts";
import type { BlockCache } from "./block_cache.ts";
import type { EventBlocks } from "./event_blocks.ts";

/**
 * A place between two events.
 *
 * @example The beginning
 * ```ts
 * const start: Position = { block: 0, index: 0, time: 0 };
 * ```
 */
export interface Position {
  /** Block of the event that comes next. */
  readonly block: number;
  /** Its index in the block; the length of the block where the next one begins. */
  readonly index: number;
  /** Session time of the place: of the event before it, or later. */
  readonly time: Nanos;
}

/**
 * Where a player gets its events from.
 *
 * @example
 * ```ts
 * const isWaiting = (cursor: EventCursor) => cursor.peek() === undefined && !cursor.ended;
 * ```
 */
export interface EventCursor {
  /** Whether there is nothing left, and nothing will come. */
  readonly ended: boolean;
  /** The next event, if it is there already. */
  peek(): SessionEvent | undefined;
  /** Goes on to the event after the one that `peek` showed. */
  skip(): void;
  /** Resolves when `peek` has something to show, or there is nothing left; rejects when reading failed. */
  more(): Promise<void>;
  /** Lets go of the source. */
  cancel(reason?: unknown): Promise<void>;
}

/**
 * The events from a place on.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { BlockCache } from "./block_cache.ts";
 * import type { EventBatch } from "@term2ai/term2ai";
 *
 * const events: EventBatch = [{ kind: "marker", time: 3, label: "a" }, { kind: "marker", time: 5, label: "b" }];
 * const read = () => Promise.resolve(events);
 * const blocks = {
 *   header: { cols: 80, rows: 24 }, duration: 5, times: [0], keyframes: [], markers: [], complete: true,
 *   grown: () => Promise.resolve(), read, close: () => {},
 * };
 * const reader = new BlockReader(blocks, new BlockCache(read, 1000), { block: 0, index: 1, time: 4 });
 * await reader.more();
 * equal(reader.peek()?.time, 5);
 * reader.skip();
 * equal(reader.place.time, 5);
 * equal(reader.ended, true);
 * ```
 */
export class BlockReader implements EventCursor {
  readonly #blocks: EventBlocks;
  readonly #cache: BlockCache;
  #block: number;
  #index: number;
  #time: Nanos;
  #events: EventBatch | undefined; // of the block at hand
  #loading: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #cancelled = false;

  /** Begins at `place`. */
  constructor(blocks: EventBlocks, cache: BlockCache, place: Position) {
    this.#blocks = blocks;
    this.#cache = cache;
    this.#block = place.block;
    this.#index = place.index;
    this.#time = place.time;
    this.#events = cache.peek(place.block);
  }

  /** Where it is: behind the last event that was skipped. */
  get place(): Position {
    return { block: this.#block, index: this.#index, time: this.#time };
  }

  get ended(): boolean {
    return this.peek() === undefined && this.#blocks.complete && this.#block >= this.#blocks.times.length - 1 &&
      (this.#events !== undefined || this.#blocks.times.length <= this.#block);
  }

  peek(): SessionEvent | undefined {
    while (this.#events && this.#index >= this.#events.length && this.#block + 1 < this.#blocks.times.length) {
      this.#block++;
      this.#index = 0;
      this.#events = this.#cache.peek(this.#block);
      this.#readAhead();
    }
    return this.#events?.[this.#index];
  }

  skip(): void {
    this.#time = Math.max(this.#time, this.peek()?.time ?? 0);
    this.#index++;
  }

  async more(): Promise<void> {
    while (this.peek() === undefined && !this.ended && !this.#cancelled) {
      if (this.#failure) throw this.#failure.error;
      await (this.#events || this.#block >= this.#blocks.times.length ? this.#blocks.grown() : this.#load());
    }
  }

  cancel(): Promise<void> {
    this.#cancelled = true;
    return Promise.resolve();
  }

  #load(): Promise<void> {
    const block = this.#block;
    return this.#loading ??= this.#cache.get(block).then((events) => {
      this.#loading = undefined;
      if (this.#block === block) this.#events = events;
    }, (error) => {
      this.#loading = undefined;
      this.#failure = { error };
    });
  }

  /** Has the next block decoded by the time that it is needed. */
  #readAhead(): void {
    if (this.#events === undefined) void this.#load();
    else if (this.#block + 1 < this.#blocks.times.length) this.#cache.get(this.#block + 1).catch(() => {});
  }
}
