import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { SECOND } from "../lib/event.ts";
import { collect, streamOf } from "../lib/stream/collect.ts";
import { idleLimit } from "../lib/transform/idle_limit.ts";
import { speed } from "../lib/transform/speed.ts";
import { everyKind, header, marker, output } from "./support/events.ts";
import { sessions } from "./support/generate.ts";

Deno.test("speed() divides times, and changes nothing else", async () => {
  const events = await collect(streamOf(...everyKind()).pipeThrough(speed(0.5)));
  deepEqual(events.map((event) => event.time), everyKind().map((event) => 2 * event.time));
  deepEqual(events.map((event) => event.kind), everyKind().map((event) => event.kind));
});

Deno.test("speed() scales the wish for an idle limit, so the same pauses are cut", async () => {
  const session = [header({ idleLimit: 2 * SECOND }), output(SECOND, "a"), output(9 * SECOND, "b")];
  const cutFirst = await collect(streamOf(...session).pipeThrough(idleLimit()).pipeThrough(speed(2)));
  const cutLast = await collect(streamOf(...session).pipeThrough(speed(2)).pipeThrough(idleLimit()));
  deepEqual(cutFirst.map((event) => event.time), cutLast.map((event) => event.time));
  deepEqual(cutFirst[0], header({ idleLimit: SECOND }));
});

Deno.test("speed() keeps events in order and times within what is exact", async () => {
  const factor = fc.double({ min: 1e-9, max: 1e9, noNaN: true, minExcluded: true });
  await fc.assert(fc.asyncProperty(sessions({ sessions: 2 }), factor, async (all, factor) => {
    let last = 0;
    for (const event of await collect(streamOf(...all).pipeThrough(speed(factor)))) {
      if (event.kind === "header") last = 0;
      equal(event.time >= last && Number.isSafeInteger(event.time), true);
      last = event.time;
    }
  }));
});

Deno.test("speed() refuses what is no factor", () => {
  for (const factor of [0, -1, Infinity, NaN]) throws(() => speed(factor), RangeError);
});

Deno.test("speed(1) passes events that stay where they are as they are", async () => {
  const event = marker(5);
  equal((await collect(streamOf(header(), event).pipeThrough(speed(1))))[1], event);
});
