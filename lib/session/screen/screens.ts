/**
 * What a session shows now, for whoever looks at it.
 * @module
 */

import type { EventBatch, ScreenState } from "../../event.ts";
import type { EmulatorMaker } from "../../ports.ts";
import { ScreenTracker } from "../../terminal/screen_tracker.ts";

/** A screen that can be asked for. */
export interface ScreenSource {
  /** Takes what happened. */
  push(batch: EventBatch): void;
  /** The screen as of the last event; waits for what is needed to tell it. */
  current(): Promise<ScreenState>;
  /** The same at once, where it is being followed already. */
  readonly now: ScreenState | undefined;
  /** Whether that is certain: a session that was not followed from its start may have to be guessed at. */
  readonly isExact: boolean;
}

/** A screen that is followed from the session's start. */
export class FollowedScreen implements ScreenSource {
  readonly isExact = true;
  readonly #tracker: ScreenTracker;

  constructor(make: EmulatorMaker) {
    this.#tracker = new ScreenTracker(make);
  }

  push(batch: EventBatch): void {
    for (const event of batch) this.#tracker.push(event);
  }

  current(): Promise<ScreenState> {
    return Promise.resolve(this.#tracker.state);
  }

  get now(): ScreenState {
    return this.#tracker.state;
  }
}
