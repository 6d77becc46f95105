/**
 * Streams around the synchronous cores of formats: bytes in and events out, or the other way round.
 *
 * A format's core sees one chunk or one event at a time and collects what it makes; here that becomes a `TransformStream`
 * that hands on one batch, or one piece of bytes, for each chunk it was given.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventStream, SessionEvent } from "../event.ts";

/**
 * The synchronous inside of a decoder.
 *
 * @example A core that makes a marker of each chunk
 * ```ts
 * import type { SessionEvent } from "@term2ai/term2ai";
 *
 * class Counter implements DecoderCore {
 *   #events: SessionEvent[] = [];
 *   push = (chunk: Uint8Array) => void this.#events.push({ kind: "marker", time: 0, label: `${chunk.length} bytes` });
 *   finish = () => {};
 *   take = () => this.#events.splice(0);
 * }
 * ```
 */
export interface DecoderCore {
  /** Takes the next bytes of the recording. */
  push(chunk: Uint8Array): void;
  /** There are no more. */
  finish(): void;
  /** The events made since the last time. */
  take(): EventBatch;
}

/**
 * The synchronous inside of an encoder.
 *
 * @example
 * ```ts
 * const last = (core: EncoderCore) => {
 *   core.finish();
 *   return core.take();
 * };
 * ```
 */
export interface EncoderCore {
  /** Takes the next event. */
  push(event: SessionEvent): void;
  /** There are no more. */
  finish(): void;
  /** The bytes made since the last time; none are an empty array. */
  take(): Uint8Array;
}

/**
 * A stage from bytes to events around a core, one batch for each chunk.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect } from "@term2ai/term2ai";
 *
 * const nothing = decoderStream({ push: () => {}, finish: () => {}, take: () => [] });
 * equal((await collect(new Blob(["abc"]).stream().pipeThrough(nothing))).length, 0);
 * ```
 */
export function decoderStream(core: DecoderCore): TransformStream<Uint8Array, EventBatch> {
  return codingStream(core, (chunk) => core.push(chunk));
}

/**
 * The events of bytes through a core that may hold much back and give it in parts: what it gives is taken, batch by batch,
 * before it sees more bytes, and only as fast as somebody reads.
 *
 * @param core Or what makes it, when the first events are asked for.
 *
 * @example A core that gives the bytes of a chunk one by one
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, type SessionEvent } from "@term2ai/term2ai";
 *
 * const held: SessionEvent[] = [];
 * const core: DecoderCore = {
 *   push: (chunk) => chunk.forEach((byte) => held.push({ kind: "marker", time: 0, label: `${byte}` })),
 *   finish: () => {},
 *   take: () => held.splice(0, 1),
 * };
 * equal((await collect(decoded(new Blob(["abc"]).stream(), core))).length, 3);
 * ```
 */
export function decoded(
  bytes: ReadableStream<Uint8Array>,
  core: DecoderCore | (() => Promise<DecoderCore>),
): EventStream {
  const reader = bytes.getReader();
  let isEnded = false;
  const next = async () => {
    if (typeof core === "function") core = await core();
    for (;;) {
      const batch = core.take();
      if (batch.length > 0 || isEnded) return batch;
      const { done, value } = await reader.read();
      if (!done) core.push(value);
      else {
        isEnded = true;
        core.finish();
      }
    }
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        const batch = await next();
        if (batch.length > 0) controller.enqueue(batch);
        else controller.close();
      } catch (error) {
        await reader.cancel(error).catch(() => {}); // it may be what failed
        throw error;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/**
 * A stage from events to bytes around a core, one chunk for each batch.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collectBytes, streamOf } from "@term2ai/term2ai";
 *
 * let count = 0;
 * const counter = encoderStream({ push: () => count++, finish: () => {}, take: () => Uint8Array.of(count) });
 * equal((await collectBytes(streamOf({ kind: "marker", time: 0, label: "" }).pipeThrough(counter)))[0], 1);
 * ```
 */
export function encoderStream(core: EncoderCore): TransformStream<EventBatch, Uint8Array> {
  return codingStream<EventBatch, Uint8Array>(core, (batch) => {
    for (const event of batch) core.push(event);
  });
}

function codingStream<In, Out extends { readonly length: number }>(
  core: { take(): Out; finish(): void },
  push: (chunk: In) => void,
): TransformStream<In, Out> {
  const send = (controller: TransformStreamDefaultController<Out>) => {
    const made = core.take();
    if (made.length > 0) controller.enqueue(made);
  };
  return new TransformStream({
    transform(chunk, controller) {
      push(chunk);
      send(controller);
    },
    flush(controller) {
      core.finish();
      send(controller);
    },
  });
}

/**
 * A stream of what a generator yields, made only as it is read. For formats of several files, which no single stream of bytes
 * can drive.
 *
 * @param cancel Lets go of what the generator waits for, so that it can end.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * async function* numbers() {
 *   yield* [1, 2];
 * }
 * const reader = generatedStream(numbers(), () => Promise.resolve()).getReader();
 * equal((await reader.read()).value, 1);
 * await reader.cancel();
 * ```
 */
export function generatedStream<Value>(
  values: AsyncGenerator<Value, void, void>,
  cancel: (reason: unknown) => Promise<void>,
): ReadableStream<Value> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await values.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      await cancel(reason);
      await values.return();
    },
  }, { highWaterMark: 0 });
}
