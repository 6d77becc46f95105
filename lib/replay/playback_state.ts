/**
 * What a replay can be doing, and what each command makes of it: a pure function, so a table can test all of it.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../event.ts";
import type { PlaybackState } from "../models.ts";

/**
 * What can happen to a replay. `position` is how far it had come by then, or where it goes.
 *
 * - `play`, `pause`, `stop`, `speed`, `seek`: what a viewer wants.
 * - `show`: an event went out.
 * - `arrive`: a seek is done; at the end there is nothing left to play, so it stands still there.
 * - `stay`: a seek is done that led nowhere.
 * - `end`: there is no event left.
 *
 * @example
 * ```ts
 * const action: PlaybackAction = { kind: "speed", speed: 2, position: 0 };
 * ```
 */
export type PlaybackAction =
  | {
    readonly kind: "play" | "pause" | "stop" | "show" | "end" | "seek" | "stay";
    readonly position: Nanos;
  }
  | { readonly kind: "arrive"; readonly position: Nanos; readonly atEnd: boolean }
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
  const { position } = action;
  switch (action.kind) {
    case "play":
      return change(state, { phase: "playing", position });
    case "pause":
      return change(state, { phase: "paused", position });
    case "stop":
    case "end":
      return change(arrived(state), { phase: "ended", position });
    case "show":
      return change(state, { position });
    case "speed":
      return change(state, { speed: action.speed, position });
    case "seek":
      return change(state, { position, seeking: true });
    case "arrive":
      return change(arrived(state), { position, phase: action.atEnd ? "paused" : state.phase });
    case "stay":
      return change(arrived(state), { position });
  }
}

/** The state without a seek under way. */
function arrived(state: PlaybackState): PlaybackState {
  if (!state.seeking) return state;
  const { seeking: _, ...rest } = state;
  return rest;
}

function change(state: PlaybackState, part: Partial<PlaybackState>): PlaybackState {
  const next = { ...state, ...part };
  const same = next.phase === state.phase && next.position === state.position && next.speed === state.speed &&
    next.seeking === state.seeking;
  return same ? state : next;
}
