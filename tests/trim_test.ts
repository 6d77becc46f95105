import fc from "fast-check";
import { deepStrictEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { asciicastV3 } from "../formats/asciicast_v3.ts";
import type { ScreenState, SessionEvent } from "../lib/event.ts";
import { UsageError } from "../lib/errors.ts";
import { collect, streamOf } from "../lib/stream/collect.ts";
import type { Stage } from "../lib/stream/stage.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenText } from "../lib/terminal/screen_text.ts";
import { ScreenTracker } from "../lib/terminal/screen_tracker.ts";
import { cut } from "../lib/transform/cut.ts";
import { drawScreens } from "../lib/transform/draw_screens.ts";
import type { Span } from "../lib/transform/span.ts";
import { trim } from "../lib/transform/trim.ts";
import { WallTime } from "../lib/transform/wall_time.ts";
import { infoOf, term2ai, withFolder } from "./support/cli.ts";
import { clockEvent, header, keyframe, marker, output } from "./support/events.ts";
import { read, write } from "./contracts/format_contract.ts";
import { anyBytes, randomOf } from "./support/terminal_streams.ts";

const make = await loadEmulator();
const S = 1e9;

const through = (events: readonly SessionEvent[], stage: Stage) => collect(streamOf(...events).pipeThrough(stage));

/** What shows when all of `events` have been played. */
function screenAfter(events: readonly SessionEvent[]): ScreenState {
  const tracker = new ScreenTracker(make);
  for (const event of events) tracker.push(event);
  return tracker.state;
}

/** A session of anything that terminals are told, that grows in its first second, and marks every second. */
function hostile(seed: number): SessionEvent[] {
  const random = randomOf(seed);
  const events: SessionEvent[] = [header({ startedAt: 1e12, cols: 40, rows: 10 })];
  for (let second = 1; second <= 12; second++) {
    events.push({ kind: "output", time: second * S, data: anyBytes(random, 60) });
    if (second === 1) events.push({ kind: "resize", time: second * S, cols: 40 + seed % 20, rows: 10 + seed % 4 });
    events.push(marker(second * S, `${second}`));
  }
  return [...events, { kind: "exit", time: 13 * S, status: { code: 0 } }];
}

Deno.test("trim() opens with the right screen, and plays on as the whole session does", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const whole = hostile(seed), from = 2 + seed % 8, to = from + 3;
    const part = await through(whole, trim({ from: { time: from * S }, to: { time: to * S } }, make));
    const opening = part.filter(({ time, kind }) => time === 0 && (kind === "header" || kind === "screen"));
    deepStrictEqual(screenAfter(opening), screenAfter(whole.filter(({ time }) => time < from * S)), `seed ${seed}`);
    deepStrictEqual(screenAfter(part), screenAfter(whole.filter(({ time }) => time < to * S)), `seed ${seed}`);
    const kept = whole.filter(({ time }) => time >= from * S && time < to * S);
    deepStrictEqual(part.slice(2).map(({ time }) => time), kept.map(({ time }) => time - from * S));
  }
});

Deno.test("cut() leaves the right screen behind, and what comes before and after is the same but for its time", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const whole = hostile(seed), from = 1 + seed % 7, to = from + 4;
    const rest = await through(whole, cut({ from: { time: from * S }, to: { time: to * S } }, make));
    const before = whole.filter(({ time }) => time < from * S), after = whole.filter(({ time }) => time >= to * S);
    deepStrictEqual(rest.slice(0, before.length), before);
    deepStrictEqual(rest.slice(-after.length), after.map((event) => ({ ...event, time: event.time - 4 * S })));
    const bridge = rest.slice(before.length, -after.length);
    ok(bridge.every(({ kind, time }) => ["clock", "resize", "screen"].includes(kind) && time === from * S));
    const removed = whole.filter(({ time }) => time < to * S);
    deepStrictEqual(screenAfter([...before, ...bridge]), screenAfter(removed), `seed ${seed}`);
    deepStrictEqual(screenAfter(rest), screenAfter(whole), `seed ${seed}`);
  }
});

const SESSION: readonly SessionEvent[] = [
  header({ startedAt: 1e12 }),
  output(1 * S, "one\r\n"),
  clockEvent(2 * S, 500),
  marker(3 * S, "a"),
  output(4 * S, "two\r\n"),
  keyframe(5 * S),
  marker(6 * S, "b"),
  output(7 * S, "three"),
  { kind: "exit", time: 8 * S, status: { code: 3 } },
];

Deno.test("trim() takes markers, shares and times for its ends, and restarts times at 0", async () => {
  const table: readonly [Span, string][] = [
    [{ from: { marker: "a" } }, "header 0,clock 0,screen 0,marker 0,output 1,keyframe 2,marker 3,output 4,exit 5"],
    [{ from: { marker: "a" }, to: { marker: "b" } }, "header 0,clock 0,screen 0,marker 0,output 1,keyframe 2"],
    [{ to: { marker: "a" } }, "header 0,output 1,clock 2"],
    [
      { from: { part: 0.5 }, durations: [8 * S] },
      "header 0,clock 0,screen 0,output 0,keyframe 1,marker 2,output 3,exit 4",
    ],
    [{ to: { part: 0.25 }, durations: [8 * S] }, "header 0,output 1"],
    [{ from: { part: 0.875 }, to: { part: 1 }, durations: [8 * S] }, "header 0,clock 0,screen 0,output 0,exit 1"],
    [{ from: { time: 0 } }, SESSION.map(({ kind, time }) => `${kind} ${time / S}`).join()],
    [{ from: { time: 6.5 * S }, to: { time: 6.75 * S } }, "header 0,clock 0,screen 0"],
  ];
  for (const [span, expected] of table) {
    const part = await through(SESSION, trim(span, make));
    equal(part.map(({ kind, time }) => `${kind} ${time / S}`).join(), expected, JSON.stringify(span));
  }
});

Deno.test("trim() and cut() keep telling the wall-clock time of each event", async () => {
  const wall = (events: readonly SessionEvent[]) => {
    const times = new WallTime();
    return events.map((event) => [event.kind, times.of(event)] as const).filter(([kind]) => kind === "output");
  };
  const all = wall(SESSION);
  deepStrictEqual(wall(await through(SESSION, trim({ from: { time: 3.5 * S } }, make))), all.slice(1));
  const shorter = await through(SESSION, cut({ from: { time: 3.5 * S }, to: { time: 6.5 * S } }, make));
  deepStrictEqual(wall(shorter), [all[0], all[2]]);
});

Deno.test("trim() and cut() name the place that no session has", async () => {
  for (const stage of [trim, cut]) {
    for (
      const span of [{ from: { marker: "x" } }, { from: { time: 99 * S } }, { from: { time: 0 }, to: { marker: "x" } }]
    ) {
      await rejects(
        through(SESSION, stage(span, make)),
        (error) => error instanceof UsageError && /Cannot find/.test(error.message),
      );
    }
    throws(() => stage({ from: { time: 5 }, to: { time: 5 } }, make), RangeError);
    throws(() => stage({ from: { part: 2 } }, make), RangeError);
  }
});

Deno.test("trim() and cut() treat each session of a stream by itself", async () => {
  const short = [header({ title: "short" }), output(1 * S, "x")];
  const all = await through([...SESSION, ...short, ...SESSION], trim({ from: { time: 2 * S } }, make));
  equal(all.filter(({ kind }) => kind === "header").length, 2); // the short one does not reach the part
  const cuts = await through(
    [...SESSION, ...short, ...SESSION],
    cut({ from: { time: 2 * S }, to: { time: 7 * S } }, make),
  );
  equal(
    cuts.map(({ kind }) => kind).join(),
    [
      ...["header", "output", "clock", "screen", "output", "exit", "header", "output"],
      ...["header", "output", "clock", "screen", "output", "exit"],
    ].join(),
  );
});

Deno.test("drawScreens() shows a screen to those who only know output", async () => {
  const property = fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), async (seed) => {
    const part = await through(hostile(seed), trim({ from: { time: 5 * S } }, make));
    const drawn = await through(part, drawScreens());
    ok(drawn.every(({ kind }) => kind !== "screen"));
    deepStrictEqual(screenText(screenAfter(drawn)), screenText(screenAfter(part)));
    const cast = (await read(asciicastV3, [await write(asciicastV3, drawn)])).filter(({ kind }) => kind !== "gap");
    equal(cast[0]!.kind === "header" && cast[0]!.header.rows, (part[0] as { header: { rows: number } }).header.rows);
  });
  await fc.assert(property, { numRuns: 20 });
});

Deno.test("term2ai trim and cut take the same places, from files and pipes, to any format", async () => {
  await withFolder(async (folder) => {
    const cast = `${folder}/a.cast`;
    await Deno.writeFile(cast, await write(asciicastV3, SESSION.filter(({ kind }) => kind !== "keyframe")));
    const bytes = await Deno.readFile(cast);
    equal((await term2ai(["trim", "--from", "50%", cast, `${folder}/half.t2a`])).errors, "");
    const { durationSeconds, outputBytes, exitCode } = await infoOf(`${folder}/half.t2a`);
    deepStrictEqual([durationSeconds, outputBytes, exitCode], [4, 10, 3]);
    const piped = await term2ai(["trim", "--from", "50%", "--as", "jsonl"], { stdin: bytes });
    equal(piped.text, (await term2ai(["trim", "--from", "4s", "--as", "jsonl", cast])).text);
    ok(piped.text.includes('"kind":"screen"'));
    const shown = await term2ai(["trim", "--from", "b", "--as", "asciicast-v3", cast]);
    match(shown.text, /\[0\.0, "o", "\\u001bc.*one.*two.*\n\[0\.0, "m", "b"\]\n\[1\.0, "o", "three"\]/);
    const rest = await term2ai(["cut", "--from", "a", "--to", "marker:b", "--as", "asciicast-v2", cast]);
    match(
      rest.text,
      /\[3\.0, "o", "\\u001bc.*two.*\n\[3\.0, "m", "b"\]\n\[4\.0, "o", "three"\]\n\[5\.0, "x", "3"\]\n$/,
    );
    for (
      const [args, words] of [
        [["trim", cast, "-"], /expected --from or --to/],
        [["trim", "--from", "101%", cast, "-"], /Cannot find the place "101%"/],
        [["cut", "--from", "5", "--to", "1", cast, "-"], /--to has to be later/],
        [["trim", "--from", "nowhere", cast, `${folder}/none.t2a`], /marker "nowhere".*no session has such a marker/],
      ] as const
    ) {
      const { status, errors } = await term2ai(args);
      deepStrictEqual([args, status], [args, 2]);
      match(errors, words);
    }
    ok(![...Deno.readDirSync(folder)].some(({ name }) => name.startsWith("none")));
  });
});
