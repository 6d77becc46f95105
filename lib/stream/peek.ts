/**
 * A look at the first bytes of a stream before it is read.
 *
 * This module is browser compatible.
 * @module
 */

import { concat } from "./collect.ts";

/**
 * The first bytes, as many as `isEnough` wants to see but `limit` at most, and a stream of all bytes from the first one on.
 *
 * It waits for no more than is needed: a recording that is still being made may not grow for a while.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collectBytes } from "@term2ai/term2ai";
 *
 * const { prefix, bytes } = await peek(new Blob(["hello"]).stream(), (seen) => seen.length >= 2, 100);
 * equal(new TextDecoder().decode(prefix.subarray(0, 2)), "he");
 * equal((await collectBytes(bytes)).length, 5);
 * ```
 */
export async function peek(
  stream: ReadableStream<Uint8Array>,
  isEnough: (seen: Uint8Array) => boolean,
  limit: number,
): Promise<{ prefix: Uint8Array; bytes: ReadableStream<Uint8Array> }> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let prefix = new Uint8Array(0);
  while (prefix.length < limit && !(prefix.length > 0 && isEnough(prefix))) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    prefix = concat([prefix, value.subarray(0, limit - prefix.length)]);
  }
  const bytes = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = chunks.shift() ?? (await reader.read()).value;
      if (next) controller.enqueue(next);
      else controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return { prefix, bytes };
}
