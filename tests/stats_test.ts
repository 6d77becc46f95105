import { deepEqual, equal } from "node:assert/strict";
import { countStats, StatsCounter } from "../lib/transform/stats.ts";
import { batches, clockEvent, everyKind, header, marker, output } from "./support/events.ts";

Deno.test("StatsCounter counts each kind of event for what it is", () => {
  const counter = new StatsCounter();
  for (const event of everyKind()) counter.push(event);
  deepEqual(counter.result(), {
    sessions: 1,
    events: 15,
    outputBytes: 1,
    inputBytes: 1,
    markers: 1,
    resizes: 1,
    gaps: 1,
    missingBytes: 9,
    duration: 14,
    drift: 7,
    exit: { code: 3 },
  });
});

Deno.test("StatsCounter knows of nothing before the first event", () => {
  const { events, duration, exit } = new StatsCounter().result();
  deepEqual([events, duration, exit], [0, 0, undefined]);
});

Deno.test("StatsCounter counts bytes, not characters", () => {
  const counter = new StatsCounter();
  counter.push(output(0, "漢字"));
  equal(counter.result().outputBytes, 6);
});

Deno.test("countStats() sums up sessions, but drift and exit are the last one's", async () => {
  const first = [header(), clockEvent(5, 100), marker(10), { kind: "exit", time: 11, status: { code: 0 } } as const];
  const stats = await countStats(batches(first, [header(), marker(20)]));
  equal(stats.sessions, 2);
  equal(stats.duration, 31);
  equal(stats.markers, 2);
  equal(stats.drift, 0);
  equal("exit" in stats, false);
});

Deno.test("StatsCounter.result() is a picture of its moment", () => {
  const counter = new StatsCounter();
  const before = counter.result();
  counter.push(marker(1));
  equal(before.markers, 0);
  equal(counter.result().markers, 1);
});
