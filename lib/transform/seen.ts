/**
 * Which events a viewer sees happen.
 *
 * A pause is a stretch in which nothing is seen, and a step goes to the next thing that is seen. Both have to mean the same,
 * and neither may change when events that can be computed again are added or left out.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionEvent } from "../event.ts";

/**
 * Says whether a viewer sees something happen: the screen changes, its size does, a marker is reached, something is missing,
 * the session begins or ends.
 *
 * What was typed does not count, since it shows by its echo; nor do keyframes, clock readings and notes.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isSeen({ kind: "output", time: 0, data: new Uint8Array([65]) }), true);
 * equal(isSeen({ kind: "clock", time: 0, drift: 0 }), false);
 * ```
 */
export function isSeen(event: SessionEvent): boolean {
  switch (event.kind) {
    case "output":
      return event.data.length > 0;
    case "header":
    case "resize":
    case "marker":
    case "screen":
    case "gap":
    case "exit":
      return true;
    default:
      return false;
  }
}
