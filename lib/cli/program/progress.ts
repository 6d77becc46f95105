/**
 * Tells how far a long command is: on stderr, if that is a terminal, and only when it takes longer than a moment.
 * @module
 */

import type { Source } from "../../ports.ts";
import { tell } from "../source/stdio.ts";
import { formatBytes, formatTime } from "./time.ts";

const FIRST_AFTER = 1000; // milliseconds; shorter commands say nothing
const EVERY = 200;
const CLEAR_LINE = "\r\x1b[K";

/** A source whose bytes are counted, and the end of the counting. */
export interface Progress {
  readonly source: Source;
  /** Wipes the line. */
  end(): void;
}

/** Counts the bytes that are read from `source`, and shows them. */
export async function showProgress(source: Source): Promise<Progress> {
  if (!Deno.stderr.isTerminal()) return { source, end: () => {} };
  const total = await Deno.stat(source.name).then(({ isFile, size }) => isFile ? size : undefined, () => undefined);
  const line = new ProgressLine(total);
  const count = () =>
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        line.count(chunk.length);
        controller.enqueue(chunk);
      },
    });
  return { source: { ...source, bytes: () => source.bytes().pipeThrough(count()) }, end: () => line.end() };
}

/** The line that is shown. */
class ProgressLine {
  readonly #total: number | undefined;
  readonly #start = performance.now();
  #shown = 0; // when, since the start
  #bytes = 0;

  constructor(total: number | undefined) {
    this.#total = total;
  }

  count(bytes: number): void {
    this.#bytes += bytes;
    const now = performance.now() - this.#start;
    if (now < FIRST_AFTER || now - this.#shown < EVERY) return;
    this.#shown = now;
    tell(CLEAR_LINE + describeProgress(this.#bytes, this.#total, now));
  }

  end(): void {
    if (this.#shown > 0) tell(CLEAR_LINE);
  }
}

/**
 * How far it is: bytes, rate, and where the size is known the part that is done and the time that is left.
 *
 * @param millis Since the beginning.
 */
export function describeProgress(bytes: number, total: number | undefined, millis: number): string {
  const rate = bytes / (millis / 1000);
  const known = `${formatBytes(bytes)}, ${formatBytes(rate)}/s`;
  if (total === undefined || bytes > total) return known;
  const left = (total - bytes) / rate * 1e9;
  return `${Math.floor(100 * bytes / total)} % of ${formatBytes(total)}, ${formatBytes(rate)}/s, ${
    formatTime(left)
  } left`;
}

/** How many of how many are done, under the same rules. */
export class CountLine {
  readonly #what: string;
  readonly #start = performance.now();
  #shown = 0; // when, since the start

  constructor(what: string) {
    this.#what = what;
  }

  /** Tells how far it is; with bytes, where their number is known. */
  show(done: number, of: number, bytes?: number, ofBytes?: number): void {
    const now = performance.now() - this.#start;
    if (!Deno.stderr.isTerminal() || now < FIRST_AFTER || now - this.#shown < EVERY) return;
    this.#shown = now;
    const more = bytes === undefined ? "" : `, ${describeProgress(bytes, ofBytes, now)}`;
    tell(`${CLEAR_LINE}${done} of ${of} ${this.#what}${more}`);
  }

  /** Wipes the line. */
  end(): void {
    if (this.#shown > 0) tell(CLEAR_LINE);
    this.#shown = 0;
  }
}
