/**
 * One stream of events into several sinks that are not equally fast.
 *
 * `tee()` queues without bound for the slower branch. Here each sink says how much may wait for it, and what happens then.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventStream } from "../event.ts";
import { Branch, type FanOutResult, type FanOutSink } from "./branch.ts";

export type { FanOutResult, FanOutSink };

/**
 * Sends every event to every sink, and resolves when the source has ended and all sinks have closed.
 *
 * A sink that fails is left behind; the others go on. When none is left the source is cancelled.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { type SessionEvent, streamOf } from "@term2ai/term2ai";
 *
 * const seen: string[] = [];
 * const events = new WritableStream<readonly SessionEvent[]>({ write: (batch) => void seen.push(...batch.map((e) => e.kind)) });
 * const results = await fanOut(streamOf({ kind: "marker", time: 0, label: "a" }), [{ name: "list", events, bound: 100, whenFull: "wait" }]);
 * deepEqual(seen, ["marker"]);
 * deepEqual(results, [{ name: "list", droppedEvents: 0, droppedBytes: 0 }]);
 * ```
 */
export async function fanOut(source: EventStream, sinks: readonly FanOutSink[]): Promise<FanOutResult[]> {
  const reader = source.getReader();
  const leave = (error: unknown) => {
    // A source may be silent for hours: its read is ended here, not when it next has something.
    if (!branches.some((branch) => branch.open)) reader.cancel(error).catch(() => {});
  };
  const branches = sinks.map((sink) => new Branch(sink, leave));
  if (branches.length === 0) leave(undefined);
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      await Promise.all(branches.map((branch) => branch.offer(value)));
    }
  } catch (error) {
    await Promise.all(branches.map((branch) => branch.abort(error)));
    throw error;
  } finally {
    reader.releaseLock();
  }
  return await Promise.all(branches.map((branch) => branch.close()));
}
