import fc from "fast-check";
import { deepStrictEqual, equal, notDeepStrictEqual, ok, rejects, throws } from "node:assert/strict";
import { t2aFormat, T2aWriter, type T2aWriterOptions } from "../formats/t2a.ts";
import { BlockType, MAGIC, RECORDED, writeBlock } from "../formats/t2a/block.ts";
import { splitNumbers, writeColumns } from "../formats/t2a/columns.ts";
import { Scanner } from "../formats/t2a/scanner.ts";
import { UsageError } from "../lib/errors.ts";
import { isDerived, type SessionEvent } from "../lib/event.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { Report } from "../lib/report.ts";
import { collect, collectBytes, concat, streamOf } from "../lib/stream/collect.ts";
import { read, write } from "./contracts/format_contract.ts";
import { sessions } from "./support/generate.ts";

const t2a = t2aFormat({ loadCodec });
const HEADER: SessionEvent = { kind: "header", time: 0, header: { cols: 80, rows: 24 } };

function output(time: number, length: number, fill = 0x61): SessionEvent {
  return { kind: "output", time, data: new Uint8Array(length).fill(fill) };
}

/** Takes all that is ready; `keep` says of each block whether it could be written. */
async function drain(writer: T2aWriter, keep: (block: Uint8Array) => boolean = () => true): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  for (let block = await writer.take(); block; block = await writer.take()) {
    if (keep(block)) {
      blocks.push(block);
      writer.commit();
    } else writer.drop();
  }
  return blocks;
}

function typesOf(bytes: Uint8Array): number[] {
  const scanner = new Scanner();
  scanner.push(bytes);
  const types: number[] = [];
  for (let found = scanner.next(); found; found = scanner.next()) {
    if (found.kind === "block") types.push(found.block.header.type);
  }
  return types;
}

Deno.test("T2aWriter gives the same bytes for the same events, however they are batched", async () => {
  await fc.assert(fc.asyncProperty(sessions({ sessions: 2 }), fc.integer({ min: 1, max: 4 }), async (events, size) => {
    const encoded = async (batches: SessionEvent[][]) =>
      await collectBytes(ReadableStream.from(batches).pipeThrough(t2a.encoder({ blockBytes: 200 })));
    const batches = [];
    for (let at = 0; at < events.length; at += size) batches.push(events.slice(at, at + size));
    deepStrictEqual(await encoded(batches), await encoded([events]));
  }));
});

Deno.test("T2aWriter gives the same bytes for what was read from its own", async () => {
  await fc.assert(fc.asyncProperty(sessions({ sessions: 2 }), async (events) => {
    const bytes = await write(t2a, events);
    deepStrictEqual(await write(t2a, await read(t2a, [bytes])), bytes);
  }));
});

Deno.test("T2aWriter writes the same recorded blocks with and without derived events", async () => {
  const recorded = (bytes: Uint8Array) => {
    const scanner = new Scanner();
    scanner.push(bytes);
    const blocks: Uint8Array[] = [];
    for (let found = scanner.next(); found; found = scanner.next()) {
      if (found.kind === "block" && found.block.header.flags & RECORDED) blocks.push(found.block.bytes);
    }
    return blocks;
  };
  // Together these are enough to be compressed, the recorded ones alone are not.
  const edge = [HEADER, { kind: "command", time: 1, phase: "input", text: "x".repeat(3000) } as const, output(2, 3000)];
  await fc.assert(fc.asyncProperty(fc.oneof(sessions(), fc.constant(edge)), async (events) => {
    const bare = events.filter((event) => !isDerived(event) && event.kind !== "opaque");
    const full = events.filter((event) => event.kind !== "opaque");
    const options = { blockBytes: 300 };
    const [some, all] = await Promise.all(
      [bare, full].map(async (list) =>
        recorded(await collectBytes(streamOf(...list).pipeThrough(t2a.encoder(options))))
      ),
    );
    deepStrictEqual(some, all);
  }));
});

Deno.test("T2aWriter loads no codec for a recording under 4 KiB, nor for blocks under 256 bytes", async () => {
  let asked = 0;
  const format = t2aFormat({
    loadCodec: (id) => {
      asked++;
      return loadCodec(id);
    },
  });
  await write(format, [HEADER, output(1, 4000)]);
  equal(asked, 0);
  const blocks = Array.from({ length: 15 }, (_, n) => output(n, 250));
  await collectBytes(streamOf(HEADER, ...blocks).pipeThrough(format.encoder({ blockBytes: 240 })));
  equal(asked, 0);
  const large = await write(format, [HEADER, output(1, 5000)]);
  equal(asked, 1);
  ok(large.length < 1000);
});

Deno.test("T2aWriter writes without compression where there is none", async () => {
  const events = [HEADER, output(1, 50_000)];
  for (const format of [t2aFormat(), t2aFormat({ loadCodec: () => Promise.resolve(undefined) })]) {
    const bytes = await write(format, events);
    ok(bytes.length > 50_000);
    deepStrictEqual(await read(format, [bytes]), events);
  }
  ok((await collectBytes(streamOf(...events).pipeThrough(t2a.encoder({ codec: 0 })))).length > 50_000);
});

Deno.test("T2aWriter asks for the level of each block", async () => {
  const levels: number[] = [];
  const codec = {
    id: 1,
    name: "spy",
    compress: (d: Uint8Array, level: number) => (levels.push(level), d),
    decompress: (d: Uint8Array) => d,
  };
  let backlog = 0;
  const writer = new T2aWriter({ loadCodec: () => Promise.resolve(codec), level: () => ++backlog, blockBytes: 5000 });
  writer.push([HEADER, output(1, 5000), output(2, 5000)]);
  await drain(writer);
  deepStrictEqual(levels, [1, 2]);
});

Deno.test("T2aWriter.take() gives the same block until it is committed or dropped", async () => {
  const writer = new T2aWriter();
  equal(await writer.take(), undefined);
  throws(() => writer.commit(), UsageError);
  throws(() => writer.drop(), UsageError);
  writer.push([HEADER]);
  const first = await writer.take();
  deepStrictEqual(first?.subarray(0, 8), MAGIC);
  equal(await writer.take(), first);
  equal(writer.committed, 0);
  writer.commit();
  equal(writer.committed, first!.length);
  equal(await writer.take(), undefined);
});

Deno.test("T2aWriter.drop() leaves a valid recording with a gap that tells how much output is missing", async () => {
  const writer = new T2aWriter({ blockBytes: 1000 });
  const written: Uint8Array[] = [];
  writer.push([HEADER, output(1, 1000, 1)]);
  written.push(...await drain(writer));
  writer.push([output(2, 1000, 2), output(3, 1000, 3), output(4, 1000, 4)]);
  written.push(...await drain(writer, () => false));
  writer.push([output(5, 1000, 5)]);
  let tries = 0;
  written.push(...await drain(writer, () => tries++ > 0)); // the gap itself cannot be written, nor what follows it
  writer.push([output(6, 1000, 6)]);
  written.push(...await drain(writer));
  writer.finish();
  written.push(...await drain(writer));
  const bytes = concat(written);
  equal(writer.committed, bytes.length);
  const report = new Report();
  const events = await read(t2a, [bytes], report);
  deepStrictEqual(events, [
    HEADER,
    output(1, 1000, 1),
    { kind: "gap", time: 2, reason: "storage", bytes: 4000 },
    output(6, 1000, 6),
  ]);
  deepStrictEqual([report.completeness, report.warnings], ["complete", []]);
});

Deno.test("T2aWriter.drop() tells of dropped blocks before the seal", async () => {
  const writer = new T2aWriter();
  writer.push([HEADER, { kind: "opaque", time: 3, type: 200, data: new Uint8Array(5) }]);
  const written = [(await writer.take())!];
  writer.commit();
  await writer.take();
  writer.drop();
  writer.finish();
  written.push(...await drain(writer));
  deepStrictEqual(await read(t2a, [concat(written)]), [HEADER, { kind: "gap", time: 3, reason: "storage", bytes: 0 }]);
});

Deno.test("T2aWriter keeps a dropped header due and loses what waits for it, until the disk takes it", async () => {
  const writer = new T2aWriter();
  writer.push([HEADER]);
  for (let turn = 0; turn < 100; turn++) {
    ok(await writer.take());
    writer.drop();
    equal(await writer.take(), undefined, "one try for each push");
    writer.push([output(turn, 10), { kind: "command", time: turn, phase: "prompt" }]);
    writer.closeBlock();
  }
  writer.finish();
  await writer.take();
  writer.drop();
  equal(writer.committed, 0);
  writer.push([]);
  const report = new Report();
  const lost: SessionEvent = { kind: "gap", time: 0, reason: "storage", bytes: 1000 };
  deepStrictEqual(await read(t2a, [concat(await drain(writer))], report), [HEADER, lost]);
  equal(report.completeness, "complete");
});

Deno.test("T2aWriter.drop() of a recorded block leaves derived events that were written before it readable", async () => {
  const writer = new T2aWriter();
  writer.push([HEADER, output(1, 9), { kind: "command", time: 2, phase: "prompt" }, output(3, 9)]);
  writer.closeBlock();
  let turn = 0;
  const written = await drain(writer, () => turn++ !== 2);
  writer.push([output(8, 9)]);
  writer.finish();
  written.push(...await drain(writer));
  const report = new Report();
  const kinds = (await read(t2a, [concat(written)], report)).map(({ kind, time }) => `${kind} ${time}`);
  deepStrictEqual(kinds.toSorted(), ["command 2", "gap 1", "header 0", "output 8"]);
  equal(report.completeness, "complete");
});

Deno.test("T2aWriter starts each session anew, and forgets what the one before dropped", async () => {
  const writer = new T2aWriter();
  writer.push([HEADER, output(1, 10), HEADER, output(2, 10)]);
  writer.finish();
  let turn = 0;
  const written = await drain(writer, () => ![2, 3, 4].includes(turn++)); // seal, index and end of the first session
  const report = new Report();
  const bytes = concat(written);
  equal(writer.committed, bytes.length);
  deepStrictEqual(await read(t2a, [bytes], report), [HEADER, output(1, 10), HEADER, output(2, 10)]);
  equal(report.completeness, "unfinished");
});

Deno.test("T2aWriter refuses options and events that make no sense", () => {
  const bad: T2aWriterOptions[] = [{ timeUnit: 10 }, { timeUnit: 0 }, { blockBytes: 0 }, { blockBytes: 1e9 }, {
    blockBytes: NaN,
  }];
  for (const options of bad) throws(() => new T2aWriter(options), UsageError);
  throws(() => new T2aWriter().push([output(1, 1)]), /no header came before/);
  const writer = new T2aWriter();
  writer.push([HEADER]);
  throws(() => writer.push([{ kind: "clock", time: 1, drift: 1e300 }]), /whole numbers/);
});

Deno.test("T2aWriter holds times that run backwards, and counts them", async () => {
  const report = new Report();
  const bytes = await write(t2a, [HEADER, output(5, 1), output(3, 1), output(Number.NaN, 1), output(1e300, 1)], {
    report,
  });
  deepStrictEqual((await read(t2a, [bytes])).map(({ time }) => time), [0, 5, 5, 5, Number.MAX_SAFE_INTEGER]);
  equal(report.warnings[0]?.count, 2);
});

Deno.test("T2aWriter rounds each time by itself: after a million steps the error is still under half a unit", async () => {
  const events = [HEADER, ...Array.from({ length: 5000 }, (_, n) => output(n * 1_333_333, 0))];
  for (const timeUnit of [1000, 1_000_000]) {
    const found = await read(t2a, [await write(t2a, events, { timeUnit })]);
    found.forEach(({ time }, n) => ok(Math.abs(time - events[n]!.time) <= timeUnit / 2));
    equal(found.at(-1)!.time % timeUnit, 0);
  }
});

Deno.test("T2aWriter keeps times of 90 days to the nanosecond", async () => {
  const time = 90 * 86_400e9 + 1;
  const events = [HEADER, output(time, 1), output(time + 1, 1), output(Number.MAX_SAFE_INTEGER, 1)];
  deepStrictEqual(await read(t2a, [await write(t2a, events)]), events);
});

Deno.test("T2aWriter cuts output over 4 MiB into several events and reports what is larger than a block", async () => {
  const data = new Uint8Array(9 << 20).map((_, n) => n * n >> 3);
  const report = new Report();
  const events: SessionEvent[] = [
    HEADER,
    { kind: "output", time: 1, data },
    { kind: "custom", time: 2, code: "big", data: new Uint8Array(13 << 20) },
    { kind: "marker", time: 3, label: "after" },
  ];
  const found = await read(t2a, [await write(t2a, events, { report })]);
  deepStrictEqual(found.map(({ kind, time }) => [kind, time]), [
    ["header", 0],
    ["output", 1],
    ["output", 1],
    ["output", 1],
    ["marker", 3],
  ]);
  deepStrictEqual(concat(found.flatMap((event) => event.kind === "output" ? [event.data] : [])), data);
  deepStrictEqual([...report.losses], [["custom", 1]]);
});

Deno.test("T2aWriter puts many derived events into blocks of 1 MiB without closing recorded ones", async () => {
  const text = "x".repeat(300_000);
  const commands = Array.from(
    { length: 9 },
    (_, n): SessionEvent => ({ kind: "command", time: n + 2, phase: "input", text }),
  );
  const events = [HEADER, output(1, 10), ...commands, output(20, 10)];
  const bytes = await write(t2a, events);
  deepStrictEqual(typesOf(bytes), [1, 2, 2, 2, 2, 3, 4, 5]);
  deepStrictEqual(await read(t2a, [bytes]), events);
});

Deno.test("t2a.encoder({ flushAfter }) closes a block when its time is up, and leaves no timer behind", async () => {
  const { readable, writable } = t2a.encoder({ flushAfter: 5 });
  const writer = writable.getWriter();
  const reader = readable.getReader();
  const written = writer.write([HEADER, output(1, 10)]);
  equal((await reader.read()).value?.[0], 0x89);
  await written;
  deepStrictEqual(typesOf((await reader.read()).value!), [BlockType.events]);
  const more = writer.write([output(2, 10)]);
  const closed = writer.close();
  const rest: Uint8Array[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) rest.push(next.value);
  await Promise.all([more, closed]);
  deepStrictEqual(typesOf(concat(rest)), [2, 3, 4, 5]);
});

Deno.test("t2a.encoder({ flushAfter }) leaves no timer behind when it is cancelled or aborted", async () => {
  for (const end of ["cancel", "abort"] as const) {
    const { readable, writable } = t2a.encoder({ flushAfter: 10_000 });
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const written = writer.write([HEADER, output(1, 10)]);
    await reader.read();
    await written;
    if (end === "cancel") await reader.cancel();
    else {
      await writer.abort("enough");
      await rejects(reader.read(), (reason) => reason === "enough");
    }
    writer.closed.catch(() => {});
  }
});

Deno.test("t2a.encoder({ flushAfter }) fails as a stream when a block cannot be made", async () => {
  const codec = {
    id: 1,
    name: "broken",
    compress: () => {
      throw new Error("no memory");
    },
    decompress: (d: Uint8Array) => d,
  };
  const { readable, writable } = t2aFormat({ loadCodec: () => Promise.resolve(codec) }).encoder({ flushAfter: 1 });
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  const written = writer.write([HEADER, output(1, 5000)]);
  written.catch(() => {});
  const reader = readable.getReader();
  await reader.read();
  await rejects(reader.read(), /no memory/);
});

Deno.test("t2a keeps blocks and kinds of event that it does not know, bit by bit", async () => {
  const bytes = await write(t2a, [HEADER]);
  const first = bytes.subarray(0, typesOf(bytes) && 40 + new DataView(bytes.buffer).getUint16(20, true));
  const kinds = splitNumbers([77, 5]);
  const { pieces } = writeColumns([
    splitNumbers([0, 4]),
    kinds,
    splitNumbers([3, 2]),
    new Uint8Array(0),
    new Uint8Array(0),
    Uint8Array.of(1, 2, 3, 0x68, 0x69),
  ]);
  const later = [
    writeBlock({ type: 10, flags: RECORDED, codec: 7, unit: 5, sequence: 1, time: 4 }, Uint8Array.of(...MAGIC, 1)),
    writeBlock(
      { type: 2, flags: RECORDED, codec: 0, unit: 0, sequence: 2, time: 10 },
      concat([Uint8Array.of(2, 0), ...pieces]),
    ),
    writeBlock({ type: 2, flags: RECORDED | 2, codec: 1, unit: 0, sequence: 3, time: 20 }, Uint8Array.of(9)),
    writeBlock({ type: 7, flags: 0, codec: 0, unit: 0, sequence: 0, time: 20 }, new Uint8Array(3)),
  ];
  const recording = concat([first, ...later]);
  const events = await read(t2a, [recording]);
  deepStrictEqual(events.map(({ kind }) => kind), ["header", "opaque", "opaque", "marker", "opaque", "opaque"]);
  const again = await write(t2a, events);
  deepStrictEqual(again.subarray(0, recording.length), recording);
});

Deno.test("t2a passes blocks that it has no codec for, and they can be opened again later", async () => {
  const events = [HEADER, output(1, 9000), { kind: "command", time: 2, phase: "done" } as const, output(3, 9000)];
  const bytes = await collectBytes(streamOf(...events).pipeThrough(t2a.encoder({ blockBytes: 9000 })));
  const report = new Report();
  const bare = t2aFormat();
  const closed = await read(bare, [bytes], report);
  equal(closed.filter(({ kind }) => kind === "opaque").length, 2);
  ok(report.warnings.some(({ code }) => code === "unknown-codec"));
  deepStrictEqual(await read(t2a, [await write(bare, closed)]), events);
});

Deno.test("t2a keeps opaque events of any number", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(
      fc.record({
        type: fc.oneof(
          fc.integer({ min: 0, max: 20 }),
          fc.nat(),
          fc.maxSafeInteger(),
          fc.integer({ min: 2 ** 32, max: 2 ** 32 + 20 }),
        ),
        data: fc.uint8Array(),
      }),
    ),
    async (all) => {
      const events = [HEADER, ...all.map((one): SessionEvent => ({ kind: "opaque", time: 5, ...one }))];
      deepStrictEqual(await read(t2a, [await write(t2a, events)]), events);
    },
  ));
});

Deno.test("t2a keeps what later versions and other formats put into a header, under any name", async () => {
  const extra = { title: 5, extra: { deep: [1] }, ["__proto__"]: 1, constructor: 2, later: null };
  const header = { cols: 1, rows: 2, id: "not hexadecimal", extra: Object.fromEntries(Object.entries(extra)) };
  const events: SessionEvent[] = [{ kind: "header", time: 0, header }];
  deepStrictEqual(await read(t2a, [await write(t2a, events)]), events);
});

Deno.test("t2a stands in for a header block that makes no sense, and says so", async () => {
  const cases: [string, RegExp][] = [["{", /JSON/], ['{"cols":0,"rows":5}', /size/], ["[]", /size/]];
  for (const [json, expected] of cases) {
    const payload = concat([new Uint8Array(16), Uint8Array.of(9, 0, 1), new TextEncoder().encode(json)]);
    const block = writeBlock({ type: 1, flags: RECORDED, codec: 0, unit: 0, sequence: 0, time: 0 }, payload);
    const report = new Report();
    deepStrictEqual(await read(t2a, [concat([MAGIC, block])], report), [HEADER]);
    ok(expected.test(report.warnings[0]!.message));
  }
  const block = writeBlock(
    { type: 1, flags: RECORDED, codec: 0, unit: 0, sequence: 0, time: 0 },
    concat([new Uint8Array(16), Uint8Array.of(2, 0, 1), new TextEncoder().encode('{"cols":3,"rows":4,"term":5}')]),
  );
  const report = new Report();
  deepStrictEqual(await read(t2a, [concat([MAGIC, block])], report), [{
    kind: "header",
    time: 0,
    header: { cols: 3, rows: 4, extra: { term: 5 } },
  }]);
  equal(report.warnings[0]?.code, "later-version");
});

Deno.test("t2a tells sessions apart by their headers, and gives a header without an id the same bytes each time", async () => {
  const named: SessionEvent = {
    kind: "header",
    time: 0,
    header: { cols: 80, rows: 24, id: "00112233445566778899aabbccddeeff" },
  };
  const bytes = await write(t2a, [named]);
  deepStrictEqual(bytes.subarray(40, 44), Uint8Array.of(0, 0x11, 0x22, 0x33));
  deepStrictEqual(await write(t2a, [HEADER]), await write(t2a, [HEADER]));
  notDeepStrictEqual((await write(t2a, [HEADER])).subarray(40, 56), (await write(t2a, [named])).subarray(40, 56));
});

Deno.test("t2a.detect() knows a recording whose magic is damaged", async () => {
  const bytes = await write(t2a, [HEADER]);
  bytes[0]! ^= 1;
  ok(t2a.detect(bytes.subarray(0, t2a.prefixLength)));
  equal(t2a.detect(bytes.subarray(0, 20)), false);
});

Deno.test("t2a.decoder() and t2a.encoder() are stages that can be joined", async () => {
  const events = [HEADER, output(1, 10)];
  deepStrictEqual(await collect(streamOf(...events).pipeThrough(t2a.encoder()).pipeThrough(t2a.decoder())), events);
});
