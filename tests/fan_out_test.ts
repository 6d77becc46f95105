import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { fanOut, type FanOutSink } from "../lib/stream/fan_out.ts";
import { streamOf } from "../lib/stream/collect.ts";
import type { EventBatch, SessionEvent } from "../lib/event.ts";
import { batches, blank, handFed, header, keyframe, marker, output } from "./support/events.ts";
import { settle } from "./support/simulated_clock.ts";

/** A sink that keeps what it gets, and takes each batch only when the gate is open. */
function listening(options: Partial<FanOutSink> = {}, gate?: () => Promise<void>) {
  const seen: SessionEvent[] = [];
  const state = { closed: false, aborted: undefined as unknown };
  const events = new WritableStream<EventBatch>({
    async write(batch) {
      await gate?.();
      seen.push(...batch);
    },
    close: () => void (state.closed = true),
    abort: (reason) => void (state.aborted = reason),
  });
  return { seen, state, sink: { name: "sink", events, bound: 100, whenFull: "wait", ...options } as FanOutSink };
}

/** A gate that a test opens. */
function gated() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => void (open = resolve));
  return { gate: () => opened, open };
}

const chunk = (time: number) => output(time, "x".repeat(40)); // weighs 72

Deno.test("fanOut() gives every sink every event, in order, and closes it", async () => {
  const [a, b] = [listening(), listening({ name: "other", whenFull: "drop" })];
  const events = [header(), marker(1), marker(2)];
  const results = await fanOut(batches(events.slice(0, 1), events.slice(1)), [a.sink, b.sink]);
  for (const { seen, state } of [a, b]) {
    deepEqual(seen, events);
    equal(state.closed, true);
  }
  deepEqual(results.map((result) => result.name), ["sink", "other"]);
  ok(results.every((result) => result.droppedEvents === 0 && result.error === undefined));
});

Deno.test("fanOut() lets a sink that waits hold back the source, at its bound", async () => {
  let pulled = 0;
  const source = new ReadableStream<EventBatch>({
    pull(controller) {
      if (pulled++ < 20) controller.enqueue([chunk(pulled)]);
      else controller.close();
    },
  }, { highWaterMark: 0 });
  const { gate, open } = gated();
  const slow = listening({ bound: 300 }, gate);
  const done = fanOut(source, [slow.sink]);
  await settle();
  equal(pulled, 5); // four of 72 bytes fit, the fifth waits
  open();
  deepEqual(await done, [{ name: "sink", droppedEvents: 0, droppedBytes: 0 }]);
  equal(slow.seen.length, 20);
});

Deno.test("fanOut() takes a batch above the bound when nothing waits", async () => {
  const small = listening({ bound: 1 });
  await fanOut(batches([chunk(0)], [chunk(1)]), [small.sink]);
  equal(small.seen.length, 2);
});

Deno.test("fanOut() drops for a slow viewer until a keyframe, tells how much, and holds up nobody", async () => {
  const { gate, open } = gated();
  const viewer = listening({ name: "viewer", whenFull: "drop", bound: 150 }, gate);
  const { events, feed, close } = handFed();
  const done = fanOut(events, [viewer.sink]);
  feed(header());
  for (let time = 1; time <= 4; time++) feed(chunk(time)); // the first fits, three do not
  await settle();
  open();
  await settle();
  feed(marker(5), keyframe(6), marker(7));
  close();
  deepEqual(await done, [{ name: "viewer", droppedEvents: 4, droppedBytes: 120 }]);
  deepEqual(viewer.seen.map((event) => event.kind), ["header", "output", "gap", "keyframe", "marker"]);
  deepEqual(viewer.seen[2], { kind: "gap", time: 6, reason: "slow-reader", bytes: 120 });
});

Deno.test("fanOut() resumes a viewer at a header without a gap, and with the header it missed before a keyframe", async () => {
  for (const missesHeader of [false, true]) {
    const { gate, open } = gated();
    const viewer = listening({ whenFull: "drop", bound: 100 }, gate);
    const { events, feed, close } = handFed();
    const done = fanOut(events, [viewer.sink]);
    feed(chunk(1));
    feed(chunk(2));
    if (missesHeader) feed(header({ title: "second" }));
    await settle();
    open();
    await settle();
    if (missesHeader) feed(marker(3), keyframe(4));
    else feed(header({ title: "second" }), marker(3));
    close();
    const [result] = await done;
    const kinds = viewer.seen.map((event) => event.kind);
    deepEqual(kinds, missesHeader ? ["output", "header", "gap", "keyframe"] : ["output", "header", "marker"]);
    equal(result?.droppedEvents, missesHeader ? 2 : 1);
  }
});

Deno.test("fanOut() never waits for a sink that drops, even where gap and keyframe just fill it", async () => {
  const { gate, open } = gated();
  const viewer = listening({ whenFull: "drop", bound: 72 + 64 + 10 }, gate);
  const { events, feed, close } = handFed();
  let fast = 0;
  const other = new WritableStream<EventBatch>({ write: () => void fast++ });
  const done = fanOut(events, [viewer.sink, { name: "fast", events: other, bound: 1, whenFull: "wait" }]);
  feed(chunk(1));
  feed(chunk(2));
  feed(chunk(3), keyframe(4), marker(5));
  feed(marker(6));
  await settle();
  equal(fast, 4);
  close();
  open();
  await done;
});

Deno.test("fanOut() counts what a screen holds against the bound", async () => {
  const { gate, open } = gated();
  const viewer = listening({ whenFull: "drop", bound: 5000 }, gate);
  const row = { cells: [[0, "a"], [0, "b"]] } as const;
  const full: SessionEvent = {
    kind: "keyframe",
    time: 2,
    state: { ...blank(), normal: { rows: Array(24).fill(row), scrollback: Array(100).fill(row) } },
  };
  const done = fanOut(batches([marker(1)], [full]), [viewer.sink]);
  await settle();
  open();
  equal((await done)[0]?.droppedEvents, 1);
});

Deno.test("fanOut() aborts a sink that must have everything, though it is stuck, and goes on with the others", async () => {
  const { gate, open } = gated();
  const strict = listening({ name: "archive", whenFull: "fail", bound: 100 }, gate);
  const other = listening();
  const results = await fanOut(batches([chunk(1)], [chunk(2)], [chunk(3)]), [strict.sink, other.sink]);
  match(String(results[0]?.error), /archive fell more than 100 bytes behind/);
  equal(other.seen.length, 3);
  open();
  await settle();
  equal(strict.state.aborted, results[0]?.error);
});

Deno.test("fanOut() leaves a sink that fails behind", async () => {
  const broken = new WritableStream<EventBatch>({
    write() {
      throw new Error("disk full");
    },
  });
  const other = listening();
  const sinks = [{ name: "broken", events: broken, bound: 100, whenFull: "wait" } as const, other.sink];
  const results = await fanOut(batches([marker(0)], [marker(1)], [marker(2)]), sinks);
  match(String(results[0]?.error), /disk full/);
  equal(other.seen.length, 3);
});

Deno.test("fanOut() tells of a sink that fails to close", async () => {
  const events = new WritableStream<EventBatch>({
    close() {
      throw new Error("no room for the index");
    },
  });
  const [result] = await fanOut(streamOf(marker(0)), [{ name: "s", events, bound: 1, whenFull: "wait" }]);
  match(String(result?.error), /no room/);
});

Deno.test("fanOut() cancels the source as soon as no sink is left, though it is silent", async () => {
  const { events, feed, cancelled } = handFed();
  const broken = new WritableStream<EventBatch>({
    write() {
      throw new Error("gone");
    },
  });
  feed(marker(0));
  const [result] = await fanOut(events, [{ name: "only", events: broken, bound: 1, whenFull: "wait" }]);
  match(String(result?.error), /gone/);
  match(String(cancelled()), /gone/);
});

Deno.test("fanOut() into nothing cancels the source", async () => {
  const { events, cancelled } = handFed();
  deepEqual(await fanOut(events, []), []);
  equal(cancelled(), "cancelled");
});

Deno.test("fanOut() aborts its sinks when the source fails", async () => {
  const { events, feed, fail } = handFed();
  const sink = listening();
  const done = fanOut(events, [sink.sink]);
  feed(marker(0));
  await settle();
  fail(new Error("torn"));
  await rejects(done, /torn/);
  match(String(sink.state.aborted), /torn/);
});
