/**
 * Puts an event at another time.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, SessionEvent } from "../event.ts";

/**
 * The same event at `time`; it is the very same object where that is its time already.
 *
 * The wall clock does not move with it: a `clock` event tells the distance between wall clock and session time, so its drift
 * changes by as much as its time, the other way.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(moveTo({ kind: "marker", time: 5, label: "a" }, 3), { kind: "marker", time: 3, label: "a" });
 * deepEqual(moveTo({ kind: "clock", time: 5, drift: 1 }, 3), { kind: "clock", time: 3, drift: 3 });
 * ```
 */
export function moveTo(event: SessionEvent, time: Nanos): SessionEvent {
  if (event.time === time) return event;
  if (event.kind === "clock") return { ...event, time, drift: event.drift + event.time - time };
  return { ...event, time };
}
