/**
 * Where time comes from.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../event.ts";

/**
 * Where time comes from. A simulated one makes an hour of replay a test of milliseconds.
 *
 * @example A clock that a test moves by hand
 * ```ts
 * class HandClock implements Clock {
 *   time = 0;
 *   now() { return this.time; }
 *   wall() { return 1.7e12 + this.time / 1e6; }
 *   until(time: number) { this.time = Math.max(this.time, time); return Promise.resolve(); }
 * }
 * await new HandClock().until(5e9);
 * ```
 */
export interface Clock {
  /** Nanoseconds from an arbitrary start; never runs backwards, never jumps with the wall clock. */
  now(): Nanos;
  /** Wall clock, in milliseconds since 1970-01-01T00:00:00Z. */
  wall(): number;
  /** Resolves when {@linkcode now} has reached `time`, or at once when `signal` aborts. Never rejects. */
  until(time: Nanos, signal?: AbortSignal): Promise<void>;
}
