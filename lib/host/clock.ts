/**
 * The machine's clock, by what every JavaScript host has.
 *
 * Good to a millisecond: timers fire a little late, and how late is not for us to choose. Nothing drifts by that, because
 * whoever paces asks for absolute times.
 * @module
 */

import { MILLISECOND, type Nanos } from "../event.ts";
import type { Clock } from "../ports.ts";

/** A timer takes no more than this many milliseconds (24.8 days); more would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The clock of this machine.
 *
 * @example
 * ```ts
 * import { ok } from "node:assert/strict";
 *
 * const clock = systemClock();
 * const start = clock.now();
 * await clock.until(start + 5e6);
 * ok(clock.now() - start >= 5e6);
 * ```
 */
export function systemClock(): Clock {
  return { now, wall: Date.now, until };
}

function now(): Nanos {
  return Math.round(performance.now() * MILLISECOND);
}

async function until(time: Nanos, signal?: AbortSignal): Promise<void> {
  while (now() < time && !signal?.aborted) {
    // A timer of n ms fires after n + 0.2 to n + 1.5 ms (median 1.3, Deno 2.9 on Linux), so asking for one less comes
    // closest; what is then still missing the next round waits for.
    const wait = Math.ceil((time - now()) / MILLISECOND) - 1;
    await sleep(Math.max(0, Math.min(wait, LONGEST_TIMER)), signal);
  }
}

/** Resolves after some milliseconds, or when `signal` aborts; leaves neither timer nor listener behind. */
function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
  });
}
