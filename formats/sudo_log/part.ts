/**
 * A file of a sudo I/O log, opened when it is needed and unpacked if it was compressed.
 *
 * This module is browser compatible.
 * @module
 */

import type { Source } from "../../lib/ports.ts";
import type { Report } from "../../lib/report.ts";
import { ByteQueue } from "../../lib/stream/byte_queue.ts";
import { peek } from "../../lib/stream/peek.ts";

/**
 * Opens gzip, which sudo's files may be without a name that says so. What was cut off gives what can be unpacked of it, and a
 * warning.
 *
 * @example
 * ```ts
 * const gunzip: Gunzip = (bytes) => bytes.pipeThrough(new DecompressionStream("gzip") as never);
 * ```
 */
export type Gunzip = (bytes: ReadableStream<Uint8Array>, report: Report) => ReadableStream<Uint8Array>;

const GZIP = [0x1f, 0x8b, 8];
const PIECE = 4096; // compressed bytes that are unpacked at once

/**
 * The bytes of a file in pieces of the size that is asked for.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource, Report } from "@term2ai/term2ai";
 *
 * const source = blobSource("ttyout", new Blob(["hello"]));
 * const part = new Part(() => Promise.resolve(source), (bytes) => bytes, new Report());
 * equal((await part.take(4)).length, 4);
 * equal((await part.take(4)).length, 1);
 * equal((await part.take(4)).length, 0);
 * ```
 */
export class Part {
  readonly #find: () => Promise<Source | undefined>;
  readonly #gunzip: Gunzip;
  readonly #report: Report;
  readonly #queue = new ByteQueue();
  #file: ReadableStream<Uint8Array> | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined; // of the file, or of what is unpacked of it
  #state: "closed" | "open" | "ended" = "closed";
  #exists = false;

  /** The file is what `find` finds, if anything. */
  constructor(find: () => Promise<Source | undefined>, gunzip: Gunzip, report: Report) {
    this.#find = find;
    this.#gunzip = gunzip;
    this.#report = report;
  }

  /** Whether there is such a file. */
  async exists(): Promise<boolean> {
    if (this.#state === "closed") await this.#open();
    return this.#exists;
  }

  /** The next `length` bytes, or as many as there are. */
  async take(length: number): Promise<Uint8Array> {
    while (this.#queue.length < length && await this.#fill());
    return this.#queue.take(Math.min(length, this.#queue.length));
  }

  /** Nobody wants the rest. */
  async cancel(reason?: unknown): Promise<void> {
    this.#state = "ended";
    await this.#reader?.cancel(reason);
    if (this.#file && !this.#file.locked) await this.#file.cancel(reason); // what unpacks it has not begun
  }

  /** Whether it was cancelled, perhaps while something else was awaited. */
  #isEnded(): boolean {
    return this.#state === "ended";
  }

  /** Says whether there may be more. */
  async #fill(): Promise<boolean> {
    if (this.#state === "closed") await this.#open();
    if (this.#state !== "open") return false;
    const { done, value } = await this.#reader!.read();
    if (done) this.#state = "ended";
    else this.#queue.push(value);
    return !done;
  }

  async #open(): Promise<void> {
    const source = await this.#find();
    if (this.#isEnded()) return await source?.bytes().cancel();
    this.#state = source ? "open" : "ended";
    if (!source) return;
    this.#exists = true;
    const { prefix, bytes } = await peek(source.bytes(), (seen) => seen.length >= GZIP.length, GZIP.length);
    if (this.#isEnded()) return await bytes.cancel();
    const isPacked = GZIP.every((byte, at) => prefix[at] === byte);
    this.#file = isPacked ? inPieces(bytes) : bytes;
    this.#reader = (isPacked ? this.#gunzip(this.#file, this.#report) : this.#file).getReader();
  }
}

/** What is damaged inside is lost from the beginning of its piece on, so large pieces would lose more than they need to. */
function inPieces(bytes: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = bytes.getReader();
  const queue = new ByteQueue();
  return new ReadableStream({
    async pull(controller) {
      while (queue.length < PIECE) {
        const { done, value } = await reader.read();
        if (done) break;
        queue.push(value);
      }
      if (queue.length > 0) controller.enqueue(queue.take(Math.min(PIECE, queue.length)));
      else controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
