/**
 * Reads JSON Lines: bytes in, events out.
 *
 * A line that is no event is left out and counted, and a `gap` stands in its place. Memory is bounded by one line.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { EventBatch, Nanos, SessionEvent } from "../../lib/event.ts";
import type { Report } from "../../lib/report.ts";
import type { DecoderCore } from "../../lib/stream/coding.ts";
import { LineSplitter, MAX_LINE } from "../../lib/text/lines.ts";
import { readEvent } from "./event.ts";

/**
 * The core of a decoder.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Report } from "@term2ai/term2ai";
 *
 * const decoder = new JsonlDecoder(new Report(), "demo.jsonl");
 * decoder.push(new TextEncoder().encode('{"term2ai":1,"kind":"header","time":0,"header":{"cols":80,"rows":24}}\n'));
 * equal(decoder.take()[0]?.kind, "header");
 * ```
 */
export class JsonlDecoder implements DecoderCore {
  readonly #report: Report;
  readonly #name: string;
  readonly #splitter: LineSplitter;
  readonly #text = new TextDecoder();
  #events: SessionEvent[] = [];
  #line = 0;
  #begun = false; // there was a header
  #time: Nanos = 0; // of the last event
  #last = ""; // kind of the last event

  /** Findings go to `report`; messages call the recording `name`. */
  constructor(report: Report, name: string) {
    this.#report = report;
    this.#name = name;
    this.#splitter = new LineSplitter({
      line: (bytes, start, end, ended) =>
        this.#read(this.#text.decode(bytes.subarray(start, end)).trim(), ended, end - start),
      longLine: (length, ended) => this.#leaveOut(`it has more than ${MAX_LINE} bytes`, ended, length),
    });
  }

  push(chunk: Uint8Array): void {
    this.#splitter.push(chunk);
    if (!this.#begun && this.#splitter.skipped > 0) {
      this.#refuse(`line ${this.#line + 1} has more than ${MAX_LINE} bytes`);
    }
  }

  finish(): void {
    this.#splitter.flush();
    if (!this.#begun) this.#refuse("it is empty");
    if (this.#report.tornBytes > 0) this.#report.completeness = "unfinished";
    else this.#report.completeness = this.#last === "exit" ? "complete" : "unknown";
  }

  take(): EventBatch {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #refuse(found: string): never {
    const expected =
      'expected a first line such as {"term2ai":1,"kind":"header","time":0,"header":{"cols":80,"rows":24}}';
    throw new FormatError(`Cannot read ${this.#name} as JSON Lines: ${found}; ${expected}`, {
      line: Math.max(1, this.#line),
    });
  }

  #read(line: string, ended: boolean, length: number): void {
    this.#line++;
    if (line === "") return;
    let event: SessionEvent;
    try {
      event = readEvent(line);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return this.#leaveOut(error.message, ended, length);
    }
    if (!this.#begun && event.kind !== "header") this.#refuse(`line ${this.#line} is of kind ${event.kind}`);
    this.#begun = true;
    this.#emit(event);
  }

  #leaveOut(why: string, ended: boolean, length: number): void {
    if (!this.#begun && !ended) this.#refuse(`it is cut off within its first line, after ${length} bytes`);
    if (!this.#begun) this.#refuse(`line ${Math.max(1, this.#line)} is no event: ${why}`);
    if (!ended) return this.#tear(length);
    this.#report.warn("bad-line", `a line that is no event was left out: ${why}`, { line: this.#line });
    if (this.#last !== "gap") this.#emit({ kind: "gap", time: this.#time, reason: "damage" });
  }

  #tear(length: number): void {
    this.#report.tornBytes = length;
    this.#report.warn("torn-end", "the last line is cut off and was left out", { line: this.#line });
  }

  #emit(event: SessionEvent): void {
    if (event.kind === "header") this.#time = 0;
    const isBack = event.time < this.#time;
    if (isBack) this.#report.warn("clock-backwards", "time ran backwards and was held", { line: this.#line });
    this.#events.push(isBack ? { ...event, time: this.#time } : event);
    this.#time = Math.max(this.#time, event.time);
    this.#last = event.kind;
  }
}
