/**
 * How long typed characters take to show.
 *
 * This module is browser compatible.
 * @module
 */

import { type EventOf, type Nanos, SECOND } from "../../event.ts";
import type { DurationSummary } from "../../models.ts";
import { Durations } from "../commands/durations.ts";

const PATIENCE: Nanos = SECOND; // what shows later is no echo
const MAX_WAITING = 100;

/**
 * Input and output in, how long it took out. A character counts when it shows in output that follows within a second.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const timer = new EchoTimer();
 * timer.input({ kind: "input", time: 0, data: Uint8Array.of(97) });
 * timer.output({ kind: "output", time: 4e6, data: Uint8Array.of(97) });
 * equal(timer.summary()?.max, 4e6);
 * ```
 */
export class EchoTimer {
  readonly #durations = new Durations();
  #waiting: { time: Nanos; byte: number }[] = [];

  /** Something was typed; only single characters that show count. */
  input({ data, time }: EventOf<"input">): void {
    const byte = data[0];
    if (data.length !== 1 || byte === undefined || byte < 0x21 || byte > 0x7e) return;
    this.#waiting.push({ time, byte });
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  /** Something shows. */
  output({ data, time }: EventOf<"output">): void {
    if (this.#waiting.length === 0) return;
    let at = 0;
    while (this.#waiting[0]) {
      const { time: typed, byte } = this.#waiting[0];
      if (time - typed <= PATIENCE) {
        const found = data.indexOf(byte, at);
        if (found < 0) return;
        this.#durations.add(time - typed);
        at = found + 1;
      }
      this.#waiting.shift();
    }
  }

  /** What was typed before this does not show any more. */
  forget(): void {
    this.#waiting = [];
  }

  /** How long it took; `undefined` when nothing was typed that showed. */
  summary(): DurationSummary | undefined {
    return this.#durations.summary();
  }
}
