/**
 * Sets markers after the fact.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, Nanos } from "../event.ts";
import type { Report } from "../report.ts";
import { Stage } from "../stream/stage.ts";

/**
 * A marker to set.
 *
 * @example
 * ```ts
 * const chapter: Mark = { time: 90e9, label: "the build" };
 * ```
 */
export interface Mark {
  /** When, in nanoseconds since the session's header. */
  readonly time: Nanos;
  /** What to call it; may be empty. */
  readonly label: string;
}

/**
 * Returns a stage that adds markers to each session. One stands behind the events of its own time; one behind the end of the
 * session, at the time of the last event, or before the exit.
 *
 * @param marks In any order; those of one time stay in theirs.
 * @param report Hears of those that stand at the end because the session is over before their time.
 * @throws {RangeError} If a time is negative or no number.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const session = streamOf(
 *   { kind: "header", time: 0, header: { cols: 80, rows: 24 } },
 *   { kind: "exit", time: 8e9, status: { code: 0 } },
 * );
 * const events = await collect(session.pipeThrough(mark([{ time: 5e9, label: "halfway" }])));
 * deepEqual(events.map(({ kind, time }) => [kind, time]), [["header", 0], ["marker", 5e9], ["exit", 8e9]]);
 * ```
 */
export function mark(marks: readonly Mark[], report?: Report): Stage {
  for (const { time } of marks) {
    if (!(time >= 0)) throw new RangeError(`Cannot set a marker at ${time} ns: the time must be a number >= 0`);
  }
  const sorted = marks.toSorted((one, other) => one.time - other.time);
  return new Stage((emit) => {
    let due: Mark[] = [];
    let last = 0; // time of the event before
    const setBefore = (time: Nanos, at: (mark: Mark) => Nanos) => {
      while (due.length > 0 && due[0]!.time < time) emit(markerOf(due[0]!, at(due.shift()!)));
    };
    const setAtEnd = (end: Nanos) =>
      setBefore(Infinity, ({ time }) => {
        if (time > end) report?.warn("late-marker", "a marker is for a time behind the end, and stands at the end");
        return end;
      });
    return {
      push(event) {
        if (event.kind === "header") {
          setAtEnd(last);
          due = [...sorted];
        } else setBefore(event.time, (mark) => mark.time);
        if (event.kind === "exit") setAtEnd(event.time);
        last = event.time;
        emit(event);
      },
      flush: () => setAtEnd(last),
    };
  });
}

function markerOf({ label }: Mark, time: Nanos): EventOf<"marker"> {
  return { kind: "marker", time, label };
}
