/**
 * Questions about sessions, answered in one pass.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionEvent } from "../event.ts";

/**
 * Answers a question about sessions: takes their events in order, in one pass, and tells what it found so far at any time.
 *
 * What it keeps is bounded, however long the sessions are, so it can follow a live one. A `header` begins the next session.
 *
 * @example Your own
 * ```ts
 * import { equal } from "node:assert/strict";
 * import type { SessionEvent } from "@term2ai/term2ai";
 *
 * class BellCounter implements SessionAnalyzer<number> {
 *   #bells = 0;
 *   push(event: SessionEvent) {
 *     if (event.kind === "output" && event.data.includes(7)) this.#bells++;
 *   }
 *   result() { return this.#bells; }
 * }
 * const bells = new BellCounter();
 * bells.push({ kind: "output", time: 0, data: Uint8Array.of(7) });
 * equal(bells.result(), 1);
 * ```
 */
export interface SessionAnalyzer<Result> {
  /** Takes the next event. */
  push(event: SessionEvent): void;
  /** What was found so far; later events do not change what was returned. */
  result(): Result;
}
