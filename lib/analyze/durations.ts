/**
 * Statistics of durations in bounded memory.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../event.ts";

/**
 * What is known about many durations. Quantiles are by nearest rank: exact up to 1,000 durations, within 1 % beyond.
 *
 * @example
 * ```ts
 * const spread = ({ p50, p95 }: DurationSummary) => p95 / p50;
 * ```
 */
export interface DurationSummary {
  /** How many. */
  readonly count: number;
  /** All of them together. */
  readonly total: Nanos;
  /** On average. */
  readonly mean: Nanos;
  /** The shortest. */
  readonly min: Nanos;
  /** Half of them are no longer. */
  readonly p50: Nanos;
  /** 95 % of them are no longer. */
  readonly p95: Nanos;
  /** The longest. */
  readonly max: Nanos;
}

const EXACT = 1000;
const STEP = Math.log(1.02); // width of a bucket: its middle is at most 1 % off

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
  readonly #buckets = new Map<number, number>(); // once there are too many

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
    for (const [bucket, count] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      seen += count;
      if (seen >= rank) return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)));
    }
    return this.#max;
  }

  #sort(duration: Nanos): void {
    const bucket = duration < 1 ? 0 : 1 + Math.floor(Math.log(duration) / STEP);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }
}

function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : Math.exp((bucket - 0.5) * STEP);
}
