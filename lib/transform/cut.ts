/**
 * Takes a part out of a session.
 *
 * What follows moves up to where the part began, behind a `screen` event with all that showed when it ended, so the rest looks
 * as if the part had been played, and nothing of it is left but that.
 *
 * This module is browser compatible.
 * @module
 */

import type { EmulatorMaker } from "../ports.ts";
import { Stage } from "../stream/stage.ts";
import { moveTo } from "./move.ts";
import { SessionState } from "./session_state.ts";
import { type Span, SpanFinder } from "./span.ts";

/**
 * Returns a stage that drops what lies in a span of each session. A session that does not reach the span passes as it is.
 *
 * Where the header tells a wall-clock time, a `clock` event stands behind the part that is gone, so that those of what follows
 * are still told right.
 *
 * @param make Terminals, to know what showed when the span ended.
 * @throws {RangeError} If the span is none.
 * @throws {UsageError} From the stream, at its end, if no session had the places that the span names.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, loadEmulator, SECOND, streamOf } from "@term2ai/term2ai";
 *
 * const at = (seconds: number) => ({ kind: "marker", time: seconds * SECOND, label: `${seconds}` }) as const;
 * const session = streamOf({ kind: "header", time: 0, header: { cols: 80, rows: 24 } }, at(1), at(5), at(9));
 * const part = { from: { time: 2 * SECOND }, to: { time: 8 * SECOND } };
 * const events = await collect(session.pipeThrough(cut(part, await loadEmulator())));
 * deepEqual(events.map(({ time }) => time / SECOND), [0, 1, 3]);
 * ```
 */
export function cut(span: Span, make: EmulatorMaker): Stage {
  new SpanFinder(span); // throws before anything is read
  return new Stage((emit) => {
    const finder = new SpanFinder(span);
    const session = new SessionState(make);
    let hasWallTime = false;
    let before = session.size; // of the terminal, when the span began
    let seen = false; // whether something that shows has been taken out
    let isOver = true; // nothing of the span is to be bridged any more
    const bridge = () => {
      isOver = true;
      const { from, to } = finder, { size, drift } = session;
      if (hasWallTime) emit({ kind: "clock", time: from, drift: drift + to - from });
      if (!seen) return;
      if (size.cols !== before.cols || size.rows !== before.rows) emit({ kind: "resize", time: from, ...size });
      emit({ kind: "screen", time: from, state: session.screen });
    };
    return {
      push(event) {
        const place = finder.place(event);
        if (event.kind === "header") {
          hasWallTime = event.header.startedAt !== undefined;
          isOver = seen = false;
          session.push(event);
          before = session.size;
          return emit(event);
        }
        if (place === "behind") {
          if (!isOver) bridge();
          return emit(moveTo(event, event.time - (finder.to - finder.from)));
        }
        session.push(event);
        if (place === "inside") return void (seen ||= CHANGES.has(event.kind));
        before = session.size;
        emit(event);
      },
      flush: () => finder.finish(),
    };
  });
}

/** What changes the screen. */
const CHANGES: ReadonlySet<string> = new Set(["output", "resize", "screen"]);
