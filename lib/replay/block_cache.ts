/**
 * The blocks of a recording that were read last, decoded.
 *
 * Stepping back and forth goes over the same blocks again and again, and decoding one takes a millisecond or more. How much
 * is kept is bounded by bytes; what was not used for longest goes first.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, SessionEvent } from "../event.ts";

/** A screen in memory, roughly; an event without data. */
const SCREEN_WEIGHT = 64 << 10, EVENT_WEIGHT = 64;

/**
 * Keeps what `read` gave, as long as there is room.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * let reads = 0;
 * const cache = new BlockCache((block) => {
 *   reads++;
 *   return Promise.resolve([{ kind: "marker", time: block, label: "" }]);
 * }, 1 << 20);
 * await cache.get(7);
 * equal((await cache.get(7))[0]?.time, 7);
 * equal(reads, 1);
 * ```
 */
export class BlockCache {
  readonly #read: (block: number) => Promise<EventBatch>;
  readonly #most: number;
  readonly #blocks = new Map<number, { readonly events: EventBatch; readonly weight: number }>(); // the oldest first
  readonly #reading = new Map<number, Promise<EventBatch>>();
  #weight = 0;

  /** A cache of about `most` bytes; the block that was read last is kept however large it is. */
  constructor(read: (block: number) => Promise<EventBatch>, most: number) {
    this.#read = read;
    this.#most = most;
  }

  /** The events of a block, if they are here. */
  peek(block: number): EventBatch | undefined {
    const kept = this.#blocks.get(block);
    if (!kept) return undefined;
    this.#blocks.delete(block);
    this.#blocks.set(block, kept);
    return kept.events;
  }

  /** The events of a block. Whoever asks for one that is being read waits for that. */
  async get(block: number): Promise<EventBatch> {
    return this.peek(block) ?? await (this.#reading.get(block) ?? this.#begin(block));
  }

  #begin(block: number): Promise<EventBatch> {
    const reading = this.#read(block).then((events) => {
      this.#keep(block, events);
      return events;
    }).finally(() => this.#reading.delete(block));
    this.#reading.set(block, reading);
    return reading;
  }

  #keep(block: number, events: EventBatch): void {
    const weight = events.reduce((sum, event) => sum + weigh(event), 0);
    this.#blocks.set(block, { events, weight });
    this.#weight += weight;
    for (const [oldest, { weight }] of this.#blocks) {
      if (this.#weight <= this.#most || oldest === block) break;
      this.#blocks.delete(oldest);
      this.#weight -= weight;
    }
  }
}

function weigh(event: SessionEvent): number {
  if ("state" in event) return SCREEN_WEIGHT;
  return EVENT_WEIGHT + ("data" in event && event.data instanceof Uint8Array ? event.data.length : 0);
}
