/**
 * How long output has to wait so that it keeps to a rate, by a bucket that a second of it fits into.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch } from "../../event.ts";

/** Output has kept to its rate for so long: going over it again is news. */
const CALM_MS = 10_000;

/** A rate, and what was used of it. */
export class Pace {
  /** Whether the last wait was the first one in a while. */
  isFirst = false;
  readonly #rate: number | undefined;
  #left: number;
  #at: number;
  #waitedAt = -Infinity;

  /** @param rate Bytes a second; absent for no bound. */
  constructor(rate: number | undefined, now: number = performance.now()) {
    this.#rate = rate;
    this.#left = rate ?? 0;
    this.#at = now;
  }

  /** Takes a batch; returns how many milliseconds to wait after it. */
  take(batch: EventBatch, now: number = performance.now()): number {
    if (this.#rate === undefined) return 0;
    const bytes = batch.reduce((sum, event) => sum + (event.kind === "output" ? event.data.length : 0), 0);
    this.#left = Math.min(this.#rate, this.#left + (now - this.#at) / 1000 * this.#rate) - bytes;
    this.#at = now;
    if (this.#left >= 0 || bytes === 0) return 0;
    this.isFirst = now - this.#waitedAt > CALM_MS;
    const wait = Math.ceil(-this.#left / this.#rate * 1000);
    this.#waitedAt = now + wait;
    return wait;
  }
}
