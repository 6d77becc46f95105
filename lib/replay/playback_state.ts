/**
 * What a replay can be doing, and what each command makes of it: a pure function, so a table can test all of it.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../event.ts";
import type { PlaybackState } from "../models.ts";

/**
 * What can happen to a replay. `position` is how far it had come by then.
 *
 * - `play`, `pause`, `stop`, `speed`: what a viewer wants.
 * - `show`: an event went out.
 * - `end`: there is none left.
 *
 * @example
 * ```ts
 * const action: PlaybackAction = { kind: "speed", speed: 2, position: 0 };
 * ```
 */
export type PlaybackAction =
  | { readonly kind: "play" | "pause" | "stop" | "show" | "end"; readonly position: Nanos }
  | { readonly kind: "speed"; readonly speed: number; readonly position: Nanos };

/**
 * The state after `action`. Where nothing changes it is the same object; after `ended` nothing changes any more.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import type { PlaybackState } from "@term2ai/term2ai";
 *
 * const playing: PlaybackState = { phase: "playing", position: 0, speed: 1 };
 * deepEqual(nextState(playing, { kind: "pause", position: 5 }), { phase: "paused", position: 5, speed: 1 });
 * ```
 */
export function nextState(state: PlaybackState, action: PlaybackAction): PlaybackState {
  if (state.phase === "ended") return state;
  switch (action.kind) {
    case "play":
      return change(state, { phase: "playing", position: action.position });
    case "pause":
      return change(state, { phase: "paused", position: action.position });
    case "stop":
    case "end":
      return change(state, { phase: "ended", position: action.position });
    case "show":
      return change(state, { position: action.position });
    case "speed":
      return change(state, { speed: action.speed, position: action.position });
  }
}

function change(state: PlaybackState, part: Partial<PlaybackState>): PlaybackState {
  const next = { ...state, ...part };
  const same = next.phase === state.phase && next.position === state.position && next.speed === state.speed;
  return same ? state : next;
}
