/**
 * The keys of a player that lead elsewhere: by time, percent, marker, command, text, and step by step.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../event.ts";
import { SECOND } from "../event.ts";
import type { Position } from "./block_reader.ts";
import { type Direction, findChange, findCommand } from "./find.ts";
import { findText } from "./find_text.ts";
import type { MarkerPoint } from "./event_blocks.ts";
import type { Pacer } from "./pacer.ts";
import type { Seeks } from "./seeks.ts";
import type { Timeline } from "./timeline.ts";

/** Who goes back to the marker before while one plays does not mean the one that was passed just now. */
const JUST_PASSED: Nanos = SECOND;

/**
 * Moves a replay to any moment of its recording.
 *
 * Every method resolves with whether the replay went where it was told. It does not, where there is no such place, where
 * another seek came before it was done (that one wins), after the end, and in a stream that can be read once only. Nothing
 * waits for a seek: the player goes on showing what it showed. What shows then comes as a `keyframe` event before any other.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource, loadEmulator, openTimeline, SECOND, SessionPlayer, systemClock } from "@term2ai/term2ai";
 *
 * const cast = '{"version":3,"term":{"cols":80,"rows":24}}\n[1,"o","one"]\n[60,"m","later"]\n[1,"o","two"]\n';
 * const timeline = await openTimeline(blobSource("demo.cast", new Blob([cast])), { loadEmulator });
 * const player = new SessionPlayer(timeline, { clock: systemClock(), paused: true });
 * const events = player.events.getReader();
 * player.seek.toMarker("later");
 * const { value } = await events.read();
 * equal(value![0]!.kind, "keyframe");
 * equal(player.playback.state.position, 61 * SECOND);
 * await events.cancel();
 * timeline.close();
 * ```
 */
export class SeekController {
  readonly #pacer: Pacer;
  readonly #seeks: Seeks;
  readonly #timeline: Timeline | undefined;
  readonly #here: () => Position;
  #search = new AbortController();

  /** Moves the replay that `pacer` conducts within `timeline`; `here` tells where it is. */
  constructor(pacer: Pacer, seeks: Seeks, timeline: Timeline | undefined, here: () => Position) {
    this.#pacer = pacer;
    this.#seeks = seeks;
    this.#timeline = timeline;
    this.#here = here;
  }

  /** Whether there is anywhere to go: a stream that is read once has no other moments. */
  get isPossible(): boolean {
    return this.#timeline !== undefined;
  }

  /** Session time of the last event, as far as it is known; 0 for a stream that is read once. */
  get duration(): Nanos {
    return this.#timeline?.duration ?? 0;
  }

  /** The markers to go to, as far as they are known. */
  get markers(): readonly MarkerPoint[] {
    return this.#timeline?.markers ?? [];
  }

  /** Goes to a session time; to the end where the recording is shorter, and stands still there. */
  to(time: Nanos): Promise<boolean> {
    const wanted = Math.max(0, Number.isNaN(time) ? 0 : time);
    return this.#ask((_, signal) => this.#timeline!.at(wanted, signal), Math.min(wanted, this.#knownEnd));
  }

  /** Goes so much further, or back, from where the last seek leads. */
  by(time: Nanos): Promise<boolean> {
    return this.to(this.#pacer.state.position + time);
  }

  /** Goes to a part of the whole, from 0 to 100; what it is a part of has to be known first. */
  toPercent(percent: number): Promise<boolean> {
    const part = Math.max(0, Math.min(100, percent)) / 100;
    if (this.#timeline?.complete) return this.to(part * this.duration);
    return this.#ask(async (_, signal) => {
      await this.#timeline!.known(signal);
      return await this.#timeline!.at(part * this.duration, signal);
    });
  }

  /** Goes to a marker, by its number from 0 or by its label. */
  toMarker(which: number | string): Promise<boolean> {
    return this.#toMarker(() =>
      this.markers.find(({ label }, index) => which === (typeof which === "number" ? index : label))
    );
  }

  /** Goes to the next marker, or with -1 to the one before. */
  toNextMarker(direction: Direction = 1): Promise<boolean> {
    const { phase, position } = this.#pacer.state;
    const passed = position - (phase === "playing" ? JUST_PASSED : 0);
    return this.#toMarker(() =>
      direction > 0
        ? this.markers.find(({ time }) => time > position)
        : this.markers.findLast(({ time }) => time < passed)
    );
  }

  /** Goes to where the next command begins to run, or with -1 the one before. */
  toNextCommand(direction: Direction = 1): Promise<boolean> {
    return this.#find((from, signal) => findCommand(this.#timeline!, from, direction, signal));
  }

  /**
   * Goes to where a text comes onto the screen next, or with -1 did last; behind the event that printed it, where it has scrolled
   * off with that. A text in small letters means large ones as well.
   *
   * @param told Hears how far the search has come, as a time in the session.
   */
  toText(text: string, direction: Direction = 1, told?: (time: Nanos) => void): Promise<boolean> {
    return this.#find((from, signal) => findText(this.#timeline!, text, from, direction, signal, told));
  }

  /** Gives up a search that is under way. */
  giveUp(): void {
    this.#search.abort();
  }

  /**
   * Pauses, and goes so many events that a viewer sees further, or back. Steps add up.
   *
   * A stream that is read once goes forward only.
   */
  step(count: number): Promise<boolean> {
    if (!this.isPossible && count < 0) return Promise.resolve(false);
    this.#pacer.pause();
    const back = Math.min(this.#pacer.steps, -count); // forward steps that were not taken yet
    for (let step = 0; step < back; step++) this.#pacer.step(-1);
    for (let step = 0; step < count; step++) this.#pacer.step();
    if (count >= 0 || back === -count) return Promise.resolve(true);
    return this.#then((from) => this.#timeline!.step(from, count + Math.max(0, back)));
  }

  /** Pauses, and goes to the next moment at which the screen looks different, or with -1 to the one before. */
  toNextChange(direction: Direction = 1): Promise<boolean> {
    this.#pacer.pause();
    return this.#then((from, signal) => findChange(this.#timeline!, from, direction, signal));
  }

  /** A marker that is not there may only not be known yet. */
  #toMarker(find: () => MarkerPoint | undefined): Promise<boolean> {
    const marker = find();
    if (marker) return this.to(marker.time);
    if (!this.#timeline || this.#timeline.complete) return Promise.resolve(false);
    return this.#find(async (_, signal) => {
      await this.#timeline!.known(signal);
      const late = find();
      return late && await this.#timeline!.at(late.time, signal);
    });
  }

  get #knownEnd(): Nanos {
    return this.#timeline?.complete ? this.#timeline.duration : Infinity;
  }

  #ask(
    find: (from: Position, signal: AbortSignal) => Promise<Position | undefined>,
    position?: Nanos,
  ): Promise<boolean> {
    if (!this.#mayMove()) return Promise.resolve(false);
    const done = this.#seeks.ask(find);
    this.#pacer.leave(position);
    return done;
  }

  #then(find: (from: Position, signal: AbortSignal) => Promise<Position | undefined>): Promise<boolean> {
    if (!this.#mayMove()) return Promise.resolve(false);
    const done = this.#seeks.askThen(find);
    this.#pacer.leave();
    return done;
  }

  /** Goes to what a longer search finds; playback goes on meanwhile. */
  async #find(find: (from: Position, signal: AbortSignal) => Promise<Position | undefined>): Promise<boolean> {
    if (!this.#mayMove()) return false;
    const { signal } = this.#search;
    await this.#seeks.settled();
    const place = signal.aborted ? undefined : await find(this.#here(), signal);
    if (!place || signal.aborted) return false;
    return await this.#ask(() => Promise.resolve(place), place.time);
  }

  /** Ends a search that is under way: whoever seeks has another wish now. */
  #mayMove(): boolean {
    this.#search.abort();
    this.#search = new AbortController();
    return this.isPossible && this.#pacer.state.phase !== "ended";
  }
}
