import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { isDerived, MILLISECOND, SECOND, type SessionEvent } from "../lib/event.ts";
import { collect, streamOf } from "../lib/stream/collect.ts";
import { compose } from "../lib/stream/compose.ts";
import { idleLimit } from "../lib/transform/idle_limit.ts";
import { skipPauses } from "../lib/transform/skip_pauses.ts";
import { isSeen } from "../lib/transform/seen.ts";
import { WallTime } from "../lib/transform/wall_time.ts";
import { clockEvent, everyKind, header, keyframe, marker, output } from "./support/events.ts";

const limited = async (limit: number | undefined, ...events: SessionEvent[]) =>
  await collect(streamOf(...events).pipeThrough(idleLimit(limit)));
const seconds = (events: SessionEvent[]) => events.map((event) => event.time / SECOND);

Deno.test("idleLimit() shortens long pauses to the limit and moves what follows", async () => {
  const events = [1, 91, 92, 95].map((second) => output(second * SECOND, "x"));
  deepEqual(seconds(await limited(2 * SECOND, header(), ...events)), [0, 1, 3, 4, 6]);
});

Deno.test("idleLimit() sees one pause where clock readings, keyframes and silent keys stand in it", async () => {
  const pause: SessionEvent[] = [
    clockEvent(60 * SECOND, 0),
    keyframe(61 * SECOND),
    { kind: "input", time: 62 * SECOND, data: Uint8Array.of(7) },
    output(63 * SECOND, ""),
  ];
  const events = [output(0, "a"), ...pause, output(90 * SECOND, "b"), output(91 * SECOND, "c")];
  deepEqual(seconds(await limited(2 * SECOND, ...events)), [0, 2, 2, 2, 2, 2, 3]);
});

Deno.test("idleLimit() starts afresh with each header", async () => {
  const session = [header(), output(10 * SECOND, "a")];
  deepEqual(seconds(await limited(SECOND, ...session, ...session)), [0, 1, 0, 1]);
});

Deno.test("idleLimit() without a limit follows the wish of each recording", async () => {
  const late = output(10 * SECOND, "a");
  const wishes = [header({ idleLimit: SECOND }), late, header(), late, header({ idleLimit: -1 }), late];
  deepEqual(seconds(await limited(undefined, ...wishes)), [0, 1, 0, 10, 0, 10]);
  deepEqual(seconds(await limited(Infinity, ...wishes)), [0, 10, 0, 10, 0, 10]);
});

Deno.test("idleLimit(0) removes all waiting", async () => {
  deepEqual(seconds(await limited(0, header(), marker(SECOND), marker(5 * SECOND))), [0, 0, 0]);
});

Deno.test("idleLimit() changes nothing but times, and passes events that stay where they are as they are", async () => {
  const events = everyKind();
  const same = await limited(SECOND, ...events);
  for (const [index, event] of events.entries()) equal(same[index], event);
  const moved = await limited(0, ...events);
  const plain = (event: SessionEvent) => ({ ...event, time: 0, ...(event.kind === "clock" ? { drift: 0 } : {}) });
  deepEqual(moved.map(plain), events.map(plain));
});

Deno.test("idleLimit() lets clock events tell the true wall clock", async () => {
  const events = [
    header({ startedAt: 0 }),
    output(0, "a"),
    output(100 * SECOND, "b"),
    clockEvent(100 * SECOND, 5 * SECOND),
  ];
  const wall = new WallTime();
  const last = (await limited(SECOND, ...events)).map((event) => wall.of(event)).at(-1);
  equal(last, 105_000);
});

const kinds = fc.constantFrom("output", "keyframe", "clock", "marker");
const sessions = fc.array(fc.tuple(fc.nat(5000), kinds), { maxLength: 40 }).map((steps) => {
  let time = 0;
  return steps.map(([step, kind]): SessionEvent => {
    time += step * MILLISECOND;
    if (kind === "output") return output(time, "x");
    if (kind === "marker") return marker(time);
    return kind === "keyframe" ? keyframe(time) : clockEvent(time, 0);
  });
});

Deno.test("idleLimit() keeps order, no pause above the limit and none below it changed", async () => {
  await fc.assert(fc.asyncProperty(sessions, fc.integer({ min: 0, max: 3000 }), async (events, milliseconds) => {
    const limit = milliseconds * MILLISECOND;
    const after = await limited(limit, ...events);
    for (let at = 1; at < after.length; at++) ok(after[at]!.time >= after[at - 1]!.time);
    const [was, is] = [events.filter(isSeen), after.filter(isSeen)];
    for (let at = 1; at < was.length; at++) {
      equal(is[at]!.time - is[at - 1]!.time, Math.min(limit, was[at]!.time - was[at - 1]!.time));
    }
  }));
});

Deno.test("idleLimit() gives the same with and without derived events", async () => {
  const recorded = (events: SessionEvent[]) => events.filter((event) => !isDerived(event));
  await fc.assert(fc.asyncProperty(sessions, async (events) => {
    deepEqual(recorded(await limited(SECOND, ...events)), await limited(SECOND, ...recorded(events)));
  }));
});

Deno.test("idleLimit() refuses limits that are none", () => {
  for (const limit of [-1, NaN]) {
    throws(() => idleLimit(limit), {
      name: "RangeError",
      message: `Cannot limit idle time to ${limit} ns: the limit must be a number >= 0`,
    });
  }
});

const paused = (second: number): SessionEvent => ({ kind: "gap", time: second * SECOND, reason: "paused" });
const resumed = (second: number): SessionEvent => ({ kind: "gap", time: second * SECOND, reason: "resumed" });
const unpaused = async (...events: SessionEvent[]) => await collect(streamOf(...events).pipeThrough(skipPauses()));

Deno.test("skipPauses() takes out each span in which recording was off, with what stands in it", async () => {
  const events = [
    header(),
    paused(10),
    clockEvent(20 * SECOND, 0),
    resumed(30),
    marker(31 * SECOND),
    paused(40),
    resumed(50),
    marker(55 * SECOND),
  ];
  const after = await unpaused(...events);
  deepEqual(seconds(after), [0, 10, 10, 10, 11, 20, 20, 25]);
  equal(after[2]?.kind === "clock" && after[2].drift, 10 * SECOND);
});

Deno.test("skipPauses() ends a span whose end is lost where the recording evidently goes on", async () => {
  for (
    const sign of [output(30 * SECOND, "x"), { kind: "screen", time: 30 * SECOND, state: keyframe(0).state } as const]
  ) {
    deepEqual(seconds(await unpaused(paused(10), sign, marker(35 * SECOND))), [10, 10, 15]);
  }
});

Deno.test("skipPauses() starts afresh with each header, and leaves other gaps alone", async () => {
  const other: SessionEvent = { kind: "gap", time: 5 * SECOND, reason: "overload" };
  deepEqual(seconds(await unpaused(header(), paused(1), header(), other, marker(9 * SECOND))), [0, 1, 0, 5, 9]);
  deepEqual(seconds(await unpaused(resumed(3), marker(4 * SECOND))), [3, 4]);
});

Deno.test("skipPauses() before idleLimit() leaves no pause above the limit", async () => {
  const stage = compose(skipPauses(), idleLimit(SECOND));
  const events = await collect(
    streamOf(output(0, "a"), paused(100), resumed(200), output(300 * SECOND, "b")).pipeThrough(stage),
  );
  deepEqual(seconds(events), [0, 1, 1, 2]);
});

Deno.test("isSeen() counts what changes the picture, marks a place or ends the session", () => {
  const seen = everyKind().filter(isSeen).map((event) => event.kind);
  deepEqual(seen, ["header", "output", "resize", "marker", "screen", "gap", "exit"]);
});
