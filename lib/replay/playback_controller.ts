/**
 * The keys of a player: play, pause, step, stop.
 *
 * This module is browser compatible.
 * @module
 */

import type { PlaybackState } from "../models.ts";
import type { Pacer } from "./pacer.ts";

/**
 * Drives a replay from outside. Commands act at once, also in the middle of a long wait; none of them waits or throws, and
 * after the end they do nothing.
 *
 * @example Pauses, and shows the first output only
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { streamOf } from "@term2ai/term2ai";
 * import { SessionPlayer } from "./session_player.ts";
 *
 * const clock = { now: () => 0, wall: () => 0, until: () => Promise.resolve() };
 * const { events, playback } = new SessionPlayer(streamOf({ kind: "marker", time: 0, label: "a" }), { clock, paused: true });
 * playback.step();
 * for await (const batch of events) {
 *   equal(batch.length, 1);
 *   equal(playback.state.phase, "paused");
 *   playback.stop();
 * }
 * ```
 */
export class PlaybackController {
  /** Whether to begin again when the end is reached. Only a player of a timeline can. */
  loop = false;
  readonly #pacer: Pacer;

  /** Drives the replay that `pacer` conducts. */
  constructor(pacer: Pacer) {
    this.#pacer = pacer;
  }

  /** Where the replay stands at this moment, also between two events. */
  get state(): PlaybackState {
    return this.#pacer.state;
  }

  /** The state now and after each change, until the end. Who reads slowly gets the latest one, and misses those between. */
  states(): ReadableStream<PlaybackState> {
    return this.#pacer.states();
  }

  /** Goes on from where it was paused, in the middle of a wait if need be. */
  play(): void {
    this.#pacer.play();
  }

  /** Stands still. */
  pause(): void {
    this.#pacer.pause();
  }

  /** The one key that does both. */
  toggle(): void {
    if (this.state.phase === "paused") this.play();
    else this.pause();
  }

  /**
   * Shows the next event that a viewer sees, however far off it is, with the unseen ones before it; then it is paused. Several
   * steps add up.
   */
  step(): void {
    this.#pacer.step();
  }

  /** Ends the replay: the stream closes, the source is cancelled. */
  stop(): void {
    this.#pacer.end("stop");
  }
}
