import fc from "fast-check";
import { deepStrictEqual, equal, match, ok, rejects } from "node:assert/strict";
import { tlog } from "../formats/tlog.ts";
import { FormatError } from "../lib/errors.ts";
import type { SessionEvent, SessionHeader } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { concat } from "../lib/stream/collect.ts";
import { streamSource } from "../lib/stream/source.ts";
import { formatContract, read, write } from "./contracts/format_contract.ts";
import { brief } from "./support/asciicast.ts";
import { isInstalled, withFolder } from "./support/cli.ts";
import { header, output } from "./support/events.ts";
import { cut, sessions } from "./support/generate.ts";
import { sharedCast } from "./support/shared_casts.ts";

const MS = 1e6;

/** What is left of a header: names, where they are not empty, and the wall clock to the millisecond. */
function keptHeader({ cols, rows, id, startedAt, user, host, term }: SessionHeader): SessionHeader {
  return {
    cols,
    rows,
    ...(id && { id }),
    ...(startedAt !== undefined && { startedAt: Math.round(startedAt) }),
    ...(user && { user }),
    ...(host && { host }),
    ...(term && { term }),
  };
}

/** What is left of events in tlog: not who typed. */
function kept(events: readonly SessionEvent[]): SessionEvent[] {
  return events.map((event) => {
    if (event.kind === "header") return { ...event, header: keptHeader(event.header) };
    return event.kind === "input" ? { kind: "input", time: event.time, data: event.data } : event;
  });
}

formatContract(tlog, { kept, rounded: (time) => Math.round(time / MS) * MS });

const encode = (text: string) => new TextEncoder().encode(text);

/** A message as tlog would write it. */
function message(more: Record<string, unknown> = {}): string {
  const usual = { ver: "2.3", host: "h", rec: "a", user: "", term: "", session: 4294967295, id: 1, pos: 0 };
  return JSON.stringify({ ...usual, timing: "=80x24", in_txt: "", in_bin: [], out_txt: "", out_bin: [], ...more });
}

/** A message that prints one word. */
function word(rec: string, id: number, pos: number, text: string): string {
  return message({ rec, id, pos, timing: `=80x24>${[...text].length}`, out_txt: text });
}

/** Events in brief, and the codes of what was reported with the line where it was first met. */
async function told(log: readonly string[] | string): Promise<[string[], string[], Report]> {
  const report = new Report();
  const text = typeof log === "string" ? log : log.join("\n") + "\n";
  const events = await read(tlog, [encode(text)], report);
  return [events.map(brief), report.warnings.map(({ code, first }) => `${code} ${first.line}`), report];
}

async function checkTold(log: readonly string[] | string, events: string[], warnings: string[] = []): Promise<void> {
  const [toldEvents, toldWarnings] = await told(log);
  deepStrictEqual(toldEvents, events);
  deepStrictEqual(toldWarnings, warnings);
}

/** Bytes of a direction, all in one. */
function bytesOf(events: readonly SessionEvent[], kind: "output" | "input"): Uint8Array<ArrayBuffer> {
  return concat(events.flatMap((event) => event.kind === kind ? [event.data] : []));
}

Deno.test("tlog.open() reads what tlog wrote exactly: sizes, characters, bytes that are none, input", async () => {
  const bytes = await sharedCast("native-tools/t3.json");
  if (!bytes) return;
  const report = new Report();
  const red = concat([encode("héllo\r\nbad"), Uint8Array.of(255, 254), encode("x\r\n\x1b[31mred\x1b[0m\r\n")]);
  const extra = { rec: "d475a56929b84961b42812da9a2844c8-4300-17504" };
  const of = { startedAt: 1795382149867, user: "root", host: "vm", term: "xterm" };
  deepStrictEqual(await read(tlog, cut(bytes, [7]), report), [
    { kind: "header", time: 0, header: { cols: 100, rows: 30, ...of, extra } },
    { kind: "output", time: 0, data: red },
    { kind: "input", time: 3 * MS, data: Uint8Array.of(4) },
    { kind: "output", time: 500 * MS, data: encode("😀\r\ntab\there\0nul \x1b]0;t\x07\r\n") },
  ]);
  deepStrictEqual([report.warnings, report.completeness], [[], "unknown"]);
});

Deno.test("tlog.open() gives back every kind of invalid UTF-8 that tlog kept, from a terminal without a size", async () => {
  const bytes = await sharedCast("native-tools/t4.json");
  if (!bytes) return;
  const events = await read(tlog, [bytes]);
  equal(
    bytesOf(events, "output").toHex(),
    "61e282620d0a63f09f640d0aeda08020c08020f4908080" + "0d0a65e282",
  );
  ok(events[0]?.kind === "header" && events[0].header.cols === 80);
});

Deno.test("tlog.open() puts the messages of tlog one behind the other without a loss", async () => {
  const bytes = await sharedCast("native-tools/tlog-50.json");
  if (!bytes) return;
  const report = new Report();
  const events = await read(tlog, cut(bytes, [65536]), report);
  const counted = Array.from({ length: 12560 }, (_, at) => `${at + 1}\r\n`).join("");
  ok(new TextDecoder().decode(bytesOf(events, "output")) === counted.slice(0, -1)); // the log was cut there
  deepStrictEqual([report.warnings, events.filter(({ kind }) => kind !== "output").length], [[], 1]);
});

Deno.test("tlog counts characters as code points, and bytes by the timing, never by what the text looks like", async () => {
  const text = "a😀\ufffdb\ufffd";
  const line = message({ timing: "=80x24>3+5>1]1/3", out_txt: text, out_bin: [0xed, 0xa0, 0x80] });
  const events = await read(tlog, [encode(line)]);
  equal(bytesOf(events.slice(0, 2), "output").toHex(), encode("a😀\ufffd").toHex());
  equal(bytesOf(events.slice(2), "output").toHex(), "62eda080");
});

Deno.test("tlog.open() tells a size once where every message repeats it, and as a resize where it changes", async () => {
  await checkTold([
    word("a", 1, 0, "x"),
    word("a", 2, 5, "y"),
    message({ id: 3, pos: 9, timing: "=90x25>1=90x25+1=0x0+1=5000x1", out_txt: "z" }),
  ], [
    "header 80x24",
    "output 0 x",
    "output 0.005 y",
    "resize 0.009 90x25",
    "output 0.009 z",
    "resize 0.009 90x25",
    "resize 0.011 2048x1",
  ], ["big-resize 3"]);
});

Deno.test("tlog.open() takes 80x24 for a recording without a size, with a warning unless the terminal had none", async () => {
  await checkTold([message({ timing: "=0x0>1", out_txt: "x" })], ["header 80x24", "output 0 x"]);
  const events = ["header 80x24", "output 0.002 x"];
  await checkTold([message({ timing: "+2>1", out_txt: "x" })], events, ["header-size 1"]);
});

Deno.test("tlog.open() says gap where messages are missing, and plays the rest", async () => {
  const log = [word("a", 1, 0, "x"), word("a", 4, 9, "y"), word("a", 4, 9, "y"), word("a", 2, 5, "late"), "", "{}"];
  const events = ["header 80x24", "output 0 x", "gap 0", "output 0.009 y", "gap 0.009", "output 0.009 late"];
  const warnings = ["missing-message 2", "repeated-message 3", "clock-backwards 4", "bad-line 6"];
  await checkTold(log, [...events, "gap 0.009"], ["bad-line 6", ...warnings.slice(0, 3)]);
});

Deno.test("tlog.open() begins with a gap where the first messages are missing", async () => {
  const events = ["header 80x24", "gap 0", "output 7 x"];
  await checkTold([word("a", 3, 7000, "x")], events, ["missing-message 1"]);
});

Deno.test("tlog.open() lets sessions follow each other where a log mixes recordings", async () => {
  const log = [word("a", 1, 0, "a1"), word("b", 1, 0, "b1"), word("a", 2, 8, "a2"), word("b", 2, 3, "b2")];
  const first = ["header 80x24", "output 0 a1", "output 0.008 a2"];
  await checkTold(log, [...first, "header 80x24", "output 0 b1", "output 0.003 b2"]);
  const other = word("a", 2, 8, "a2").replace('"h"', '"other"');
  const [events] = await told([word("a", 1, 0, "a1"), other, word("a", 2, 8, "a2")]);
  deepStrictEqual(events, [...first, "header 80x24", "gap 0", "output 0.008 a2"]);
});

Deno.test("tlog.open() gives back recordings however their messages are mixed", async () => {
  const recordings = fc.array(sessions(), { minLength: 1, maxLength: 4 });
  await fc.assert(fc.asyncProperty(recordings, fc.array(fc.nat(3), { maxLength: 40 }), async (all, order) => {
    const named = all.map((
      [first, ...events],
      at,
    ) => [{ ...first, header: { ...header().header, id: `${at}`.repeat(32) } }, ...events]);
    const logs = await Promise.all(named.map((events) => write(tlog, events as SessionEvent[])));
    const lines = logs.map((log) => new TextDecoder().decode(log).split("\n").slice(0, -1));
    const whole = await Promise.all(logs.map((log) => read(tlog, [log])));
    const mixed = [0, 1, 2, 3, ...order, 0, 1, 2, 3].flatMap((turn, at) => {
      const isLast = at >= order.length + 4;
      return lines[turn]?.splice(0, isLast ? Infinity : 1) ?? [];
    });
    deepStrictEqual(await read(tlog, [encode(mixed.join("\n"))]), whole.flat());
  }));
});

Deno.test("tlog.open() reads a log that was joined to itself as two sessions", async () => {
  const log = [word("a", 1, 0, "x"), word("a", 2, 8, "y")];
  const events = ["header 80x24", "output 0 x", "output 0.008 y"];
  await checkTold([...log, ...log], [...events, ...events]);
});

Deno.test("tlog.open() holds 16 MiB of waiting messages at the most, and leaves none out", async () => {
  const text = "x".repeat(500_000);
  const others = Array.from({ length: 40 }, (_, at) => word("b", at + 1, at, text));
  const log = [word("a", 1, 0, "a1"), ...others, word("a", 2, 8, "a2"), word("a", 3, 9, "a3")];
  const report = new Report();
  const bytes = encode(log.join("\n"));
  let pulled = 0;
  const chunks = cut(bytes, [65536]);
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => pulled < chunks.length ? controller.enqueue(chunks[pulled++]) : controller.close(),
  }, { highWaterMark: 0 });
  const kinds: string[] = [];
  let pulledAtSecond = 0;
  for await (
    const batch of tlog.open(streamSource("x", source), report)
  ) {
    for (const event of batch) kinds.push(event.kind);
    if (pulledAtSecond === 0 && kinds.filter((kind) => kind === "header").length === 2) pulledAtSecond = pulled;
  }
  equal(kinds.filter((kind) => kind === "output").length, 43);
  equal(kinds.filter((kind) => kind === "header").length, 3);
  equal(kinds.includes("gap"), false);
  ok(pulledAtSecond * 65536 < 17.2e6, `${pulledAtSecond} chunks`);
  deepStrictEqual(report.warnings.map(({ code, count }) => [code, count]), [["split-recording", 1]]);
});

Deno.test("tlog.open() reads messages inside of journal entries, as text or as bytes, among those of others", async () => {
  const wrap = (inside: unknown) => JSON.stringify({ __CURSOR: "s=1", MESSAGE: inside });
  const log = [
    wrap(word("a", 1, 0, "é")),
    wrap("Started Session 7 of User ada."),
    wrap([...encode(word("a", 2, 5, "€"))]),
    wrap(null),
  ];
  await checkTold(log, ["header 80x24", "output 0 é", "output 0.005 €"], ["other-entry 2"]);
  ok(tlog.detect(encode(log.join("\n"))));
});

Deno.test("tlog.detect() knows a message that is longer than what it sees", () => {
  const line = message({ timing: "=80x24>40000", out_txt: "x".repeat(40_000) });
  ok(tlog.detect(encode(line).subarray(0, tlog.prefixLength)));
  ok(tlog.detect(encode(JSON.stringify({ MESSAGE: line })).subarray(0, tlog.prefixLength)));
  ok(tlog.detect(encode(`\n \r\n${word("a", 1, 0, "x")}`)));
  equal(tlog.detect(encode(`["ver": "rec": "timing":`)), false);
  equal(tlog.detect(encode(`{"about": "the fields ver, rec and timing"}\n`)), false);
});

/** What a damaged message becomes. */
const DAMAGES: readonly [name: string, log: string | readonly string[], events: string[], warnings: string[]][] = [
  ["a torn last line", `${word("a", 1, 0, "x")}\n{"ver":"2.3","host`, ["output 0 x"], ["torn-end 2"]],
  ["a last line without line feed", word("a", 1, 0, "x"), ["output 0 x"], []],
  ["line ends of CR LF", `${word("a", 1, 0, "x")}\r\n\r\n`, ["output 0 x"], []],
  ["garbage before it", ["what", word("a", 1, 0, "x")], ["output 0 x"], ["bad-line 1"]],
  ["a line that is far too long", `${word("a", 1, 0, "x")}\n${"y".repeat(1 << 21)}\n`, ["output 0 x", "gap 0"], [
    "long-line 2",
  ]],
  ["less text than its timing says", [message({ timing: "=80x24>5", out_txt: "abc" })], ["output 0 abc", "gap 0"], [
    "short-text 1",
  ]],
  ["fewer bytes than its timing says", [message({ timing: "=80x24]1/9", out_txt: "\ufffd", out_bin: [65] })], [
    "output 0 A",
    "gap 0",
  ], ["short-text 1"]],
  ["claims of a gigabyte", [message({ timing: "=80x24>1000000000[1000000000/1000000000" })], [
    "output 0 ",
    "input 0 ",
    "gap 0",
  ], ["short-text 1"]],
  ["a timing that makes no sense", [message({ timing: "=80x24>1?>1", out_txt: "abc" })], [
    "output 0 a",
    "gap 0",
    "output 0 bc",
  ], ["bad-timing 1", "text-left 1"]],
  ["bytes that are none", [message({ timing: "=80x24]1/1", out_txt: "\ufffd", out_bin: [256] })], [
    "gap 0",
    "output 0 ",
    "gap 0",
  ], ["bad-bytes 1", "short-text 1"]],
  ["half a surrogate pair", [message({ timing: "=80x24>2" }).replace('"out_txt":""', '"out_txt":"a\\ud83d"')], [
    "output 0 a\ufffd",
  ], []],
  ["no position", [message({ pos: null, timing: "=80x24+5>1", out_txt: "x" })], ["output 0.005 x"], ["bad-position 1"]],
  ["a position beyond reason", [message({ pos: 1e300, timing: "=80x24>1", out_txt: "x" })], ["output 0 x"], [
    "absurd-time 1",
  ]],
  ["a delay beyond reason", [message({ timing: `=80x24+${"9".repeat(400)}>1`, out_txt: "x" })], ["output 0 x"], [
    "absurd-time 1",
  ]],
  ["no number", [message({ id: "one", timing: "=80x24>1", out_txt: "x" })], ["gap 0", "output 0 x"], [
    "missing-message 1",
  ]],
  ["nesting without end", [word("a", 1, 0, "x"), '{"ver":' + "[".repeat(1e5)], ["output 0 x", "gap 0"], ["bad-line 2"]],
  ["version 1 and absent text", ['{"ver":1,"rec":"a","id":1,"pos":0,"timing":"=80x24"}'], [], []],
];

for (const [name, log, events, warnings] of DAMAGES) {
  Deno.test(`tlog.open() survives ${name}`, async () => {
    await checkTold(log, ["header 80x24", ...events], warnings);
  });
}

Deno.test("tlog.open() tells a torn end", async () => {
  const [, , report] = await told(`${word("a", 1, 0, "x")}\n{"ver":"2.3","host`);
  deepStrictEqual([report.completeness, report.tornBytes], ["unfinished", 18]);
});

Deno.test("tlog.open() tells where the wall clock was moved, but not that it trembles", async () => {
  const at = (id: number, pos: number, time: number) => message({ id, pos, time, timing: "=80x24>1", out_txt: "x" });
  const events = await read(tlog, [encode([at(1, 0, 1000), at(2, 10, 1000.011), at(3, 20, 4600.02)].join("\n"))]);
  deepStrictEqual(events.filter(({ kind }) => kind === "clock"), [{ kind: "clock", time: 20 * MS, drift: 3600e9 }]);
});

Deno.test("tlog.open() refuses what holds no message, and gives up early", async () => {
  const isClear = (pattern: RegExp) => (error: unknown) => error instanceof FormatError && pattern.test(error.message);
  await rejects(
    read(tlog, [encode('\n{"a": 1}\n')]),
    isClear(/^Cannot read demo as tlog: line 2 is "\{\\"a\\": 1\}"; exp/),
  );
  await rejects(read(tlog, [encode("\n \n")]), isClear(/line 1 is blank/));
  let chunks = 0;
  const endless = (text: string) =>
    new ReadableStream<Uint8Array>({ pull: (controller) => (chunks++, controller.enqueue(encode(text))) }, {
      highWaterMark: 0,
    });
  for (const text of ["x".repeat(65536), "line\n"]) {
    chunks = 0;
    const source = streamSource("big.log", endless(text));
    await rejects(
      tlog.open(source, new Report()).getReader().read(),
      isClear(/^Cannot read big\.log as tlog: line 1 /),
    );
    ok(chunks < 110, `${chunks}`);
  }
});

Deno.test("tlog.encoder() makes messages of about 2 KiB, or of ten seconds, in whole characters", async () => {
  const noise = Uint8Array.from({ length: 20_000 }, (_, at) => at * at >> 5);
  const text = "a€😀\x1b".repeat(5000);
  const bytes = await write(tlog, [
    header({ id: "0".repeat(32), startedAt: 5000 }),
    output(0, text),
    { kind: "output", time: 5000 * MS, data: noise },
    output(20_000 * MS, "end"),
  ]);
  const lines = new TextDecoder().decode(bytes).trimEnd().split("\n");
  ok(Math.max(...lines.map((line) => line.length)) < 2600);
  const messages = lines.map((line) => JSON.parse(line));
  deepStrictEqual(messages.map(({ id }) => id), messages.map((_, at) => at + 1));
  const { pos, time, timing, rec } = messages.at(-1);
  deepStrictEqual({ pos, time, timing, rec }, { pos: 20_000, time: 25, timing: "=80x24>3", rec: "0".repeat(32) });
  match(lines.at(-1)!, /"time":25\.000,/);
  deepStrictEqual(bytesOf(await read(tlog, [bytes]), "output"), concat([encode(text), noise, encode("end")]));
});

Deno.test("tlog.encoder() writes again what tlog itself wrote, names and all", async () => {
  for (const name of ["t3", "t4", "tlog-50"]) {
    const bytes = await sharedCast(`native-tools/${name}.json`);
    if (!bytes) return;
    const events = await read(tlog, [bytes]);
    const again = await read(tlog, [await write(tlog, events)]);
    deepStrictEqual(again[0], events[0]);
    for (const kind of ["output", "input"] as const) deepStrictEqual(bytesOf(again, kind), bytesOf(events, kind));
  }
});

Deno.test("tlog.encoder() tells what it has no place for", async () => {
  const report = new Report();
  const extra = { rec: "r", session: 7, theme: "x" };
  await write(tlog, [header({ title: "t", extra }), { kind: "input", time: 0, data: encode("x"), by: "ada" }], {
    report,
  });
  deepStrictEqual([...report.losses.keys()], ["header field title", "header field theme", "who typed"]);
  await rejects(write(tlog, [output(0, "x")]), /Cannot write tlog: the first event is of kind output/);
});

Deno.test("tlog-play prints what tlog.encoder() wrote, byte for byte", async () => {
  if (!await isInstalled("tlog-play") || !await isInstalled("script")) {
    return console.log("  skipped: tlog-play or script is not installed");
  }
  const parts = [
    encode('$ \x1b[1mls\x1b[0m\r\n\0\x7f\u009b€😀\u2028\\"\ufffd\r\n'),
    Uint8Array.of(0xff, 0xe2, 0x82, 0x41, 0xed, 0xa0, 0x80, 0xc0, 0x80),
    Uint8Array.of(0xe2), // a character over two events
    Uint8Array.of(0x82, 0xac),
    new Uint8Array(0),
    encode("漢字".repeat(2000) + "\r\n"),
    Uint8Array.from({ length: 3000 }, () => 0xfe),
    encode("bye"),
  ];
  const events = parts.map((data, at): SessionEvent => ({ kind: "output", time: (at >> 1) * 15 * MS, data }));
  const typed: SessionEvent = { kind: "input", time: 45 * MS, data: encode("q\r") };
  const resize: SessionEvent = { kind: "resize", time: 45 * MS, cols: 100, rows: 30 };
  const about = { user: "ada", host: 'm"ars', term: "xterm", startedAt: 1.7e12 };
  const log = await write(tlog, [header(about), ...events.slice(0, 7), typed, resize, ...events.slice(7)]);
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/x.tlog`, log);
    const command = `tlog-play --reader=file --file-path=${folder}/x.tlog --speed=100`;
    const args = ["-qec", command, "/dev/null"];
    const { code, stdout } = await new Deno.Command("script", { args, stdin: "null" }).output();
    const all = concat(parts);
    deepStrictEqual(stdout.subarray(0, all.length), all);
    equal(code, 0);
  });
});
