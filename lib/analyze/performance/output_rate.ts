/**
 * How much was printed when, in a fixed number of slots that grow with the session.
 *
 * This module is browser compatible.
 * @module
 */

import { MILLISECOND, type Nanos } from "../../event.ts";

/**
 * How much was printed when.
 *
 * @example
 * ```ts
 * const first: RateSummary = { slot: 1e9, bytes: [120, 0, 80], peak: 120 };
 * ```
 */
export interface RateSummary {
  /** How long a slot is. */
  readonly slot: Nanos;
  /** Bytes in each slot from the start. */
  readonly bytes: readonly number[];
  /** Bytes per second in the fullest slot. */
  readonly peak: number;
}

const SLOTS = 240;
const FIRST_SLOT: Nanos = 250 * MILLISECOND;

/**
 * Times and bytes in, slots out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const rate = new OutputRate();
 * rate.add(0, 10);
 * rate.add(3e8, 5);
 * deepEqual(rate.summary(), { slot: 2.5e8, bytes: [10, 5], peak: 40 });
 * ```
 */
export class OutputRate {
  #slot = FIRST_SLOT;
  #bytes: number[] = [];

  /** Adds bytes at a time. */
  add(time: Nanos, bytes: number): void {
    while (time >= this.#slot * SLOTS) this.#widen();
    const at = Math.floor(time / this.#slot);
    while (this.#bytes.length <= at) this.#bytes.push(0);
    this.#bytes[at]! += bytes;
  }

  /** The slots so far. */
  summary(): RateSummary {
    const fullest = this.#bytes.reduce((most, bytes) => Math.max(most, bytes), 0);
    return { slot: this.#slot, bytes: [...this.#bytes], peak: fullest / (this.#slot / 1e9) };
  }

  #widen(): void {
    this.#slot *= 2;
    const halves = this.#bytes;
    this.#bytes = [];
    for (let at = 0; at < halves.length; at += 2) this.#bytes.push(halves[at]! + (halves[at + 1] ?? 0));
  }
}
