import { deepEqual, deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { growingBlocks, memoryStore, openRecording, openTimeline, t2a } from "../formats/mod.ts";
import { indexedBlocks } from "../formats/t2a_timeline.ts";
import { FormatError } from "../lib/errors.ts";
import type { Source } from "../lib/ports.ts";
import { type EventStream, SECOND, type SessionEvent } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { BlockCache } from "../lib/replay/block_cache.ts";
import { Timeline } from "../lib/replay/timeline.ts";
import { collect, collectBytes, streamOf } from "../lib/stream/collect.ts";
import { compose } from "../lib/stream/compose.ts";
import { blobSource, streamSource } from "../lib/stream/source.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { ScreenTracker } from "../lib/terminal/screen_tracker.ts";
import { join } from "../lib/transform/join.ts";
import { keyframes } from "../lib/transform/keyframes.ts";
import { without } from "../lib/transform/without.ts";
import { arrayBlocks } from "./support/blocks.ts";
import { batches, handFed, header, keyframe, marker, output } from "./support/events.ts";
import { castNames, sharedCast } from "./support/shared_casts.ts";
import { anyBytes, randomOf } from "./support/terminal_streams.ts";

const make = await loadEmulator();

/** A session of generated output, with sizes, markers and what else there is. */
function anySession(seed: number, count = 300): SessionEvent[] {
  const random = randomOf(seed);
  const events: SessionEvent[] = [header({ cols: 30, rows: 8 })];
  for (let at = 0, time = 0; at < count; at++) {
    time += random(3) * random(SECOND);
    if (random(20) === 0) events.push({ kind: "resize", time, cols: 10 + random(40), rows: 3 + random(10) });
    else if (random(30) === 0) events.push(marker(time, `mark ${at}`));
    else events.push({ kind: "output", time, data: anyBytes(random, 1 + random(20)) });
  }
  return events;
}

/** Checks that a seek to each of some times shows what playing to it shows. */
async function checkSeeks(
  timeline: Timeline,
  events: readonly SessionEvent[],
  times: readonly number[],
): Promise<void> {
  const tracker = new ScreenTracker(make);
  let next = 0;
  for (const time of times.toSorted((a, b) => a - b)) {
    for (; next < events.length && events[next]!.time <= time; next++) tracker.push(events[next]!);
    deepStrictEqual(await timeline.screen(await timeline.at(time)), tracker.state, `at ${time} ns`);
  }
}

const someTimes = (random: (below: number) => number, duration: number, count: number) =>
  Array.from({ length: count }, () => Math.floor(duration * random(1e6) / 1e6));

Deno.test("Timeline.screen() is what playing to that moment shows, however the recording is divided, with keyframes or without", async () => {
  for (let seed = 0; seed < 12; seed++) {
    const random = randomOf(50 + seed), events = anySession(seed);
    const with_ = seed % 3 === 0
      ? events
      : await collect(streamOf(...events).pipeThrough(keyframes(make, 200 + random(2000))));
    const timeline = new Timeline(arrayBlocks(with_, 1 + random(40)), { loadEmulator, cacheBytes: 1000 });
    await checkSeeks(timeline, events, [0, events.at(-1)!.time, 1e18, ...someTimes(random, events.at(-1)!.time, 20)]);
  }
});

Deno.test("openTimeline() shows at 50 random times of each recording of the collection what playing to them shows", async (t) => {
  for (const name of castNames()) {
    await t.step(name, async () => {
      const bytes = (await sharedCast(name))!;
      const source = () => blobSource(name, new Blob([bytes]));
      const events = await readable(source());
      if (!events) return;
      const timeline = await openTimeline(source(), { loadEmulator });
      await timeline.known();
      equal(timeline.duration, events.at(-1)!.time);
      await checkSeeks(timeline, events, someTimes(randomOf(name.length), timeline.duration, 50));
      timeline.close();
    });
  }
});

/** The events of a recording as one session; `undefined` where it is none by itself. */
async function readable(source: Source): Promise<SessionEvent[] | undefined> {
  try {
    const { events } = await openRecording(source);
    return await collect(events.pipeThrough(compose(without("keyframe"), join())));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}

/** A source of T2A that counts what is read of it. */
async function t2aSource(events: EventStream) {
  const bytes = await collectBytes(events.pipeThrough(t2a.encoder()));
  let read = 0;
  const source = blobSource("x.t2a", new Blob([bytes]));
  return {
    size: bytes.length,
    read: () => read,
    source: {
      ...source,
      bytes: () => {
        throw new Error("read as a whole");
      },
      ranges: async () => {
        const ranges = (await source.ranges())!;
        return { ...ranges, read: (start: number, length: number) => (read += length, ranges.read(start, length)) };
      },
    },
  };
}

Deno.test("openTimeline() reads of a recording with an index and keyframes only what it needs", async () => {
  const random = randomOf(3);
  const events: SessionEvent[] = [header()];
  for (let at = 1; at < 4000; at++) {
    events.push({
      kind: "output",
      time: at * SECOND,
      data: crypto.getRandomValues(new Uint8Array(1000)).map((byte) => 32 + byte % 90),
    });
  }
  const { source, size, read } = await t2aSource(streamOf(...events).pipeThrough(keyframes(make)));
  const timeline = await openTimeline(source, { loadEmulator });
  await checkSeeks(timeline, events, someTimes(random, timeline.duration, 3));
  ok(read() < size / 4, `${read()} of ${size} bytes`);
  equal(timeline.complete, true);
  timeline.close();
});

Deno.test("indexedBlocks() leaves recordings that one would have to draw for long to be read as a whole", async () => {
  const long = [
    header(),
    ...Array.from(
      { length: 30 },
      (_, at) => ({ kind: "output", time: at, data: new Uint8Array(100_000).fill(65) } as const),
    ),
  ];
  const ranges = async (events: EventStream) =>
    (await blobSource("x", new Blob([await collectBytes(events.pipeThrough(t2a.encoder()))])).ranges())!;
  equal(await indexedBlocks(await ranges(streamOf(...long)), loadCodec), undefined);
  ok(await indexedBlocks(await ranges(streamOf(...long).pipeThrough(keyframes(make))), loadCodec));
  const short = [header(), output(1, "a")];
  ok(await indexedBlocks(await ranges(streamOf(...short)), loadCodec));
  equal(await indexedBlocks(await ranges(batches(short, short)), loadCodec), undefined); // two sessions
});

Deno.test("openTimeline() plays past a damaged block, with a gap in its place, and says where it is", async () => {
  const events: SessionEvent[] = [header()];
  for (let at = 1; at < 400; at++) {
    events.push({ kind: "output", time: at * SECOND, data: crypto.getRandomValues(new Uint8Array(1000)) });
  }
  const bytes = await collectBytes(
    streamOf(...events).pipeThrough(keyframes(make)).pipeThrough(t2a.encoder({ codec: 0 })),
  );
  bytes.fill(7, bytes.length >> 1, (bytes.length >> 1) + 200_000);
  const report = new Report();
  const timeline = await openTimeline(blobSource("x.t2a", new Blob([bytes])), { loadEmulator, report });
  const kinds: string[] = [];
  for await (const event of timeline.forward(timeline.beginning)) kinds.push(event.kind);
  const outputs = kinds.filter((kind) => kind === "output").length;
  ok(outputs > 100 && outputs < 350 && kinds.includes("gap"), `${outputs}`);
  ok(report.warnings.every(({ code, first }) => code === "damaged-block" && first.byte! > bytes.length / 4));
  ok(report.warnings.length > 0);
  await timeline.screen(await timeline.at(399 * SECOND));
  timeline.close();
});

Deno.test("openTimeline() joins sessions that follow each other, and keeps markers and times", async () => {
  const one = [header(), output(SECOND, "one"), marker(2 * SECOND, "a")];
  const two = [header({ cols: 60 }), output(SECOND, "two"), marker(3 * SECOND, "b")];
  const bytes = await collectBytes(batches(one, two).pipeThrough(t2a.encoder()));
  const timeline = await openTimeline(blobSource("x", new Blob([bytes])), { loadEmulator });
  await timeline.known();
  deepEqual(timeline.markers.map(({ time, label }) => [time / SECOND, label]), [[2, "a"], [5, "b"]]);
  equal(timeline.duration, 5 * SECOND);
  equal((await timeline.screen(await timeline.at(4 * SECOND))).cols, 60);
  timeline.close();
});

Deno.test("growingBlocks() can be entered while it is written, and who wants more waits", async () => {
  const { events, feed, close } = handFed();
  feed(header(), ...Array.from({ length: 100 }, (_, at) => output(at * SECOND, "x".repeat(1000))));
  const timeline = new Timeline(await growingBlocks(events, make, loadCodec), { loadEmulator });
  const early = await timeline.at(50 * SECOND);
  equal(early.time, 50 * SECOND);
  equal(timeline.complete, false);
  let late: unknown;
  const waiting = timeline.at(150 * SECOND).then((moment) => late = moment.time);
  const abort = new AbortController();
  const given = timeline.at(150 * SECOND, abort.signal);
  abort.abort();
  ok((await given).time < 150 * SECOND);
  equal(late, undefined);
  feed(...Array.from({ length: 100 }, (_, at) => output((100 + at) * SECOND, "x".repeat(1000))));
  close();
  await waiting;
  equal(late, 150 * SECOND);
  await timeline.known();
  equal(timeline.duration, 199 * SECOND);
  timeline.close();
});

Deno.test("growingBlocks() tells whoever waits when the rest cannot be read, and refuses what holds no session", async () => {
  const { events, feed, fail } = handFed();
  feed(header(), output(SECOND, "x"));
  const timeline = new Timeline(await growingBlocks(events, make, loadCodec), { loadEmulator });
  const waiting = timeline.known();
  fail(new Error("torn"));
  await rejects(waiting, /torn/);
  timeline.close();
  await rejects(growingBlocks(streamOf(), make, loadCodec), /holds no session/);
  await rejects(growingBlocks(streamOf(output(1, "x")), make, loadCodec), RangeError).catch(() => {});
});

Deno.test("openTimeline() reads a pipe as well", async () => {
  const cast = '{"version":2,"width":20,"height":5}\n[1,"o","piped"]\n';
  const timeline = await openTimeline(streamSource("pipe", new Blob([cast]).stream()), { loadEmulator });
  await timeline.known();
  equal(timeline.duration, SECOND);
  timeline.close();
});

Deno.test("memoryStore() gives any stretch of what was appended", async () => {
  const store = memoryStore();
  const all = Uint8Array.from({ length: 100 }, (_, at) => at);
  for (let at = 0; at < 100; at += 7) await store.append(all.subarray(at, at + 7));
  for (const [start, length] of [[0, 100], [3, 1], [6, 2], [95, 50], [13, 30], [100, 5]] as const) {
    deepEqual(await store.read(start, length), all.slice(start, start + length));
  }
});

Deno.test("BlockCache reads each block once as long as there is room, and one that is asked for twice at a time once", async () => {
  const reads: number[] = [];
  const cache = new BlockCache((block) => {
    reads.push(block);
    return Promise.resolve([output(block, "x".repeat(500))]);
  }, 1200);
  await Promise.all([cache.get(0), cache.get(0)]);
  await cache.get(1);
  await cache.get(0);
  await cache.get(2); // 1 goes, it was not used for longest
  await cache.get(0);
  await cache.get(1);
  deepEqual(reads, [0, 1, 2, 1]);
  equal(cache.peek(2), undefined);
});

Deno.test("keyframes() stands behind each stretch of output, replaces those that were there, and changes nothing else", async () => {
  const events = anySession(9);
  const added = await collect(
    streamOf(keyframe(0) && events[0]!, keyframe(0), ...events.slice(1)).pipeThrough(keyframes(make, 1000)),
  );
  deepEqual(added.filter(({ kind }) => kind !== "keyframe"), events);
  const tracker = new ScreenTracker(make);
  let drawn = 0;
  for (const event of added) {
    if (event.kind === "keyframe") {
      ok(drawn >= 1000);
      deepStrictEqual(event.state, tracker.state);
      drawn = 0;
    } else tracker.push(event);
    if (event.kind === "output") drawn += event.data.length;
    ok(drawn < 2000);
  }
  ok(added.length > events.length + 5);
});
