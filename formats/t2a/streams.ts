/**
 * Readers and writers as streams.
 *
 * The decoder hands out one block at a time and reads on only when somebody wants more, so that a chunk of 100 MB that
 * decompresses to gigabytes is never in memory as a whole.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventStream } from "../../lib/event.ts";
import type { T2aReader } from "./reader.ts";
import type { T2aWriter } from "./writer.ts";

/**
 * The events of some bytes.
 *
 * @example
 * ```ts
 * import { rejects } from "node:assert/strict";
 * import { collect } from "../../lib/stream/collect.ts";
 * import { Report } from "../../lib/report.ts";
 * import { webDigest } from "./chain.ts";
 * import { T2aReader } from "./reader.ts";
 *
 * const tools = { report: new Report(), digest: webDigest, loadCodec: () => Promise.resolve(undefined) };
 * await rejects(collect(decode(new Blob(["hello"]).stream(), new T2aReader("hello.txt", tools))), /no T2A recording/);
 * ```
 */
export function decode(bytes: ReadableStream<Uint8Array>, reader: T2aReader): EventStream {
  const chunks = bytes.getReader();
  return new ReadableStream<EventBatch>({
    async pull(controller) {
      try {
        const batch = await nextBatch(chunks, reader);
        if (batch) controller.enqueue(batch);
        else controller.close();
      } catch (error) {
        await chunks.cancel(error).catch(() => {});
        throw error;
      }
    },
    cancel: (reason) => chunks.cancel(reason),
  }, { highWaterMark: 0 });
}

async function nextBatch(
  chunks: ReadableStreamDefaultReader<Uint8Array>,
  reader: T2aReader,
): Promise<EventBatch | undefined> {
  for (;;) {
    const batch = await reader.next();
    if (batch || reader.ended) return batch;
    const { done, value } = await chunks.read();
    if (done) reader.end();
    else reader.push(value);
  }
}

/**
 * A stage from events to bytes.
 *
 * @param flushAfter Milliseconds after its first event at which a block closes, full or not; `undefined` to close full ones only.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collectBytes, streamOf } from "../../lib/stream/collect.ts";
 * import { T2aWriter } from "./writer.ts";
 *
 * const events = streamOf({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
 * equal((await collectBytes(events.pipeThrough(encode(new T2aWriter()))))[0], 0x89);
 * ```
 */
export function encode(writer: T2aWriter, flushAfter?: number): TransformStream<EventBatch, Uint8Array> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turn = Promise.resolve(); // writes by the timer and by new events must not overlap
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const send = (controller: TransformStreamDefaultController<Uint8Array>) =>
    turn = turn.then(async () => {
      for (let block = await writer.take(); block; block = await writer.take()) {
        controller.enqueue(block);
        writer.commit();
      }
    });
  const wait = (controller: TransformStreamDefaultController<Uint8Array>) => {
    if (writer.openBytes === 0) stop();
    else if (flushAfter !== undefined) {
      timer ??= setTimeout(() => {
        timer = undefined;
        writer.closeBlock();
        send(controller).catch((error) => controller.error(error));
      }, flushAfter);
    }
  };
  const transformer: Transformer<EventBatch, Uint8Array> & { cancel(): void } = {
    transform(batch, controller) {
      writer.push(batch);
      wait(controller);
      return send(controller);
    },
    flush(controller) {
      stop();
      writer.finish();
      return send(controller);
    },
    cancel: stop,
  };
  return new TransformStream(transformer);
}
