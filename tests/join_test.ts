import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { SECOND, type SessionEvent } from "../lib/event.ts";
import { collect, streamOf } from "../lib/stream/collect.ts";
import { join } from "../lib/transform/join.ts";
import { header, output } from "./support/events.ts";
import { sessions } from "./support/generate.ts";

const exit = (time: number): SessionEvent => ({ kind: "exit", time, status: { code: 3 } });
const joined = async (pause: number, ...events: SessionEvent[]) =>
  await collect(streamOf(...events).pipeThrough(join(pause)));

Deno.test("join() puts later sessions behind the first, with the pause between them", async () => {
  const events = await joined(SECOND, header(), output(2 * SECOND, "a"), header(), output(SECOND, "b"));
  deepEqual(events.filter(({ kind }) => kind === "output"), [
    output(2 * SECOND, "a"),
    output(3 * SECOND, "\x1bc"),
    output(4 * SECOND, "b"),
  ]);
});

Deno.test("join() keeps what a header said, and resizes where the sizes differ", async () => {
  const events = await joined(0, header(), header({ title: "second" }), header({ cols: 100 }));
  deepEqual(events.map(({ kind }) => kind), ["header", "note", "output", "note", "resize", "output"]);
  deepEqual(events[1], { kind: "note", time: 0, topic: "session", data: { cols: 80, rows: 24, title: "second" } });
  deepEqual(events[4], { kind: "resize", time: 0, cols: 100, rows: 24 });
});

Deno.test("join() compares with the size at the end, not with the one at the beginning", async () => {
  const resize: SessionEvent = { kind: "resize", time: 1, cols: 100, rows: 30 };
  const events = await joined(0, header(), resize, header({ cols: 100, rows: 30 }));
  deepEqual(events.map(({ kind }) => kind), ["header", "resize", "note", "output"]);
});

Deno.test("join() lets only the last exit be one", async () => {
  const events = await joined(0, header(), exit(1), header(), exit(2));
  deepEqual(events.filter(({ kind }) => kind === "note" || kind === "exit").map(({ kind, time }) => [kind, time]), [
    ["note", 1],
    ["note", 1],
    ["exit", 3],
  ]);
});

Deno.test("join() changes nothing in one session that ends with its exit", async () => {
  await fc.assert(fc.asyncProperty(sessions({ sessions: 1 }), async (all) => {
    const session = [...all.filter(({ kind }) => kind !== "exit"), exit(all.at(-1)!.time)];
    deepEqual(await joined(0, ...session), session);
  }));
});

Deno.test("join() leaves one session in order of time, of any number", async () => {
  await fc.assert(fc.asyncProperty(sessions({ sessions: 3 }), async (all) => {
    const events = await joined(0, ...all);
    equal(events.filter(({ kind }) => kind === "header").length, 1);
    for (const [index, { time }] of events.entries()) ok(index === 0 || time >= events[index - 1]!.time);
  }));
});

Deno.test("join() refuses what is no pause", () => {
  for (const pause of [-1, Infinity, NaN]) throws(() => join(pause), RangeError);
});
