import fc from "fast-check";
import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { asciicastV1 } from "../formats/asciicast_v1.ts";
import { asciicastV2 } from "../formats/asciicast_v2.ts";
import { FormatError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { describeFinding, Report } from "../lib/report.ts";
import { blobSource, streamSource } from "../lib/stream/source.ts";
import { read, write } from "./contracts/format_contract.ts";
import { readerContract } from "./contracts/reader_contract.ts";
import { brief } from "./support/asciicast.ts";
import { chunkSizes, cut, sessions } from "./support/generate.ts";
import { sharedCast } from "./support/shared_casts.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A document with the given list of entries. */
function document(stdout: string, more = ""): string {
  return `{"version": 1, "width": 80, "height": 24, ${more}"stdout": ${stdout}}`;
}

const FULL = `{
  "version": 1, "width": 100, "height": 50, "duration": 10.5, "command": "/bin/bash", "title": "a \\"title\\"",
  "env": {"TERM": "xterm-256color", "SHELL": "/bin/bash", "LANG": null},
  "stdout": [
    [0.000001, "ż [\\u001b[1m]"],
    [10, "\\"}],\\\\"],
    [0.5, "\\r\\n"]
  ]
}
`;

readerContract(asciicastV1, {
  "a full document": { "": encode(FULL) },
  "a document in one line, its keys in another order": {
    "": encode('{"stdout":[[1,"a"],[2,"b"]],"height":24,"width":80,"version":1}'),
  },
  "a document without entries": { "": encode(document("[]")) },
}, {
  foreign: {
    "asciicast v2": encode('{"version": 2, "width": 80, "height": 24}\n[1, "o", "a"]\n'),
    "another document with a version": encode('{"version": 1, "dependencies": {}}\n'),
    "another document with stdout": encode('{"stdout": "text", "code": 0}\n'),
    "tlog": encode('{"ver":"2.3","rec":"a","timing":""}\n'),
  },
});

async function told(text: string | Uint8Array): Promise<[string[], string[], Report]> {
  const report = new Report();
  const events = await read(asciicastV1, [typeof text === "string" ? encode(text) : text], report);
  return [events.map(brief), report.warnings.map(({ code, first }) => `${code} ${first.byte}`), report];
}

Deno.test("asciicastV1.open() reads the whole header, wherever its fields stand", async () => {
  const expected: SessionEvent = {
    kind: "header",
    time: 0,
    header: {
      cols: 100,
      rows: 50,
      command: "/bin/bash",
      title: 'a "title"',
      term: "xterm-256color",
      shell: "/bin/bash",
      env: { TERM: "xterm-256color", SHELL: "/bin/bash" },
      extra: { duration: 10.5 },
    },
  };
  deepStrictEqual((await read(asciicastV1, [encode(FULL)]))[0], expected);
  const { stdout, ...fields } = JSON.parse(FULL);
  deepStrictEqual((await read(asciicastV1, [encode(JSON.stringify({ stdout, ...fields }))]))[0], expected);
});

/** A list of entries, and what it becomes behind the header. */
const CASES: readonly [name: string, stdout: string, events: readonly string[], warnings?: readonly string[]][] = [
  ["delays whose sum no binary fraction can tell", '[[0.1, "a"], [0.1, "b"], [0.1, "c"]]', [
    "output 0.1 a",
    "output 0.2 b",
    "output 0.3 c",
  ]],
  ["negative delays", '[[2, "a"], [-1, "b"], [1, "c"]]', ["output 2 a", "output 2 b", "output 3 c"], [
    "clock-backwards 63",
  ]],
  ["delays in quotes", '[["1.5", "a"], ["soon", "b"]]', ["output 1.5 a", "gap 1.5"], [
    "quoted-time 53",
    "bad-entry 67",
  ]],
  ["delays beyond reason", '[[1e300, "a"], [1e999, "b"], [1, "c"]]', ["output 0 a", "output 0 b", "output 1 c"], [
    "absurd-time 53",
  ]],
  ["text that is none, whose delay counts", '[[1, true], [1, null], [1, "c"]]', ["gap 1", "output 3 c"], [
    "bad-entry 53",
  ]],
  ["entries that are none", '[7, {}, "x", [], [1, "a"], [1 "b"], nonsense, [1, "c"],]', [
    "gap 0",
    "output 1 a",
    "gap 1",
    "output 2 c",
  ], ["bad-entry 53"]],
  ["a third element", '[[1, "a", ""], [1, "b"]]', ["output 1 a", "output 2 b"], ["extra-element 53"]],
  ["a surrogate pair over two entries", '[[1, "a\\ud83d"], [1, "\\ude00b"]]', ["output 1 a", "output 2 😀b"]],
  ["halves of surrogate pairs", '[[1, "\\ude00"], [1, "\\ud83d"]]', ["output 1 \ufffd", "output 2 \ufffd"], [
    "lone-surrogate 53",
  ]],
  ["text of nothing", '[[1, ""]]', ["output 1 "]],
];

for (const [name, stdout, events, warnings = []] of CASES) {
  Deno.test(`asciicastV1.open() reads ${name}`, async () => {
    const [toldEvents, toldWarnings] = await told(document(stdout));
    deepStrictEqual(toldEvents.slice(1), events);
    deepStrictEqual(toldWarnings, warnings);
  });
}

Deno.test("asciicastV1.open() keeps what stands before a cut, and tells the rest", async () => {
  const [events, warnings, report] = await told(
    '{"version": 1, "width": 80, "height": 24, "stdout": [[1, "a"], [1, "b',
  );
  deepStrictEqual([events, warnings], [["header 80x24", "output 1 a"], ["torn-end 63"]]);
  deepStrictEqual([report.completeness, report.tornBytes], ["unfinished", 6]);
  const [more, , other] = await told('{"version": 1, "width": 80, "height": 24, "stdout": [[1, "a"],');
  deepStrictEqual([more.length, other.completeness, other.tornBytes], [2, "unfinished", 0]);
});

Deno.test("asciicastV1.open() takes what it can of a header, and of a document that goes on", async () => {
  const [events, warnings, report] = await told('{"version": 1, "title": tru, "stdout": [[1, "a"]]} {"and": "more"}');
  deepStrictEqual(events, ["header 80x24", "output 1 a"]);
  deepStrictEqual(warnings, ["bad-field 24", "text-behind 50", "header-width 0", "header-height 0"]);
  equal(report.completeness, "complete");
  const [, codes, unfinished] = await told('{"stdout": [[1, "a"]], width: 80}');
  deepStrictEqual(codes, ["bad-json 21", "header-version 0", "header-width 0", "header-height 0"]);
  equal(unfinished.completeness, "unfinished");
});

Deno.test("asciicastV1.open() reads behind a byte order mark, and bytes that are not UTF-8 as U+FFFD", async () => {
  const bytes = encode("\ufeff" + document('[[1, "a?"]]'));
  bytes[bytes.indexOf("?".charCodeAt(0))] = 0xff;
  const [events, warnings] = await told(bytes);
  deepStrictEqual([events, warnings], [["header 80x24", "output 1 a\ufffd"], ["bad-utf8 56"]]);
  ok(asciicastV1.detect(bytes));
});

Deno.test("asciicastV1.detect() knows a document by what comes first of it", () => {
  ok(asciicastV1.detect(encode('\n{ "stdout": [[1, "a')));
  ok(asciicastV1.detect(encode('{"width": 80, "version": 1, "title": "so far')));
  for (const other of ['{"version": 2, "stdout": []}', '{"version": "1", "width": 3}', "{", '["stdout"]']) {
    equal(asciicastV1.detect(encode(other)), false, other);
  }
});

Deno.test("asciicastV1.open() refuses what is no such document by name, with what it found", async () => {
  const cases: readonly [string, RegExp][] = [
    ["", /^Cannot read demo as asciicast v1: it is empty; expected \{"version": 1/],
    ["echo hello", /it begins with "echo hello"/],
    ['{"version": 2}', /its version is 2/],
    ['{"version": 1, "width": 80}', /it has no list named stdout/],
    ['{"version": 1, "stdout": {}}', /it has no list named stdout/],
  ];
  for (const [text, pattern] of cases) {
    await rejects(
      read(asciicastV1, [encode(text)]),
      (error) => error instanceof FormatError && pattern.test(error.message),
    );
  }
});

Deno.test("asciicastV1.open() refuses more than 64 MiB, and holds no more", async () => {
  const piece = encode(" ".repeat(1 << 20));
  let pieces = 0;
  const bytes = new ReadableStream<Uint8Array>({ pull: (controller) => (pieces++, controller.enqueue(piece)) }, {
    highWaterMark: 0,
  });
  const events = asciicastV1.open(
    streamSource("big.json", bytes),
    new Report(),
  );
  await rejects(
    events.getReader().read(),
    /^FormatError: Cannot read big\.json as asciicast v1: it has more than 67108864 bytes/,
  );
  equal(pieces, 65);
});

Deno.test("asciicastV1.open() gives a long document in small batches, and survives nesting without end", async () => {
  const stdout = `[${'[0.1,"x"],'.repeat(20_000)}${"[".repeat(1_000_000)}`;
  const sizes: number[] = [];
  const report = new Report();
  const source = blobSource("x", new Blob([document(stdout)]));
  for await (const batch of asciicastV1.open(source, report)) sizes.push(batch.length);
  equal(sizes.reduce((sum, size) => sum + size), 20_001);
  ok(Math.max(...sizes) <= 1024);
  equal(report.completeness, "unfinished");
});

/** What is wrong with recordings of the collection that are not flawless. */
const FLAWS: Readonly<Record<string, string>> = {
  "server-v1-invalid-data.json": "an entry that is not a time and a text was left out (at byte 118)",
  "server-v1-invalid-time-1.json": "time ran backwards and was held (at byte 118)",
  "server-v1-invalid-time-2.json": "a time in quotes was read as a number (at byte 115)",
  "server-v1-wrong-event-length.json": "elements after the second were ignored (at byte 118)",
  "server-v1-invalid.json": "the header's width is absent and was taken for 80 (at byte 0)",
};
const COLLECTION = [
  ...["cli-full-v1", "cli-minimal-v1", "cli-nulls-v1", "cli-demo", "server-welcome", "player-hist-21195-v1"],
  ...["full", "invalid-data", "invalid-time-1", "invalid-time-2", "invalid", "minimal", "screenshot", "single-event"]
    .map((name) => `server-v1-${name}`),
  "server-v1-wrong-event-length",
].map((name) => `${name}.json`);

Deno.test("asciicastV1.open() reads every recording of the collection as JSON.parse() does", async (t) => {
  for (const name of [...COLLECTION, "termrec-asciicast-v1.cast", "native-tools/b.cast-v1"]) {
    const bytes = await sharedCast(name);
    if (!bytes) return;
    await t.step(name, async () => {
      const report = new Report();
      const [header, ...events] = await read(asciicastV1, cut(bytes, [4093]), report);
      const expected = JSON.parse(new TextDecoder().decode(bytes));
      equal(report.warnings.map(describeFinding).join(), FLAWS[name] ?? "");
      equal(report.completeness, "complete");
      ok(asciicastV1.detect(bytes.subarray(0, asciicastV1.prefixLength)) && !asciicastV2.detect(bytes));
      ok(header?.kind === "header" && header.header.rows === expected.height);
      const texts = events.map((event) => event.kind === "output" ? new TextDecoder().decode(event.data) : undefined);
      deepStrictEqual(texts, expected.stdout.map(([, text]: unknown[]) => text === true ? undefined : text));
      if (FLAWS[name]) return;
      const seconds = expected.stdout.reduce((sum: number, [delay]: number[]) => sum + delay!, 0);
      ok(Math.abs((events.at(-1)?.time ?? 0) / 1e9 - seconds) < 1e-6);
    });
  }
});

Deno.test("asciicastV1.open() reads the same session as asciicastV2.open() where both were kept", async () => {
  const [one, two] = [await sharedCast("server-welcome.json"), await sharedCast("server-welcome.cast")];
  if (!one || !two) return;
  const text = async (events: Promise<SessionEvent[]>) =>
    (await events).filter(({ kind }) => kind === "output").map(brief).map((line) => line.replace(/^\S+ \S+ /, "")).join(
      "",
    );
  equal(await text(read(asciicastV1, [one])), await text(read(asciicastV2, [two])));
});

Deno.test("asciicastV1.encoder() gives back what was written, but for what it declares to lose, however it is split", async () => {
  const property = fc.asyncProperty(sessions({ text: true }), chunkSizes, async (all, sizes) => {
    const bytes = await write(asciicastV1, all);
    const kept = all.filter(({ kind }) => kind === "header" || kind === "output");
    deepStrictEqual(await read(asciicastV1, cut(bytes, sizes)), kept);
    JSON.parse(new TextDecoder().decode(bytes)); // one whole document
  });
  await fc.assert(property, { numRuns: 100 });
});

Deno.test("asciicastV1.encoder() tells what it loses, and puts characters together that were cut", async () => {
  const report = new Report();
  const events: SessionEvent[] = [
    { kind: "header", time: 0, header: { cols: 80, rows: 24, extra: { stdout: 1 } } },
    { kind: "output", time: 1e9, data: Uint8Array.of(0xc3) },
    { kind: "input", time: 1e9, data: encode("x") },
    { kind: "output", time: 2e9, data: Uint8Array.of(0xa9, 0xff) },
    { kind: "exit", time: 2e9, status: { code: 0 } },
  ];
  equal(
    new TextDecoder().decode(await write(asciicastV1, events, { report })),
    '{"version":1,"width":80,"height":24,"stdout":[\n[2.0, "é\ufffd"]\n]}\n',
  );
  deepStrictEqual([...report.losses], [
    ["header field stdout", 1],
    ["input", 1],
    ["bytes that are not UTF-8", 1],
    ["exit", 1],
  ]);
});
