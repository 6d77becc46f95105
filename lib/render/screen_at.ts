/**
 * What the terminal showed at a moment of a session.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventStream, Nanos, ScreenState, SessionHeader } from "../event.ts";
import type { EmulatorMaker } from "../ports.ts";
import { eventsOf } from "../stream/collect.ts";
import { ScreenTracker } from "../terminal/screen_tracker.ts";

/**
 * A screen, and where it comes from.
 *
 * @example
 * ```ts
 * const isLast = (moment: Moment) => moment.isOver;
 * ```
 */
export interface Moment {
  /** What showed. */
  readonly state: ScreenState;
  /** The header of the session, where it had one. */
  readonly header: SessionHeader | undefined;
  /** Time of the last event up to it. */
  readonly end: Nanos;
  /** Nothing comes behind it. */
  readonly isOver: boolean;
}

/**
 * Plays a session, without waiting, up to `at` and with it, or to its end.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { loadEmulator, screenText, streamOf } from "@term2ai/term2ai";
 *
 * const output = (time: number, text: string) => ({ kind: "output", time, data: new TextEncoder().encode(text) }) as const;
 * const { state } = await screenAt(streamOf(output(1e9, "one"), output(2e9, " two")), await loadEmulator(), 1.5e9);
 * deepEqual(screenText(state), ["one"]);
 * ```
 */
export async function screenAt(events: EventStream, make: EmulatorMaker, at: Nanos = Infinity): Promise<Moment> {
  const tracker = new ScreenTracker(make);
  let header: SessionHeader | undefined;
  let end = 0, isOver = true;
  for await (const event of eventsOf(events)) {
    if (event.time > at) {
      isOver = false;
      break;
    }
    if (event.kind === "header") header ??= event.header;
    tracker.push(event);
    end = event.time;
  }
  return { state: tracker.state, header, end, isOver };
}
