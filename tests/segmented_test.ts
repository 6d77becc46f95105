import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { MILLISECOND, SECOND, type SessionEvent } from "../lib/event.ts";
import { excerpt, screensAsOutput } from "../lib/render/excerpt.ts";
import { screenAt } from "../lib/render/screen_at.ts";
import { segments } from "../lib/render/segmented.ts";
import { collect, streamOf } from "../lib/stream/collect.ts";
import { compose } from "../lib/stream/compose.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenText } from "../lib/terminal/screen_text.ts";
import { ScreenTracker } from "../lib/terminal/screen_tracker.ts";
import { join } from "../lib/transform/join.ts";
import { blank, header, marker, output } from "./support/events.ts";
import { sessions } from "./support/generate.ts";
import { checkedPieces, type Piece } from "./support/segmented.ts";
import { anyBytes, randomOf } from "./support/terminal_streams.ts";

const make = await loadEmulator();
const encode = (text: string) => new TextEncoder().encode(text);

async function cut(events: readonly SessionEvent[], bytes: number) {
  const whole = streamOf(...events).pipeThrough(compose(join(), screensAsOutput()));
  return checkedPieces(await Array.fromAsync(segments(whole, make, bytes)));
}

/** On a terminal that is quick to draw. */
function small(event: SessionEvent): SessionEvent {
  const size = ({ cols, rows }: { cols: number; rows: number }) => ({ cols: 1 + cols % 40, rows: 1 + rows % 20 });
  if (event.kind === "header") return { ...event, header: { ...event.header, ...size(event.header) } };
  if (event.kind === "screen") return { ...event, state: { ...event.state, ...size(event.state) } };
  return event.kind === "resize" ? { ...event, ...size(event) } : event;
}

/** What shows at the end of a piece that was begun by itself. */
function screenAfter({ snapshot: { cols, rows, init }, events }: Piece): string[] {
  const emulator = make({ cols, rows });
  emulator.write(encode(init));
  for (const [, code, data] of events) {
    if (code === "o") emulator.write(encode(data));
    if (code === "r") emulator.resize(...data.split("x").map(Number) as [number, number]);
  }
  return screenText(emulator.snapshot());
}

Deno.test("segments() keeps every rule of the player, whatever the session and the size of pieces", async () => {
  await fc.assert(
    fc.asyncProperty(sessions({ sessions: 2, text: true }), fc.integer({ min: 1, max: 60 }), async (events, bytes) => {
      await cut(events.map(small), bytes);
    }),
    { numRuns: 100 },
  );
});

Deno.test("segments() of a session of one moment, without events or without a header keeps them too", async () => {
  deepEqual((await cut([header(), output(0, "a"), output(0, "b")], 1)).index.segments, [{ start: 0, url: "0.json" }]);
  equal((await cut([header()], 1)).index.duration, 0);
  equal((await cut([], 1)).index.duration, 0);
  const { index, pieces } = await cut([header({ cols: 9, rows: 3 }), marker(SECOND), {
    kind: "exit",
    time: 2 * SECOND,
    status: { code: 0 },
  }], 1);
  deepEqual([index.duration, index.term.cols, pieces[0]!.events.at(-1)], [2, 9, [2, "o", ""]]);
});

Deno.test("segments() cuts only between moments, so that times increase after rounding to microseconds", async () => {
  const events = [header(), ...Array.from({ length: 400 }, (_, at) => output(Math.floor(at / 4) * 300, "xxxx"))];
  const { index } = await cut(events, 8);
  ok(index.segments.length > 10, `${index.segments.length}`);
});

Deno.test("each piece of a recording, begun by itself, ends as the recording does there", async () => {
  let [all, equals] = [0, 0];
  for (let seed = 0; seed < 20; seed++) {
    const random = randomOf(7e6 + seed);
    const bytes = anyBytes(random, 150);
    const events: SessionEvent[] = [header({ cols: 20, rows: 8 })];
    for (let at = 0, time = 0; at < bytes.length; time += MILLISECOND) {
      const length = 1 + random(9);
      events.push({ kind: "output", time, data: bytes.slice(at, at + length) }); // anywhere, even within a character
      at += length;
    }
    const { pieces, index } = await cut(events, 64);
    for (const [at, piece] of pieces.entries()) {
      const end = index.segments[at + 1]?.start ?? Infinity;
      const tracker = new ScreenTracker(make);
      for (const event of events) if (event.time / SECOND < end - 1e-9) tracker.push(event);
      all++;
      if (screenAfter(piece).join("\n") === screenText(tracker.state).join("\n")) equals++;
    }
  }
  // Sequences cannot say all there is: the screen that does not show, what REP would repeat, a line that began above.
  ok(equals / all > 0.9, `${equals} of ${all}`);
});

Deno.test("segments() tells the theme, the title and markers; characters that a cut goes through come whole", async () => {
  const theme = { foreground: "#111111", background: "#222222", palette: Array(8).fill("#333333") };
  const [one, other] = [encode("€").subarray(0, 1), encode("€").subarray(1)];
  const events: SessionEvent[] = [
    header({ theme, title: "t" }),
    { kind: "output", time: SECOND, data: one },
    { kind: "output", time: 2 * SECOND, data: other },
    marker(2 * SECOND, "here"),
    output(3 * SECOND, "."),
  ];
  const { index, pieces } = await cut(events, 1);
  deepEqual(index.term.theme, { fg: "#111111", bg: "#222222", palette: Array(8).fill("#333333").join(":") });
  deepEqual(index.markers, [[2, "here"]]);
  deepEqual(pieces.map(({ events }) => events), [
    [[1, "o", ""]],
    [[2, "o", "€"], [2, "m", "here"], [3, "o", "."]], // the last moment begins no piece
  ]);
});

Deno.test("screensAsOutput() draws what a screen tells, for formats that know only output", async () => {
  const screen = { ...blank(), cols: 30, normal: { rows: [{ cells: [[0, "new"] as const] }] } };
  const events = [header(), output(1, "old"), { kind: "screen", time: 2, state: screen } as const, output(3, "x")];
  const drawn = await collect(streamOf(...events).pipeThrough(screensAsOutput()));
  deepEqual(drawn.map(({ kind }) => kind), ["header", "output", "resize", "output", "output"]);
  const { state } = await screenAt(streamOf(...drawn), make);
  deepEqual([state.cols, ...screenText(state)], [30, "xew"]);
});

Deno.test("excerpt() begins with what showed, and shows from there what the whole session shows", async () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = randomOf(5e6 + seed);
    const events = [
      header({ cols: 20, rows: 8 }),
      ...Array.from({ length: 40 }, (_, at): SessionEvent => {
        if (random(9) === 0) return { kind: "resize", time: at * SECOND, cols: 10 + random(20), rows: 4 + random(8) };
        return { kind: "output", time: at * SECOND, data: anyBytes(random, 4) };
      }),
    ];
    for (const [from, to] of [[0, 5], [10, 20], [3.5, Infinity], [39, 2000]]) {
      const stage = excerpt(make, from! * SECOND, to! * SECOND);
      const part = await collect(streamOf(...events).pipeThrough(stage));
      const whole = await screenAt(streamOf(...events), make, to! * SECOND);
      deepEqual((await screenAt(streamOf(...part), make)).state, whole.state, `seed ${seed}, ${from} to ${to}`);
      ok(part.every(({ time }) => time >= 0 && time <= (to! - from!) * SECOND));
      deepEqual(part.map(({ kind }) => kind).slice(0, 2), ["header", from! > 0 ? "screen" : part[1]!.kind]);
    }
    await rejects(collect(streamOf(...events).pipeThrough(excerpt(make, 1000 * SECOND, Infinity))), /it ends at 39 s/);
  }
});

Deno.test("screenAt() counts events of that very moment, and says whether anything comes behind", async () => {
  const events = () => streamOf(header(), output(SECOND, "a"), output(2 * SECOND, "b"));
  const at = async (time?: number) => {
    const { state, end, isOver } = await screenAt(events(), make, time);
    return [...screenText(state), end / SECOND, isOver];
  };
  deepEqual(await at(0.5 * SECOND), [0, false]);
  deepEqual(await at(SECOND), ["a", 1, false]);
  deepEqual(await at(2 * SECOND), ["ab", 2, true]);
  deepEqual(await at(), ["ab", 2, true]);
});
