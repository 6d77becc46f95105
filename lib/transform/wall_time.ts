/**
 * Tells when, by the clock on the wall, each event of a recording happened.
 *
 * Session time is monotonic: it never jumps, and so it goes apart from the wall clock, which is set, slewed and stepped. The
 * recorder writes a `clock` event whenever the two have moved by a millisecond; the latest one corrects everything after it.
 *
 * This module is browser compatible.
 * @module
 */

import { MILLISECOND, type Nanos, type SessionEvent } from "../event.ts";

/**
 * Wall-clock times of the events of a stream, which it has to be shown in order.
 *
 * Right to a millisecond across steps of an hour and quartz that is wrong by 100 ppm, where the recorder wrote its `clock`
 * events; without any it assumes that the wall clock ran as the session's did.
 *
 * @example The clock was set back by an hour during the session
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { SECOND } from "@term2ai/term2ai";
 *
 * const wall = new WallTime();
 * wall.of({ kind: "header", time: 0, header: { cols: 80, rows: 24, startedAt: Date.UTC(2026, 9, 25, 1, 0) } });
 * wall.of({ kind: "clock", time: 60 * SECOND, drift: -3600 * SECOND });
 * const when = wall.of({ kind: "marker", time: 90 * SECOND, label: "an hour earlier, again" });
 * equal(new Date(when!).toISOString(), "2026-10-25T00:01:30.000Z");
 * ```
 */
export class WallTime {
  #startedAt: number | undefined;
  #drift: Nanos = 0;

  /**
   * When the event happened, in milliseconds since 1970-01-01T00:00:00Z like `Date.now()`, with fractions; `undefined` in a
   * session that does not tell when it began. A `header` starts afresh.
   */
  of(event: SessionEvent): number | undefined {
    if (event.kind === "header") {
      this.#startedAt = event.header.startedAt;
      this.#drift = 0;
    }
    if (event.kind === "clock") this.#drift = event.drift;
    if (this.#startedAt === undefined) return undefined;
    return this.#startedAt + (event.time + this.#drift) / MILLISECOND;
  }
}
