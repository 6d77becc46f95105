/**
 * Keeps a part of a session.
 *
 * The part opens with a `screen` event that has all that showed when it begins, so it looks the same as if everything before
 * had been played, and none of that is in it.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, Nanos, SessionHeader } from "../event.ts";
import type { EmulatorMaker } from "../ports.ts";
import { Stage } from "../stream/stage.ts";
import { SessionState } from "./session_state.ts";
import { type Span, SpanFinder } from "./span.ts";

/**
 * Returns a stage that drops what lies before and behind a span of each session, and lets times begin at 0 with it.
 *
 * The header takes the size and the wall-clock time at which the span begins. A session that does not reach the span is left
 * out. The exit is kept only where the span goes to the end.
 *
 * @param make Terminals, to know what showed when the span begins.
 * @throws {RangeError} If the span is none.
 * @throws {UsageError} From the stream, at its end, if no session had the places that the span names.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, loadEmulator, SECOND, screenText, streamOf } from "@term2ai/term2ai";
 *
 * const print = (seconds: number, text: string) =>
 *   ({ kind: "output", time: seconds * SECOND, data: new TextEncoder().encode(text) }) as const;
 * const header = { kind: "header", time: 0, header: { cols: 80, rows: 24 } } as const;
 * const session = streamOf(header, print(1, "$ make\r\n"), print(60, "done\r\n"), print(99, "$ exit\r\n"));
 * const part = trim({ from: { time: 50 * SECOND }, to: { time: 90 * SECOND } }, await loadEmulator());
 * const [, screen, output, ...rest] = await collect(session.pipeThrough(part));
 * deepEqual(screen?.kind === "screen" && screenText(screen.state), ["$ make"]);
 * deepEqual([output?.time, rest.length], [10 * SECOND, 0]);
 * ```
 */
export function trim(span: Span, make: EmulatorMaker): Stage {
  new SpanFinder(span); // throws before anything is read
  return new Stage((emit) => {
    const finder = new SpanFinder(span);
    const session = new SessionState(make);
    let header: EventOf<"header"> | undefined; // of the session at hand, until the span begins
    const begin = (whole: SessionHeader) => {
      header = undefined;
      emit({ kind: "header", time: 0, header: { ...later(whole, finder.from), ...session.size } });
      // What the clocks differ by is as it was, because the wall clock of the header has moved as far as the times have.
      if (session.drift !== 0) emit({ kind: "clock", time: 0, drift: session.drift });
      if (session.wasSeen) emit({ kind: "screen", time: 0, state: session.screen });
    };
    return {
      push(event) {
        if (event.kind === "header") header = event;
        const place = finder.place(event);
        if (place === "before" || event.kind === "header") session.push(event);
        if (place !== "before" && header) begin(header.header);
        if (place === "inside" && event.kind !== "header") {
          emit(finder.from === 0 ? event : { ...event, time: event.time - finder.from });
        }
      },
      flush: () => finder.finish(),
    };
  });
}

/** The header of the same session, had it begun at `from`. Wall clocks are kept to the microsecond. */
function later(header: SessionHeader, from: Nanos): SessionHeader {
  const { startedAt } = header;
  return startedAt === undefined ? header : { ...header, startedAt: Math.round(startedAt * 1e3 + from / 1e3) / 1e3 };
}
