/**
 * Makes output of the entries of an asciicast of version 1: `[delay, text]`, the delay in seconds since the entry before.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, SessionEvent } from "../../lib/event.ts";
import type { Report } from "../../lib/report.ts";
import { nanosOf } from "../asciicast/seconds.ts";

const MAX_TIME: Nanos = 2 ** 62; // 146 years

/**
 * Reads entries one after the other.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Report, type SessionEvent } from "@term2ai/term2ai";
 *
 * const events: SessionEvent[] = [];
 * const report = new Report();
 * const entries = new EntryReader(report, (event) => events.push(event));
 * entries.read([1.5, "a"], 0);
 * entries.read([0.5, null], 10);
 * entries.read([0.5, "b"], 20);
 * equal(events.map((event) => `${event.kind} ${event.time / 1e9}`).join(), "output 1.5,gap 2,output 2.5");
 * ```
 */
export class EntryReader {
  readonly #report: Report;
  readonly #emit: (event: SessionEvent) => void;
  readonly #encoder = new TextEncoder();
  #time: Nanos = 0;
  #inGap = false;
  #half = ""; // the first half of a surrogate pair whose second half the next entry should bring
  #byte = 0;

  /** Events go to `emit`, findings to `report`. */
  constructor(report: Report, emit: (event: SessionEvent) => void) {
    this.#report = report;
    this.#emit = emit;
  }

  /** Reads a value that should be an entry and stands at `byte`. The delay of one whose text is useless counts all the same. */
  read(entry: unknown, byte: number): void {
    this.#byte = byte;
    const [time, text] = Array.isArray(entry) ? entry : [];
    const delay = this.#delayOf(time);
    if (delay !== undefined) this.#advance(delay);
    if (delay === undefined || typeof text !== "string") return this.#broken();
    if ((entry as unknown[]).length > 2) this.#warn("extra-element", "elements after the second were ignored");
    this.#text(text);
  }

  /** There are no more. */
  finish(): void {
    if (this.#half !== "") this.#output(this.#half);
    this.#half = "";
  }

  #delayOf(time: unknown): Nanos | undefined {
    if (typeof time === "number") return nanosOf(time);
    if (typeof time !== "string" || time.trim() === "" || Number.isNaN(Number(time))) return undefined;
    this.#warn("quoted-time", "a time in quotes was read as a number");
    return nanosOf(Number(time));
  }

  #advance(delay: Nanos): void {
    const next = this.#time + delay;
    if (!(next <= MAX_TIME)) this.#warn("absurd-time", "a time of more than 146 years was held");
    else if (delay < 0) this.#warn("clock-backwards", "time ran backwards and was held");
    else this.#time = next;
  }

  #broken(): void {
    this.#warn("bad-entry", "an entry that is not a time and a text was left out");
    if (!this.#inGap) this.#emit({ kind: "gap", time: this.#time, reason: "damage" });
    this.#inGap = true;
  }

  /** Half a surrogate pair at its end is held back for the next entry. */
  #text(more: string): void {
    const text = this.#half + more;
    const last = text.charCodeAt(text.length - 1);
    const cut = last >= 0xd800 && last < 0xdc00 ? 1 : 0;
    this.#half = cut ? text.slice(-1) : "";
    if (text.length > cut || more === "") this.#output(text.slice(0, text.length - cut));
  }

  #output(text: string): void {
    if (!text.isWellFormed()) this.#warn("lone-surrogate", "half a surrogate pair became U+FFFD");
    this.#inGap = false;
    this.#emit({ kind: "output", time: this.#time, data: this.#encoder.encode(text.toWellFormed()) });
  }

  #warn(code: string, message: string): void {
    this.#report.warn(code, message, { byte: this.#byte });
  }
}
