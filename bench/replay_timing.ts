/**
 * How well a replay keeps time on this machine: a minute of session, 6,000 events at random times, on the real clock.
 *
 *     deno run bench/replay_timing.ts [SECONDS]
 *
 * Prints how late the events came, beside how late bare timers were in the same run. Fails when the end is more than 20 ms late.
 * @module
 */

import { MILLISECOND, SECOND, type SessionEvent } from "../lib/event.ts";
import { systemClock } from "../lib/host/clock.ts";
import { SessionPlayer } from "../lib/replay/session_player.ts";

/** A session of so many seconds with a hundred events in each, in batches of a hundred, the last event at its very end. */
function* session(seconds: number): Generator<SessionEvent[]> {
  yield [{ kind: "header", time: 0, header: { cols: 80, rows: 24 } }];
  for (let second = 0; second < seconds; second++) {
    const times = Array.from({ length: 99 }, () => Math.floor(Math.random() * SECOND)).sort((a, b) => a - b);
    yield [...times, SECOND].map((time) => ({
      kind: "output",
      time: second * SECOND + time,
      data: new Uint8Array(40),
    }));
  }
}

/** How late each event came, in milliseconds since the header. */
async function latenesses(seconds: number): Promise<number[]> {
  const clock = systemClock();
  const late: number[] = [];
  let start = 0;
  for await (const batch of new SessionPlayer(ReadableStream.from(session(seconds)), { clock }).events) {
    const now = clock.now();
    if (batch[0]?.kind === "header") start = now;
    for (const event of batch) late.push((now - start - event.time) / MILLISECOND);
  }
  return late;
}

/** How late timers of 10 ms fire meanwhile. */
async function baseline(signal: AbortSignal): Promise<number[]> {
  const late: number[] = [];
  while (!signal.aborted) {
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 10));
    late.push(performance.now() - start - 10);
  }
  return late;
}

function tell(what: string, late: readonly number[]): void {
  const sorted = late.toSorted((a, b) => a - b);
  const quantile = (part: number) => `${sorted[Math.floor(part * (sorted.length - 1))]!.toFixed(2)} ms`;
  console.log(
    `${what}: ${late.length}, late by ${quantile(0.5)} (median), ${quantile(0.99)} (p99), ${quantile(1)} (most)`,
  );
}

const seconds = Number(Deno.args[0] ?? 60);
const over = new AbortController();
const timers = baseline(over.signal);
const late = await latenesses(seconds);
over.abort();
tell("events", late);
tell("bare timers", await timers);
console.log(`the end of ${seconds} s came ${late.at(-1)!.toFixed(2)} ms late`);
if (late.at(-1)! > 20) Deno.exit(1);
