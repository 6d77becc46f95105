import { equal, ok } from "node:assert/strict";
import { systemClock } from "../lib/host/clock.ts";
import { MILLISECOND, SECOND } from "../lib/event.ts";
import { settle, SimulatedClock } from "./support/simulated_clock.ts";

Deno.test("systemClock().now() is in whole nanoseconds and never runs backwards", () => {
  const clock = systemClock();
  let previous = clock.now();
  for (let reading = 0; reading < 10_000; reading++) {
    const now = clock.now();
    ok(Number.isInteger(now) && now >= previous);
    previous = now;
  }
});

Deno.test("systemClock().wall() is the wall clock", () => {
  ok(Math.abs(systemClock().wall() - Date.now()) < 1000);
});

Deno.test("systemClock().until() is never early, and hardly later than the timers of the machine", async () => {
  const clock = systemClock();
  const late: number[] = [];
  const baseline: number[] = [];
  for (let milliseconds = 0; milliseconds < 12; milliseconds += 0.7) {
    const time = clock.now() + milliseconds * MILLISECOND;
    await clock.until(time);
    late.push((clock.now() - time) / MILLISECOND);
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    baseline.push(performance.now() - start - milliseconds);
  }
  ok(Math.min(...late) >= 0, `early by ${-Math.min(...late)} ms`);
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  ok(median(late) < median(baseline) + 2, `late by ${median(late)} ms, plain timers by ${median(baseline)} ms`);
});

Deno.test("systemClock().until() resolves at once for a time that has passed, or when its signal aborts", async () => {
  const clock = systemClock();
  const start = clock.now();
  await clock.until(start - SECOND);
  await clock.until(start + 3600 * SECOND, AbortSignal.abort());
  const control = new AbortController();
  const waiting = clock.until(start + 3600 * SECOND, control.signal);
  control.abort();
  await waiting;
  ok(clock.now() - start < SECOND);
});

Deno.test("systemClock().until() waits for times that no timer can hold", async () => {
  const clock = systemClock();
  const control = new AbortController();
  let over = false;
  const waiting = clock.until(clock.now() + 365 * 24 * 3600 * SECOND, control.signal).then(() => void (over = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  equal(over, false);
  control.abort();
  await waiting;
});

Deno.test("SimulatedClock stands still until it is moved, and then fires timers in order, late as asked", async () => {
  const clock = new SimulatedClock({ lateness: 3 });
  const fired: string[] = [];
  clock.until(20).then(() => fired.push(`b ${clock.now()}`));
  clock.until(10).then(() => fired.push(`a ${clock.now()}`));
  await settle();
  equal(fired.join(), "");
  await clock.advance(22);
  equal(fired.join(), "a 13");
  await clock.advance(1);
  equal(fired.join(), "a 13,b 23");
  equal(clock.waiting, 0);
});

Deno.test("SimulatedClock's wall clock is skewed and stepped without touching session time", async () => {
  const clock = new SimulatedClock({ skew: 100, startedAt: 0 });
  await clock.advance(10 * SECOND);
  equal(clock.wall(), 10_001);
  clock.step(-5000);
  equal(clock.wall(), 5001);
  equal(clock.now(), 10 * SECOND);
});
