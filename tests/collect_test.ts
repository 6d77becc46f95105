import { deepEqual, equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import { collect, collectBytes, concat, eventsOf, streamOf } from "../lib/stream/collect.ts";
import { batches, everyKind, handFed, marker } from "./support/events.ts";

Deno.test("collect() gives back what streamOf() was given, the very same events", async () => {
  const events = everyKind();
  const back = await collect(streamOf(...events));
  equal(back.length, events.length);
  for (const [index, event] of events.entries()) equal(back[index], event);
});

Deno.test("streamOf() of nothing ends without a batch", async () => {
  deepEqual(await streamOf().getReader().read(), { done: true, value: undefined });
});

Deno.test("collect() rejects with the error of the stream", async () => {
  const { events, fail } = handFed();
  fail(new Error("torn"));
  await rejects(collect(events), /torn/);
});

Deno.test("eventsOf() flattens batches, empty ones too", async () => {
  const labels: string[] = [];
  for await (const event of eventsOf(batches([marker(0, "a")], [], [marker(0, "b"), marker(0, "c")]))) {
    labels.push(event.kind === "marker" ? event.label : "?");
  }
  equal(labels.join(""), "abc");
});

Deno.test("eventsOf() cancels the stream when its reader leaves", async () => {
  const { events, feed, cancelled } = handFed();
  feed(marker(0), marker(1));
  for await (const _ of eventsOf(events)) break;
  equal(cancelled(), "cancelled");
});

Deno.test("concat() and collectBytes() join pieces of any size in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array()), async (chunks) => {
      const all = chunks.flatMap((chunk) => [...chunk]);
      deepEqual([...concat(chunks)], all);
      deepEqual([...await collectBytes(ReadableStream.from(chunks))], all);
    }),
    { numRuns: 30 },
  );
});
