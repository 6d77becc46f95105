/**
 * A byte stream in pieces of one size, as databases and clouds want it.
 *
 * This module is browser compatible.
 * @module
 */

import { ByteQueue } from "./byte_queue.ts";

/**
 * All bytes in pieces of `size`; the last one may be shorter, and no piece is empty.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const pieces = await Array.fromAsync(piecesOf(new Blob(["0123456789"]).stream(), 4));
 * deepEqual(pieces.map((piece) => new TextDecoder().decode(piece)), ["0123", "4567", "89"]);
 * ```
 */
export async function* piecesOf(
  bytes: ReadableStream<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, void> {
  const queue = new ByteQueue();
  for await (const chunk of bytes) {
    queue.push(chunk);
    while (queue.length >= size) yield queue.take(size);
  }
  if (queue.length > 0) yield queue.take(queue.length);
}
