/**
 * Turns what comes out of a pseudo-terminal into events of a session.
 *
 * It keeps time from running backwards, decides with {@linkcode InputGuard} what typed text may be kept, and while recording
 * is paused keeps nothing but says so: a `gap` of reason `paused` opens the hole and one of reason `resumed` closes it with the
 * number of bytes that went by.
 *
 * This module is browser compatible.
 * @module
 */

import type { GapReason, Nanos, SessionEvent } from "../event.ts";
import type { PtyHappening } from "../ports.ts";
import { InputGuard, inputOf, isNote } from "./input_guard.ts";
import { WithheldLines } from "./withheld_lines.ts";

/**
 * What happens to typed bytes: `off` keeps none, `on` keeps what is no secret, `all` keeps passwords too. Where somebody hears what is
 * typed unseen, to have it hidden, `all` keeps no more than `on`.
 *
 * @example
 * ```ts
 * const policy: InputPolicy = "on";
 * ```
 */
export type InputPolicy = "off" | "on" | "all";

/**
 * Something that happened on a terminal, at a time of the session.
 *
 * @example
 * ```ts
 * const happening: Happening = { kind: "dropped", time: 5, bytes: 4096 };
 * ```
 */
export type Happening = Exclude<PtyHappening, { kind: "key" }>;

/**
 * The middle of a recorder, without clocks and streams.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const recorder = new EventRecorder({ input: "off" });
 * recorder.take({ kind: "output", time: 10, data: new Uint8Array(3) });
 * recorder.pause(20);
 * recorder.take({ kind: "output", time: 30, data: new Uint8Array(5) });
 * recorder.resume(40);
 * deepEqual(recorder.drain().map((event) => [event.kind, event.time]), [["output", 10], ["gap", 20], ["gap", 40]]);
 * ```
 */
export class EventRecorder {
  readonly #input: InputPolicy;
  readonly #guard: InputGuard;
  readonly #learns: boolean;
  #events: SessionEvent[] = [];
  #last: Nanos = 0;
  #paused = false;
  #missed = 0; // bytes of output since the pause began

  /**
   * Chooses what happens to typed bytes.
   *
   * @param options.unseen Hears each line that was typed while nothing of it showed, whether or not input is recorded.
   */
  constructor(options: { readonly input: InputPolicy; readonly unseen?: (line: string) => void }) {
    this.#input = options.input;
    this.#learns = options.unseen !== undefined;
    const lines = new WithheldLines(options.unseen ?? (() => {}));
    this.#guard = new InputGuard((event) => this.#keep(event), (data) => lines.push(data));
  }

  /** Whether recording is switched off at the moment. */
  get paused(): boolean {
    return this.#paused;
  }

  /** When {@linkcode release} has something to decide, or `undefined`. */
  get deadline(): Nanos | undefined {
    return this.#guard.deadline;
  }

  /** Takes what happened on the terminal. */
  take(happening: Happening): void {
    if (this.#paused) return this.#miss(happening);
    if (happening.kind === "output") this.#guard.pass(happening);
    else if (happening.kind === "dropped") this.gap(happening.time, "overload", happening.bytes);
    else if (this.#input === "on" || this.#learns) this.#guard.type(happening);
    else if (this.#input === "all") this.#guard.pass(inputOf(happening));
  }

  /** Adds an event that came from elsewhere: a marker, a new size, a signal, the time. Recorded during a pause as well. */
  add(event: SessionEvent): void {
    this.#guard.pass(event);
  }

  /** Says that something is missing. */
  gap(time: Nanos, reason: GapReason, bytes?: number): void {
    this.add(bytes === undefined ? { kind: "gap", time, reason } : { kind: "gap", time, reason, bytes });
  }

  /** Stops keeping what happens on the terminal; does nothing when it has stopped already. */
  pause(time: Nanos): void {
    if (this.#paused) return;
    this.#paused = true;
    this.gap(time, "paused");
  }

  /** Goes on keeping it, and tells how much was missed. */
  resume(time: Nanos): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.gap(time, "resumed", this.#missed);
    this.#missed = 0;
  }

  /** Decides about typed text that was held for long enough. */
  release(time: Nanos): void {
    this.#guard.release(time);
  }

  /** Decides about all typed text that is held. */
  flush(): void {
    this.#guard.flush();
  }

  /** The events that are certain, in order; they are handed out once. */
  drain(): SessionEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #miss(happening: Happening): void {
    if (happening.kind === "output") this.#missed += happening.data.length;
    else if (happening.kind === "dropped") this.#missed += happening.bytes;
  }

  #keep(event: SessionEvent): void {
    if (this.#input === "off" && (event.kind === "input" || isNote(event))) return;
    // What we add ourselves may be stamped a moment after output that arrives behind it.
    if (event.time < this.#last && event.kind !== "header") event = { ...event, time: this.#last };
    this.#last = event.time;
    this.#events.push(event);
  }
}
