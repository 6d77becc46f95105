/**
 * Counts what a recording holds.
 *
 * One pass, a handful of numbers, however long the session: it can run beside the recorder, on a pipe, or over an archive.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventStream, ExitStatus, Nanos, SessionEvent } from "../event.ts";
import type { RecordingStats } from "../models.ts";

/**
 * Counts events as they are pushed. Ask for {@linkcode StatsCounter.result} whenever you like.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const counter = new StatsCounter();
 * counter.push({ kind: "output", time: 5, data: new Uint8Array(80) });
 * counter.push({ kind: "marker", time: 9, label: "done" });
 * const { outputBytes, markers, duration } = counter.result();
 * equal(`${outputBytes} ${markers} ${duration}`, "80 1 9");
 * ```
 */
export class StatsCounter {
  #sessions = 0;
  #events = 0;
  #outputBytes = 0;
  #inputBytes = 0;
  #markers = 0;
  #resizes = 0;
  #gaps = 0;
  #missingBytes = 0;
  #earlier: Nanos = 0; // duration of the sessions before this one
  #time: Nanos = 0; // of the last event of this one
  #drift: Nanos = 0;
  #exit: ExitStatus | undefined;

  /** Counts one event. */
  push(event: SessionEvent): void {
    if (event.kind === "header") this.#begin();
    this.#events++;
    this.#time = Math.max(this.#time, event.time);
    if (event.kind === "output") this.#outputBytes += event.data.length;
    else if (event.kind === "input") this.#inputBytes += event.data.length;
    else if (event.kind === "marker") this.#markers++;
    else if (event.kind === "resize") this.#resizes++;
    else if (event.kind === "clock") this.#drift = event.drift;
    else if (event.kind === "exit") this.#exit = event.status;
    else if (event.kind === "gap") {
      this.#gaps++;
      this.#missingBytes += event.bytes ?? 0;
    }
  }

  /** The counts so far; later events do not change what was returned. */
  result(): RecordingStats {
    const counts = {
      sessions: this.#sessions,
      events: this.#events,
      outputBytes: this.#outputBytes,
      inputBytes: this.#inputBytes,
      markers: this.#markers,
      resizes: this.#resizes,
      gaps: this.#gaps,
      missingBytes: this.#missingBytes,
      duration: this.#earlier + this.#time,
      drift: this.#drift,
    };
    return this.#exit === undefined ? counts : { ...counts, exit: this.#exit };
  }

  #begin(): void {
    this.#sessions++;
    this.#earlier += this.#time;
    this.#time = this.#drift = 0;
    this.#exit = undefined;
  }
}

/**
 * Reads a stream to its end and tells what it held.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { streamOf } from "@term2ai/term2ai";
 *
 * const stats = await countStats(streamOf({ kind: "input", time: 0, data: new Uint8Array(3) }));
 * equal(stats.inputBytes, 3);
 * ```
 */
export async function countStats(events: EventStream): Promise<RecordingStats> {
  const counter = new StatsCounter();
  for await (const batch of events) {
    for (const event of batch) counter.push(event);
  }
  return counter.result();
}
