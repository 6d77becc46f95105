/**
 * Bytes of a stream on demand, for formats that several files belong to: what is read next from one of them stands in another.
 *
 * This module is browser compatible.
 * @module
 */

import { ByteQueue } from "./byte_queue.ts";

/**
 * Reads from a byte stream in pieces of the size wanted.
 *
 * Waiting for bytes that are there already costs more than reading them, so what is asked for is first {@linkcode ByteReader.has | there},
 * or {@linkcode ByteReader.fill | waited for}, and then taken at once.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const reader = new ByteReader(new Blob(["one", "two"]).stream());
 * if (!reader.has(4)) await reader.fill(4);
 * deepEqual(new TextDecoder().decode(reader.take(4)), "onet");
 * await reader.cancel();
 * ```
 */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #queue = new ByteQueue();
  #ended = false;

  /** Nothing is read before it is asked for. */
  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** Where the next byte stands in the stream. */
  get offset(): number {
    return this.#queue.offset;
  }

  /** Bytes that are there. */
  get length(): number {
    return this.#queue.length;
  }

  /** Whether `length` bytes are there, or no more will come. */
  has(length: number): boolean {
    return this.#ended || this.#queue.length >= length;
  }

  /** Waits until `length` bytes are there, or no more will come. */
  async fill(length: number): Promise<void> {
    while (!this.has(length)) await this.#more();
  }

  /** The next `length` bytes, or as many as are there. */
  take(length: number): Uint8Array {
    return this.#queue.take(Math.min(length, this.#queue.length));
  }

  /**
   * The next line with its line feed; without one at the end of the stream, or after `limit` bytes, so that a stream without
   * line feeds fills no memory. Empty when there is no more.
   */
  async line(limit: number): Promise<Uint8Array> {
    for (let searched = 0;;) {
      const bytes = this.#queue.peek(Math.min(limit, this.#queue.length));
      const end = bytes.indexOf(10, searched);
      if (end >= 0 || this.#ended || bytes.length === limit) return this.take(end < 0 ? limit : end + 1);
      searched = bytes.length;
      await this.#more();
    }
  }

  /** Whatever comes next, at least one byte; none at the end of the stream. */
  async chunk(): Promise<Uint8Array> {
    await this.fill(1);
    return this.take(this.length);
  }

  /** Lets go of the stream. */
  async cancel(reason?: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) this.#ended = true;
    else this.#queue.push(value);
  }
}
