/**
 * Gives a recording that is under way on somebody's terminal a control socket, without making its start any slower.
 *
 * What serves the socket is loaded once the session has run for a moment; most recordings of single commands are over by then.
 * A socket that cannot be had is no reason to stop recording.
 * @module
 */

import type { EventBatch, EventOf, Nanos } from "../../event.ts";
import type { RecordingSink } from "./recording_sink.ts";

/** Serves the socket of a recording. */
export interface RecControl {
  /** Takes what has happened. */
  feed(batch: EventBatch): void;
  /** The session is over. */
  close(): Promise<void>;
}

/** What was there before the socket. */
export interface Before {
  /** With the size that the session has now. */
  readonly header: EventOf<"header">;
  /** Bytes of output so far. */
  readonly outputBytes: number;
  /** All events so far, where they were kept. */
  readonly batches: readonly EventBatch[];
}

/** Makes the control of a session; what is in front of it takes a while, and this none. */
export type ControlMaker = (before: Before) => RecControl;

const OPEN_AFTER: Nanos = 250_000_000;

/** A sink that also tells a control of everything. */
export class ControlledSink implements RecordingSink {
  /** Why there is no socket, where one was wanted and could not be had. */
  failure: string | undefined;
  readonly #inner: RecordingSink;
  readonly #keeps: boolean;
  readonly #open: () => Promise<ControlMaker>;
  #due: Nanos;
  #header: EventOf<"header"> | undefined;
  #outputBytes = 0;
  #batches: EventBatch[] = [];
  #control: RecControl | undefined;
  #opening: Promise<void> | undefined;

  /**
   * @param open Loads what serves the socket, and binds it.
   * @param keeps Whether it needs everything from the start. Then it is opened at once, for all of it has to be held until then.
   */
  constructor(inner: RecordingSink, open: () => Promise<ControlMaker>, keeps: boolean) {
    this.#inner = inner;
    this.#open = open;
    this.#keeps = keeps;
    this.#due = keeps ? 0 : OPEN_AFTER;
  }

  get deadline(): Nanos {
    return Math.min(this.#inner.deadline, this.#due);
  }

  get trouble() {
    return this.#inner.trouble;
  }

  get tampering() {
    return this.#inner.tampering;
  }

  async write(batch: EventBatch, now: Nanos): Promise<void> {
    this.#see(batch);
    await this.#inner.write(batch, now);
    if (now < this.#due || !this.#header) return;
    this.#due = Infinity;
    this.#opening = this.#start(); // not waited for
  }

  async close(): Promise<void> {
    await this.#inner.close();
    await this.#opening;
    await this.#control?.close();
  }

  #see(batch: EventBatch): void {
    if (this.#control) return this.#control.feed(batch);
    for (const event of batch) {
      if (event.kind === "header") this.#header = event;
      if (event.kind === "resize" && this.#header) this.#header = resized(this.#header, event);
      if (event.kind === "output") this.#outputBytes += event.data.length;
    }
    if (this.#keeps) this.#batches.push(batch);
  }

  async #start(): Promise<void> {
    try {
      const make = await this.#open();
      this.#control = make({ header: this.#header!, outputBytes: this.#outputBytes, batches: this.#batches });
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
    this.#batches = [];
  }
}

function resized(header: EventOf<"header">, { cols, rows }: EventOf<"resize">): EventOf<"header"> {
  return { ...header, header: { ...header.header, cols, rows } };
}
