/**
 * Tells in the events that a recording has no end.
 *
 * What is written of it once more ends as it should, and would look as if nothing were missing.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../event.ts";
import type { Report } from "../report.ts";
import { Stage } from "../stream/stage.ts";

/**
 * Returns a stage that ends a recording with a `gap` whose `report` says that it is unfinished or torn, unless it ends with one.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { blobSource, collect, openRecording, openEnd } from "@term2ai/term2ai";
 *
 * const torn = '{"version":3,"term":{"cols":80,"rows":24}}\n[1,"o","whole"]\n[1,"o","to';
 * const { events, report } = await openRecording(blobSource("torn.cast", new Blob([torn])));
 * deepEqual((await collect(events.pipeThrough(openEnd(report)))).map(({ kind }) => kind), ["header", "output", "gap"]);
 * ```
 */
export function openEnd(report: Report): Stage {
  return new Stage((emit) => {
    let kind = "";
    let time: Nanos = 0;
    return {
      push(event) {
        ({ kind, time } = event);
        emit(event);
      },
      flush() {
        const isOpen = report.completeness === "unfinished" || report.tornBytes > 0;
        if (isOpen && !["", "exit", "gap"].includes(kind)) emit({ kind: "gap", time, reason: "damage" });
      },
    };
  });
}
