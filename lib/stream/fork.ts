/**
 * One byte stream for two readers, of which neither runs far ahead.
 *
 * This module is browser compatible.
 * @module
 */

/** Bytes that the faster reader may be ahead. */
const AHEAD = 1 << 20;

/**
 * Two streams of the same bytes. Unlike with `tee()`, at most a megabyte and a chunk wait for the slower one. When one is
 * cancelled the other gets all the rest; when both are, so is the source.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collectBytes } from "@term2ai/term2ai";
 *
 * const [one, other] = fork(new Blob(["hello"]).stream());
 * deepEqual(...await Promise.all([collectBytes(one), collectBytes(other)]) as [Uint8Array, Uint8Array]);
 * ```
 */
export function fork(bytes: ReadableStream<Uint8Array>): [ReadableStream<Uint8Array>, ReadableStream<Uint8Array>] {
  const reader = bytes.getReader();
  const open = new Set<ReadableStreamDefaultController<Uint8Array>>();
  let reading: Promise<void> | undefined;
  const isWanted = () => open.size > 0 && [...open].every((branch) => branch.desiredSize! > 0);
  const read = async () => {
    try {
      while (isWanted()) {
        const { done, value } = await reader.read();
        for (const branch of open) done ? branch.close() : branch.enqueue(value);
        if (done) open.clear();
      }
    } catch (error) {
      for (const branch of open) branch.error(error);
      open.clear();
    }
  };
  // Whoever wants more starts reading; it goes on until one of them has enough.
  const pull = () => void (reading ??= read().finally(() => reading = undefined));
  const branch = () => {
    let own: ReadableStreamDefaultController<Uint8Array>;
    return new ReadableStream<Uint8Array>({
      start(controller) {
        open.add(own = controller);
      },
      pull,
      async cancel(reason) {
        open.delete(own);
        if (open.size === 0) await reader.cancel(reason);
        else pull();
      },
    }, { highWaterMark: AHEAD, size: (chunk) => chunk.length });
  };
  return [branch(), branch()];
}
