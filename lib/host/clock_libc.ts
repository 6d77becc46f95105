/**
 * The system's clocks through the C library: the same time in every thread, to the nanosecond.
 * @module
 */

import type { Clock } from "../ports.ts";
import { CLOCK_MONOTONIC, CLOCK_REALTIME, clockNanos } from "./libc.ts";

/** `CLOCK_MONOTONIC` for sessions, `CLOCK_REALTIME` for the wall. */
export const libcClock: Clock = {
  now: () => clockNanos(CLOCK_MONOTONIC),
  wall: () => clockNanos(CLOCK_REALTIME) / 1e6,
  until: (time, signal) => waitUntil(() => clockNanos(CLOCK_MONOTONIC), time, signal),
};

/** Resolves when `now()` has reached `time`: timers fire early or late, so what is left is waited for again. */
async function waitUntil(now: () => number, time: number, signal?: AbortSignal): Promise<void> {
  for (let left = time - now(); left > 0 && !signal?.aborted; left = time - now()) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, Math.max(1, Math.min(left / 1e6, 2 ** 31 - 1)));
      signal?.addEventListener("abort", done, { once: true });
      function done() {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}
