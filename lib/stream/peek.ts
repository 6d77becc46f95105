/**
 * A look at the first bytes of a stream before it is read.
 *
 * This module is browser compatible.
 * @module
 */

import { concat } from "./collect.ts";

/**
 * The first `length` bytes, fewer only where the stream ends, and a stream of all bytes from the first one on.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collectBytes } from "@term2ai/term2ai";
 *
 * const { prefix, bytes } = await peek(new Blob(["hello"]).stream(), 2);
 * equal(new TextDecoder().decode(prefix), "he");
 * equal((await collectBytes(bytes)).length, 5);
 * ```
 */
export async function peek(
  stream: ReadableStream<Uint8Array>,
  length: number,
): Promise<{ prefix: Uint8Array; bytes: ReadableStream<Uint8Array> }> {
  const reader = stream.getReader();
  const seen: Uint8Array[] = [];
  let total = 0;
  while (total < length) {
    const { done, value } = await reader.read();
    if (done) break;
    seen.push(value);
    total += value.length;
  }
  const prefix = concat(seen).subarray(0, length);
  const bytes = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = seen.shift() ?? (await reader.read()).value;
      if (next) controller.enqueue(next);
      else controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return { prefix, bytes };
}
