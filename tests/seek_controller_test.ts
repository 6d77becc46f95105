import { deepEqual, deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import { UsageError } from "../lib/errors.ts";
import { SECOND, type SessionEvent } from "../lib/event.ts";
import type { PlaybackState } from "../lib/models.ts";
import type { EventBlocks } from "../lib/replay/event_blocks.ts";
import { nextState } from "../lib/replay/playback_state.ts";
import { type PlayerOptions, SessionPlayer } from "../lib/replay/session_player.ts";
import { Timeline } from "../lib/replay/timeline.ts";
import { streamOf } from "../lib/stream/collect.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenText } from "../lib/terminal/screen_text.ts";
import { ScreenTracker } from "../lib/terminal/screen_tracker.ts";
import { arrayBlocks, timelineOf } from "./support/blocks.ts";
import { clockEvent, header, marker, output } from "./support/events.ts";
import { randomOf } from "./support/terminal_streams.ts";
import { settle, SimulatedClock } from "./support/simulated_clock.ts";

const make = await loadEmulator();

/** A player of a timeline on a simulated clock, read in the background by a terminal that draws what comes. */
function play(source: Timeline | readonly SessionEvent[], options: Partial<PlayerOptions> = {}) {
  const clock = new SimulatedClock();
  const timeline = source instanceof Timeline ? source : timelineOf(source);
  const player = new SessionPlayer(timeline, { clock, ...options });
  const shown: { at: number; event: SessionEvent }[] = [];
  const tracker = new ScreenTracker(make);
  const over = (async () => {
    for await (const batch of player.events) {
      for (const event of batch) {
        shown.push({ at: clock.now() / SECOND, event });
        tracker.push(event.kind === "keyframe" ? { ...event, kind: "screen" } : event);
      }
    }
  })();
  const kinds = () => shown.splice(0).map(({ event }) => `${event.kind} ${event.time / SECOND}`);
  const screen = () => screenText(tracker.state).join("|");
  /** What a seek came to, once what it shows has been read. */
  const done = async (seeking: Promise<boolean>) => {
    const went = await seeking;
    await settle();
    return went;
  };
  return { clock, timeline, shown, kinds, screen, tracker, over, done, ...player };
}

/** Waits for real work that takes no time of the simulated clock. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) {
    await settle();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** Ten lines, one a second. */
const lines = (count = 10): SessionEvent[] => [
  header(),
  ...Array.from({ length: count }, (_, at) => output((at + 1) * SECOND, `line ${at + 1}\r\n`)),
];

Deno.test("SeekController.to() emits a keyframe of that moment before any other event, then what comes behind it", async () => {
  const { clock, seek, kinds, screen, over, playback } = play(lines());
  await clock.advance(1.5 * SECOND);
  deepEqual(kinds(), ["header 0", "output 1"]);
  const done = seek.to(7.25 * SECOND);
  deepEqual(playback.state, { phase: "playing", position: 7.25 * SECOND, speed: 1, seeking: true });
  await rest();
  equal(await done, true);
  deepEqual(kinds(), ["keyframe 7.25"]);
  equal(screen(), "line 1|line 2|line 3|line 4|line 5|line 6|line 7");
  await clock.advance(SECOND);
  deepEqual(kinds(), ["output 8"]);
  equal(playback.state.position, 8.25 * SECOND);
  await clock.run(over);
});

Deno.test("SeekController.to() goes back as well, and stays paused where it was paused", async () => {
  const { clock, done, seek, screen, over, playback } = play(lines());
  await clock.advance(5 * SECOND);
  playback.pause();
  await done(seek.to(2 * SECOND));
  equal(screen(), "line 1|line 2");
  deepEqual(playback.state, { phase: "paused", position: 2 * SECOND, speed: 1 });
  await clock.advance(100 * SECOND);
  equal(screen(), "line 1|line 2");
  playback.play();
  await clock.advance(SECOND);
  equal(screen(), "line 1|line 2|line 3");
  playback.stop();
  await over;
});

Deno.test("SeekController.to() the end or behind it stands still there, so that one can go back", async () => {
  const { done, seek, screen, over, playback } = play(lines());
  equal(await done(seek.to(1e15)), true);
  deepEqual(playback.state, { phase: "paused", position: 10 * SECOND, speed: 1 });
  ok(screen().endsWith("line 10"));
  await done(seek.by(-8 * SECOND));
  equal(screen(), "line 1|line 2");
  await done(seek.to(-5));
  equal(screen(), "");
  playback.stop();
  await over;
  equal(await done(seek.to(1)), false);
});

Deno.test("SeekController.by() adds up while seeks are under way", async () => {
  const { seek, over, playback, shown } = play(lines(), { paused: true });
  const all = [seek.by(5 * SECOND), seek.by(5 * SECOND), seek.by(-3 * SECOND)];
  equal(playback.state.position, 7 * SECOND);
  deepEqual(await Promise.all(all), [false, false, true]);
  await settle();
  deepEqual(shown.map(({ event }) => event.kind), ["keyframe"]); // what was overtaken never showed
  playback.stop();
  await over;
});

Deno.test("SeekController goes to percents, markers by number and label, and the markers around", async () => {
  const events = [
    ...lines(4),
    marker(4 * SECOND, "a"),
    output(5 * SECOND, "x"),
    marker(6 * SECOND, "b"),
    output(8 * SECOND, ""),
  ];
  const { seek, over, playback, clock } = play(events, { paused: true });
  const position = () => playback.state.position / SECOND;
  equal(seek.duration, 8 * SECOND);
  await seek.toPercent(25);
  equal(position(), 2);
  equal(await seek.toMarker(1), true);
  equal(position(), 6);
  equal(await seek.toMarker("a"), true);
  equal(position(), 4);
  deepEqual([await seek.toMarker("c"), await seek.toMarker(2), await seek.toNextMarker(-1)], [false, false, false]);
  equal(await seek.toNextMarker(), true);
  equal(position(), 6);
  equal(await seek.toNextMarker(), false);
  await seek.toNextMarker(-1);
  equal(position(), 4);
  // While it plays, the marker that was passed just now is not the one before.
  await seek.to(6 * SECOND);
  playback.play();
  await clock.advance(SECOND / 2);
  await seek.toNextMarker(-1);
  equal(position(), 4);
  playback.stop();
  await over;
});

Deno.test("SeekController.step() goes back and forth by what a viewer sees, and steps add up", async () => {
  const events = [header(), output(SECOND, "a"), clockEvent(SECOND, 1), output(SECOND, "b"), output(2 * SECOND, "c")];
  const { done, seek, screen, over, playback } = play(events, { paused: true });
  await done(seek.to(SECOND));
  equal(screen(), "ab");
  seek.step(-1);
  await rest();
  equal(screen(), "a");
  seek.step(1);
  await rest();
  equal(screen(), "ab");
  seek.step(1);
  seek.step(-1);
  seek.step(1);
  await rest();
  equal(screen(), "abc");
  const back = [seek.step(-1), seek.step(-1)];
  await rest();
  deepEqual(await Promise.all(back), [false, true]);
  equal(screen(), "a");
  seek.step(-1);
  seek.step(2);
  await rest();
  equal(screen(), "ab");
  await done(seek.step(-5)); // there are not that many
  equal(screen(), "ab");
  equal(playback.state.phase, "paused");
  playback.stop();
  await over;
});

Deno.test("SeekController.toNextChange() skips what changes nothing", async () => {
  const idle = Array.from({ length: 150 }, (_, at) => output((2 + at / 100) * SECOND, "\x1b[0m"));
  const events = [
    header(),
    output(SECOND, "a"),
    ...idle,
    output(5 * SECOND, "b"),
    output(6 * SECOND, "\x1b]0;name\x07"),
  ];
  const { done, seek, screen, over, playback } = play(events, { paused: true });
  const position = () => playback.state.position / SECOND;
  await done(seek.to(SECOND));
  equal(await done(seek.toNextChange()), true);
  deepEqual([screen(), position()], ["ab", 5]);
  equal(await done(seek.toNextChange()), false);
  equal(await done(seek.toNextChange(-1)), true);
  equal(screen(), "a");
  ok(position() < 5);
  equal(await done(seek.toNextChange(-1)), true);
  deepEqual([screen(), position()], ["", 0]);
  equal(await done(seek.toNextChange(-1)), false);
  playback.stop();
  await over;
});

Deno.test("SeekController.toText() finds what comes onto the screen, split by colours and wrapped as it may be", async () => {
  const events = [
    header({ cols: 20 }),
    output(SECOND, "make: *** \x1b[31mEr"),
    output(1.001 * SECOND, "ror\x1b[0m 2"),
    output(3 * SECOND, "\x1b[2J\x1b[H"),
    output(4 * SECOND, "a line whose error is wrapped"),
    output(5 * SECOND, "."),
  ];
  const { seek, over, playback } = play(events, { paused: true });
  const position = () => playback.state.position / SECOND;
  const told: number[] = [];
  equal(await seek.toText("error", 1, (time) => told.push(time)), true);
  equal(position(), 1.001);
  equal(await seek.toText("error"), true);
  equal(position(), 4);
  equal(await seek.toText("error"), false);
  equal(await seek.toText("error", -1), true);
  equal(position(), 1.001);
  equal(await seek.toText("error", -1), false);
  equal(await seek.toText("ERROR"), false);
  equal(await seek.toText("Error 2"), false); // it is there already
  ok(told.length > 0);
  playback.stop();
  await over;
});

Deno.test("SeekController.toText() finds what has scrolled off with the event that printed it, both ways, and once", async () => {
  const flood = (what: string) => Array.from({ length: 60 }, (_, at) => at === 9 ? what : `line ${at}`).join("\r\n");
  const events = [
    header({ cols: 20, rows: 5 }),
    output(SECOND, "$ make\r\n"),
    output(2 * SECOND, flood("the needle, wrapped over rows")),
    output(3 * SECOND, "\r\n$ "),
    output(4 * SECOND, "\r\nthread\r\n"),
    output(5 * SECOND, flood("no more")), // the thread that could be read scrolls off
    output(6 * SECOND, flood("thread")), // another one passes
    output(7 * SECOND, "\r\n$ exit"),
  ];
  const { seek, over, playback, done, screen } = play(events, { paused: true });
  const position = () => playback.state.position / SECOND;
  equal(await done(seek.toText("needle, wrapped over")), true);
  equal(position(), 2);
  ok(screen().endsWith("line 59"), "what shows is what has come of that event");
  equal(await seek.toText("needle"), false);
  const went: [boolean, number][] = [];
  for (const direction of [1, 1, 1, -1, -1] as const) {
    went.push([await done(seek.toText("thread", direction)), position()]);
  }
  deepEqual(went, [[true, 4], [true, 6], [false, 6], [true, 4], [false, 4]]);
  equal(await seek.toText("needle", -1), true);
  equal(position(), 2);
  playback.stop();
  await over;
});

Deno.test("SeekController.toText() shows a text that scrolled off within a glance where it stood, however long the flood is", async () => {
  const line = (at: number, text: string) => output(SECOND + at * 1e6, `${text}\r\n`);
  for (const at of [3, 150]) {
    const flood = Array.from({ length: 300 }, (_, n) => line(n, n === at ? "needle" : `line ${n}`));
    const { seek, over, playback, done, screen } = play([header({ rows: 5 }), ...flood], { paused: true });
    equal(await done(seek.toText("needle")), true);
    equal(screen().split("|").at(-1), "needle");
    equal(playback.state.position, SECOND + at * 1e6);
    equal(await done(seek.toText("needle")), false, "it is not found again when it scrolls off");
    await seek.to(10 * SECOND);
    equal(await done(seek.toText("needle", -1)), true);
    equal(playback.state.position, SECOND + at * 1e6);
    playback.stop();
    await over;
  }
});

Deno.test("SeekController.toText() is given up by another seek, and by giveUp(), and playback goes on meanwhile", async () => {
  const many = Array.from({ length: 20_000 }, (_, at) => output((at + 1) * SECOND / 50, `${at} `));
  const { seek, over, playback, clock } = play([header(), ...many], { paused: false });
  const [search, other] = [seek.toText("nowhere"), seek.to(SECOND)];
  deepEqual([await search, await other], [false, true]);
  const second = seek.toText("nowhere");
  await clock.advance(SECOND);
  equal(playback.state.position, 2 * SECOND);
  seek.giveUp();
  equal(await second, false);
  equal(playback.state.position, 2 * SECOND);
  playback.stop();
  await over;
});

Deno.test("SeekController.toNextCommand() goes to commands by events, by the shell's marks and by typed lines", async () => {
  const command = (time: number): SessionEvent => ({
    kind: "command",
    time: time * SECOND,
    phase: "output",
    text: "ls",
  });
  const typed = (time: number): SessionEvent => ({ kind: "input", time: time * SECOND, data: Uint8Array.of(108, 13) });
  const marked = (time: number) => output(time * SECOND, "\x1b]133;C\x07out");
  const { seek, over, playback } = play([
    header(),
    output(1, "$ "),
    marked(2),
    command(2),
    typed(4),
    marked(6),
    command(6),
  ], { paused: true });
  const places: number[] = [];
  while (await seek.toNextCommand()) places.push(playback.state.position / SECOND);
  while (await seek.toNextCommand(-1)) places.push(playback.state.position / SECOND);
  deepEqual(places, [2, 4, 6, 4, 2]);
  playback.stop();
  await over;
});

Deno.test("SessionPlayer begins where it is told, and again when it is to loop", async () => {
  const { clock, kinds, over, playback } = play(lines(3), { at: 2.5 * SECOND, loop: true });
  await rest();
  deepEqual(kinds(), ["keyframe 2.5"]);
  await clock.advance(0.5 * SECOND);
  await rest();
  deepEqual(kinds(), ["output 3", "keyframe 0"]);
  await clock.advance(1.5 * SECOND);
  deepEqual(kinds(), ["output 1"]);
  playback.loop = false;
  await clock.run(over);
  deepEqual(kinds(), ["output 2", "output 3"]);
});

Deno.test("SessionPlayer does not loop over nothing", async () => {
  const { clock, over, kinds } = play([header()], { loop: true });
  await clock.run(over);
  deepEqual(kinds(), ["header 0"]);
});

Deno.test("SessionPlayer plays a timeline as it plays the stream, pauses shortened, and steps at the end do not end it", async () => {
  const gap = (second: number, reason: "paused" | "resumed"): SessionEvent => ({
    kind: "gap",
    time: second * SECOND,
    reason,
  });
  const events = [
    header({ idleLimit: 3 * SECOND }),
    output(10 * SECOND, "a"),
    gap(11, "paused"),
    gap(99, "resumed"),
    output(100 * SECOND, "b"),
  ];
  const { clock, done, shown, over, playback, seek } = play(events);
  await clock.advance(4.5 * SECOND);
  deepEqual(shown.map(({ at }) => at), [0, 3, 4, 4]);
  equal(playback.state.position, 99.5 * SECOND);
  // In the middle of what was not recorded there is nothing to wait for.
  await done(seek.to(50 * SECOND));
  const before = clock.now() / SECOND;
  await clock.run(over);
  deepEqual(shown.slice(-3).map(({ at, event }) => `${event.kind} ${at - before}`), [
    "keyframe 0",
    "gap 0",
    "output 1",
  ]);
  equal(playback.state.phase, "ended");
  const again = play(lines(1), { at: SECOND });
  await rest();
  again.seek.step(1);
  await rest();
  equal(again.playback.state.phase, "paused");
  again.playback.stop();
  await again.over;
});

Deno.test("SessionPlayer of a stream cannot seek, begin in its middle or loop, and says so", async () => {
  const clock = new SimulatedClock();
  for (const options of [{ loop: true }, { at: 0 }]) {
    throws(() => new SessionPlayer(streamOf(), { clock, ...options }), UsageError);
  }
  const { seek, playback, events } = new SessionPlayer(streamOf(header(), marker(1)), { clock, paused: true });
  deepEqual([seek.isPossible, seek.duration, seek.markers], [false, 0, []]);
  deepEqual(
    await Promise.all([
      seek.to(1),
      seek.by(1),
      seek.toPercent(5),
      seek.toMarker(0),
      seek.toText("x"),
      seek.step(-1),
      seek.toNextChange(),
    ]),
    Array(7).fill(false),
  );
  equal(playback.state.seeking, undefined);
  await events.cancel();
});

Deno.test("SessionPlayer fails with a recording that cannot be read there", async () => {
  const blocks: EventBlocks = {
    ...arrayBlocks(lines()),
    read: (block) => block < 1 ? Promise.resolve(lines().slice(0, 7)) : Promise.reject(new Error("torn")),
  };
  const { seek, over, playback } = play(new Timeline(blocks, { loadEmulator }));
  const done = seek.to(9 * SECOND);
  await over.then(() => ok(false), (error) => equal(error.message, "torn"));
  equal(await done, false);
  equal(playback.state.phase, "ended");
});

/** What a terminal shows after each number of events. */
function screensOf(events: readonly SessionEvent[]): string[] {
  const tracker = new ScreenTracker(make);
  return events.map((event) => {
    tracker.push(event);
    return screenText(tracker.state).join("|");
  });
}

Deno.test("1,000 random calls of controllers never show an older seek behind a newer one, and end as the reducer says", async () => {
  for (let seed = 0; seed < 10; seed++) {
    const random = randomOf(seed);
    const events: SessionEvent[] = [header()];
    for (let at = 1; at <= 60; at++) {
      events.push(output(at * SECOND, `${at} `), ...(at % 9 === 0 ? [marker(at * SECOND, `${at}`)] : []));
    }
    const screens = screensOf(events);
    const { clock, seek, playback, speed, shown, over, tracker } = play(events);
    let model: PlaybackState = { phase: "playing", position: 0, speed: 1 };
    const act = (action: Parameters<typeof nextState>[1]) => model = nextState(model, action);
    const targets: number[] = []; // of all seeks, in order
    let checked = 0;
    const check = () => {
      // What showed last must be what plays from the last keyframe on; and keyframes come in the order of their seeks.
      for (; checked < shown.length; checked++) {
        const { event } = shown[checked]!;
        if (event.kind !== "keyframe") continue;
        if (event.time % SECOND === 0) continue; // of a step back
        const which = targets.indexOf(event.time);
        ok(which >= 0, `a keyframe at ${event.time} that nobody asked for`);
        targets.splice(0, which + 1);
      }
    };
    for (let call = 0; call < 100; call++) {
      const position = 0;
      switch (random(7)) {
        case 0:
          playback.play();
          act({ kind: "play", position });
          break;
        case 1:
          playback.pause();
          act({ kind: "pause", position });
          break;
        case 2:
          speed.set(1 + random(4));
          act({ kind: "speed", speed: speed.value, position });
          break;
        case 3:
        case 4: {
          // Times that no other seek has, so that each keyframe tells whose it is, and none the end.
          const target = (random(59) + 0.5) * SECOND + call;
          targets.push(target);
          seek.to(target);
          act({ kind: "seek", position: target });
          break;
        }
        case 5:
          if (random(2)) seek.toText("nowhere", random(2) ? 1 : -1);
          else {
            seek.step(random(2) ? 1 : -1);
            act({ kind: "pause", position });
          }
          break;
        default:
          await (random(2) ? clock.advance(random(3) * SECOND / 4) : rest());
          check();
      }
      if (model.phase !== "ended" && playback.state.phase === "ended") break; // it has played to the end
    }
    if (playback.state.phase === "ended") {
      await over;
      continue;
    }
    const last = 30.5 * SECOND + 1e6;
    targets.push(last);
    playback.pause();
    act({ kind: "pause", position: last });
    seek.to(last);
    act({ kind: "arrive", position: last, atEnd: false });
    seek.step(1);
    seek.step(1);
    seek.step(-1);
    await rest();
    check();
    deepEqual(targets, []);
    const next = events.findIndex((event) => event.time > last);
    act({ kind: "show", position: events[next]!.time });
    deepStrictEqual(playback.state, { phase: model.phase, position: model.position, speed: model.speed });
    equal(screenText(tracker.state).join("|"), screens[next]);
    playback.stop();
    await over;
    equal(clock.waiting, 0);
  }
});
