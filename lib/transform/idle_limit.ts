/**
 * Shortens the pauses in a recording.
 *
 * People read, think and fetch coffee while recording; viewers need not wait with them. Every pause longer than a limit
 * becomes that limit, and later events move earlier by the same amount. A pause is one in what the viewer sees: events that
 * show nothing, such as clock readings, keyframes or keys without echo, neither end a pause nor begin one, so a recording
 * plays the same with and without them.
 *
 * Only times change: no event is added, dropped or reordered. `clock` events go on telling the true wall clock, so their
 * drift grows by what was taken out; a wall-clock time between two of them is right again from the second one on.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, SessionHeader } from "../event.ts";
import { Stage } from "../stream/stage.ts";
import { isSeen } from "./seen.ts";
import { moveTo } from "./move.ts";

/**
 * Returns a stage that shortens each pause over `limit` to `limit`; a `header` event starts afresh.
 *
 * @param limit Longest pause to keep, in nanoseconds; `0` removes all waiting, `Infinity` none. Without it each session's own
 * wish holds (`idleLimit` of its header), where it has one.
 * @throws {RangeError} If `limit` is negative or not a number.
 *
 * @example A 90 second pause becomes 2 seconds
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, SECOND, type SessionEvent, streamOf } from "@term2ai/term2ai";
 *
 * const at = (seconds: number): SessionEvent => ({ kind: "marker", time: seconds * SECOND, label: "" });
 * const brisk = await collect(streamOf(at(1), at(91), at(92)).pipeThrough(idleLimit(2 * SECOND)));
 * deepEqual(brisk.map((event) => event.time / SECOND), [1, 3, 4]);
 * ```
 */
export function idleLimit(limit?: Nanos): Stage {
  if (limit !== undefined && !(limit >= 0)) {
    throw new RangeError(`Cannot limit idle time to ${limit} ns: the limit must be a number >= 0`);
  }
  return new Stage((emit) => {
    let longest = limit ?? Infinity; // in this session
    let recorded = 0; // recorded time of the last event that was seen
    let shown = 0; // and where it went
    return {
      push(event) {
        if (event.kind === "header") {
          longest = limit ?? wishOf(event.header);
          recorded = shown = event.time;
        }
        const time = shown + Math.min(Math.max(0, event.time - recorded), longest);
        if (isSeen(event)) {
          recorded = Math.max(recorded, event.time);
          shown = time;
        }
        emit(moveTo(event, time));
      },
      flush: () => {},
    };
  });
}

/** The limit a header asks for; whatever is no limit at all came from a foreign file, and asks for nothing. */
function wishOf({ idleLimit }: SessionHeader): Nanos {
  return idleLimit !== undefined && idleLimit >= 0 ? idleLimit : Infinity;
}
