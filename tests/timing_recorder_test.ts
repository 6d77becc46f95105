import { deepEqual, equal, ok } from "node:assert/strict";
import { t2a } from "../formats/mod.ts";
import { type EventOf, MILLISECOND, type Nanos, SECOND, type SessionEvent } from "../lib/event.ts";
import type { ExitStatus } from "../lib/event.ts";
import type { Pty, PtyHappening, PtyHost } from "../lib/ports.ts";
import { SessionRecorder } from "../lib/record/session_recorder.ts";
import { TimingRecorder } from "../lib/record/timing_recorder.ts";
import { collect, collectBytes, streamOf } from "../lib/stream/collect.ts";
import { WallTime } from "../lib/transform/wall_time.ts";
import { SimulatedClock } from "./support/simulated_clock.ts";

const HOUR = 3600 * SECOND;
const HOUR_MS = 3_600_000;

/** Looks at the clock every second of an hour, as a recorder does; returns what it told, and lets the test step the clock. */
async function lookForAnHour(clock: SimulatedClock, steps: ReadonlyMap<number, number> = new Map()) {
  const timing = new TimingRecorder(clock);
  const told = [timing.observe()!];
  for (let second = 1; second <= 3600; second++) {
    await clock.advance(SECOND);
    clock.step(steps.get(second) ?? 0);
    const event = timing.observe();
    if (event) told.push(event);
  }
  return told;
}

Deno.test("TimingRecorder.observe() tells the drift at the start and every minute, though nothing drifts", async () => {
  const told = await lookForAnHour(new SimulatedClock());
  deepEqual(told.map(({ time }) => time), Array.from({ length: 61 }, (_, minute) => minute * 60 * SECOND));
  deepEqual(new Set(told.map(({ drift }) => drift)), new Set([0]));
});

for (const skew of [100, -100]) {
  Deno.test(`TimingRecorder.observe() tells each millisecond of drift that ${skew} ppm make in an hour`, async () => {
    const told = await lookForAnHour(new SimulatedClock({ skew }));
    equal(told.at(-1)!.drift, Math.sign(skew) * 360 * MILLISECOND);
    for (const [at, { time, drift }] of told.entries()) {
      ok(Math.abs(drift - time * skew / 1e6) <= 1000, "the drift is the true one, to the microsecond");
      const moved = Math.abs(drift - (told[at - 1]?.drift ?? -Infinity));
      ok(moved >= MILLISECOND - 1000, "nothing is told without reason");
      ok(at === 0 || moved < 1.2 * MILLISECOND, "nor is it told late");
    }
  });
}

Deno.test("TimingRecorder.observe() tells a step of an hour at the next look, and session time does not notice", async () => {
  const steps = new Map([[100, HOUR_MS], [200, -HOUR_MS], [300, -HOUR_MS], [400, 0.9], [500, 0.2]]);
  const told = await lookForAnHour(new SimulatedClock(), steps);
  const changes = told.filter(({ drift }, at) => at > 0 && drift !== told[at - 1]!.drift);
  const inMs = changes.map(({ time, drift }) => [time / SECOND, Math.round(drift / 100_000) / 10]);
  deepEqual(inMs.slice(0, 3), [[100, HOUR_MS], [200, 0], [300, -HOUR_MS]]);
  const small = inMs.slice(3);
  equal(
    small.at(-1)![1],
    -HOUR_MS + 1.1,
    "small steps are told as well, with the minute or when they make a millisecond",
  );
  ok(told.every(({ time }, at) => at === 0 || time > told[at - 1]!.time));
});

Deno.test("TimingRecorder reads the wall clock between two looks at the other, so that a slow read is no drift", () => {
  let time = 0;
  // Each look at a clock takes 10 ms, and both clocks run alike.
  const read = () => time += 10 * MILLISECOND;
  const timing = new TimingRecorder({ now: read, wall: () => read() / MILLISECOND, until: () => Promise.resolve() });
  const { drift } = timing.observe()!;
  equal(drift, 0);
});

Deno.test("TimingRecorder.at() is never before the start", async () => {
  const clock = new SimulatedClock();
  await clock.advance(SECOND);
  const timing = new TimingRecorder(clock);
  equal(timing.at(SECOND / 2), 0);
  equal(timing.now(), 0);
});

/** A terminal that prints when the test says so, on a clock that the test moves. */
class ScriptedPty implements Pty {
  readonly pid = 1;
  readonly #clock: SimulatedClock;
  readonly #exit = Promise.withResolvers<ExitStatus>();
  #waiting: PtyHappening[] = [];
  #open = true;
  #alarm = new AbortController();
  #alarmed = false;
  #wanted: () => void = () => {};

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  get exited(): Promise<ExitStatus> {
    return this.#exit.promise;
  }

  print(text: string): void {
    this.#waiting.push({ kind: "output", time: this.#clock.now(), data: new TextEncoder().encode(text) });
    this.#wanted();
  }

  end(): void {
    this.#open = false;
    this.#alarm.abort();
    this.#exit.resolve({ code: 0 });
    this.#wanted();
  }

  async next(): Promise<readonly PtyHappening[] | undefined> {
    while (this.#waiting.length === 0 && this.#open && !this.#alarmed) {
      await new Promise<void>((resolve) => this.#wanted = resolve);
    }
    this.#alarmed = false;
    if (this.#waiting.length === 0 && !this.#open) return undefined;
    return this.#waiting.splice(0);
  }

  alarm(time: Nanos): void {
    this.#alarm.abort();
    const alarm = this.#alarm = new AbortController();
    this.#clock.until(time, alarm.signal).then(() => {
      if (alarm.signal.aborted) return;
      this.#alarmed = true;
      this.#wanted();
    });
  }

  write = () => Promise.resolve();
  resize = () => {};
  kill = () => this.end();
  attach = () => {};
  detach = () => {};
  close = () => Promise.resolve();
}

/** Records an hour in which something is printed every 7 s, and tells what the wall clock showed at each print. */
async function recordedHour(skew: number, steps: ReadonlyMap<number, number>) {
  const clock = new SimulatedClock({ skew });
  let pty!: ScriptedPty;
  const host: PtyHost = { name: "scripted", clock, open: () => pty = new ScriptedPty(clock) };
  const recorder = new SessionRecorder(host, { command: ["x"], facts: { shell: "sh", cwd: "/", env: {} } });
  const collected = collect(recorder.events);
  const truth: { time: Nanos; wall: number }[] = [];
  for (let print = 0; clock.now() < HOUR; print++) {
    await clock.advance(5 * SECOND);
    clock.step(steps.get(print) ?? 0);
    await clock.advance(2 * SECOND); // the clock is looked at every second
    truth.push({ time: clock.now(), wall: clock.wall() });
    pty.print(`${print}\r\n`);
  }
  await clock.advance(SECOND);
  pty.end();
  const bytes = await collectBytes(streamOf(...await collected).pipeThrough(t2a.encoder()));
  return { truth, events: await collect(new Blob([bytes]).stream().pipeThrough(t2a.decoder())) };
}

function outputsOf(events: readonly SessionEvent[]): EventOf<"output">[] {
  return events.filter((event) => event.kind === "output");
}

for (const skew of [0, 100, -100]) {
  Deno.test(`a recording tells wall times to 1 ms under steps of an hour and a skew of ${skew} ppm`, async () => {
    const { truth, events } = await recordedHour(skew, new Map([[50, HOUR_MS], [150, -HOUR_MS], [300, -HOUR_MS]]));
    const clock = new WallTime();
    const walls = new Map(events.map((event) => [event, clock.of(event)!]));
    const outputs = outputsOf(events);
    equal(outputs.length, truth.length);
    for (const [at, output] of outputs.entries()) {
      const error = walls.get(output)! - truth[at]!.wall;
      ok(Math.abs(error) <= 1, `print ${at} is wrong by ${error} ms`);
    }
  });
}

Deno.test("a recording's own times are the same however the wall clock was stepped", async () => {
  const steady = await recordedHour(0, new Map());
  const stepped = await recordedHour(0, new Map([[50, HOUR_MS], [150, -2 * HOUR_MS]]));
  const times = ({ events }: { events: SessionEvent[] }) => outputsOf(events).map(({ time }) => time);
  deepEqual(times(stepped), times(steady));
  deepEqual(times(steady), steady.truth.map(({ time }) => time));
});
