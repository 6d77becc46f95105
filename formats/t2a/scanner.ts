/**
 * Finds the blocks in a stream of bytes, whatever happened to it.
 *
 * The scanner knows frames, not meanings: it tells of each magic, each block whose checksums are right, and each stretch of
 * bytes that is neither. After damage it goes on at the next sync word that a right header checksum confirms. It
 * buffers one block at most, and takes no notice of how the bytes were split.
 *
 * This module is browser compatible.
 * @module
 */

import { ByteQueue } from "../../lib/stream/byte_queue.ts";
import {
  type Block,
  type BlockHeader,
  findSync,
  HEADER_BYTES,
  MAGIC,
  readHeader,
  startsWith,
  unveil,
} from "./block.ts";
import { crc32 } from "./crc32.ts";

/**
 * Something that was found, with the byte of the stream where it starts.
 *
 * - `magic`: a recording starts here.
 * - `block`: a whole block.
 * - `damage`: a block was expected and something else stands here. `header` is there when only the payload is wrong;
 *   `checksum` is then what the payload has. `boxed` says that it is a whole block, but cannot be decrypted.
 * - `torn`: the stream ends here within a block, or within bytes that are none.
 *
 * @example
 * ```ts
 * const place = (found: Found) => `${found.kind} at byte ${found.kind === "block" ? found.block.at : found.at}`;
 * ```
 */
export type Found =
  | { readonly kind: "magic"; readonly at: number }
  | { readonly kind: "block"; readonly block: Block }
  | {
    readonly kind: "damage";
    readonly at: number;
    readonly header?: BlockHeader;
    readonly checksum?: number;
    readonly boxed?: boolean;
  }
  | { readonly kind: "torn"; readonly at: number; readonly bytes: number; readonly header?: BlockHeader };

/**
 * Bytes in, findings out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { BlockType, MAGIC, RECORDED, writeBlock } from "./block.ts";
 *
 * const scanner = new Scanner();
 * scanner.push(MAGIC);
 * scanner.push(writeBlock({ type: BlockType.events, flags: RECORDED, codec: 0, unit: 0, sequence: 1, time: 0 }, new Uint8Array(3)));
 * deepEqual([scanner.next()?.kind, scanner.next()?.kind, scanner.next()], ["magic", "block", undefined]);
 * ```
 */
export class Scanner {
  readonly #queue = new ByteQueue();
  #searching = false; // after damage: looking for the next block
  #lostAt = 0; // where the damage began
  #told = true; // whether the damage that we are in was reported
  #lostHeader: BlockHeader | undefined; // header of the block that the stream's end cut short
  #ended = false;

  /** Where the next byte to be looked at stands in the stream. */
  get offset(): number {
    return this.#queue.offset;
  }

  /** Adds a chunk; it must not change any more. */
  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  /** No more bytes will come. */
  end(): void {
    this.#ended = true;
  }

  /** The next finding, or `undefined` when more bytes are needed, or all has been told. */
  next(): Found | undefined {
    return this.#searching ? this.#search() : this.#read();
  }

  #read(): Found | undefined {
    const queue = this.#queue;
    if (queue.length >= MAGIC.length && startsWith(queue.peek(MAGIC.length), MAGIC)) {
      queue.skip(MAGIC.length);
      return { kind: "magic", at: queue.offset - MAGIC.length };
    }
    if (queue.length < HEADER_BYTES) return this.#ended && queue.length > 0 ? this.#lose(false) : undefined;
    const header = readHeader(queue.peek(HEADER_BYTES));
    if (!header) return this.#lose(true);
    if (queue.length < HEADER_BYTES + header.length) return this.#ended ? this.#lose(false, header) : undefined;
    return this.#block(header);
  }

  #block(header: BlockHeader): Found | undefined {
    const at = this.#queue.offset;
    const bytes = this.#queue.peek(HEADER_BYTES + header.length);
    const stored = bytes.subarray(HEADER_BYTES);
    const checksum = crc32(stored);
    if (checksum !== header.checksum) {
      this.#lose(false);
      this.#told = true;
      return { kind: "damage", at, header, checksum };
    }
    this.#queue.skip(bytes.length);
    return { kind: "block", block: { header, payload: unveil(stored, header.veil), bytes, at } };
  }

  /** Starts to search behind the byte where we are. The stretch is told at once, or when it is known how it ends. */
  #lose(tell: boolean, header?: BlockHeader): Found | undefined {
    this.#searching = true;
    this.#lostAt = this.#queue.offset;
    this.#lostHeader = header;
    this.#told = tell;
    this.#queue.skip(1);
    return tell ? { kind: "damage", at: this.#lostAt } : this.#search();
  }

  #search(): Found | undefined {
    while (this.#queue.length > 0) {
      const bytes = this.#queue.peek(this.#queue.length);
      const found = findSync(bytes, 0);
      // What cannot be the start of a sync word any more is let go; its last bytes could be one.
      this.#queue.skip(found >= 0 ? found : this.#ended ? bytes.length : Math.max(0, bytes.length - 3));
      if (found < 0) break;
      const verdict = this.#confirm();
      if (verdict === undefined) return undefined;
      if (verdict) return this.#resume();
      this.#queue.skip(1);
    }
    return this.#ended && this.#queue.length === 0 ? this.#tear() : undefined;
  }

  /** Whether the sync word here starts a block or a magic; `undefined` when that cannot be told yet. */
  #confirm(): boolean | undefined {
    const queue = this.#queue;
    if (queue.length >= MAGIC.length && startsWith(queue.peek(MAGIC.length), MAGIC)) return true;
    if (queue.length < HEADER_BYTES) return this.#ended ? false : undefined;
    return readHeader(queue.peek(HEADER_BYTES)) !== undefined;
  }

  #resume(): Found | undefined {
    this.#searching = false;
    if (this.#told) return this.#read();
    this.#told = true;
    return { kind: "damage", at: this.#lostAt, ...(this.#lostHeader && { header: this.#lostHeader }) };
  }

  #tear(): Found {
    this.#searching = false;
    const bytes = this.#queue.offset - this.#lostAt;
    return { kind: "torn", at: this.#lostAt, bytes, ...(this.#lostHeader && { header: this.#lostHeader }) };
  }
}
