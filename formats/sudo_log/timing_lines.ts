/**
 * Reads the lines of a sudo I/O log's `timing` one by one, as far as somebody wants them.
 *
 * This module is browser compatible.
 * @module
 */

import type { Report } from "../../lib/report.ts";
import { LineSplitter } from "../../lib/text/lines.ts";
import type { Part } from "./part.ts";
import { parseTiming, type Timing } from "./timing.ts";

const MAX_LINE = 1024; // bytes; sudo's have 40 at the most
const PIECE = 16 << 10; // bytes at a time: what was compressed well unpacks to much more than it was

/**
 * The lines of a timing file, and a `gap` for each that is none.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { blobSource, Report } from "@term2ai/term2ai";
 * import { Part } from "./part.ts";
 *
 * const source = blobSource("timing", new Blob(["4 0.5 2\nrubbish\n"]));
 * const report = new Report();
 * const lines = new TimingLines(new Part(() => Promise.resolve(source), (bytes) => bytes, report), report);
 * deepEqual(await lines.next(), { kind: "data", delay: 500_000_000, stream: "ttyout", count: 2 });
 * deepEqual([await lines.next(), await lines.next()], ["gap", undefined]);
 * ```
 */
export class TimingLines {
  readonly #part: Part;
  readonly #report: Report;
  readonly #decoder = new TextDecoder();
  readonly #splitter: LineSplitter;
  #waiting: [timing: Timing | "gap", line: number][] = [];
  #at = 0; // of those, the next one to be given
  #seen = 0; // lines
  #line = 0;
  #isEnded = false;

  /** Findings go to `report`. */
  constructor(part: Part, report: Report) {
    this.#part = part;
    this.#report = report;
    this.#splitter = new LineSplitter({
      line: (bytes, start, end, ended) => this.#read(this.#decoder.decode(bytes.subarray(start, end)), ended),
      longLine: (_length, ended) => this.#read("?", ended),
    }, MAX_LINE);
  }

  /** Number of the line that was given last. */
  get line(): number {
    return this.#line;
  }

  /** The next line; `undefined` at the end. */
  async next(): Promise<Timing | "gap" | undefined> {
    while (this.#at === this.#waiting.length && !this.#isEnded) await this.#more();
    const next = this.#waiting[this.#at++];
    if (next) this.#line = next[1];
    return next?.[0];
  }

  async #more(): Promise<void> {
    this.#waiting = [];
    this.#at = 0;
    const chunk = await this.#part.take(PIECE);
    if (chunk.length > 0) return this.#splitter.push(chunk);
    this.#isEnded = true;
    this.#splitter.flush();
  }

  /** A line that was not ended may lack digits, so it is not believed. */
  #read(text: string, ended: boolean): void {
    this.#seen++;
    const timing = ended ? parseTiming(text) : undefined;
    const place = { line: this.#seen };
    if (timing) this.#waiting.push([timing, this.#seen]);
    else if (!ended) {
      this.#report.tornBytes = text.length;
      this.#report.warn("torn-end", "the last line of the timing is cut off and was left out", place);
    } else if (text.trim() !== "") {
      this.#report.warn("bad-line", "a line of the timing that makes no sense was left out", place);
      this.#waiting.push(["gap", this.#seen]);
    }
  }
}
