/**
 * Reads from anywhere in something far away, in few requests: small reads are made larger, and what they brought is remembered.
 * @module
 */

/** A request costs as much as this many bytes, about. */
const BLOCK = 128 << 10;
const REMEMBERED = 16;

/** Reads blocks. */
export class BlockReader {
  readonly #size: number;
  readonly #fetch: (start: number, length: number) => Promise<Uint8Array>;
  readonly #blocks = new Map<number, Promise<Uint8Array>>(); // by their starts, the last used last

  constructor(size: number, fetch: (start: number, length: number) => Promise<Uint8Array>) {
    this.#size = size;
    this.#fetch = fetch;
  }

  /** The bytes from `start` to `start + length`; fewer where it ends before that. */
  async read(start: number, length: number): Promise<Uint8Array> {
    const end = Math.min(this.#size, start + length);
    if (end <= start) return new Uint8Array(0);
    for (const [at, block] of this.#blocks) {
      const bytes = await block;
      if (start >= at && end <= at + bytes.length) return bytes.subarray(start - at, end - at);
    }
    // From the end, blocks count backwards: an index stands there, and what it is found by.
    const from = end === this.#size ? Math.max(0, Math.min(start, this.#size - BLOCK)) : start;
    const bytes = await this.#load(from, Math.min(Math.max(end - from, BLOCK), this.#size - from));
    return bytes.subarray(start - from, end - from);
  }

  async #load(start: number, length: number): Promise<Uint8Array> {
    const block = this.#fetch(start, length);
    this.#blocks.set(start, block);
    for (const [at] of this.#blocks) if (this.#blocks.size > REMEMBERED) this.#blocks.delete(at);
    try {
      return await block;
    } catch (error) {
      this.#blocks.delete(start);
      throw error;
    }
  }
}
