/**
 * When events are due in a replay that shortens pauses.
 *
 * Events keep their recorded times, so that a time means the same to every command; what is shortened is how long they are
 * waited for. Shortened are spans in which recording was switched off, to nothing, and pauses, to a limit.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, SessionEvent, SessionHeader } from "../event.ts";
import { compose } from "../stream/compose.ts";
import type { StageCore } from "../stream/stage.ts";
import { idleLimit } from "../transform/idle_limit.ts";
import { skipPauses } from "../transform/skip_pauses.ts";

/**
 * Tells for each event in turn when it is due.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { SECOND } from "@term2ai/term2ai";
 *
 * const due = new DueTimes(2 * SECOND);
 * const times = [1, 91, 92].map((second) => due.of({ kind: "marker", time: second * SECOND, label: "" }) / SECOND);
 * deepEqual(times, [1, 3, 4]);
 * ```
 */
export class DueTimes {
  readonly #limit: Nanos | undefined;
  #core: StageCore;
  #due: Nanos = 0;

  /**
   * Shortens pauses to `limit`; without it, to what a session's header wishes.
   *
   * @throws {RangeError} If the limit is negative.
   */
  constructor(limit: Nanos | undefined) {
    this.#limit = limit;
    this.#core = this.#make();
  }

  /** When the next event is due: nanoseconds of waiting since its session began. */
  of(event: SessionEvent): Nanos {
    this.#core.push(event); // both stages emit one event for each that they are given
    return this.#due;
  }

  /**
   * Begins in the middle of a session, as if something had been seen at `time` just now. Returns when that was due.
   *
   * @param isOff Whether recording was switched off at that time.
   */
  enter(header: SessionHeader, time: Nanos, isOff: boolean): Nanos {
    this.#core = this.#make();
    this.of({ kind: "header", time: 0, header });
    return this.of(isOff ? { kind: "gap", time, reason: "paused" } : { kind: "marker", time, label: "" });
  }

  #make(): StageCore {
    return compose(skipPauses(), idleLimit(this.#limit)).make((event) => void (this.#due = event.time));
  }
}
