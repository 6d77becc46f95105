/**
 * Puts derived events back to where they stood among the recorded ones.
 *
 * A block of them comes before the recorded block it belongs to, so a follower of a growing recording never waits for one.
 *
 * This module is browser compatible.
 * @module
 */

import type { PlainEvent } from "./payload.ts";

/**
 * Holds derived events until their recorded block has come.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const held = new Held();
 * held.add({ before: 4, places: [1], events: [{ kind: "command", time: 5, phase: "prompt" }] });
 * const recorded = [{ kind: "marker", time: 4, label: "a" }, { kind: "marker", time: 6, label: "b" }] as const;
 * deepEqual(held.merge(4, recorded).map(({ time }) => time), [4, 5, 6]);
 * ```
 */
export class Held {
  #waiting: { block: number; place: number; event: PlainEvent }[] = [];

  /** Adds a block of derived events; `before` is the number of the recorded block they belong to. */
  add(
    { before, places, events }: {
      readonly before: number;
      readonly places: readonly number[];
      readonly events: readonly PlainEvent[];
    },
  ): void {
    events.forEach((event, n) => this.#waiting.push({ block: before, place: places[n]!, event }));
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
