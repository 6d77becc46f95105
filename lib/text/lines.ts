/**
 * Cuts bytes that arrive in chunks of any size into lines.
 *
 * A line inside one chunk is handed on where it lies, without a copy. A line over a chunk's end is gathered in one buffer
 * that doubles, so a million chunks of one byte cost no more than one chunk of a million. A line over the limit is counted
 * and let go: a hostile file cannot make this hold more than one line.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * The longest line that is read, in bytes. Recorders write one line for each read of at most 64 KiB, which escaping makes
 * at most six times longer; 16 MiB leave room for whoever joins reads.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAX_LINE, 16 * 1024 * 1024);
 * ```
 */
export const MAX_LINE = 16 << 20;

/**
 * Who takes the lines.
 *
 * @example
 * ```ts
 * const sizes: LineSink = {
 *   line: (_bytes, start, end) => console.log(end - start),
 *   longLine: (length) => console.log(length),
 * };
 * ```
 */
export interface LineSink {
  /** A line: the bytes from `start` to before `end`, without its line feed. `ended` is false for a last line that has none. */
  line(bytes: Uint8Array, start: number, end: number, ended: boolean): void;
  /** A line of `length` bytes, over the limit, that was not kept. */
  longLine(length: number, ended: boolean): void;
}

const NEWLINE = 10;
const SPARE = 64 << 10; // a buffer up to this size is kept for the next line

/**
 * Chunks in, lines out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const lines: string[] = [];
 * const text = new TextDecoder();
 * const splitter = new LineSplitter({
 *   line: (bytes, start, end) => lines.push(text.decode(bytes.subarray(start, end))),
 *   longLine: (length) => lines.push(`${length} bytes`),
 * }, 5);
 * splitter.push(new TextEncoder().encode("one\ntw"));
 * splitter.push(new TextEncoder().encode("o\nthree and more\nend"));
 * splitter.flush();
 * deepEqual(lines, ["one", "two", "14 bytes", "end"]);
 * ```
 */
export class LineSplitter {
  readonly #sink: LineSink;
  readonly #limit: number;
  #held = new Uint8Array(0); // the beginning of a line whose end has not come yet
  #used = 0; // bytes of it
  #lost = 0; // bytes of a line over the limit that were let go

  /** Lines go to `sink`; those over `limit` bytes only by their length. */
  constructor(sink: LineSink, limit: number = MAX_LINE) {
    this.#sink = sink;
    this.#limit = limit;
  }

  /** Bytes so far of a line that is over the limit already and whose end has not come yet. */
  get skipped(): number {
    return this.#lost;
  }

  /** Takes a chunk; nothing of it is kept by reference. */
  push(chunk: Uint8Array): void {
    let at = 0;
    if (this.#used > 0 || this.#lost > 0) {
      const end = chunk.indexOf(NEWLINE);
      this.#hold(chunk.subarray(0, end < 0 ? chunk.length : end));
      if (end < 0) return;
      this.#release(true);
      at = end + 1;
    }
    for (let end = chunk.indexOf(NEWLINE, at); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      if (end - at > this.#limit) this.#sink.longLine(end - at, true);
      else this.#sink.line(chunk, at, end, true);
      at = end + 1;
    }
    this.#hold(chunk.subarray(at));
  }

  /** No more chunks: hands on the last line if it has no line feed. */
  flush(): void {
    if (this.#used > 0 || this.#lost > 0) this.#release(false);
  }

  #hold(part: Uint8Array): void {
    const length = this.#used + part.length;
    if (this.#lost > 0 || length > this.#limit) {
      this.#lost += length;
      this.#used = 0;
      this.#held = new Uint8Array(0);
      return;
    }
    if (length > this.#held.length) this.#grow(length);
    this.#held.set(part, this.#used);
    this.#used = length;
  }

  #grow(length: number): void {
    const bigger = new Uint8Array(Math.min(this.#limit, Math.max(length, 2 * this.#held.length)));
    bigger.set(this.#held.subarray(0, this.#used));
    this.#held = bigger;
  }

  #release(ended: boolean): void {
    const length = this.#used, lost = this.#lost;
    this.#used = this.#lost = 0;
    if (lost > 0) this.#sink.longLine(lost, ended);
    else this.#sink.line(this.#held, 0, length, ended);
    if (this.#held.length > SPARE) this.#held = new Uint8Array(0);
  }
}
