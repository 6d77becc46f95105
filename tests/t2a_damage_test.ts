import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { mergeBlocks, t2aFormat, T2aWriter } from "../formats/t2a.ts";
import { type Block, BlockType, HEADER_BYTES, MAGIC, RECORDED, writeBlock } from "../formats/t2a/block.ts";
import { ByteWriter } from "../formats/t2a/bytes.ts";
import { crc32 } from "../formats/t2a/crc32.ts";
import { T2aReader } from "../formats/t2a/reader.ts";
import { Scanner } from "../formats/t2a/scanner.ts";
import { FormatError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { loadCodec } from "../lib/host/codec.ts";
import type { Digest } from "../lib/ports.ts";
import { Report } from "../lib/report.ts";
import { collect, collectBytes, concat, streamOf } from "../lib/stream/collect.ts";
import { streamSource } from "../lib/stream/source.ts";
import { read, write } from "./contracts/format_contract.ts";
import { cut } from "./support/generate.ts";

/** Stands in for SHA-256: ten times as fast on short blocks, and a hundred thousand recordings are read below. */
const digest: Digest = (data) => {
  const sum = crc32(data);
  return Promise.resolve(new Uint8Array(new Uint32Array(8).fill(sum).buffer));
};

const t2a = t2aFormat({ loadCodec, digest });

/** The same numbers from 0 to `limit` on every run. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => (state = state * 48271 % 0x7fffffff) % limit;
}

/** A recording as it grows: a block is closed every 100 ms. */
async function live(seconds: number, perBlock = 4, codec = 1): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new T2aWriter({ loadCodec, codec, level: 1, digest });
  const next = random(7);
  const blocks: Uint8Array[] = [];
  const drain = async () => {
    for (let block = await writer.take(); block; block = await writer.take()) {
      blocks.push(block);
      writer.commit();
    }
  };
  writer.push([{ kind: "header", time: 0, header: { cols: 80, rows: 24, title: "steady" } }]);
  for (let tick = 0; tick < seconds * 10; tick++) {
    for (let part = 0; part < perBlock; part++) {
      const data = Uint8Array.from({ length: 200 + next(100) }, () => 32 + next(90));
      writer.push([{ kind: "output", time: tick * 1e8 + part * 1e7, data }]);
      if (tick % 20 === 9 && part === 0) writer.push([{ kind: "command", time: tick * 1e8 + 5e6, phase: "prompt" }]);
    }
    if (tick % 50 === 3) writer.push([{ kind: "marker", time: tick * 1e8 + 9e7, label: `tick ${tick}` }]);
    writer.closeBlock();
    await drain();
  }
  writer.push([{ kind: "exit", time: seconds * 1e9, status: { code: 0 } }]);
  writer.finish();
  await drain();
  return concat(blocks);
}

/** All blocks of an intact recording. */
function blocksOf(bytes: Uint8Array): Block[] {
  const scanner = new Scanner();
  scanner.push(bytes);
  scanner.end();
  const blocks: Block[] = [];
  for (let found = scanner.next(); found; found = scanner.next()) if (found.kind === "block") blocks.push(found.block);
  return blocks;
}

async function drain(reader: T2aReader): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for (let batch = await reader.next(); batch; batch = await reader.next()) events.push(...batch);
  return events;
}

async function readAll(bytes: Uint8Array, report = new Report()): Promise<SessionEvent[]> {
  const reader = new T2aReader("demo.t2a", { report, digest, loadCodec });
  reader.push(bytes);
  reader.end();
  return await drain(reader);
}

/** How many events have come when the first 0, 1, 2 … blocks are there. */
async function countsAfterBlocks(bytes: Uint8Array, blocks: readonly Block[]): Promise<number[]> {
  const reader = new T2aReader("demo.t2a", { report: new Report(), digest, loadCodec });
  const counts = [0];
  reader.push(MAGIC);
  for (const block of blocks) {
    reader.push(bytes.subarray(block.at, block.at + block.bytes.length));
    counts.push(counts.at(-1)! + (await drain(reader)).length);
  }
  return counts;
}

/** Number of whole blocks in the first `length` bytes. */
function wholeBlocks(blocks: readonly Block[], length: number): number {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { at, bytes } = blocks[middle]!;
    if (at + bytes.length <= length) low = middle + 1;
    else high = middle;
  }
  return low;
}

function same(found: readonly SessionEvent[], expected: readonly SessionEvent[], where: string): void {
  equal(found.length, expected.length, where);
  found.forEach((event, n) => {
    const other = expected[n]!;
    ok(event.kind === other.kind && event.time === other.time, `${where}: event ${n}`);
    if (event.kind !== "output" || other.kind !== "output") return;
    equal(event.data.length, other.data.length, where);
    for (let at = 0; at < event.data.length; at++) if (event.data[at] !== other.data[at]) throw new Error(where);
  });
}

// Not compressed: 900 million bytes are decoded below. The short recordings of the other tests are.
const steady = await live(60, 4, 0);
const steadyBlocks = blocksOf(steady);

Deno.test("t2a.decoder() yields all whole blocks of a recording cut at 1,000 random places, and nothing else", async () => {
  const events = await readAll(steady);
  const counts = await countsAfterBlocks(steady, steadyBlocks);
  ok(steadyBlocks.length > 500);
  const next = random(1);
  for (let n = 0; n < 1000; n++) {
    const length = steadyBlocks[1]!.at + next(steady.length - steadyBlocks[1]!.at);
    const report = new Report();
    const found = await readAll(steady.subarray(0, length), report);
    const whole = wholeBlocks(steadyBlocks, length);
    same(found, events.slice(0, counts[whole]), `cut at ${length}`);
    const end = whole === 0 ? 0 : steadyBlocks[whole - 1]!.at + steadyBlocks[whole - 1]!.bytes.length;
    equal(report.tornBytes, length - end, `cut at ${length}`);
    equal(report.completeness, whole > steadyBlocks.length - 3 ? "complete" : "unfinished");
  }
});

Deno.test("t2a.decoder() yields all whole blocks of a merged recording cut anywhere, and nothing else", async () => {
  const pieces: Uint8Array[] = [];
  const source = (start: number, length: number) => Promise.resolve(steady.subarray(start, start + length));
  await mergeBlocks({
    read: source,
    size: steady.length,
    write: (bytes) => void pieces.push(bytes),
    loadCodec,
    level: 1,
    digest,
  });
  const merged = concat(pieces);
  const [blocks, events] = [blocksOf(merged), await readAll(merged)];
  same(events, await readAll(steady), "merged");
  const counts = await countsAfterBlocks(merged, blocks);
  const next = random(2);
  for (let n = 0; n < 300; n++) {
    const length = blocks[1]!.at + next(merged.length - blocks[1]!.at);
    const whole = wholeBlocks(blocks, length);
    same(await readAll(merged.subarray(0, length)), events.slice(0, counts[whole]), `cut at ${length}`);
  }
});

Deno.test("t2a.decoder() yields each event as soon as the last byte of its block is there, and none before", async () => {
  const events = await readAll(steady);
  const counts = await countsAfterBlocks(steady, steadyBlocks);
  const tail = steady.length - (64 << 10);
  const reader = new T2aReader("demo.t2a", { report: new Report(), digest, loadCodec });
  reader.push(steady.subarray(0, tail));
  let seen = (await drain(reader)).length;
  for (let at = tail; at < steady.length; at++) {
    reader.push(steady.subarray(at, at + 1));
    seen += (await drain(reader)).length;
    equal(seen, counts[wholeBlocks(steadyBlocks, at + 1)], `byte ${at}`);
  }
  equal(seen, events.length);
});

Deno.test("t2a.decoder() survives a cut at every byte of the last 64 KiB", async () => {
  // The two blocks before the cut stand for all others: reading 60 seconds anew for each byte would take an hour.
  const opening = steady.subarray(0, steadyBlocks[1]!.at);
  for (let length = steady.length - (64 << 10); length < steady.length; length++) {
    const whole = wholeBlocks(steadyBlocks, length);
    const from = steadyBlocks[whole - 2]!.at;
    const report = new Report();
    const found = await readAll(concat([opening, steady.subarray(from, length)]), report);
    ok(found.length > 0 && found.every(({ kind }, n) => n === 0 ? kind === "header" : kind !== "opaque"));
    const last = steadyBlocks[whole - 1]!;
    equal(report.tornBytes, length - last.at - last.bytes.length, `cut at ${length}`);
    const outputs = found.filter((event) => event.kind === "output").length;
    const expected = steadyBlocks.slice(whole - 2, whole).filter(({ header }) =>
      header.type === BlockType.events && (header.flags & RECORDED) !== 0
    ).length;
    ok(outputs <= expected * 4 && outputs >= (expected - 1) * 4, `cut at ${length}`);
  }
});

/** What a recording with one block hit must still give: everything else, with a stand-in for a lost header. */
interface Owned {
  readonly event: SessionEvent;
  readonly block: number;
}

/** Each event with the block it comes from. */
async function ownersOf(bytes: Uint8Array, blocks: readonly Block[]): Promise<Owned[]> {
  const reader = new T2aReader("demo.t2a", { report: new Report(), digest, loadCodec });
  reader.push(MAGIC);
  const owned: Owned[] = [];
  for (const [n, block] of blocks.entries()) {
    reader.push(bytes.subarray(block.at, block.at + block.bytes.length));
    for (const event of await drain(reader)) {
      // A derived event comes out with the recorded block behind its own.
      const beside = event.kind === "command" && (block.header.flags & RECORDED) !== 0;
      owned.push({ event, block: beside ? n - 1 : n });
    }
  }
  return owned;
}

async function checkFlip(
  bytes: Uint8Array,
  blocks: readonly Block[],
  owned: readonly Owned[],
  bit: number,
): Promise<void> {
  const at = bit >> 3;
  const hit = wholeBlocks(blocks, at);
  const where = `bit ${bit & 7} of byte ${at}`;
  bytes[at]! ^= 1 << (bit & 7);
  const report = new Report();
  const found = await readAll(bytes, report);
  bytes[at]! ^= 1 << (bit & 7);
  const start = at < MAGIC.length ? 0 : blocks[hit]!.at;
  ok(report.warnings.some((warning) => warning.first.byte === start), `${where}: block at ${start} is not named`);
  const lost = at < MAGIC.length ? -1 : hit;
  if (lost === 0) deepStrictEqual(found.shift(), { kind: "header", time: 0, header: { cols: 80, rows: 24 } }, where);
  const gaps = found.filter(({ kind }) => kind === "gap");
  const recorded = lost >= 0 && (blocks[lost]!.header.flags & RECORDED) !== 0;
  equal(gaps.length, recorded ? 1 : 0, where);
  const left = owned.filter(({ block }) => block !== lost).map(({ event }) => event);
  same(found.filter(({ kind }) => kind !== "gap"), left, where);
  if (recorded) equal(report.completeness, "unfinished", where);
}

Deno.test("t2a.decoder() notices every single flipped bit, names the block, and loses no other", async () => {
  const bytes = await live(1.3, 1);
  ok(bytes.length > 4096 && bytes.length < 6000, `${bytes.length}`);
  const blocks = blocksOf(bytes);
  const owned = await ownersOf(bytes, blocks);
  ok(owned.some(({ event }) => event.kind === "command"));
  for (let bit = 0; bit < 8 * bytes.length; bit++) await checkFlip(bytes, blocks, owned, bit);
});

Deno.test("t2a.decoder() notices 500 random flipped bits of a long recording, and loses one block to each", async () => {
  const owned = await ownersOf(steady, steadyBlocks);
  const next = random(3);
  for (let n = 0; n < 500; n++) await checkFlip(steady, steadyBlocks, owned, next(8 * steady.length));
});

Deno.test("t2a.decoder() says how much output is missing where a block is damaged", async () => {
  const bytes = steady.slice();
  const { at, header } = steadyBlocks[100]!;
  equal(header.flags, RECORDED);
  bytes[at + HEADER_BYTES + 20]! ^= 1;
  const intact = await readAll(steady);
  const lengths = (events: SessionEvent[]) =>
    events.reduce((sum, e) => sum + (e.kind === "output" ? e.data.length : 0), 0);
  const found = await readAll(bytes);
  const gap = found.find((event) => event.kind === "gap");
  deepStrictEqual(gap?.reason, "damage");
  equal(gap?.bytes, lengths(intact) - lengths(found));
});

/** Reads blocks put together anew, and gives the codes and messages of what was found. */
async function findings(blocks: readonly (Uint8Array | Block)[]): Promise<{ events: SessionEvent[]; report: Report }> {
  const report = new Report();
  const pieces = blocks.map((block) => block instanceof Uint8Array ? block : block.bytes);
  return { events: await readAll(concat([MAGIC, ...pieces]), report), report };
}

function message(report: Report, code: string): string {
  return report.warnings.find((warning) => warning.code === code)?.message ?? `no ${code}`;
}

Deno.test("t2a.decoder() names a block that was removed", async () => {
  const blocks = blocksOf(await live(2));
  const { events, report } = await findings(blocks.filter(({ header }) => header.sequence !== 5 || header.flags === 0));
  ok(message(report, "missing-blocks").startsWith("block 5 is missing before block 6 at byte"));
  ok(message(report, "chain-mismatch").includes("sealed"));
  equal(report.completeness, "unfinished");
  ok(events.some((event) => event.kind === "gap" && event.reason === "damage" && event.bytes! > 500));
});

Deno.test("t2a.decoder() names several blocks that were removed, and one before the seal", async () => {
  const blocks = blocksOf(await live(2));
  const seal = blocks.find(({ header }) => header.type === BlockType.seal)!;
  const some = await findings(blocks.filter(({ header: { sequence } }) => sequence < 5 || sequence > 7));
  ok(message(some.report, "missing-blocks").startsWith("blocks 5 to 7 are missing before block 8"));
  const last = await findings(blocks.filter(({ header: { sequence } }) => sequence !== seal.header.sequence - 1));
  equal(last.events.at(-1)?.kind, "gap");
  const sealed = await findings(blocks.filter((block) => block !== seal));
  equal(sealed.report.completeness, "unfinished");
  ok(sealed.events.every(({ kind }) => kind !== "gap"));
});

Deno.test("t2a.decoder() names a block that stands twice, and reads it once", async () => {
  const recording = await live(2);
  const blocks = blocksOf(recording);
  for (const n of [0, 4, blocks.length - 3, blocks.length - 1]) {
    const { events, report } = await findings([...blocks.slice(0, n + 1), blocks[n]!, ...blocks.slice(n + 1)]);
    const repeated = report.warnings.filter(({ code }) => code === "repeated-block");
    equal(repeated.length, 1, `block ${n}`);
    ok(repeated[0]!.message.includes(`block ${blocks[n]!.header.sequence}`));
    same(events, await readAll(recording), `block ${n}`);
  }
});

Deno.test("t2a.decoder() names blocks that changed places", async () => {
  const blocks = blocksOf(await live(2));
  [blocks[3], blocks[4]] = [blocks[4]!, blocks[3]!];
  const { report } = await findings(blocks);
  ok(message(report, "missing-blocks").startsWith("block 3 is missing before block 4"));
  ok(message(report, "repeated-block").startsWith("block 3 at byte"));
  equal(report.completeness, "unfinished");
});

Deno.test("t2a.decoder() names a block from another recording", async () => {
  const [blocks, others] = [blocksOf(await live(2)), blocksOf(await live(2, 3))];
  const { report } = await findings(blocks.map((block, n) => n === 5 ? others[5]! : block));
  ok(message(report, "damaged-block").includes("does not continue the one before"));
  ok(report.warnings.some(({ code }) => code === "chain-mismatch"));
  equal(report.completeness, "unfinished");
});

Deno.test("t2a.decoder() names derived blocks that were removed, repeated or are not derived", async () => {
  const blocks = blocksOf(await live(6));
  const derived = blocks.filter(({ header }) => header.type === BlockType.events && header.flags === 0);
  equal(derived.length, 3);
  const without = await findings(blocks.filter((block) => block !== derived[1]));
  ok(message(without.report, "missing-blocks").includes("beside the chain"));
  equal(without.report.completeness, "complete");
  const last = await findings(blocks.filter((block) => block !== derived[2]));
  ok(message(last.report, "missing-blocks").startsWith("1 blocks beside the chain"));
  const twice = await findings(blocks.flatMap((block) => block === derived[1] ? [block, block] : [block]));
  ok(message(twice.report, "repeated-block").includes("beside the chain"));
  const late = await findings([...blocks.filter((block) => block !== derived[2]), derived[2]!]);
  ok(message(late.report, "damaged-block").includes("derived"));
});

Deno.test("t2a.decoder() reads what follows a recording without an end", async () => {
  const recording = await live(2);
  for (const length of [recording.length - 1000, 4000, 40]) {
    const report = new Report();
    const events = await readAll(concat([recording.subarray(0, length), recording]), report);
    const whole = await readAll(recording);
    same(events.slice(-whole.length), whole, `cut at ${length}`);
    equal(report.completeness, "unfinished");
    ok(report.warnings.length > 0);
  }
});

Deno.test("t2a.decoder() never takes output for blocks, even where a block of it is torn", async () => {
  const inner = await live(1);
  const events: SessionEvent[] = [
    { kind: "header", time: 0, header: { cols: 80, rows: 24 } },
    { kind: "output", time: 1, data: inner },
    { kind: "output", time: 2, data: inner.subarray(8) },
  ];
  const bytes = await write(t2aFormat({ digest }), events);
  deepStrictEqual(await readAll(bytes), events);
  for (let length = 200; length < bytes.length - 400; length += 61) {
    const report = new Report();
    deepStrictEqual(await readAll(bytes.subarray(0, length), report), events.slice(0, 1));
    ok(report.tornBytes > 0);
  }
});

Deno.test("t2a.decoder() refuses what holds no block, and says what is there", async () => {
  const bytes = await live(1);
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(0), /empty/],
    [MAGIC.subarray(0, 3), /no whole block/],
    [MAGIC, /no whole block/],
    [bytes.subarray(0, 60), /no whole block/],
    [new TextEncoder().encode("#!/bin/sh\necho\n"), /no T2A recording: it starts with 23212f62696e2f73, expected 8954/],
  ];
  for (const [found, expected] of cases) {
    await rejects(readAll(found), (error) => error instanceof FormatError && expected.test(error.message));
  }
});

Deno.test("t2a.decoder() gives up on a pipe that never shows a block", async () => {
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)) });
  await rejects(collect(endless.pipeThrough(t2a.decoder({ name: "zeros" }))), /zeros: it is no T2A recording/);
});

/** A recording whose one events block has the given payload. */
async function withPayload(payload: Uint8Array, codec = 0): Promise<Uint8Array> {
  const header = blocksOf(await write(t2a, [{ kind: "header", time: 0, header: { cols: 80, rows: 24 } }]))[0]!;
  const fields = { type: BlockType.events, flags: RECORDED, codec, unit: 0, sequence: 1, time: 0 };
  return concat([MAGIC, header.bytes, writeBlock(fields, payload)]);
}

Deno.test("t2a.decoder() meets lies about lengths with a gap, not with memory", async () => {
  const zstd = (await loadCodec(1))!;
  const bomb = zstd.compress(new Uint8Array(200e6), 3);
  const lengths = (...all: number[]) => all.reduce((out, value) => out.varint(value), new ByteWriter());
  const lies: [string, Uint8Array][] = [
    ["4 GB of columns", lengths(1, 0, 1, 0, 1, 0, 1, 0, 2 ** 32, 0, 0, 0, 0, 0).finish()],
    ["2^53 - 1 events", lengths(2 ** 53 - 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0).finish()],
    ["a million events in no bytes", lengths(1 << 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0).finish()],
    ["more than it says", lengths(1, 0, 1, 0, 1, 0, 1, 0, 9, bomb.length, 0, 0, 0, 0).bytes(bomb).finish()],
    ["200 MB", lengths(1, 0, 1, 0, 1, 0, 1, 0, 200e6, bomb.length, 0, 0, 0, 0).bytes(bomb).finish()],
    ["a number without end", new Uint8Array(40).fill(0xff)],
    ["nothing", new Uint8Array(0)],
  ];
  for (const [name, payload] of lies) {
    const report = new Report();
    const events = await readAll(await withPayload(payload, 1), report);
    deepStrictEqual(events.map(({ kind }) => kind), ["header", "gap"], name);
    ok(message(report, "damaged-block").startsWith("block 1 at byte"), name);
  }
});

Deno.test("t2a.decoder() reads 100 MB in one chunk and hands out a block at a time", async () => {
  const data = new Uint8Array(1 << 20).fill(0x61);
  const output = Array.from({ length: 100 }, (_, n): SessionEvent => ({ kind: "output", time: n, data }));
  const bytes = await write(t2aFormat({ digest }), [
    { kind: "header", time: 0, header: { cols: 80, rows: 24 } },
    ...output,
  ]);
  const reader = new Blob([bytes]).stream().pipeThrough(t2a.decoder()).getReader();
  equal((await reader.read()).value?.[0]?.kind, "header");
  equal((await reader.read()).value?.length, 1);
  await reader.cancel();
  equal((await read(t2a, [bytes])).length, 101);
});

Deno.test("t2a.decoder() reads a damaged recording in chunks of one byte as it does in one", async () => {
  const bytes = (await live(2)).slice();
  bytes[3000]! ^= 4;
  bytes[6000]! ^= 4;
  const report = [new Report(), new Report()] as const;
  deepStrictEqual(await read(t2a, cut(bytes, [1]), report[0]), await read(t2a, [bytes], report[1]));
  deepStrictEqual(report[0].warnings, report[1].warnings);
});

Deno.test("t2a.decoder() passes on the error of its source", async () => {
  const broken = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("the disk is gone")) });
  await rejects(collectBytes(broken), /gone/);
  const again = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("the disk is gone")) });
  await rejects(
    collect(t2a.open(streamSource("x", again), new Report())),
    /gone/,
  );
});

Deno.test("t2a.decoder() gives a keyframe behind a damaged block after the gap, where it is of use", async () => {
  const cursor = { col: 0, row: 0, style: 0, charsets: ["B", "B", "B", "B"], charset: 0 } as const;
  const state = { cols: 80, rows: 24, styles: [{}], normal: { rows: [] }, cursor, modes: {} };
  const data = new Uint8Array(100);
  const events: SessionEvent[] = [
    { kind: "header", time: 0, header: { cols: 80, rows: 24 } },
    { kind: "output", time: 1, data },
    { kind: "output", time: 2, data },
    { kind: "keyframe", time: 3, state },
    { kind: "output", time: 3, data },
  ];
  const bytes = await collectBytes(streamOf(...events).pipeThrough(t2a.encoder({ blockBytes: 100 })));
  const second = blocksOf(bytes).find(({ header }) => header.sequence === 2)!;
  bytes[second.at + HEADER_BYTES + 30]! ^= 1;
  const kinds = (await readAll(bytes)).map(({ kind }) => kind);
  deepStrictEqual(kinds, ["header", "output", "gap", "keyframe", "output"]);
});
