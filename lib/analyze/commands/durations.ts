/**
 * Statistics of durations in bounded memory.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../../event.ts";
import type { DurationSummary } from "../../models.ts";

const EXACT = 1000;
const STEP = Math.log(1.02); // width of a bucket: its middle is at most 1 % off
const BUCKETS = 2048; // up to 4 * 10^17 ns, twelve years

/**
 * Durations in, a summary out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const durations = new Durations();
 * for (const time of [5, 1, 4, 2, 3]) durations.add(time);
 * const { count, mean, p50, p95 } = durations.summary()!;
 * deepEqual([count, mean, p50, p95], [5, 3, 3, 5]);
 * ```
 */
export class Durations {
  #count = 0;
  #total = 0;
  #min = Infinity;
  #max = 0;
  #exact: number[] | undefined = []; // sorted only when asked
  #buckets: Int32Array | undefined; // how many of each, once there are too many

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds one. */
  add(duration: Nanos): void {
    this.#count++;
    this.#total += duration;
    this.#min = Math.min(this.#min, duration);
    this.#max = Math.max(this.#max, duration);
    if (!this.#exact) return this.#sort(duration);
    this.#exact.push(duration);
    if (this.#exact.length <= EXACT) return;
    for (const known of this.#exact) this.#sort(known);
    this.#exact = undefined;
  }

  /** What is known so far; `undefined` when there are none. */
  summary(): DurationSummary | undefined {
    if (this.#count === 0) return undefined;
    return {
      count: this.#count,
      total: this.#total,
      mean: this.#total / this.#count,
      min: this.#min,
      p50: this.quantile(0.5),
      p95: this.quantile(0.95),
      max: this.#max,
    };
  }

  /** The duration that this part of all is no longer than. */
  quantile(part: number): Nanos {
    const rank = Math.max(1, Math.ceil(part * this.#count));
    if (this.#exact) return [...this.#exact].sort((a, b) => a - b)[rank - 1] ?? 0;
    let seen = 0;
    for (const [bucket, count] of this.#buckets!.entries()) {
      seen += count;
      if (seen >= rank) return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)));
    }
    return this.#max;
  }

  #sort(duration: Nanos): void {
    this.#buckets ??= new Int32Array(BUCKETS);
    this.#buckets[bucketOf(duration)]!++;
  }
}

/** The last one asked for: a duration is counted of a program, a folder and all commands, one after the other. */
let [known, itsBucket] = [NaN, 0];

function bucketOf(duration: Nanos): number {
  if (duration === known) return itsBucket;
  known = duration;
  return itsBucket = duration >= 1 ? Math.min(BUCKETS - 1, 1 + Math.floor(Math.log(duration) / STEP)) : 0;
}

function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : Math.exp((bucket - 0.5) * STEP);
}
