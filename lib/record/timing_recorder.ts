/**
 * Turns the machine's clocks into session time, and notes when the wall clock goes its own way.
 *
 * Sessions are timed by a clock that never jumps. The wall clock does: it is stepped, slewed, and stands still during
 * suspend. So that each moment can also be told as a date, a `clock` event says how far the two are apart: at the start, every
 * minute, and whenever they have moved by a millisecond or more.
 *
 * This module is browser compatible.
 * @module
 */

import { type EventOf, MILLISECOND, type Nanos, SECOND } from "../event.ts";
import type { Clock } from "../ports.ts";

const MOVED: Nanos = MILLISECOND;
const EVERY: Nanos = 60 * SECOND;

/**
 * The time of one session, which begins when this is constructed.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const clock = { time: 5e9, now() { return this.time; }, wall: () => 1.7e12, until: () => Promise.resolve() };
 * const timing = new TimingRecorder(clock);
 * clock.time += 250_000_000; // the wall clock stands still meanwhile
 * deepEqual(timing.startedAt, 1.7e12);
 * deepEqual(timing.now(), 250_000_000);
 * deepEqual(timing.observe(), { kind: "clock", time: 250_000_000, drift: -250_000_000 });
 * deepEqual(timing.observe(), undefined);
 * ```
 */
export class TimingRecorder {
  /** Wall clock at time 0, in milliseconds since 1970-01-01T00:00:00Z, to the microsecond. */
  readonly startedAt: number;
  readonly #clock: Clock;
  readonly #start: Nanos; // what the clock showed at time 0
  #told: { time: Nanos; drift: Nanos } | undefined; // by the latest `clock` event

  /** Time 0 is now. */
  constructor(clock: Clock) {
    this.#clock = clock;
    const { now, wall } = this.#read();
    this.#start = now;
    this.startedAt = Math.round(wall * 1000) / 1000;
  }

  /** Session time of this moment. */
  now(): Nanos {
    return this.at(this.#clock.now());
  }

  /** Session time of a moment that the clock has stamped; never before 0. */
  at(stamp: Nanos): Nanos {
    return Math.max(0, stamp - this.#start);
  }

  /** A `clock` event if one is due, and remembers to have told it. */
  observe(): EventOf<"clock"> | undefined {
    const { now, wall } = this.#read();
    const time = this.at(now);
    const drift = Math.round((wall - this.startedAt) * MILLISECOND - time);
    const told = this.#told;
    if (told && Math.abs(drift - told.drift) < MOVED && time - told.time < EVERY) return undefined;
    this.#told = { time, drift };
    return { kind: "clock", time, drift };
  }

  /** Both clocks at one moment: the wall clock is read between two looks at the other, and belongs in their middle. */
  #read(): { now: Nanos; wall: number } {
    const before = this.#clock.now();
    const wall = this.#clock.wall();
    return { now: before + Math.round((this.#clock.now() - before) / 2), wall };
  }
}
