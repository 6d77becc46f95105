/**
 * Moves the unfinished sequence that a recorded screen ends with to the output that finishes it.
 *
 * A screen may have been taken in the middle of a sequence; its bytes so far are part of the screen's state. A secret in it can
 * only be seen as a whole.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, SessionEvent } from "../../event.ts";
import { concat } from "../../stream/collect.ts";
import type { StageCore } from "../../stream/stage.ts";

/** A core whose screens have nothing pending. */
export function pendingWithOutput(emit: (event: SessionEvent) => void): StageCore {
  let pending: Uint8Array | undefined;
  let time: Nanos = 0;
  const give = () => {
    if (pending) emit({ kind: "output", time, data: pending });
    pending = undefined;
  };
  return {
    push(event) {
      if (event.kind === "header") give();
      time = event.time;
      if (event.kind === "screen") {
        const { pending: begun, ...state } = event.state;
        pending = begun;
        emit(begun ? { ...event, state } : event);
      } else if (event.kind === "output" && pending) {
        const data = concat([pending, event.data]);
        pending = undefined;
        emit({ ...event, data });
      } else emit(event);
    },
    flush: give,
  };
}
