/**
 * A queue of bytes that arrive in pieces of any size and are wanted in pieces of another.
 *
 * Every binary decoder has the problem that a record may be split over chunks; it is solved here, once.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * Bytes in, bytes out, in order.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const queue = new ByteQueue();
 * queue.push(Uint8Array.of(1, 2));
 * queue.push(Uint8Array.of(3, 4));
 * deepEqual(queue.peek(3), Uint8Array.of(1, 2, 3));
 * deepEqual(queue.take(3), Uint8Array.of(1, 2, 3));
 * equal(queue.length, 1);
 * equal(queue.offset, 3);
 * ```
 */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #start = 0; // bytes of the first chunk that are gone
  #length = 0;
  #offset = 0;
  #buffer = new Uint8Array(0); // where chunks are joined
  #filled = 0;

  /** Bytes that are waiting. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes have been taken or skipped so far: where the next one stood in the stream. */
  get offset(): number {
    return this.#offset;
  }

  /** Adds a chunk; it is not copied, so it must not change any more. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /**
   * The next `length` bytes, which stay in the queue.
   *
   * @throws {RangeError} If fewer are waiting, or `length` is negative or no number.
   */
  peek(length: number): Uint8Array {
    this.#demand(length, "peek at");
    if (length === 0) return new Uint8Array(0);
    const first = this.#chunks[0]!;
    if (first.length - this.#start < length) this.#gather(length);
    return this.#chunks[0]!.subarray(this.#start, this.#start + length);
  }

  /**
   * The next `length` bytes, which leave the queue.
   *
   * @throws {RangeError} If fewer are waiting, or `length` is negative or no number.
   */
  take(length: number): Uint8Array {
    const bytes = this.peek(length);
    this.skip(length);
    return bytes;
  }

  /**
   * Lets the next `length` bytes go.
   *
   * @throws {RangeError} If fewer are waiting, or `length` is negative or no number.
   */
  skip(length: number): void {
    this.#demand(length, "skip");
    this.#length -= length;
    this.#offset += length;
    this.#start += length;
    let gone = 0;
    while (gone < this.#chunks.length && this.#start >= this.#chunks[gone]!.length) {
      this.#start -= this.#chunks[gone++]!.length;
    }
    if (gone > 0) this.#chunks.splice(0, gone);
  }

  /** Lengths come out of files, so a damaged one may be anything. */
  #demand(length: number, action: string): void {
    if (length >= 0 && length <= this.#length) return;
    throw new RangeError(`Cannot ${action} ${length} bytes: ${this.#length} are waiting`);
  }

  /** Makes the first chunk hold at least `length` bytes; its buffer doubles, so a need that grows step by step stays linear. */
  #gather(length: number): void {
    const first = this.#chunks[0]!.subarray(this.#start);
    const start = this.#roomAfter(first, length) ? first.byteOffset : this.#move(first, length);
    let used = 1; // chunks that lie in the buffer by now
    while (this.#filled < start + length) {
      const chunk = this.#chunks[used]!;
      const part = chunk.subarray(0, start + length - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      if (part.length < chunk.length) this.#chunks[used] = chunk.subarray(part.length);
      else used++;
    }
    this.#chunks.splice(0, used, this.#buffer.subarray(start, this.#filled));
    this.#start = 0;
  }

  /** Whether `chunk` is what was gathered last and can grow to `length` bytes where it is; no byte that was given out changes. */
  #roomAfter(chunk: Uint8Array, length: number): boolean {
    return chunk.buffer === this.#buffer.buffer && chunk.byteOffset + chunk.length === this.#filled &&
      chunk.byteOffset + length <= this.#buffer.length;
  }

  #move(chunk: Uint8Array, length: number): number {
    this.#buffer = new Uint8Array(Math.max(length, 2 * chunk.length));
    this.#buffer.set(chunk);
    this.#filled = chunk.length;
    return 0;
  }
}
