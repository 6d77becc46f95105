import { deepEqual, equal, throws } from "node:assert/strict";
import type { PlaybackState } from "../lib/models.ts";
import { SECOND } from "../lib/event.ts";
import { UsageError } from "../lib/errors.ts";
import { nextState, type PlaybackAction } from "../lib/replay/playback_state.ts";
import { SessionPlayer } from "../lib/replay/session_player.ts";
import { Timebase } from "../lib/replay/timebase.ts";
import { streamOf } from "../lib/stream/collect.ts";
import { handFed, header, marker, output } from "./support/events.ts";
import { settle, SimulatedClock } from "./support/simulated_clock.ts";

const PHASES = ["playing", "paused", "ended"] as const;
const TABLE: Record<PlaybackAction["kind"], readonly PlaybackState["phase"][]> = {
  //       playing    paused     ended
  play: ["playing", "playing", "ended"],
  pause: ["paused", "paused", "ended"],
  stop: ["ended", "ended", "ended"],
  end: ["ended", "ended", "ended"],
  show: ["playing", "paused", "ended"],
  speed: ["playing", "paused", "ended"],
  seek: ["playing", "paused", "ended"],
  arrive: ["playing", "paused", "ended"],
  stay: ["playing", "paused", "ended"],
};

Deno.test("nextState() follows the table from every phase by every action", () => {
  for (const [kind, row] of Object.entries(TABLE)) {
    for (const [column, phase] of PHASES.entries()) {
      const before: PlaybackState = { phase, position: 1, speed: 1 };
      const after = nextState(before, { kind, position: 5, speed: 2 } as PlaybackAction);
      const frozen = phase === "ended";
      const seeking = kind === "seek" && !frozen ? { seeking: true } : {};
      const speed = kind === "speed" && !frozen ? 2 : 1;
      deepEqual(after, { phase: row[column], position: frozen ? 1 : 5, speed, ...seeking });
    }
  }
});

Deno.test("nextState() ends a seek where it arrives, stays, stops or ends, and nowhere else", () => {
  for (const phase of ["playing", "paused"] as const) {
    const before: PlaybackState = { phase, position: 1, speed: 1, seeking: true };
    for (const kind of Object.keys(TABLE)) {
      const after = nextState(before, { kind, position: 5, speed: 2, atEnd: false } as PlaybackAction);
      equal(after.seeking, ["arrive", "stay", "stop", "end"].includes(kind) ? undefined : true, kind);
    }
    equal(nextState(before, { kind: "arrive", position: 9, atEnd: true }).phase, "paused");
  }
});

Deno.test("nextState() returns the same object where nothing changes", () => {
  const state: PlaybackState = { phase: "paused", position: 1, speed: 1 };
  equal(nextState(state, { kind: "pause", position: 1 }), state);
});

Deno.test("Timebase bends without a jump, and is exact in the long run", () => {
  const line = new Timebase(1);
  line.anchor(0, 1000);
  let time = 1000;
  for (let change = 0; change < 1000; change++) {
    time += 1_000_000;
    const before = line.positionAt(time);
    line.setSpeed(change % 2 === 0 ? 4 : 0.25, before, time);
    equal(line.positionAt(time), before);
    equal(line.timeOf(before), time);
  }
  equal(line.positionAt(time), 1e6 + 500 * 4e6 + 499 * 0.25e6);
  line.setSpeed(Infinity, 0, time);
  equal(line.timeOf(1e18), time);
});

/** A player of one event a second for ten seconds, read in the background. */
function playing(options: { paused?: boolean; speed?: number } = {}) {
  const clock = new SimulatedClock();
  const seconds = Array.from({ length: 10 }, (_, index) => output((index + 1) * SECOND, `${index}`));
  const player = new SessionPlayer(streamOf(header(), ...seconds), { clock, ...options });
  const shown: number[] = [];
  const over = (async () => {
    for await (const batch of player.events) for (const event of batch) shown.push(event.time / SECOND);
  })();
  return { clock, shown, over, ...player };
}

Deno.test("PlaybackController.state tells the position between two events", async () => {
  const { clock, playback, over, speed } = playing();
  await clock.advance(2.5 * SECOND);
  deepEqual(playback.state, { phase: "playing", position: 2.5 * SECOND, speed: 1 });
  speed.set(2);
  await clock.advance(0.1 * SECOND);
  equal(playback.state.position, 2.7 * SECOND);
  playback.pause();
  await clock.advance(5 * SECOND);
  deepEqual(playback.state, { phase: "paused", position: 2.7 * SECOND, speed: 2 });
  playback.stop();
  await over;
});

Deno.test("PlaybackController.state never runs ahead of what the source has given", async () => {
  const { events, feed } = handFed();
  const clock = new SimulatedClock();
  const player = new SessionPlayer(events, { clock });
  const over = player.events.pipeTo(new WritableStream());
  feed(header(), marker(SECOND));
  await clock.advance(30 * SECOND);
  equal(player.playback.state.position, SECOND);
  player.playback.stop();
  await over;
});

Deno.test("PlaybackController.states() tells each change to a quick reader, and ends", async () => {
  const { clock, playback, speed, over } = playing();
  const told: string[] = [];
  const listening = (async () => {
    for await (const { phase, position, speed } of playback.states()) {
      told.push(`${phase} ${position / SECOND} ${speed}x`);
    }
  })();
  await clock.advance(1.5 * SECOND);
  playback.pause();
  await settle();
  speed.set(2);
  await settle();
  playback.play();
  await clock.advance(0.25 * SECOND);
  playback.stop();
  await Promise.all([listening, over]);
  deepEqual(told, [
    "playing 0 1x",
    "playing 1 1x",
    "paused 1.5 1x",
    "paused 1.5 2x",
    "playing 1.5 2x",
    "playing 2 2x",
    "ended 2 2x",
  ]);
});

Deno.test("PlaybackController.states() gives a slow reader the latest state, and any number of readers their own", async () => {
  const { clock, playback, over } = playing();
  const slow = playback.states().getReader();
  const other = playback.states();
  equal((await slow.read()).value?.position, 0);
  await clock.advance(5.5 * SECOND);
  equal((await slow.read()).value?.position, 5 * SECOND);
  const pending = slow.read();
  await slow.cancel();
  equal((await pending).done, true);
  playback.stop();
  await over;
  const states = await Array.fromAsync(other);
  deepEqual(states.map((state) => state.phase), ["ended"]);
});

Deno.test("PlaybackController.toggle() pauses and plays", async () => {
  const { clock, playback, shown, over } = playing();
  await clock.advance(1.5 * SECOND);
  playback.toggle();
  await clock.advance(9 * SECOND);
  deepEqual(shown, [0, 1]);
  playback.toggle();
  await clock.advance(0.5 * SECOND);
  deepEqual(shown, [0, 1, 2]);
  playback.stop();
  await over;
});

Deno.test("PlaybackController's commands do nothing after the end, nor when they are no change", async () => {
  const { clock, playback, speed, shown, over } = playing();
  await clock.advance(0.5 * SECOND);
  playback.play();
  await clock.run(over);
  const end = { phase: "ended", position: 10 * SECOND, speed: 1 } as const;
  for (const command of ["play", "pause", "toggle", "step", "stop"] as const) playback[command]();
  speed.set(3);
  deepEqual(playback.state, end);
  equal(shown.length, 11);
  equal(clock.now(), 10 * SECOND);
});

Deno.test("SpeedController takes speeds from 0.01 to 1000, and Infinity", async () => {
  const { speed, playback, over } = playing({ paused: true });
  for (const good of [0.01, 1, 1000, Infinity]) {
    speed.set(good);
    equal(speed.value, good);
  }
  for (const bad of [0, -1, NaN, 0.009, 1001, -Infinity]) {
    throws(
      () => speed.set(bad),
      new UsageError(`Cannot play at speed ${bad}: a speed is a number from 0.01 to 1000, or Infinity`),
    );
    throws(() => new SessionPlayer(streamOf(), { clock: new SimulatedClock(), speed: bad }), UsageError);
  }
  equal(speed.value, Infinity);
  playback.stop();
  await over;
});

Deno.test("SpeedController.faster() and slower() double and halve, and stop at the bounds", async () => {
  const { speed, playback, over } = playing({ paused: true });
  speed.faster();
  equal(speed.value, 2);
  for (let press = 0; press < 20; press++) speed.faster();
  equal(speed.value, 1000);
  for (let press = 0; press < 30; press++) speed.slower();
  equal(speed.value, 0.01);
  speed.set(Infinity);
  speed.faster();
  equal(speed.value, Infinity);
  speed.slower();
  equal(speed.value, 1000);
  playback.stop();
  await over;
});
