/**
 * Which moment of the clock belongs to which moment of a session.
 *
 * A straight line through an anchor: `position` was, or will be, at `time`. A change of speed bends the line where it is, so
 * nothing jumps; all deadlines are points on the line, so lateness of one never adds to the next.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../event.ts";

/**
 * A line from clock time to session time.
 *
 * @example Twice as fast from 10 s on
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const line = new Timebase(1);
 * line.anchor(0, 100e9); // the session began when the clock showed 100 s
 * line.setSpeed(2, line.positionAt(110e9), 110e9);
 * equal(line.timeOf(20e9), 115e9);
 * ```
 */
export class Timebase {
  #position: Nanos = 0;
  #time: Nanos = 0;
  #speed: number;

  /** A line with a slope of so many session seconds per second; it goes through (0, 0) until it is anchored. */
  constructor(speed: number) {
    this.#speed = speed;
  }

  /** Moves the line so that `position` is at `time`. */
  anchor(position: Nanos, time: Nanos): void {
    this.#position = position;
    this.#time = time;
  }

  /** Bends the line at a point of it. */
  setSpeed(speed: number, position: Nanos, time: Nanos): void {
    this.anchor(position, time);
    this.#speed = speed;
  }

  /** When the clock shows it; at infinite speed, everything is at the anchor. */
  timeOf(position: Nanos): Nanos {
    return this.#time + (position - this.#position) / this.#speed;
  }

  /** How far a session has come; at infinite speed, without bound. */
  positionAt(time: Nanos): Nanos {
    return this.#speed === Infinity ? Infinity : this.#position + (time - this.#time) * this.#speed;
  }
}
