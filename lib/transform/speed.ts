/**
 * Makes a session faster or slower for good.
 *
 * Players have a speed of their own; this is for recordings that go to somebody whose player has none. Only times change, and
 * the wish for an idle limit with them, so that it cuts the same pauses as before.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, SessionEvent } from "../event.ts";
import { Stage } from "../stream/stage.ts";
import { moveTo } from "./move.ts";

/**
 * Returns a stage that divides all times by `factor`: 2 makes a session of ten seconds one of five.
 *
 * @param factor Recorded seconds for each new one.
 * @throws {RangeError} If `factor` is not a finite number above 0.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const slow = streamOf({ kind: "marker", time: 10e9, label: "ten seconds" });
 * deepEqual((await collect(slow.pipeThrough(speed(2)))).map((event) => event.time), [5e9]);
 * ```
 */
export function speed(factor: number): Stage {
  if (!(factor > 0 && factor < Infinity)) {
    throw new RangeError(`Cannot make a session ${factor} times as fast: the factor must be a finite number above 0`);
  }
  const scaled = (time: Nanos) => Math.min(Number.MAX_SAFE_INTEGER, Math.round(time / factor));
  return new Stage((emit) => ({
    push: (event) => emit(event.kind === "header" ? withLimit(event, scaled) : moveTo(event, scaled(event.time))),
    flush: () => {},
  }));
}

function withLimit(event: SessionEvent & { kind: "header" }, scaled: (time: Nanos) => Nanos): SessionEvent {
  const { idleLimit } = event.header;
  return idleLimit === undefined ? event : { ...event, header: { ...event.header, idleLimit: scaled(idleLimit) } };
}
