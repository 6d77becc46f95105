import fc from "fast-check";
import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { mergeBlocks, type MergeOptions, planMerge, readIndexes, t2aFormat, wholeBytes } from "../formats/t2a.ts";
import { HEADER_BYTES, MAGIC } from "../formats/t2a/block.ts";
import { IndexBuilder } from "../formats/t2a/index.ts";
import { encodeEvent } from "../formats/t2a/payload.ts";
import { FormatError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { Report } from "../lib/report.ts";
import { collect, collectBytes, concat, streamOf } from "../lib/stream/collect.ts";
import { read, write } from "./contracts/format_contract.ts";
import { sessions } from "./support/generate.ts";

const t2a = t2aFormat({ loadCodec });
const HEADER: SessionEvent = { kind: "header", time: 0, header: { cols: 80, rows: 24, title: "demo" } };

async function small(events: readonly SessionEvent[], blockBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  return await collectBytes(streamOf(...events).pipeThrough(t2a.encoder({ blockBytes })));
}

function range(bytes: Uint8Array): { read: MergeOptions["read"]; size: number } {
  return { read: (start, length) => Promise.resolve(bytes.subarray(start, start + length)), size: bytes.length };
}

async function merge(bytes: Uint8Array, options: Partial<MergeOptions> = {}): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  const write = (piece: Uint8Array) => void pieces.push(piece);
  const result = await mergeBlocks({ ...range(bytes), write, loadCodec, ...options });
  const merged = concat(pieces);
  equal(result.bytes, merged.length);
  return merged;
}

/** Text that compresses to about its half. */
function chatter(count: number, length = 200): SessionEvent[] {
  let state = 5;
  const random = () => state = state * 48271 % 0x7fffffff;
  return Array.from({ length: count }, (_, n) => {
    const data = Uint8Array.from({ length }, () => 97 + random() % 16);
    return { kind: "output", time: n * 1e7 + random() % 1000, data };
  });
}

Deno.test("mergeBlocks() keeps every event of every kind", async () => {
  await fc.assert(
    fc.asyncProperty(sessions({ sessions: 2 }), fc.integer({ min: 20, max: 600 }), async (events, size) => {
      const report = new Report();
      deepStrictEqual(await read(t2a, [await merge(await small(events, size))], report), events);
      deepStrictEqual([report.completeness, report.warnings], ["complete", []]);
    }),
  );
});

Deno.test("mergeBlocks() gives the same bytes as writing large blocks at once", async () => {
  const events = [HEADER, ...chatter(500)];
  const merged = await merge(await small(events, 1000), { level: 3 });
  deepStrictEqual(merged, await collectBytes(streamOf(...events).pipeThrough(t2a.encoder({ blockBytes: 256 << 10 }))));
});

Deno.test("mergeBlocks() makes no block that is large once compressed, and leaves large ones alone", async () => {
  const events = [HEADER, ...chatter(3000)];
  const merged = await merge(await small(events, 2000), { codec: 0, level: 3 });
  const index = (await readIndexes(range(merged).read, merged.length))![0]!;
  ok(index.blocks.length >= 10);
  index.blocks.forEach((block, n) => ok((index.blocks[n + 1]?.offset ?? merged.length) - block.offset < 66_000));
  deepStrictEqual(await read(t2a, [merged]), events);
  const large = await small(events, 64 << 10);
  ok((await planMerge(range(large).read, large.length)).small <= 1);
  deepStrictEqual(await read(t2a, [await merge(large)]), events);
});

Deno.test("mergeBlocks() keeps derived events and unknown blocks where they were", async () => {
  const events: SessionEvent[] = [HEADER];
  for (const [n, event] of chatter(40).entries()) {
    events.push(event);
    if (n % 3 === 0) events.push({ kind: "command", time: event.time, phase: "prompt" });
    if (n % 11 === 5) events.push({ kind: "opaque", time: event.time, type: 200, data: Uint8Array.of(n) });
    if (n % 11 === 8) events.push({ kind: "opaque", time: event.time, type: 0x1_c8, data: Uint8Array.of(n) });
  }
  events.push({ kind: "command", time: 1e12, phase: "done" });
  deepStrictEqual(await read(t2a, [await merge(await small(events, 300))]), events);
});

Deno.test("planMerge() says when there is nothing to gain, and refuses what is damaged or unfinished", async () => {
  const events = [HEADER, ...chatter(100)];
  const bytes = await small(events, 1000);
  const plan = async (some: Uint8Array) => (await planMerge(range(some).read, some.length)).worthwhile;
  equal(await plan(bytes), true);
  equal(await plan(await merge(bytes)), false);
  equal(await plan(bytes.subarray(0, bytes.length - 1)), false);
  equal(await plan(bytes.subarray(0, (await wholeBytes(new Blob([bytes]).stream())) - 56)), false);
  const damaged = bytes.slice();
  damaged[900]! ^= 1;
  equal(await plan(damaged), false);
  await rejects(planMerge(() => Promise.reject(new Error("gone")), 100), /gone/);
});

Deno.test("planMerge() chooses a level by the size", async () => {
  const level = async (megabytes: number) => {
    const data = new Uint8Array(1 << 20);
    const events = Array.from({ length: megabytes }, (_, n): SessionEvent => ({ kind: "output", time: n, data }));
    const bytes = await write(t2a, [HEADER, ...events]);
    return (await planMerge(range(bytes).read, bytes.length)).level;
  };
  deepStrictEqual([await level(0), await level(8), await level(20)], [19, 9, 6]);
});

Deno.test("mergeBlocks() refuses what is damaged, altered, unfinished or unreadable", async () => {
  const bytes = await small([HEADER, ...chatter(100)], 1000);
  const index = (await readIndexes(range(bytes).read, bytes.length, loadCodec))![0]!;
  const [first, second, third] = index.blocks.map(({ offset }) => offset);
  const damaged = bytes.slice();
  damaged[first! + HEADER_BYTES + 3]! ^= 1;
  const cases: [Uint8Array, RegExp][] = [
    [damaged, /damage at byte/],
    [concat([bytes.subarray(0, second), bytes.subarray(third)]), /not the next one/],
    [bytes.subarray(0, third), /not finished/],
    [new Uint8Array(0), /not finished/],
    [MAGIC, /not finished/],
  ];
  for (const [some, expected] of cases) {
    await rejects(merge(some), (error) => error instanceof FormatError && expected.test(error.message));
  }
  const other = await small([HEADER, ...chatter(100).map((event) => ({ ...event, time: event.time + 1 }))], 1000);
  const spliced = concat([bytes.subarray(0, first), other.subarray(first, second), bytes.subarray(second)]);
  await rejects(merge(spliced), /sealed/);
  await rejects(
    merge(await small([HEADER, ...chatter(100)], 9000), { loadCodec: () => Promise.resolve(undefined) }),
    /not available/,
  );
});

Deno.test("readIndexes() finds every recording of a file from its end", async () => {
  const marked: SessionEvent[] = [HEADER, ...chatter(50), { kind: "marker", time: 5e9, label: "here" }];
  const state = {
    cols: 80,
    rows: 24,
    styles: [{}],
    normal: { rows: [] },
    cursor: { col: 0, row: 0, style: 0, charsets: ["B", "B", "B", "B"], charset: 0 },
    modes: {},
  } as const;
  marked.push({ kind: "keyframe", time: 6e9, state });
  const first = await small(marked, 2000);
  const second = await small([{ ...HEADER, header: { cols: 1, rows: 1, title: "second" } } as SessionEvent], 2000);
  const bytes = concat([first, second]);
  const [one, two] = (await readIndexes(range(bytes).read, bytes.length, loadCodec))!;
  deepStrictEqual([one!.start, one!.length, two!.start, two!.length], [0, first.length, first.length, second.length]);
  deepStrictEqual([one!.header.title, two!.header.title], ["demo", "second"]);
  deepStrictEqual(one!.markers.map(({ time, label }) => [time, label]), [[5e9, "here"]]);
  deepStrictEqual(one!.keyframes.map(({ time }) => time), [6e9]);
  equal(one!.events, 51);
  equal(one!.outputBytes, 10_000);
  equal(one!.duration, 5e9);
});

Deno.test("readIndexes() gives nothing where a recording is torn, damaged or of no such format", async () => {
  const bytes = await small([HEADER, ...chatter(2000)], 2000);
  const find = (some: Uint8Array) => readIndexes(range(some).read, some.length, loadCodec);
  equal(await find(bytes.subarray(0, bytes.length - 1)), undefined);
  equal(await find(new Uint8Array(500)), undefined);
  equal(await find(new Uint8Array(0)), undefined);
  equal(await find(bytes.subarray(9)), undefined);
  equal(await readIndexes(range(bytes).read, bytes.length), undefined);
  await rejects(readIndexes(() => Promise.reject(new Error("gone")), 100), /gone/);
});

Deno.test("t2a.decoder({ midway }) reads on from any block that an index lists", async () => {
  const events: SessionEvent[] = [HEADER];
  for (const [n, event] of chatter(60).entries()) {
    events.push(event);
    if (n % 7 === 0) events.push({ kind: "command", time: event.time, phase: "prompt" });
  }
  const bytes = await small(events, 1000);
  const index = (await readIndexes(range(bytes).read, bytes.length, loadCodec))![0]!;
  const all = await read(t2a, [bytes]);
  for (const { offset } of index.blocks) {
    const report = new Report();
    const some = await collect(
      new Blob([bytes.subarray(offset)]).stream().pipeThrough(t2a.decoder({ midway: true, report })),
    );
    deepStrictEqual([report.warnings, report.completeness], [[], "unknown"]);
    const tail = some.filter(({ kind }) => kind === "output");
    deepStrictEqual(tail, all.filter(({ kind }) => kind === "output").slice(-tail.length));
  }
  const whole = await collect(new Blob([bytes]).stream().pipeThrough(t2a.decoder({ midway: true })));
  deepStrictEqual(whole, all);
});

Deno.test("wholeBytes() tells where to cut a torn recording, whatever its tail is", async () => {
  const bytes = await small([HEADER, ...chatter(50)], 2000);
  const ends = (await readIndexes(range(bytes).read, bytes.length, loadCodec))![0]!.blocks.map(({ offset }) => offset);
  const whole = (some: Uint8Array<ArrayBuffer>) => wholeBytes(new Blob([some]).stream());
  equal(await whole(bytes), bytes.length);
  equal(await whole(bytes.subarray(0, ends[2]! + 100)), ends[2]);
  equal(await whole(concat([bytes, MAGIC])), bytes.length);
  equal(await whole(concat([bytes, new Uint8Array(100)])), bytes.length);
  equal(await whole(MAGIC), 0);
  const damaged = bytes.slice();
  damaged[ends[1]! + 50]! ^= 1;
  equal(await whole(damaged), bytes.length);
});

Deno.test("IndexBuilder lists fewer blocks where there are very many, and no more than 65,536 markers", () => {
  const index = new IndexBuilder();
  const marker = encodeEvent({ kind: "marker", time: 1, label: "x" });
  for (let n = 0; n < 140_000; n++) {
    index.add({ offset: n, type: 2, recorded: true, sequence: n, time: n, events: 1 }, [marker], new Uint8Array(32));
  }
  const { blocks, markers, events } = index.content();
  ok(blocks.length <= 65_536 && blocks.length > 30_000);
  deepStrictEqual(new Set(blocks.map(({ offset }) => offset % 4)), new Set([0]));
  deepStrictEqual([markers.length, events], [65_536, 140_000]);
});
