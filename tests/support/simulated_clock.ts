/**
 * A clock that stands still until a test moves it.
 * @module
 */

import type { Clock } from "../../lib/ports.ts";
import { MILLISECOND, type Nanos } from "../../lib/event.ts";
import { setImmediate } from "node:timers";

/** How a simulated clock is wrong. */
export interface SimulatedClockOptions {
  /** How much too late each timer fires, in nanoseconds. */
  readonly lateness?: Nanos;
  /** How much too fast the wall clock runs, in parts per million. */
  readonly skew?: number;
  /** Wall clock at time 0, in milliseconds since 1970. */
  readonly startedAt?: number;
}

interface Timer {
  readonly time: Nanos;
  readonly fire: () => void;
}

/** Time by hand: nothing happens until {@linkcode advance} or {@linkcode run} moves it. */
export class SimulatedClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #lateness: Nanos;
  readonly #skew: number;
  #now: Nanos = 0;
  #wallAtZero: number;

  constructor({ lateness = 0, skew = 0, startedAt = Date.UTC(2026, 0, 1) }: SimulatedClockOptions = {}) {
    this.#lateness = lateness;
    this.#skew = skew;
    this.#wallAtZero = startedAt;
  }

  /** How many waits are under way. */
  get waiting(): number {
    return this.#timers.size;
  }

  now(): Nanos {
    return this.#now;
  }

  wall(): number {
    return this.#wallAtZero + this.#now * (1 + this.#skew / 1e6) / MILLISECOND;
  }

  /** Sets the wall clock forward by so many milliseconds, or back. */
  step(milliseconds: number): void {
    this.#wallAtZero += milliseconds;
  }

  until(time: Nanos, signal?: AbortSignal): Promise<void> {
    if (this.#now >= time || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = { time: time + this.#lateness, fire: () => this.#end(timer, signal, resolve) };
      this.#timers.add(timer);
      signal?.addEventListener("abort", timer.fire);
    });
  }

  /** Moves on by `duration`; timers fire on the way, each at its time, and what waits for them acts before time goes on. */
  async advance(duration: Nanos): Promise<void> {
    const end = this.#now + duration;
    await settle();
    for (let timer = this.#next(); timer && timer.time <= end; timer = this.#next()) await this.#fire(timer);
    this.#now = Math.max(this.#now, end);
    await settle();
  }

  /** Jumps from timer to timer until `work` is done, and returns its result. */
  async run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = () => void (done = true);
    work.then(end, end);
    await settle();
    while (!done) {
      const timer = this.#next();
      if (timer) await this.#fire(timer);
      else await settle();
    }
    return await work;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (!first || timer.time < first.time) first = timer;
    return first;
  }

  async #fire(timer: Timer): Promise<void> {
    this.#now = Math.max(this.#now, timer.time);
    timer.fire();
    await settle();
  }

  #end(timer: Timer, signal: AbortSignal | undefined, resolve: () => void): void {
    this.#timers.delete(timer);
    signal?.removeEventListener("abort", timer.fire);
    resolve();
  }
}

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
