/**
 * Puts derived events back to where they stood among the recorded ones.
 *
 * A block of them comes before the recorded block it belongs to, so a follower of a growing recording never waits for one.
 *
 * This module is browser compatible.
 * @module
 */

import { MAX_RAW } from "./block.ts";
import type { BlockEvents } from "./events.ts";
import type { PlainEvent } from "./payload.ts";

/**
 * Holds derived events until their recorded block has come.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const held = new Held();
 * held.add({ before: 4, places: [1], events: [{ kind: "command", time: 5, phase: "prompt" }] }, 20);
 * const recorded = [{ kind: "marker", time: 4, label: "a" }, { kind: "marker", time: 6, label: "b" }] as const;
 * deepEqual(held.merge(4, recorded).map(({ time }) => time), [4, 5, 6]);
 * ```
 */
export class Held {
  #waiting: { block: number; place: number; event: PlainEvent }[] = [];
  #weight = 0; // of all blocks since nothing waited

  /**
   * Adds the events of a block beside the chain, unless too much waits already.
   *
   * @param weight Bytes of them; 64 MiB may wait, more than any writer leaves.
   */
  add({ before, places, events }: BlockEvents, weight: number): boolean {
    if (this.#waiting.length === 0) this.#weight = 0;
    if (this.#weight > 0 && this.#weight + weight > MAX_RAW) return false;
    this.#weight += weight;
    events.forEach((event, n) => this.#waiting.push({ block: before, place: places[n]!, event }));
    return true;
  }

  /** Takes out the events that belong to recorded blocks before `block`. */
  before(block: number): PlainEvent[] {
    return this.#take((held) => held.block < block);
  }

  /** Takes out the events that stand before recorded block `block`, or before its first event. */
  leading(block: number): PlainEvent[] {
    return this.#take((held) => held.block < block || (held.block === block && held.place === 0));
  }

  /** The events of recorded block `block` with those that belong among them. */
  merge(block: number, events: readonly PlainEvent[]): readonly PlainEvent[] {
    if (this.#waiting.length === 0) return events;
    const merged = this.leading(block);
    const mine = this.#waiting.filter((held) => held.block === block);
    this.#waiting = this.#waiting.filter((held) => held.block !== block);
    let next = 0;
    events.forEach((event, n) => {
      // The place decides, and the time where the block is not the one that the place was told for.
      while (next < mine.length && mine[next]!.place <= n && mine[next]!.event.time <= event.time) {
        merged.push(mine[next++]!.event);
      }
      merged.push(event);
    });
    return [...merged, ...mine.slice(next).map(({ event }) => event)];
  }

  #take(wanted: (held: { block: number; place: number }) => boolean): PlainEvent[] {
    const taken = this.#waiting.filter(wanted);
    this.#waiting = this.#waiting.filter((held) => !wanted(held));
    return taken.map(({ event }) => event);
  }
}
