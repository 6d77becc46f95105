/**
 * A session as long as one likes.
 * @module
 */

import type { EventBatch, EventStream } from "../../lib/event.ts";
import { session } from "./corpora.ts";

/** The generated session over and over, until it has printed so many bytes. */
export function longSession(most: number): EventStream {
  function* batches(): Generator<EventBatch> {
    const [header, ...rest] = session();
    yield [header!];
    for (let bytes = 0, start = 0, last = 0; bytes < most; start = last) {
      const batch = rest.flatMap((event) => event.kind === "output" ? [{ ...event, time: event.time + start }] : []);
      for (const { data } of batch) bytes += data.length;
      last = batch.at(-1)!.time;
      yield batch;
    }
  }
  return ReadableStream.from(batches());
}
