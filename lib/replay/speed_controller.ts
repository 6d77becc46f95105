/**
 * The speed of a replay.
 *
 * This module is browser compatible.
 * @module
 */

import { MAX_SPEED, MIN_SPEED, type Pacer } from "./pacer.ts";

/**
 * Changes how fast a session plays, while it plays. What was already waited for stays waited for: nothing jumps.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { streamOf } from "@term2ai/term2ai";
 * import { SessionPlayer } from "./session_player.ts";
 *
 * const clock = { now: () => 0, wall: () => 0, until: () => Promise.resolve() };
 * const { speed, events } = new SessionPlayer(streamOf(), { clock });
 * speed.set(0.5);
 * speed.faster();
 * equal(speed.value, 1);
 * await events.cancel();
 * ```
 */
export class SpeedController {
  readonly #pacer: Pacer;

  /** Changes the speed of the replay that `pacer` conducts. */
  constructor(pacer: Pacer) {
    this.#pacer = pacer;
  }

  /** Session seconds per second. */
  get value(): number {
    return this.#pacer.state.speed;
  }

  /**
   * Plays on at this speed.
   *
   * @param speed Session seconds per second, from 0.01 to 1000; `Infinity` waits for nothing.
   * @throws {UsageError} If it is none of these.
   */
  set(speed: number): void {
    this.#pacer.setSpeed(speed);
  }

  /** Doubles the speed, up to 1000. */
  faster(): void {
    if (this.value < MAX_SPEED) this.set(Math.min(MAX_SPEED, this.value * 2));
  }

  /** Halves the speed, down to 0.01. */
  slower(): void {
    this.set(Math.min(MAX_SPEED, Math.max(MIN_SPEED, this.value / 2)));
  }
}
