/**
 * Adds keyframes: what shows, told in full, every now and then.
 *
 * From a keyframe on a recording can be played without anything before it. Seeking costs what it takes to draw the output
 * from the nearest one, and a keyframe costs about as much space as 10 KiB of output before compression.
 *
 * This module is browser compatible.
 * @module
 */

import type { EmulatorMaker } from "../ports.ts";
import { Stage } from "../stream/stage.ts";
import { ScreenTracker } from "../terminal/screen_tracker.ts";
import { KEYFRAME_EVERY } from "./keyframe_every.ts";

/**
 * Returns a stage that puts a keyframe behind each `every` bytes of output, or a little more: keyframes stand between events.
 * Those that were there before are left out. A `screen` is as good as a keyframe.
 *
 * @param make Makes the terminal that screens are computed with; see `loadEmulator`.
 * @param every Bytes of output from one keyframe to the next.
 *
 * @throws {RangeError} If `every` is not positive.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, loadEmulator, streamOf } from "@term2ai/term2ai";
 *
 * const data = new TextEncoder().encode("hello");
 * const recording = streamOf({ kind: "header", time: 0, header: { cols: 80, rows: 24 } }, { kind: "output", time: 1, data });
 * const events = await collect(recording.pipeThrough(keyframes(await loadEmulator(), 5)));
 * deepEqual(events.map(({ kind }) => kind), ["header", "output", "keyframe"]);
 * ```
 */
export function keyframes(make: EmulatorMaker, every: number = KEYFRAME_EVERY): Stage {
  if (!(every > 0)) throw new RangeError(`Cannot set keyframes ${every} bytes apart: the distance must be more than 0`);
  return new Stage((emit) => {
    let tracker: ScreenTracker | undefined;
    let drawn = 0; // bytes of output since what shows was told
    return {
      push(event) {
        if (event.kind === "keyframe") return;
        emit(event);
        tracker ??= new ScreenTracker(make);
        tracker.push(event);
        if (event.kind === "output") drawn += event.data.length;
        if (event.kind === "header" || event.kind === "screen") drawn = 0;
        if (drawn < every) return;
        emit({ kind: "keyframe", time: event.time, state: tracker.state });
        drawn = 0;
      },
      flush: () => {},
    };
  });
}
