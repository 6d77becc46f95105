import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { type EventBatch, type EventStream, MILLISECOND, type Nanos, SECOND, type SessionEvent } from "../lib/event.ts";
import { systemClock } from "../lib/host/clock.ts";
import { type PlayerOptions, SessionPlayer } from "../lib/replay/session_player.ts";
import { collect, streamOf } from "../lib/stream/collect.ts";
import { batches, clockEvent, everyKind, handFed, header, keyframe, marker, output } from "./support/events.ts";
import { settle, SimulatedClock, type SimulatedClockOptions } from "./support/simulated_clock.ts";

type Settings = Partial<PlayerOptions> & { simulated?: SimulatedClockOptions };

/** A player on a simulated clock, read in the background; `shown` has when each event came, in seconds. */
function play(source: EventStream, { simulated, ...options }: Settings = {}) {
  const clock = new SimulatedClock(simulated);
  const player = new SessionPlayer(source, { clock, ...options });
  const shown: { at: number; event: SessionEvent }[] = [];
  const sizes: number[] = [];
  const over = (async () => {
    for await (const batch of player.events) {
      sizes.push(batch.length);
      for (const event of batch) shown.push({ at: clock.now() / SECOND, event });
    }
  })();
  return { clock, shown, sizes, over, times: () => shown.map(({ at }) => at), ...player };
}

/** When each event of a whole replay comes, in seconds. */
async function timesOf(source: EventStream, settings: Settings = {}): Promise<number[]> {
  const { clock, over, times } = play(source, settings);
  await clock.run(over);
  equal(clock.waiting, 0);
  return times();
}

const at = (...seconds: number[]) => seconds.map((second) => output(second * SECOND, `${second}`));
const gap = (second: number, reason: "paused" | "resumed"): SessionEvent => ({
  kind: "gap",
  time: second * SECOND,
  reason,
});

Deno.test("SessionPlayer plays each event at its time", async () => {
  deepEqual(await timesOf(streamOf(header(), ...at(0.5, 2, 2.25))), [0, 0.5, 2, 2.25]);
});

Deno.test("SessionPlayer plays the same events, whatever the speed and the batches", async () => {
  const sessions = fc.array(fc.array(fc.nat(3), { maxLength: 4 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sessions, fc.constantFrom(0.01, 1, 7, 1000, Infinity), async (steps, speed) => {
      let time = 0;
      const all = steps.map((batch) => batch.map((step) => output(time += step * SECOND, "x")));
      const { clock, over, shown } = play(batches([header()], ...all), { speed });
      await clock.run(over);
      deepEqual(shown.map(({ event }) => event), [header(), ...all.flat()]);
      ok(Math.abs(clock.now() - time / speed) < 1000);
    }),
    { numRuns: 50 },
  );
});

Deno.test("SessionPlayer passes every kind of event as it is", async () => {
  const { clock, over, shown } = play(streamOf(...everyKind()));
  await clock.run(over);
  deepEqual(shown.map(({ event }) => event), everyKind());
});

Deno.test("SessionPlayer sends what is due at the same moment in one batch, across batches of the source", async () => {
  const { clock, over, sizes } = play(batches([header(), marker(0)], at(1, 1), at(1), at(2, 2)));
  await clock.run(over);
  deepEqual(sizes, [2, 3, 2]);
});

Deno.test("SessionPlayer plays at any speed, and waits for nothing at Infinity", async () => {
  const events = () => streamOf(header(), ...at(1, 3));
  deepEqual(await timesOf(events(), { speed: 2 }), [0, 0.5, 1.5]);
  deepEqual(await timesOf(events(), { speed: 0.01 }), [0, 100, 300]);
  deepEqual(await timesOf(events(), { speed: 1000 }), [0, 0.001, 0.003]);
  deepEqual(await timesOf(events(), { speed: Infinity }), [0, 0, 0]);
});

Deno.test("SpeedController.set() changes the speed in the middle of a wait without a jump", async () => {
  const { clock, over, speed, times } = play(streamOf(header(), ...at(10, 20)));
  await clock.advance(4 * SECOND);
  speed.set(2); // 6 s are left of the first wait: 3 s
  await clock.advance(5 * SECOND);
  speed.set(0.5); // 6 s are left of the second: 12 s
  await clock.run(over);
  deepEqual(times(), [0, 7, 21]);
});

Deno.test("SpeedController.set() brings a replay without waits back into time", async () => {
  const { events, feed, close } = handFed();
  const { clock, over, speed, times } = play(events, { speed: Infinity });
  feed(header(), ...at(100));
  await clock.advance(5 * SECOND);
  speed.set(1);
  feed(...at(103));
  close();
  await clock.run(over);
  deepEqual(times(), [0, 0, 8]);
});

Deno.test("SessionPlayer.pause() stops in the middle of a wait, and play() waits for the rest of it only", async () => {
  const { clock, over, playback, times } = play(streamOf(header(), ...at(10, 12)));
  await clock.advance(7 * SECOND);
  equal(clock.waiting, 1);
  playback.pause();
  await settle();
  equal(clock.waiting, 0);
  await clock.advance(100 * SECOND);
  deepEqual(times(), [0]);
  playback.play();
  await clock.run(over);
  deepEqual(times(), [0, 110, 112]);
});

Deno.test("SessionPlayer can change its speed while it is paused", async () => {
  const { clock, over, playback, speed, times } = play(streamOf(header(), ...at(10)));
  await clock.advance(4 * SECOND);
  playback.pause();
  speed.set(3);
  await clock.advance(SECOND);
  playback.play();
  await clock.run(over);
  deepEqual(times(), [0, 7]);
});

Deno.test("SessionPlayer begins paused where asked", async () => {
  const { clock, over, playback, times } = play(streamOf(header(), ...at(1)), { paused: true });
  await clock.advance(50 * SECOND);
  deepEqual(times(), []);
  playback.play();
  await clock.run(over);
  deepEqual(times(), [50, 51]);
});

Deno.test("SessionPlayer.step() shows the next thing a viewer sees, with the unseen before it, and stays paused", async () => {
  const unseen = [clockEvent(2 * SECOND, 0), keyframe(3 * SECOND), output(4 * SECOND, "")];
  const resize: SessionEvent = { kind: "resize", time: 6 * SECOND, cols: 1, rows: 1 };
  const events = [header(), ...unseen, output(5 * SECOND, "a"), output(5 * SECOND, "b"), resize, marker(9 * SECOND)];
  const { clock, over, playback, sizes } = play(streamOf(...events), { paused: true });
  const states = [];
  for (let step = 0; step < 4; step++) {
    playback.step();
    await settle();
    states.push(`${playback.state.phase} ${playback.state.position / SECOND}`);
  }
  deepEqual(sizes, [1, 4, 1, 1]);
  deepEqual(states, ["paused 0", "paused 5", "paused 5", "paused 6"]);
  playback.play();
  await clock.run(over);
  equal(clock.now(), 3 * SECOND); // from where the last step led
});

Deno.test("SessionPlayer.step() while playing pauses and shows one more; steps add up", async () => {
  const { clock, over, playback, times } = play(streamOf(header(), ...at(10, 20, 30, 40)));
  await clock.advance(SECOND);
  playback.step();
  playback.step();
  await settle();
  deepEqual(times(), [0, 1, 1]);
  equal(playback.state.phase, "paused");
  playback.step(); // of no use once it plays
  playback.play();
  await clock.advance(SECOND);
  deepEqual(times(), [0, 1, 1]);
  await clock.run(over);
  deepEqual(times(), [0, 1, 1, 11, 21]);
});

Deno.test("SessionPlayer pauses on markers where asked, right behind each", async () => {
  const events = [header(), marker(SECOND, "a"), ...at(1), marker(2 * SECOND, "b")];
  const { clock, over, playback, times } = play(streamOf(...events), { pauseOnMarkers: true });
  await clock.advance(10 * SECOND);
  deepEqual(times(), [0, 1]);
  deepEqual(playback.state, { phase: "paused", position: SECOND, speed: 1 });
  playback.play();
  await clock.advance(10 * SECOND);
  deepEqual(times(), [0, 1, 10, 11]);
  playback.play();
  await clock.run(over);
});

Deno.test("SessionPlayer shortens pauses, as asked or as the recording wishes, and leaves out what was not recorded", async () => {
  const events = () =>
    streamOf(header({ idleLimit: 3 * SECOND }), ...at(10), gap(11, "paused"), gap(99, "resumed"), ...at(100));
  deepEqual(await timesOf(events()), [0, 3, 4, 4, 5]);
  deepEqual(await timesOf(events(), { idleLimit: SECOND / 2 }), [0, 0.5, 1, 1, 1.5]);
  deepEqual(await timesOf(events(), { idleLimit: Infinity }), [0, 10, 11, 11, 12]);
});

Deno.test("SessionPlayer plays the next session of a stream where the one before it ended", async () => {
  const session = [header(), ...at(5)];
  deepEqual(await timesOf(batches(session, session, session)), [0, 5, 5, 10, 10, 15]);
  deepEqual(await timesOf(batches(session, session), { speed: 5 }), [0, 1, 1, 2]);
});

Deno.test("SessionPlayer tells positions within the session that plays", async () => {
  const { clock, over, playback } = play(batches([header(), ...at(5)], [header(), ...at(5)]));
  await clock.advance(7 * SECOND);
  equal(playback.state.position, 2 * SECOND);
  playback.pause();
  playback.step();
  await settle();
  equal(playback.state.position, 5 * SECOND);
  playback.play();
  await clock.run(over);
});

Deno.test("SessionPlayer begins with the first event of a stream that has no header", async () => {
  deepEqual(await timesOf(streamOf(...at(500, 501))), [0, 1]);
});

Deno.test("SessionPlayer shows an event at once whose time has passed", async () => {
  deepEqual(await timesOf(streamOf(header(), ...at(5, 4, 6))), [0, 5, 5, 6]);
});

Deno.test("SessionPlayer shows late events of a growing source at once, and keeps the waits after them", async () => {
  const { events, feed, close } = handFed();
  const { clock, over, times } = play(events);
  feed(header(), ...at(1));
  await clock.advance(10 * SECOND);
  feed(...at(2, 5)); // 8 s late
  await clock.advance(4 * SECOND);
  feed(...at(6)); // 1 s early
  close();
  await clock.run(over);
  deepEqual(times(), [0, 1, 10, 13, 14]);
});

Deno.test("SessionPlayer keeps the waits after late events also when it was paused meanwhile", async () => {
  const { events, feed, close } = handFed();
  const { clock, over, playback, times } = play(events);
  feed(header());
  await clock.advance(30 * SECOND);
  playback.pause();
  await clock.advance(10 * SECOND);
  feed(...at(5, 8));
  await clock.advance(10 * SECOND);
  playback.play();
  close();
  await clock.run(over);
  deepEqual(times(), [0, 50, 53]);
});

Deno.test("SessionPlayer catches up with a source that hiccups", async () => {
  const { events, feed, close } = handFed();
  const { clock, over, times } = play(events);
  feed(header());
  await clock.advance(1.04 * SECOND);
  feed(...at(1, 2));
  close();
  await clock.run(over);
  deepEqual(times(), [0, 1.04, 2]);
});

Deno.test("SessionPlayer waits for the next session of a source that is late with it", async () => {
  const { events, feed, close } = handFed();
  const { clock, over, times } = play(events);
  feed(header(), ...at(1));
  await clock.advance(20 * SECOND);
  feed(header(), ...at(2));
  close();
  await clock.run(over);
  deepEqual(times(), [0, 1, 20, 22]);
});

Deno.test("SessionPlayer catches up after a reader that was slow", async () => {
  const clock = new SimulatedClock();
  const player = new SessionPlayer(batches([header()], at(1), at(2), at(10)), { clock });
  const reader = player.events.getReader();
  await reader.read();
  await clock.advance(5 * SECOND);
  deepEqual([...(await reader.read()).value!, ...(await reader.read()).value!].map((event) => event.time / SECOND), [
    1,
    2,
  ]);
  const last = reader.read();
  await clock.advance(5 * SECOND);
  equal((await last).value?.length, 1);
  equal(clock.now(), 10 * SECOND);
  await reader.cancel();
});

Deno.test("SessionPlayer is on time after an hour of timers that are all late by a millisecond", async () => {
  const events = Array.from({ length: 36_000 }, (_, tenth) => output((tenth + 1) * SECOND / 10, "x"));
  const late = [];
  const { clock, over, shown } = play(streamOf(header(), ...events), { simulated: { lateness: MILLISECOND } });
  await clock.run(over);
  for (const { at, event } of shown) late.push(at * SECOND - event.time);
  ok(Math.max(...late) <= MILLISECOND + 1, `late by ${Math.max(...late)} ns`);
  ok(Math.abs(clock.now() - 3600 * SECOND) <= MILLISECOND);
});

Deno.test("SessionPlayer does not wait a nanosecond longer however often its speed changes", async () => {
  const { clock, over, speed } = play(streamOf(header(), ...at(1000)));
  for (let second = 0; second < 500; second++) {
    speed.set(second % 2 === 0 ? 1.5 : 0.5);
    await clock.advance(SECOND);
  }
  speed.set(1);
  await clock.run(over);
  ok(Math.abs(clock.now() - 1000 * SECOND) < 1000);
});

Deno.test("PlaybackController.stop() ends the stream in the middle of a wait, and cancels the source", async () => {
  for (const phase of ["waiting", "paused", "starved"] as const) {
    const { events, feed, cancelled } = handFed();
    const { clock, over, playback } = play(events);
    feed(header(), ...(phase === "starved" ? [] : at(10)));
    await clock.advance(SECOND);
    if (phase === "paused") playback.pause();
    playback.stop();
    await over;
    equal(clock.waiting, 0);
    equal(playback.state.phase, "ended");
    await settle();
    ok(cancelled());
  }
});

Deno.test("SessionPlayer stops everything when its stream is cancelled", async () => {
  const { events, feed, cancelled } = handFed();
  const clock = new SimulatedClock();
  const player = new SessionPlayer(events, { clock });
  const reader = player.events.getReader();
  feed(header(), ...at(10));
  await reader.read();
  const waiting = reader.read();
  await clock.advance(SECOND);
  equal(clock.waiting, 1);
  await reader.cancel("seen enough");
  equal((await waiting).done, true);
  equal(clock.waiting, 0);
  equal(cancelled(), "seen enough");
  equal(player.playback.state.phase, "ended");
});

Deno.test("SessionPlayer can be stopped before it is read", async () => {
  const { events, cancelled } = handFed();
  const player = new SessionPlayer(events, { clock: new SimulatedClock() });
  player.playback.stop();
  deepEqual(await collect(player.events), []);
  await settle();
  ok(cancelled());
});

Deno.test("SessionPlayer shows what it has before it fails with its source", async () => {
  const source = new ReadableStream<EventBatch>({
    start: (controller) => controller.enqueue([header()]),
    pull: (controller) => controller.error(new Error("torn")),
  }, { highWaterMark: 0 });
  const { clock, over, playback, shown } = play(source);
  await rejects(clock.run(over), /torn/);
  equal(shown.length, 1);
  equal(playback.state.phase, "ended");
});

Deno.test("SessionPlayer does not mind a source that fails to be cancelled", async () => {
  const source = new ReadableStream<EventBatch>({
    start: (controller) => controller.enqueue([header()]),
    cancel: () => Promise.reject(new Error("cannot close")),
  });
  const { over, playback, shown } = play(source);
  await settle();
  playback.stop();
  await over;
  match(shown.map(({ event }) => event.kind).join(), /header/);
});

Deno.test("SessionPlayer plays nothing of nothing", async () => {
  deepEqual(await timesOf(streamOf()), []);
  deepEqual(await timesOf(batches([], [])), []);
});

Deno.test("SessionPlayer reads no further ahead than a few batches", async () => {
  let pulled = 0;
  const source = new ReadableStream<EventBatch>({
    pull(controller) {
      controller.enqueue([output(++pulled * SECOND, "x")]);
    },
  }, { highWaterMark: 0 });
  const { clock, over, playback } = play(source);
  await clock.advance(10 * SECOND);
  ok(pulled <= 11 + 4, `read ${pulled} batches to show 11`);
  playback.stop();
  await over;
});

Deno.test("SessionPlayer leaves no timer of a real clock behind when it is paused or cancelled in a wait", async () => {
  const player = new SessionPlayer(streamOf(header(), ...at(3600)), { clock: systemClock() });
  const reader = player.events.getReader();
  await reader.read();
  const waiting = reader.read();
  await settle();
  player.playback.pause();
  player.playback.play();
  await settle();
  await reader.cancel();
  equal((await waiting).done, true);
});

Deno.test("SessionPlayer keeps time on a real clock: 6 s with 2000 events", async () => {
  const clock = systemClock();
  const length: Nanos = 6 * SECOND;
  const events = Array.from({ length: 2000 }, (_, index) => output((index + 1) * length / 2000, "x"));
  let start = 0;
  const player = new SessionPlayer(batches([header()], events.slice(0, 700), events.slice(700)), { clock });
  for await (const batch of player.events) if (batch[0]?.kind === "header") start = clock.now();
  const late = (clock.now() - start - length) / MILLISECOND;
  const before = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const baseline = performance.now() - before - 20; // how late a bare timer is just now
  ok(late >= -1 && late <= 20 + baseline, `late by ${late} ms, a bare timer by ${baseline} ms`);
});
