/**
 * Follows a stream of events, and knows at any moment what the terminal shows.
 *
 * This module is browser compatible.
 * @module
 */

import type { ScreenState, SessionEvent } from "../event.ts";
import type { Emulator, EmulatorMaker } from "../ports.ts";

/**
 * A terminal that follows events.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { loadEmulator } from "@term2ai/term2ai";
 *
 * const tracker = new ScreenTracker(await loadEmulator());
 * tracker.push({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
 * tracker.push({ kind: "resize", time: 5, cols: 100, rows: 30 });
 * equal(tracker.state.cols, 100);
 * ```
 */
export class ScreenTracker {
  readonly #make: EmulatorMaker;
  readonly #keepLines: boolean;
  #emulator: Emulator;

  /** Terminals come from `make`; `keepLines` has them keep the lines that scroll off. */
  constructor(make: EmulatorMaker, keepLines = false) {
    this.#make = make;
    this.#keepLines = keepLines;
    this.#emulator = make({ cols: 80, rows: 24, keepLines });
  }

  /** The terminal as it is now; another one after the next `header`. */
  get emulator(): Emulator {
    return this.#emulator;
  }

  /** What it shows now. */
  get state(): ScreenState {
    return this.#emulator.snapshot();
  }

  /** Takes the next event. Where output is missing, what was there before goes on showing. */
  push(event: SessionEvent): void {
    switch (event.kind) {
      case "header": {
        const { cols, rows } = event.header;
        this.#emulator = this.#make({ cols, rows, keepLines: this.#keepLines });
        return;
      }
      case "output":
        return this.#emulator.write(event.data);
      case "resize":
        return this.#emulator.resize(event.cols, event.rows);
      case "screen":
        return this.#emulator.restore(event.state);
    }
  }
}
