/**
 * What has to be known of a session where events of it are left out: what shows, how large it is, how the clocks stand.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, ScreenState, SessionEvent } from "../event.ts";
import type { EmulatorMaker } from "../ports.ts";
import { ScreenTracker } from "../terminal/screen_tracker.ts";

/**
 * Follows the events of a session; a `header` starts afresh.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { loadEmulator } from "@term2ai/term2ai";
 *
 * const session = new SessionState(await loadEmulator());
 * session.push({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
 * session.push({ kind: "resize", time: 5, cols: 100, rows: 30 });
 * deepEqual(session.size, { cols: 100, rows: 30 });
 * ```
 */
export class SessionState {
  readonly #tracker: ScreenTracker;
  #size = { cols: 80, rows: 24 };
  #drift: Nanos = 0;
  #wasSeen = false;

  /** Terminals come from `make`. */
  constructor(make: EmulatorMaker) {
    this.#tracker = new ScreenTracker(make);
  }

  /** Of the terminal, in cells. */
  get size(): { readonly cols: number; readonly rows: number } {
    return this.#size;
  }

  /** As the last `clock` event told it. */
  get drift(): Nanos {
    return this.#drift;
  }

  /** Whether anything has changed what shows. */
  get wasSeen(): boolean {
    return this.#wasSeen;
  }

  /** What shows. */
  get screen(): ScreenState {
    return this.#tracker.state;
  }

  /** Takes the next event. */
  push(event: SessionEvent): void {
    this.#tracker.push(event);
    switch (event.kind) {
      case "header":
        this.#size = { cols: event.header.cols, rows: event.header.rows };
        this.#drift = 0;
        this.#wasSeen = false;
        return;
      case "clock":
        this.#drift = event.drift;
        return;
      case "resize":
        this.#size = { cols: event.cols, rows: event.rows };
        break;
      case "screen":
        this.#size = { cols: event.state.cols, rows: event.state.rows };
        break;
      case "output":
        break;
      default:
        return;
    }
    this.#wasSeen = true;
  }
}
