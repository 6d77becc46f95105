import fc from "fast-check";
import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import { type BlockFields, BlockType, findSync, MAGIC, RECORDED, SYNC, writeBlock } from "../formats/t2a/block.ts";
import { ByteReader, ByteWriter } from "../formats/t2a/bytes.ts";
import { decompress, joinNumbers, readLengths, splitNumbers, writeColumns } from "../formats/t2a/columns.ts";
import { crc32 } from "../formats/t2a/crc32.ts";
import { readEnd, writeEnd } from "../formats/t2a/end.ts";
import { readIndex } from "../formats/t2a/index.ts";
import { decodePayload, encodeEvent, EventCode, FOREIGN_EVENT } from "../formats/t2a/payload.ts";
import { Scanner } from "../formats/t2a/scanner.ts";
import { readScreen, writeScreen } from "../formats/t2a/screen.ts";
import { parseJson } from "../lib/text/json_value.ts";
import { t2aFormat } from "../formats/t2a.ts";
import { FormatError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { Report } from "../lib/report.ts";
import { concat } from "../lib/stream/collect.ts";
import { read, write } from "./contracts/format_contract.ts";
import { screenState } from "./support/generate.ts";

const t2a = t2aFormat({ loadCodec });
const HEADER: SessionEvent = { kind: "header", time: 0, header: { cols: 80, rows: 24 } };
const FIELDS: BlockFields = { type: BlockType.events, flags: RECORDED, codec: 0, unit: 0, sequence: 1, time: 0 };
const NONE = new Uint8Array(0);

function json(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Magic and header block of an empty recording. */
async function opening(): Promise<Uint8Array> {
  const scanner = new Scanner();
  scanner.push(await write(t2a, [HEADER]));
  scanner.next();
  const found = scanner.next();
  ok(found?.kind === "block");
  return concat([MAGIC, found.block.bytes]);
}

/** What is read from the opening and some more. */
async function follow(...pieces: Uint8Array[]): Promise<{ events: SessionEvent[]; report: Report }> {
  const report = new Report();
  return { events: await read(t2a, [concat([await opening(), ...pieces])], report), report };
}

Deno.test("ByteReader gives back every number that ByteWriter can write", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), fc.maxSafeNat(), (signed, plain) => {
    const reader = new ByteReader(new ByteWriter().signed(signed).varint(plain).u64(plain).finish());
    deepStrictEqual([reader.signed(), reader.varint(), reader.u64(), reader.left], [signed, plain, plain, 0]);
  }));
});

Deno.test("ByteReader refuses numbers past 2^53, signs that are none, and text that is none", () => {
  throws(() => new ByteReader(new Uint8Array(9).fill(0xff)).varint(), /larger than 2\^53/);
  throws(() => new ByteReader(Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127)).varint(), /larger than 2\^53/);
  throws(() => new ByteReader(new Uint8Array(8).fill(0xff)).u64(), /larger than 2\^53/);
  throws(() => new ByteReader(Uint8Array.of(2, 0)).signed(), /sign is 2/);
  throws(() => new ByteReader(Uint8Array.of(1, 0xff)).text(), /not UTF-8/);
  throws(() => new ByteReader(Uint8Array.of(5, 0x61)).text(), /only 1 are left/);
});

Deno.test("crc32() tells the same as its definition, whatever the length and the start", () => {
  const slow = (bytes: Uint8Array) => {
    let crc = ~0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ crc >>> 1 : crc >>> 1;
    }
    return ~crc >>> 0;
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(8), (bytes, start) => {
    equal(crc32(bytes.subarray(start)), slow(bytes.subarray(start)));
  }));
  for (const length of [100, 4095, 4096, 4103, 100, 70_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => at * at >>> 3);
    equal(crc32(bytes), slow(bytes), `${length} bytes`);
  }
});

Deno.test("joinNumbers() gives back what splitNumbers() took apart", () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.nat(300), fc.maxSafeNat())), (numbers) => {
    deepStrictEqual([...joinNumbers(splitNumbers(numbers), numbers.length)], numbers);
  }));
});

Deno.test("joinNumbers() refuses columns that are too short, too long or without end", () => {
  throws(() => joinNumbers(Uint8Array.of(1), 2), /does not hold 2/);
  throws(() => joinNumbers(Uint8Array.of(0x80), 1), /does not hold 1/);
  throws(() => joinNumbers(Uint8Array.of(1, 2), 1), /1 bytes are left over/);
  throws(() => joinNumbers(new Uint8Array(20).fill(0x80), 1), /does not hold 1/);
});

Deno.test("readLengths() refuses claims before anything is decompressed", () => {
  const lengths = (...all: number[]) => {
    const out = new ByteWriter();
    for (const value of all) out.varint(value);
    return new ByteReader(out.finish());
  };
  throws(() => readLengths(lengths(2 ** 40, 1), 1), /the most a block may hold/);
  throws(() => readLengths(lengths(5, 0), 1), /there are 0/);
  throws(() => readLengths(lengths(9, 4, 1, 0), 2), /columns of 5 bytes/);
});

Deno.test("decompress() refuses what a codec cannot open, and any other length", () => {
  const codec = { id: 9, name: "odd", compress: (data: Uint8Array) => data, decompress: (data: Uint8Array) => data };
  throws(() => decompress(codec, new Uint8Array(3), 4), /gave 3 bytes, expected 4/);
  const broken = {
    ...codec,
    decompress: () => {
      throw new Error("bad");
    },
  };
  throws(
    () => decompress(broken, new Uint8Array(3), 4),
    (error) => error instanceof FormatError && error.cause instanceof Error,
  );
});

Deno.test("writeBlock() veils a payload that holds the sync word, under whatever mask hides it", async () => {
  const shown = (mask: number) => SYNC.map((byte) => byte ^ mask);
  for (const masks of [[0], [0, 1], [0, 1, 2, 3, 4, 5]]) {
    const data = concat(masks.map(shown));
    const block = writeBlock(FIELDS, data);
    equal(findSync(block, 1), -1);
    equal(block[15], masks.length);
    const found = await read(t2a, [await write(t2a, [HEADER, { kind: "output", time: 0, data }])]);
    deepStrictEqual(found[1], { kind: "output", time: 0, data });
  }
  // Nothing hides all 256 of them: such a payload stays as it is, and is still read.
  const hostile = concat(Array.from({ length: 256 }, (_, mask) => shown(mask)));
  equal(writeBlock(FIELDS, hostile)[15], 0);
  const events: SessionEvent[] = [HEADER, { kind: "output", time: 0, data: hostile }];
  deepStrictEqual(await read(t2a, [await write(t2a, events)]), events);
});

Deno.test("writeBlock() refuses more than a length can say", () => {
  throws(() => writeBlock(FIELDS, new Uint8Array(1 << 24)), /16777216 bytes/);
});

Deno.test("readEnd() and readIndex() refuse what they did not write", () => {
  const end = writeEnd(100, 50);
  end[23] = 0;
  throws(() => readEnd(end), /end magic/);
  const raw = new ByteWriter().varint(0).varint(0).varint(0).varint(0).varint(0).varint(0).varint(2 ** 40).finish();
  const { pieces } = writeColumns([raw]);
  throws(() => readIndex(concat(pieces)), /lists 1099511627776 places/);
});

Deno.test("readScreen() gives back every state, and keeps members that it does not know", () => {
  fc.assert(fc.property(screenState, (state) => deepStrictEqual(readScreen(writeScreen(state)), state)));
  const later = { ...readScreen(json(BLANK)), hyperlinks: [1] };
  deepStrictEqual(readScreen(writeScreen(later)), later);
});

const BLANK = {
  cols: 80,
  rows: 24,
  styles: [{}],
  normal: { rows: [{ cells: [[0, "a"], [0, 3], [0, "漢", 2]] }] },
  cursor: { col: 0, row: 0, style: 0, charsets: ["B", "B", "B", "B"], charset: 0 },
  modes: {},
};

Deno.test("readScreen() refuses a state of which any part is not what it should be", () => {
  const wrong: [string, unknown][] = [
    ["cols", -1],
    ["rows", 1.5],
    ["styles", [{ foreground: {} }]],
    ["links", [{ id: "x" }]],
    ["normal", { rows: [{ cells: [[0]] }] }],
    ["normal", { rows: [{ cells: [[0, "a", 2, 3]] }] }],
    ["normal", { rows: [{ cells: [["0", "a"]] }] }],
    ["alternate", { rows: [], saved: {} }],
    ["active", "normal"],
    ["cursor", { ...BLANK.cursor, charsets: ["B"] }],
    ["margins", [1]],
    ["tabs", "8"],
    ["modes", { "?25": "on" }],
    ["colors", { "1": 5 }],
    ["pending", "not base64!"],
  ];
  for (const [name, value] of wrong) {
    throws(() => readScreen(json({ ...BLANK, [name]: value })), new RegExp(name), name);
  }
  for (const value of [[], null, 5]) throws(() => readScreen(json(value)), /cols/);
  throws(() => parseJson("[".repeat(1e5)), FormatError);
});

Deno.test("decodePayload() passes on every payload that is not of its kind, and encodeEvent() writes it as it was", () => {
  const codes = Object.values(EventCode).filter((code) => code > EventCode.input && code !== EventCode.opaque);
  fc.assert(fc.property(fc.constantFrom(...codes, 16, 99, 70_000), fc.uint8Array(), (code, payload) => {
    const event = decodePayload(code, 5, payload);
    if (event.kind !== "opaque") return;
    deepStrictEqual(event, { kind: "opaque", time: 5, type: FOREIGN_EVENT + code, data: payload });
    const again = encodeEvent(event);
    deepStrictEqual([again.code, again.payload], [code, payload]);
  }));
  const odd: [number, Uint8Array][] = [
    [EventCode.command, json({ code: 1 })],
    [EventCode.exit, Uint8Array.of(7)],
    [EventCode.resize, Uint8Array.of(1, 2, 3)],
    [EventCode.note, NONE],
  ];
  for (const [code, payload] of odd) equal(decodePayload(code, 0, payload).kind, "opaque");
});

Deno.test("t2a.decoder() tells of a magic that nothing follows", async () => {
  const whole = await write(t2a, [HEADER]);
  const report = new Report();
  deepStrictEqual(await read(t2a, [concat([whole, MAGIC])], report), [HEADER]);
  deepStrictEqual([report.tornBytes, report.completeness], [8, "unfinished"]);
  deepStrictEqual(report.warnings.map(({ code, first }) => [code, first.byte]), [["torn", whole.length]]);
});

Deno.test("t2a.decoder() names a block that is cut short, and reads what stands behind the cut", async () => {
  const long = writeBlock(FIELDS, new Uint8Array(100_000));
  const { events, report } = await follow(long.subarray(0, 500), await opening());
  deepStrictEqual(events.map(({ kind }) => kind), ["header", "gap", "header"]);
  ok(report.warnings[0]!.message.includes("block 1 at byte"));
  ok(report.warnings[0]!.message.includes("cut short"));
});

Deno.test("t2a.decoder() leaves out blocks that are intact but make no sense, and says so", async () => {
  const column = (numbers: number[]) => splitNumbers(numbers);
  const events = (...columns: Uint8Array[]) => concat([Uint8Array.of(1, 0), ...writeColumns(columns).pieces]);
  const cases: [string, Uint8Array, RegExp][] = [
    ["times", events(column([2 ** 52]), column([1]), column([0]), NONE, NONE, NONE), /past 2\^53/],
    ["left", events(column([0]), column([1]), column([0]), Uint8Array.of(1), NONE, NONE), /belong to none/],
    ["short", events(column([0]), column([1]), column([5]), Uint8Array.of(1), NONE, NONE), /only 1 are left/],
  ];
  for (const [name, payload, expected] of cases) {
    const { events, report } = await follow(writeBlock({ ...FIELDS, time: 2 ** 52 }, payload));
    deepStrictEqual(events.map(({ kind }) => kind), ["header", "gap"], name);
    ok(expected.test(report.warnings[0]!.message), `${name}: ${report.warnings[0]!.message}`);
  }
  const beside = await follow(writeBlock({ ...FIELDS, flags: 0, sequence: 0 }, Uint8Array.of(9)));
  deepStrictEqual(beside.events, [HEADER]);
  ok(beside.report.warnings[0]!.message.includes("makes no sense"));
});

Deno.test("t2a.decoder() holds blocks whose time runs backwards", async () => {
  const { payload: first } = {
    payload: concat([
      Uint8Array.of(1, 0),
      ...writeColumns([[0], [5], [1]].map(splitNumbers).concat([NONE, NONE, Uint8Array.of(0x61)])).pieces,
    ]),
  };
  const { events, report } = await follow(
    writeBlock({ ...FIELDS, time: 50 }, first),
    writeBlock({ ...FIELDS, sequence: 2, time: 20 }, first),
  );
  deepStrictEqual(events.map(({ time }) => time), [0, 50, 50]);
  equal(report.warnings[0]?.code, "clock-backwards");
});

Deno.test("t2a.decoder() keeps no more than 64 MiB of derived events waiting for a block that never comes", async () => {
  const zstd = (await loadCodec(1))!;
  const command = json({ phase: "input", text: "x".repeat(30 << 20) });
  const columns = [[0], [EventCode.command], [command.length]].map(splitNumbers).concat([
    NONE,
    NONE,
    command,
    splitNumbers([1]),
  ]);
  const { pieces } = writeColumns(columns, { codec: zstd, level: 1 });
  const later = (sequence: number) =>
    writeBlock({ ...FIELDS, flags: 0, codec: 1, sequence }, concat([Uint8Array.of(1, 9), ...pieces]));
  const { events, report } = await follow(later(0), later(1), later(2));
  deepStrictEqual(events, [HEADER]);
  deepStrictEqual(report.warnings.map(({ code, count }) => [code, count]), [["damaged-block", 1], ["no-seal", 1]]);
});
