/**
 * Reads a stream of events one batch ahead.
 *
 * A player that asks for the next batch when it is due is late by what reading takes. This one is read while the events before
 * it are waited for, and no more than this one: memory stays bounded by two batches.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventStream, SessionEvent } from "../event.ts";

/**
 * The events of a stream, one by one, without waiting where that can be.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { streamOf } from "@term2ai/term2ai";
 *
 * const events = new ReadAhead(streamOf({ kind: "marker", time: 0, label: "a" }));
 * await events.more();
 * equal(events.peek()?.kind, "marker");
 * events.skip();
 * await events.more();
 * equal(events.ended, true);
 * ```
 */
export class ReadAhead {
  readonly #reader: ReadableStreamDefaultReader<EventBatch>;
  #batch: EventBatch = [];
  #at = 0; // index of the next event in it
  #next: EventBatch | undefined; // the batch after it, once read
  #reading: Promise<void> | undefined;
  #over = false;
  #failure: { readonly error: unknown } | undefined;

  /** Takes over a stream; reading begins with the first {@linkcode more}. */
  constructor(events: EventStream) {
    this.#reader = events.getReader();
  }

  /** Whether there is nothing left, and nothing will come. */
  get ended(): boolean {
    return this.#over && this.peek() === undefined;
  }

  /** The next event, if it is there already. */
  peek(): SessionEvent | undefined {
    if (this.#at === this.#batch.length && this.#next) {
      this.#batch = this.#next;
      this.#at = 0;
      this.#next = undefined;
      this.#read();
    }
    return this.#batch[this.#at];
  }

  /** Goes on to the event after the one that {@linkcode peek} showed. */
  skip(): void {
    this.#at++;
  }

  /** Resolves when {@linkcode peek} has something to show, or the stream has ended; rejects when it failed. */
  async more(): Promise<void> {
    while (this.peek() === undefined && !this.#over) {
      if (this.#failure) throw this.#failure.error;
      this.#read();
      await this.#reading;
    }
  }

  /** Lets go of the stream. */
  async cancel(reason?: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }

  #read(): void {
    if (this.#over || this.#failure) return;
    this.#reading ??= this.#reader.read().then(({ done, value }) => {
      this.#reading = undefined;
      if (done) this.#over = true;
      else if (value.length > 0) this.#next = value;
    }, (error) => {
      this.#reading = undefined;
      this.#failure = { error };
    });
  }
}
