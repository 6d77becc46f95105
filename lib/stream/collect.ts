/**
 * The two ends of a pipeline in memory: events into a stream, a stream into events.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventStream, SessionEvent } from "../event.ts";

/**
 * A stream of the given events, in one batch.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal((await collect(streamOf({ kind: "marker", time: 0, label: "a" }))).length, 1);
 * ```
 */
export function streamOf(...events: readonly SessionEvent[]): EventStream {
  return new ReadableStream({
    start(controller) {
      if (events.length > 0) controller.enqueue(events);
      controller.close();
    },
  });
}

/**
 * All events of a stream. For streams known to be short: a stream exists so that nobody has to hold all of it.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(await collect(streamOf()), []);
 * ```
 */
export async function collect(stream: EventStream): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for await (const batch of stream) {
    for (const event of batch) events.push(event);
  }
  return events;
}

/**
 * The events of a stream one by one.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const kinds: string[] = [];
 * for await (const event of eventsOf(streamOf({ kind: "marker", time: 0, label: "a" }))) kinds.push(event.kind);
 * equal(kinds.join(), "marker");
 * ```
 */
export async function* eventsOf(stream: EventStream): AsyncGenerator<SessionEvent, void, void> {
  for await (const batch of stream) yield* batch;
}

/**
 * All bytes of a byte stream in one piece.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal((await collectBytes(new Blob(["abc"]).stream())).length, 3);
 * ```
 */
export async function collectBytes(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return concat(chunks);
}

/**
 * Several pieces of bytes as one.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(concat([Uint8Array.of(1), Uint8Array.of(2, 3)]), Uint8Array.of(1, 2, 3));
 * ```
 */
export function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
