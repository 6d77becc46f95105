/**
 * Makes one session of several that follow each other in a stream.
 *
 * `cat` joins recordings too, and keeps the sessions apart. Players and formats that know one session only need one.
 *
 * This module is browser compatible.
 * @module
 */

import type { Json, Nanos, SessionEvent, SessionHeader } from "../event.ts";
import { Stage } from "../stream/stage.ts";
import { headerToJson } from "../text/header_json.ts";
import { moveTo } from "./move.ts";

/**
 * Returns a stage that puts the second session and all behind it into the first.
 *
 * Where a session begins there is a `note` with topic `session` that has what its header said, a `resize` if its terminal had
 * another size, and output that puts the terminal back to its beginning (RIS). The exit of a session before the last becomes
 * a `note` with topic `exit`, because an exit ends a session.
 *
 * @param pause Time between the end of one session and the beginning of the next, in nanoseconds.
 * @throws {RangeError} If `pause` is negative or not finite.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const header = { kind: "header", time: 0, header: { cols: 80, rows: 24 } } as const;
 * const two = streamOf(header, { kind: "marker", time: 5e9, label: "a" }, header, { kind: "marker", time: 1e9, label: "b" });
 * const events = await collect(two.pipeThrough(join()));
 * deepEqual(events.filter(({ kind }) => kind === "marker").map(({ time }) => time), [5e9, 6e9]);
 * ```
 */
export function join(pause: Nanos = 0): Stage {
  if (!(pause >= 0 && pause < Infinity)) {
    throw new RangeError(`Cannot join sessions with ${pause} ns between them: the pause must be a finite number >= 0`);
  }
  return new Stage((emit) => {
    let start: Nanos | undefined; // where the session at hand begins; undefined before the first
    let last: Nanos = 0; // time of the event before, in the joined session
    let size = { cols: 0, rows: 0 };
    let exit: SessionEvent | undefined; // held back, since it may not be the last one
    const begin = (header: SessionHeader) => {
      start = last = last + pause;
      emit({ kind: "note", time: start, topic: "session", data: jsonOf(header) });
      if (header.cols !== size.cols || header.rows !== size.rows) {
        emit({ kind: "resize", time: start, ...sizeOf(header) });
      }
      emit({ kind: "output", time: start, data: RESET });
    };
    return {
      push(event) {
        if (exit) emit(noteOf(exit));
        exit = undefined;
        if (event.kind !== "header") {
          const moved = moveTo(event, Math.max(last, (start ?? 0) + event.time));
          last = moved.time;
          if (event.kind === "resize") size = sizeOf(event);
          if (event.kind === "exit") exit = moved;
          else emit(moved);
          return;
        }
        if (start === undefined) emit(event);
        else begin(event.header);
        start ??= 0;
        size = sizeOf(event.header);
      },
      flush: () => exit && emit(exit),
    };
  });
}

/** RIS: what a program before has left on the screen, and in the terminal's modes, is gone. */
const RESET = new TextEncoder().encode("\x1bc");

function sizeOf({ cols, rows }: { cols: number; rows: number }) {
  return { cols, rows };
}

function noteOf(exit: SessionEvent): SessionEvent {
  if (exit.kind !== "exit") return exit;
  return { kind: "note", time: exit.time, topic: "exit", data: { ...exit.status } };
}

/** In one order, so that it is the same whatever format the header has been stored in on its way. */
function jsonOf(header: SessionHeader): Json {
  const fields = Object.entries(headerToJson(header)).sort(([one], [other]) => one < other ? -1 : 1);
  return JSON.parse(JSON.stringify(Object.fromEntries(fields)));
}
