/**
 * A timing log, read a piece at a time.
 *
 * This module is browser compatible.
 * @module
 */

import type { Report } from "../../lib/report.ts";
import { LineSplitter } from "../../lib/text/lines.ts";
import { readEntry, type TimingEntry } from "./timing.ts";

/** Longer lines are none that script writes; a command line may be long. */
const MAX_LINE = 1 << 20;

/**
 * The entries of a timing log.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { Report } from "@term2ai/term2ai";
 *
 * const log = new TimingLog(new Blob(["0.5 12\n0.25 3\n"]).stream(), new Report());
 * deepEqual((await log.next())?.map(({ rest }) => rest), ["12", "3"]);
 * deepEqual(await log.next(), undefined);
 * ```
 */
export class TimingLog {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #report: Report;
  readonly #splitter: LineSplitter;
  readonly #text = new TextDecoder("utf-8", { ignoreBOM: true });
  #entries: TimingEntry[] = [];
  #line = 0;
  #ended = false;

  /** What is wrong with a line goes to `report`. */
  constructor(bytes: ReadableStream<Uint8Array>, report: Report) {
    this.#reader = bytes.getReader();
    this.#report = report;
    this.#splitter = new LineSplitter({
      line: (bytes, start, end, ended) => this.#take(this.#text.decode(bytes.subarray(start, end)), ended, end - start),
      longLine: (length, ended) => this.#take("", ended, length),
    }, MAX_LINE);
  }

  /** Some more entries, at least one; `undefined` at the end. */
  async next(): Promise<TimingEntry[] | undefined> {
    while (this.#entries.length === 0 && !this.#ended) await this.#more();
    const entries = this.#entries;
    this.#entries = [];
    return entries.length > 0 ? entries : undefined;
  }

  /** Lets go of the log. */
  async cancel(reason?: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (value) this.#splitter.push(value);
    if (!done) return;
    this.#ended = true;
    this.#splitter.flush();
  }

  #take(line: string, ended: boolean, length: number): void {
    this.#line++;
    const entry = readEntry(line);
    if (!ended) return this.#tear(length);
    if (entry) this.#entries.push(entry);
    else if (line.trim() !== "" || length > 0) {
      this.#report.warn("bad-line", "a line of the timing log that is no entry was left out", { line: this.#line });
    }
  }

  #tear(length: number): void {
    this.#report.tornBytes = length;
    this.#report.warn("torn-end", "the last line of the timing log is cut off and was left out", { line: this.#line });
  }
}
