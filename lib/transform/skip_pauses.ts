/**
 * Takes out the time during which recording was switched off.
 *
 * Whoever pauses a recording does not want the pause in it, but the recording keeps true times: a `gap` with reason
 * `paused`, and one with `resumed` as much later as it took. Here the second moves to where the first one stands, and
 * everything after it moves along.
 *
 * Only times change: no event is added, dropped or reordered. `clock` events go on telling the true wall clock.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, SessionEvent } from "../event.ts";
import { Stage } from "../stream/stage.ts";
import { moveTo } from "./move.ts";

/**
 * Returns a stage that takes out each span between a `paused` and a `resumed` gap; a `header` event starts afresh.
 *
 * Output, input and a `screen` can only come from a recording that is going on, so they end a span too, where the `resumed`
 * of a damaged recording is missing.
 *
 * @example An hour of lunch takes no time
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, SECOND, streamOf } from "@term2ai/term2ai";
 *
 * const day = streamOf(
 *   { kind: "gap", time: 60 * SECOND, reason: "paused" },
 *   { kind: "gap", time: 3660 * SECOND, reason: "resumed" },
 *   { kind: "marker", time: 3661 * SECOND, label: "back" },
 * );
 * const work = await collect(day.pipeThrough(skipPauses()));
 * deepEqual(work.map((event) => event.time / SECOND), [60, 60, 61]);
 * ```
 */
export function skipPauses(): Stage {
  return new Stage((emit) => {
    let removed = 0; // time taken out so far
    let pausedAt: Nanos | undefined; // recorded time at which recording was switched off, while it is off
    return {
      push(event) {
        if (event.kind === "header") {
          removed = 0;
          pausedAt = undefined;
        }
        const time = (pausedAt ?? event.time) - removed;
        if (pausedAt !== undefined && endsPause(event)) {
          removed += Math.max(0, event.time - pausedAt);
          pausedAt = undefined;
        }
        if (event.kind === "gap" && event.reason === "paused") pausedAt ??= event.time;
        emit(moveTo(event, time));
      },
      flush: () => {},
    };
  });
}

function endsPause(event: SessionEvent): boolean {
  if (event.kind === "gap") return event.reason === "resumed";
  return event.kind === "output" || event.kind === "input" || event.kind === "screen";
}
