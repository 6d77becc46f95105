/**
 * Decides when each event of a replay is due, and holds the one state that player and controllers share.
 *
 * Every event has an absolute deadline on the clock, so timers that fire late do not add up. Five things move the deadlines:
 * a change of speed, a pause, a seek, a new session in the stream, and a source that had nothing to give when something was due.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../errors.ts";
import { MILLISECOND, type Nanos, type SessionEvent, type SessionHeader } from "../event.ts";
import type { PlaybackState } from "../models.ts";
import type { Clock } from "../ports.ts";
import { isSeen } from "../transform/seen.ts";
import { DueTimes } from "./due_times.ts";
import { nextState, type PlaybackAction } from "./playback_state.ts";
import { Timebase } from "./timebase.ts";

/**
 * The slowest speed.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => checkSpeed(MIN_SPEED / 2));
 * ```
 */
export const MIN_SPEED = 0.01;

/**
 * The fastest speed that still waits; `Infinity` does not.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(checkSpeed(MAX_SPEED), 1000);
 * ```
 */
export const MAX_SPEED = 1000;

/**
 * A source that is later than this is waited for; one that is less late is caught up with. Reading a file hiccups by some
 * milliseconds, and a replay must not drift by each of them; a live session that is silent for longer was silent.
 */
const PATIENCE: Nanos = 50 * MILLISECOND;

/**
 * How a replay begins.
 *
 * @example
 * ```ts
 * const slowly: PacerOptions = { speed: 0.5, paused: true, pauseOnMarkers: false };
 * ```
 */
export interface PacerOptions {
  /** Session seconds per second, from 0.01 to 1000, or `Infinity`. */
  readonly speed: number;
  /** Whether to wait for `play()` or `step()` before the first event. */
  readonly paused: boolean;
  /** Whether to pause after each marker. */
  readonly pauseOnMarkers: boolean;
  /** Longest pause to play; without it, each recording's own wish holds. */
  readonly idleLimit?: Nanos;
}

/**
 * A speed that is one.
 *
 * @throws {UsageError} If it is not from 0.01 to 1000, or `Infinity`.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => checkSpeed(0), /Cannot play at speed 0/);
 * ```
 */
export function checkSpeed(speed: number): number {
  if (speed === Infinity || (speed >= MIN_SPEED && speed <= MAX_SPEED)) return speed;
  throw new UsageError(
    `Cannot play at speed ${speed}: a speed is a number from ${MIN_SPEED} to ${MAX_SPEED}, or Infinity`,
  );
}

/**
 * The conductor of a replay: the player asks it what is due, the controllers tell it what the viewer wants.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const clock = { now: () => 0, wall: () => 0, until: () => Promise.resolve() };
 * const pacer = new Pacer(clock, { speed: 1, paused: false, pauseOnMarkers: false });
 * pacer.meet({ kind: "header", time: 0, header: { cols: 80, rows: 24 } }, 0);
 * equal(pacer.admits({ kind: "marker", time: 1, label: "too early" }), false);
 * ```
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #pauseOnMarkers: boolean;
  readonly #due: DueTimes;
  readonly #line: Timebase; // from the clock to when events are due
  #state: PlaybackState;
  #begun = false; // the line is anchored
  #frozen: Nanos = 0; // where on the line a pause began
  #shown: Nanos = 0; // time of the last event that went out
  #shownDue: Nanos = 0; // and when it was due
  #next: Nanos = 0; // time of the one that is waited for, or again of the last
  #event: SessionEvent | undefined; // the one that is waited for
  #eventDue: Nanos = 0;
  #steps = 0; // how many seen events may go out although it is paused
  #interruption = new AbortController();
  #news = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<void>();

  /**
   * Conducts a replay by `clock`.
   *
   * @throws {UsageError} If the speed is not from 0.01 to 1000, or `Infinity`.
   * @throws {RangeError} If the idle limit is negative.
   */
  constructor(clock: Clock, { speed, paused, pauseOnMarkers, idleLimit }: PacerOptions) {
    this.#clock = clock;
    this.#pauseOnMarkers = pauseOnMarkers;
    this.#due = new DueTimes(idleLimit);
    this.#line = new Timebase(checkSpeed(speed));
    this.#state = { phase: paused ? "paused" : "playing", position: 0, speed };
  }

  /** Where the replay stands at this moment, also between two events. */
  get state(): PlaybackState {
    const { phase, seeking } = this.#state;
    return phase === "playing" && !seeking ? { ...this.#state, position: this.#visiblePosition() } : this.#state;
  }

  /** Resolves when the replay has ended. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  /** Steps forward that are still to be taken. */
  get steps(): number {
    return this.#steps;
  }

  /** The state now and after each change, until the end. Who reads slowly gets the latest one, and misses those between. */
  states(): ReadableStream<PlaybackState> {
    let told: PlaybackState | undefined;
    let cancelled = false;
    return new ReadableStream<PlaybackState>({
      pull: async (controller) => {
        while (told === this.#state) await this.#news.promise;
        if (cancelled) return;
        told = this.#state;
        controller.enqueue(told);
        if (told.phase === "ended") controller.close();
      },
      cancel: () => void (cancelled = true),
    }, { highWaterMark: 0 });
  }

  /** Goes on from where it was paused. */
  play(): void {
    if (this.#state.phase !== "paused") return;
    this.#steps = 0;
    this.#line.anchor(this.#frozen, this.#clock.now());
    this.#act({ kind: "play", position: this.#state.position });
    this.interrupt();
  }

  /** Stands still, at once. */
  pause(): void {
    if (this.#state.phase === "playing") this.#freeze(this.#position());
  }

  /** Lets one more event go out that a viewer sees, and pauses; -1 takes such a step back, if it was not taken yet. */
  step(count: 1 | -1 = 1): void {
    if (this.#state.phase === "ended") return;
    this.pause();
    this.#steps = Math.max(0, this.#steps + count);
    this.interrupt();
  }

  /** Ends the replay, as a viewer's wish or because there is nothing left. */
  end(kind: "stop" | "end"): void {
    if (this.#state.phase === "ended") return;
    this.#act({ kind, position: this.state.position });
    this.#end.resolve();
    this.interrupt();
  }

  /**
   * Plays on at another speed, from where it is.
   *
   * @throws {UsageError} If the speed is not from 0.01 to 1000, or `Infinity`.
   */
  setSpeed(speed: number): void {
    checkSpeed(speed);
    if (this.#state.phase === "playing") this.#line.setSpeed(speed, this.#position(), this.#clock.now());
    else this.#line.setSpeed(speed, this.#frozen, this.#clock.now());
    this.#act({ kind: "speed", speed, position: this.state.position });
    this.interrupt();
  }

  /** Hears that the viewer wants to be elsewhere: at `position`, as far as that is known. Steps that were due are not any more. */
  leave(position: Nanos = this.state.position): void {
    this.#steps = 0;
    this.#act({ kind: "seek", position });
    this.interrupt();
  }

  /** Hears that the player is at `position` of a session now; `isOff` says whether recording was switched off there. */
  arrive(header: SessionHeader, position: Nanos, where: { readonly isOff: boolean; readonly atEnd: boolean }): void {
    this.#begun = true;
    this.#event = undefined;
    this.#shown = this.#next = position;
    this.#shownDue = this.#frozen = this.#due.enter(header, position, where.isOff);
    this.#line.anchor(this.#shownDue, this.#clock.now());
    this.#act({ kind: "arrive", position, atEnd: where.atEnd });
  }

  /** Hears that the player could not go where it should, and stays where it is. */
  stay(): void {
    if (!this.#state.seeking) return;
    this.#act({ kind: "stay", position: this.#visiblePosition() });
  }

  /** Hears that the source gave `event` after the player had nothing to do from `since` on but wait for it. */
  meet(event: SessionEvent, since: Nanos): void {
    const now = this.#clock.now();
    const due = this.#dueOf(event);
    if (!this.#begun) return this.#begin(event.time, due, now);
    if (this.#state.speed === Infinity) return;
    const position = this.#state.phase === "playing" ? this.#position() : this.#frozen;
    const late = Math.min((position - due) / this.#state.speed, now - since);
    if (late <= PATIENCE) return;
    this.#frozen = position - late * this.#state.speed;
    this.#line.anchor(this.#frozen, now);
  }

  /** Says whether an event may go out now. */
  admits(event: SessionEvent): boolean {
    const due = this.#dueOf(event);
    if (!this.#begun) this.#begin(event.time, due, this.#clock.now());
    this.#next = Math.max(this.#shown, event.kind === "header" ? this.#shown : event.time);
    if (this.#state.phase === "paused") return this.#steps > 0;
    return this.#state.phase === "playing" && this.#clock.now() >= this.#line.timeOf(due);
  }

  /** Resolves when it is time to ask {@linkcode admits} again. */
  async wait(event: SessionEvent): Promise<void> {
    const interrupted = this.#interruption.signal;
    if (this.#state.phase === "playing") {
      await this.#clock.until(this.#line.timeOf(this.#dueOf(event)), interrupted);
    } else await this.interrupted();
  }

  /** Resolves when the viewer wants something else. */
  interrupted(): Promise<void> {
    const { signal } = this.#interruption;
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  /** Hears that an event goes out. */
  show(event: SessionEvent): void {
    const due = this.#dueOf(event), isHeader = event.kind === "header";
    if (isHeader) this.#line.anchor(event.time, this.#line.timeOf(due));
    this.#shown = isHeader ? event.time : Math.max(this.#shown, event.time);
    this.#shownDue = isHeader ? event.time : Math.max(this.#shownDue, due);
    this.#event = undefined;
    this.#next = this.#shown;
    this.#act({ kind: "show", position: this.#shown });
    if (this.#state.phase === "paused") {
      this.#frozen = this.#shownDue;
      if (isSeen(event)) this.#steps--;
    } else if (event.kind === "marker" && this.#pauseOnMarkers) this.#freeze(this.#shownDue);
  }

  /** Lets go of whoever waits: something has changed. */
  interrupt(): void {
    const interruption = this.#interruption;
    this.#interruption = new AbortController();
    interruption.abort();
  }

  #begin(position: Nanos, due: Nanos, now: Nanos): void {
    this.#begun = true;
    this.#shown = this.#next = position;
    this.#shownDue = this.#frozen = due;
    this.#line.anchor(due, now);
    this.#act({ kind: "show", position });
  }

  #freeze(position: Nanos): void {
    this.#frozen = position;
    this.#act({ kind: "pause", position: this.#state.seeking ? this.#state.position : this.#visiblePosition() });
    this.interrupt();
  }

  /** When the event that comes next is due, on the line; the next session begins where this one ends. */
  #dueOf(event: SessionEvent): Nanos {
    if (this.#event === event) return this.#eventDue;
    this.#event = event;
    const due = this.#due.of(event);
    return this.#eventDue = event.kind === "header" ? this.#shownDue : due;
  }

  /** Where the line is now; while something is late, it is further than what could be shown. */
  #position(): Nanos {
    return this.#state.speed === Infinity || !this.#begun ? this.#shownDue : this.#line.positionAt(this.#clock.now());
  }

  #visiblePosition(): Nanos {
    const position = this.#state.phase === "playing" ? this.#position() : this.#frozen;
    return Math.max(this.#shown, Math.min(this.#shown + position - this.#shownDue, this.#next));
  }

  #act(action: PlaybackAction): void {
    const state = nextState(this.#state, action);
    if (state === this.#state) return;
    this.#state = state;
    const news = this.#news;
    this.#news = Promise.withResolvers();
    news.resolve();
  }
}
