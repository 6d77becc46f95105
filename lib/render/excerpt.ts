/**
 * A part of a session that can be watched by itself.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../errors.ts";
import { type Nanos, SECOND, type SessionEvent } from "../event.ts";
import type { EmulatorMaker } from "../ports.ts";
import { concat } from "../stream/collect.ts";
import { Stage } from "../stream/stage.ts";
import { screenToAnsi } from "../terminal/screen_ansi.ts";
import { ScreenTracker } from "../terminal/screen_tracker.ts";
import { moveTo } from "../transform/move.ts";

/**
 * Returns a stage that keeps what happens after `from` and until `to`: a header and a `screen` with what showed at `from`, then
 * the events behind it, moved to the beginning. For one session; `join` makes one of several.
 *
 * @param from Where it begins, in nanoseconds; 0 keeps everything up to `to`.
 * @throws {UsageError} From the stream, at its end, if the session ends before `from`.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, loadEmulator, streamOf } from "@term2ai/term2ai";
 *
 * const header = { kind: "header", time: 0, header: { cols: 80, rows: 24 } } as const;
 * const marks = [1e9, 2e9, 3e9].map((time) => ({ kind: "marker", time, label: `${time}` }) as const);
 * const part = await collect(streamOf(header, ...marks).pipeThrough(excerpt(await loadEmulator(), 1.5e9, 2.5e9)));
 * deepEqual(part.map(({ kind, time }) => [kind, time]), [["header", 0], ["screen", 0], ["marker", 0.5e9]]);
 * ```
 */
export function excerpt(make: EmulatorMaker, from: Nanos, to: Nanos): Stage {
  return new Stage((emit) => {
    const tracker = new ScreenTracker(make);
    let opening: SessionEvent | undefined; // the header, until what comes behind it has begun
    let last: Nanos = 0; // time of the event before
    const begin = () => {
      if (opening?.kind !== "header") return;
      const { header } = opening, { state } = tracker;
      const startedAt = header.startedAt === undefined ? {} : { startedAt: header.startedAt + from / 1e6 };
      emit({ ...opening, header: { ...header, cols: state.cols, rows: state.rows, ...startedAt } });
      if (from > 0) emit({ kind: "screen", time: 0, state });
      opening = undefined;
    };
    return {
      push(event) {
        last = event.time;
        if (event.kind === "header") {
          begin();
          opening = event;
          return tracker.push(event);
        }
        if (from > 0 && event.time <= from) return tracker.push(event);
        begin();
        if (event.time <= to) emit(moveTo(event, event.time - from));
      },
      flush() {
        if (opening && last < from) throw lateStart(from, last);
        begin();
      },
    };
  });
}

function lateStart(from: Nanos, end: Nanos): UsageError {
  return new UsageError(
    `Cannot find ${from / SECOND} s in the recording: it ends at ${end / SECOND} s\n  Expected a beginning before that`,
  );
}

/**
 * Returns a stage that makes each `screen` the output that draws it, for formats that have no such event.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, loadEmulator, streamOf } from "@term2ai/term2ai";
 *
 * const state = (await loadEmulator())({ cols: 80, rows: 24 }).snapshot();
 * const drawn = await collect(streamOf({ kind: "screen", time: 5, state }).pipeThrough(screensAsOutput()));
 * deepEqual(drawn.map(({ kind }) => kind), ["resize", "output"]);
 * ```
 */
export function screensAsOutput(): Stage {
  return new Stage((emit) => {
    let size = { cols: 0, rows: 0 };
    return {
      push(event) {
        if (event.kind === "header") size = event.header;
        if (event.kind === "resize") size = event;
        if (event.kind !== "screen") return emit(event);
        const { time, state: { cols, rows } } = event;
        if (cols !== size.cols || rows !== size.rows) emit({ kind: "resize", time, cols, rows });
        size = { cols, rows };
        emit({ kind: "output", time, data: concat([RESET, screenToAnsi(event.state)]) });
      },
      flush: () => {},
    };
  });
}

/** RIS. */
const RESET = new TextEncoder().encode("\x1bc");
