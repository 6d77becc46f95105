import fc from "fast-check";
import { deepStrictEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { LineSplitter } from "../lib/text/lines.ts";
import { PlainEvent } from "../formats/asciicast/plain_event.ts";
import { formatSeconds, nanosOf } from "../formats/asciicast/seconds.ts";
import { characterLength, cutLength } from "../lib/text/utf8.ts";
import type { AsciicastFormat, AsciicastSettings } from "../formats/asciicast_v3.ts";
import { asciicastV2 } from "../formats/asciicast_v2.ts";
import { asciicastV3 } from "../formats/asciicast_v3.ts";
import { FormatError, UsageError } from "../lib/errors.ts";
import type { SessionEvent, SessionHeader } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { collect, collectBytes, concat, streamOf } from "../lib/stream/collect.ts";
import { read } from "./contracts/format_contract.ts";
import { brief } from "./support/asciicast.ts";
import { cut, header as anyHeader, payload } from "./support/generate.ts";

const H2 = '{"version": 2, "width": 80, "height": 24}\n';
const H3 = '{"version": 3, "term": {"cols": 80, "rows": 24}}\n';
const HEADER: SessionEvent = { kind: "header", time: 0, header: { cols: 80, rows: 24 } };
const encode = (text: string) => new TextEncoder().encode(text);
const output = (time: number, data: string | Uint8Array): SessionEvent => ({
  kind: "output",
  time,
  data: typeof data === "string" ? encode(data) : data,
});

/** The text that events become. */
async function written(
  format: AsciicastFormat,
  events: readonly SessionEvent[],
  settings: AsciicastSettings = {},
): Promise<string> {
  const bytes = await collectBytes(streamOf(...events).pipeThrough(format.encoder(settings)));
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** The lines of events, without the header's. */
async function lines(format: AsciicastFormat, events: readonly SessionEvent[], settings?: AsciicastSettings) {
  return (await written(format, [HEADER, ...events], settings)).split("\n").slice(1, -1);
}

/** A file as a reader may meet it, and what is to become of it. */
interface Case {
  readonly name: string;
  readonly file: string | Uint8Array;
  /** Version 3 if left out. */
  readonly format?: AsciicastFormat;
  /** The events, without the first header, in brief. */
  readonly events: readonly string[];
  /** Codes of what is reported, with the line where it was first met. */
  readonly warnings?: readonly string[];
  readonly completeness?: Report["completeness"];
  readonly tornBytes?: number;
}

const CASES: readonly Case[] = [
  {
    name: "a torn last line",
    file: H3 + '[1, "o", "a"]\n[1, "o", "b',
    events: ["output 1 a"],
    warnings: ["torn-end 3"],
    completeness: "unfinished",
    tornBytes: 11,
  },
  {
    name: "a torn second header",
    file: H3 + '[1, "x", "0"]\n{"version": 3, "te',
    events: ['exit 1 {"code":0}'],
    warnings: ["torn-end 3"],
    completeness: "unfinished",
    tornBytes: 18,
  },
  { name: "a last line without line feed", file: H3 + '[1, "o", "a"]', events: ["output 1 a"] },
  { name: "a last line of blanks", file: H3 + '[1, "o", "a"]\n  ', events: ["output 1 a"] },
  {
    name: "a garbage line in the middle",
    file: H3 + '[1, "o", "a"]\nrubbish\n[1, "o", "b"]\n',
    events: ["output 1 a", "gap 1", "output 2 b"],
    warnings: ["bad-line 3"],
  },
  {
    name: "garbage lines in a row, as one gap",
    file: H3 + '[1, "o", "a\nrubbish\n[1, "o"]\n{}\n{"version": 1}\n42\n[1, "o", "b"]\n[\n',
    events: ["gap 0", "output 1 b", "gap 1"],
    warnings: ["bad-line 2"],
  },
  {
    name: "an interval that counts though its line is useless",
    file: H3 + '[1, "o", true]\n[1, 7, "x"]\n[1, "r", "abc"]\n[1, "o", "b"]\n',
    events: ["gap 1", "output 4 b"],
    warnings: ["bad-line 2", "bad-resize 4"],
  },
  {
    name: "version 2 time that runs backwards",
    format: asciicastV2,
    file: H2 + '[2, "o", "a"]\n[1, "o", "b"]\n[-1, "o", "c"]\n[3, "o", "d"]\n',
    events: ["output 2 a", "output 2 b", "output 2 c", "output 3 d"],
    warnings: ["clock-backwards 3"],
  },
  {
    name: "negative intervals",
    file: H3 + '[2, "o", "a"]\n[-1, "o", "b"]\n[1, "o", "c"]\n',
    events: ["output 2 a", "output 2 b", "output 3 c"],
    warnings: ["clock-backwards 3"],
  },
  {
    name: "times beyond reason",
    file: H3 + '[1e300, "o", "a"]\n[1e400, "o", "b"]\n["-Infinity", "o", "c"]\n[-0.0, "o", "d"]\n[1, "o", "e"]\n',
    events: ["output 0 a", "output 0 b", "output 0 c", "output 0 d", "output 1 e"],
    warnings: ["absurd-time 2", "quoted-time 4"],
  },
  {
    name: "times in quotes",
    file: H3 + '["1.5", "o", "a"]\n["soon", "o", "b"]\n["", "o", "c"]\n[null, "o", "d"]\n',
    events: ["output 1.5 a", "gap 1.5"],
    warnings: ["quoted-time 2", "bad-line 3"],
  },
  {
    name: "codes of several letters and of none",
    file: H3 + '[1, "rlib", "é"]\n[1, "", "y"]\n[1, "z", "\\ud800"]\n',
    events: ["custom 1 rlib é", "custom 2  y", "custom 3 z \ufffd"],
    warnings: ["lone-surrogate 4"],
  },
  {
    name: "line ends of CR LF",
    file: (H3 + '[1, "o", "a"]\n\n# c\n[1, "i", "b"]\n').replaceAll("\n", "\r\n"),
    events: ["output 1 a", "custom 1 #  c", "input 2 b"],
  },
  {
    name: "a byte order mark and leading blanks",
    file: "\ufeff" + H3 + '  [1, "o", "a"] \n\t[ 1 ,"o" , "b" ]\n  # c\n',
    events: ["output 1 a", "output 2 b", "custom 2 #  c"],
  },
  {
    name: "bytes that are not UTF-8",
    file: concat([encode(H3 + '[1, "o", "a'), Uint8Array.of(0xff, 0xe2, 0x82), encode('b"]\n[1, "o", "c"]\n')]),
    events: ["output 1 a\ufffd\ufffdb", "output 2 c"],
    warnings: ["bad-utf8 2"],
  },
  {
    name: "a surrogate pair split over two events of a code",
    file: H3 + '[1, "o", "a\\ud83d"]\n[1, "i", "x"]\n[1, "o", "\\ude00b"]\n',
    events: ["output 1 a", "input 2 x", "output 3 😀b"],
  },
  {
    name: "a surrogate pair split over events that are nothing else",
    file: H3 + '[1, "i", "\\ud83d"]\n[1, "o", ""]\n[1, "i", "\\ude00"]\n',
    events: ["output 2 ", "input 3 😀"],
  },
  {
    name: "halves of surrogate pairs that nothing completes",
    file: H3 + '[1, "o", "\\ude00"]\n[1, "o", "\\ud83d"]\n[1, "o", "b"]\n[1, "m", "\\ud83d"]\n[1, "i", "\\ud83d"]\n',
    events: ["output 1 \ufffd", "output 3 \ufffdb", "marker 4 \ufffd", "input 5 \ufffd"],
    warnings: ["lone-surrogate 2"],
  },
  {
    name: "half a surrogate pair before the exit",
    file: H3 + '[1, "o", "\\ud83d"]\n[1, "x", "0"]\n',
    events: ["output 2 \ufffd", 'exit 2 {"code":0}'],
    warnings: ["lone-surrogate 3"],
    completeness: "complete",
  },
  {
    name: "times as integers, with exponents and to the nanosecond",
    format: asciicastV2,
    file: H2 + '[0, "o", "a"]\n[1e-7, "o", "b"]\n[2.000000003,"o","c"]\n[3.0000000004999,"o","d"]\n[1E1, "o", "e"]\n',
    events: ["output 0 a", "output 1e-7 b", "output 2.000000003 c", "output 3 d", "output 10 e"],
  },
  {
    name: "times of more digits than anyone needs, and less than nothing",
    format: asciicastV2,
    file: H2 + `[-1e-12, "o", "a"]\n[1.${"3".repeat(400)}, "o", "b"]\n[${"1".repeat(400)}, "o", "c"]\n`,
    events: ["output 0 a", "output 1.333333333 b", "output 1.333333333 c"],
    warnings: ["absurd-time 4"],
  },
  {
    name: "lines that go on behind the event",
    file: H3 + '[1, "o", "a"]]\n[1, "o", "a"] x\n[1, "o", "a"][1, "o", "b"]\n[1, "o", "a",]\n[1, "o", "b"] \n',
    events: ["gap 0", "output 1 b"],
    warnings: ["bad-line 2"],
  },
  {
    name: "output of nothing",
    file: H3 + '[1, "o", ""]\n[ 1, "o", ""]\n[1, "o", "\\ud83d"]\n[1, "o", ""]\n[1, "o", "\\ude00"]\n',
    events: ["output 1 ", "output 2 ", "output 4 ", "output 5 😀"],
  },
  {
    name: "intervals whose sum no binary fraction can tell",
    file: H3 + '[0.1, "o", "a"]\n'.repeat(3) + '[8000000.000000001, "m", "b"]\n',
    events: ["output 0.1 a", "output 0.2 a", "output 0.3 a", "marker 8000000.300000001 b"],
  },
  {
    name: "a fourth element",
    file: H3 + '[1, "o", "a", 3]\n[1, "o", "b", 3, 4]\n',
    events: ["output 1 a", "output 2 b"],
    warnings: ["extra-element 2"],
  },
  { name: "nothing but a header", file: H3, events: [] },
  { name: "a header without line feed", file: H3.trim(), events: [] },
  {
    name: "blank lines and comments, in order",
    file: "\n" + H3 + '#a\n\n[1, "o", "a"]\n\n# b \n',
    events: ["custom 0 # a", "output 1 a", "custom 1 #  b "],
  },
  {
    name: "comments in version 2",
    format: asciicastV2,
    file: H2 + '# a\n[1, "o", "a"]\n',
    events: ["custom 0 #  a", "output 1 a"],
  },
  {
    name: "comments before the header",
    file: "#!/usr/bin/env play\n" + H3,
    events: [],
    warnings: ["early-comment 1"],
  },
  {
    name: "sizes that are none",
    file: H3 + '[1, "r", "-1x0"]\n[1, "r", "abc"]\n[1, "r", "0x5"]\n[1, "r", "9999x20"]\n[1, "r", " 10x5 "]\n',
    events: ["resize 4 2048x20", "resize 5 10x5"],
    warnings: ["bad-resize 2", "big-resize 5"],
  },
  {
    name: "an exit, and comments after it",
    file: H3 + '[1, "x", "137"]\n# that was it\n',
    events: ['exit 1 {"code":137}', "custom 1 #  that was it"],
    completeness: "complete",
  },
  {
    name: "an exit that is not the end",
    file: H3 + '[1, "x", "0"]\n[1, "o", "a"]\n',
    events: ['exit 1 {"code":0}', "output 2 a"],
  },
  {
    name: "an exit status that is no number",
    file: H3 + '[1, "x", "SIGKILL"]\n[1, "x", "-0"]\n',
    events: ['exit 2 {"code":0}'],
    warnings: ["bad-exit 2"],
    completeness: "complete",
  },
  {
    name: "recordings joined by cat, of both versions",
    file: H3 + '[1, "o", "a\\ud83d"]\n' + H2.replace("80", "90") + '[5, "o", "b"]\n' + H3 + '[1, "x", "0"]\n',
    events: ["output 1 a", "output 1 \ufffd", "header 90x24", "output 5 b", "header 80x24", 'exit 1 {"code":0}'],
    warnings: ["lone-surrogate 3"],
    completeness: "complete",
  },
  {
    name: "brackets nested a hundred thousand deep",
    file: H3 + "[".repeat(1e5) + "\n" + "[".repeat(1e5) + "]".repeat(1e5) + '\n[1, "o", "a"]\n',
    events: ["gap 0", "output 1 a"],
    warnings: ["bad-line 2"],
  },
  {
    name: "a line over the limit",
    file: H3 + '[1, "o", "a"]\n[1, "o", "' + "x".repeat(17 << 20) + '"]\n[1, "o", "b"]\n',
    events: ["output 1 a", "gap 1", "output 2 b"],
    warnings: ["long-line 3"],
  },
  {
    name: "a last line over the limit",
    file: H3 + '[1, "o", "' + "x".repeat(17 << 20),
    events: [],
    warnings: ["torn-end 2"],
    completeness: "unfinished",
    tornBytes: (17 << 20) + 10,
  },
];

for (const { name, format = asciicastV3, file, events, warnings = [], completeness, tornBytes = 0 } of CASES) {
  Deno.test(`${format.name}.open() survives ${name}`, async () => {
    const bytes = typeof file === "string" ? encode(file) : file;
    for (const sizes of bytes.length < 1e5 ? [[bytes.length], [1], [2, 5]] : [[bytes.length], [65536]]) {
      const report = new Report();
      const [first, ...others] = await read(format, cut(bytes, sizes), report);
      equal(first?.kind, "header");
      deepStrictEqual(others.map(brief), events);
      ok(others.every((event) => event.time >= 0 && !Object.is(event.time, -0)));
      deepStrictEqual(report.warnings.map(({ code, first }) => `${code} ${first.line}`), warnings);
      equal(report.completeness, completeness ?? "unknown");
      equal(report.tornBytes, tornBytes);
    }
  });
}

const REFUSED: readonly [what: string, file: string, line: number, message: RegExp][] = [
  [
    "an empty file",
    "",
    1,
    /^Cannot read demo as asciicast v3: line 1 is absent, the recording is empty; expected a header/,
  ],
  ["blank lines", "\n \n", 2, /line 2 is blank, like all lines;/],
  [
    "text",
    "\n$ echo \x1b[1m\u009b\r\n",
    2,
    /line 2 is "\$ echo \\u001b\[1m\\u009b"; expected a header such as \{"version": 3,/,
  ],
  ["a long line of text", "x".repeat(50), 1, /line 1 is "x{40}…"/],
  ["another version", H2, 1, /line 1 is of asciicast version 2;/],
  ["a version to come", '{"version": 4}\n' + H3, 1, /line 1 is of asciicast version 4;/],
  ["another JSON object", '{"version": "3"}\n', 1, /line 1 is a JSON object without a version;/],
  [
    "asciicast v1 over several lines",
    '{\n "version": 1',
    1,
    /line 1 is "\{", as in a JSON document over several lines/,
  ],
  ["an event before the header", '[1, "o", "a"]\n' + H3, 1, /line 1 is "\[1,/],
  ["half a header of another program", '{"name": 1', 1, /line 1 is "\{\\"name\\": 1"/],
  ["a torn header", H3.slice(0, 20), 1, /line 1 begins as asciicast version 3 but is no whole JSON object;/],
  ["a header over the limit", "\n{" + " ".repeat(17 << 20), 2, /line 2 has more than the 16777216 bytes/],
];

for (const [what, file, line, message] of REFUSED) {
  Deno.test(`asciicast-v3.open() refuses ${what} and says where and why`, async () => {
    for (const sizes of [[file.length || 1], file.length > 1e5 ? [1 << 16] : [1]]) {
      await rejects(read(asciicastV3, cut(encode(file), sizes)), (error) => {
        ok(error instanceof FormatError);
        deepStrictEqual(error.place, { line });
        return message.test(error.message);
      });
    }
  });
}

Deno.test("asciicast-v3.open() refuses a first line without end as soon as it is too long", async () => {
  let pulled = 0;
  const bytes = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1 << 20).fill(++pulled && 120)),
  });
  await rejects(collect(bytes.pipeThrough(asciicastV3.decoder())), FormatError);
  ok(pulled < 20, `${pulled} MiB were read`);
});

/** The header that a file's first line gives, and what is said about it. */
async function headerOf(format: AsciicastFormat, fields: object): Promise<[SessionHeader, string[]]> {
  const report = new Report();
  const [first] = await read(format, [encode(JSON.stringify(fields) + "\n")], report);
  ok(first?.kind === "header");
  return [first.header, report.warnings.map((warning) => warning.code)];
}

const HEADERS: readonly [what: string, fields: object, header: Partial<SessionHeader>, warnings?: string[]][] = [
  ["a size of zero, absent or absurd", { width: 0, height: 1e9 }, { cols: 80, rows: 2048 }, [
    "header-width",
    "header-height",
  ]],
  ["no size", { width: undefined, height: undefined }, { cols: 80, rows: 24 }, ["header-width", "header-height"]],
  ["a size with a fraction, or in quotes", { width: 90.5, height: "30" }, { cols: 90, rows: 30 }, [
    "header-width",
    "header-height",
  ]],
  ["a size that is no number", { width: "wide", height: -5 }, {}, ["header-width", "header-height"]],
  ["a timestamp", { timestamp: 1500000000 }, { startedAt: 1500000000000 }],
  ["a timestamp with a fraction", { timestamp: 1.5 }, { startedAt: 1500 }, ["header-timestamp"]],
  ["a timestamp no calendar has", { timestamp: 1e300 }, {}, ["header-timestamp"]],
  ["an idle limit", { idle_time_limit: 2.5 }, { idleLimit: 2_500_000_000 }],
  ["a negative idle limit", { idle_time_limit: -1 }, {}, ["header-idle_time_limit"]],
  ["null for every field", { timestamp: null, title: null, env: null, theme: null, idle_time_limit: null }, {}],
  ["a title that is a number", { title: 7, command: "sh" }, { command: "sh" }, ["header-title"]],
  ["tags", { tags: ["a", "b"] }, { tags: ["a", "b"] }],
  ["tags that are no strings", { tags: ["a", 1] }, { tags: ["a"] }, ["header-tags"]],
  ["tags that are no list", { tags: "a" }, {}, ["header-tags"]],
  ["env values that are null", { env: { A: null, B: "b" } }, { env: { B: "b" } }],
  ["env values that are no strings", { env: { A: 1, B: "b" } }, { env: { B: "b" } }, ["header-env"]],
  ["an env that is no object", { env: ["A=1"] }, {}, ["header-env"]],
  ["TERM and SHELL of the environment", { env: { TERM: "xterm", SHELL: "/bin/fish" } }, {
    env: { TERM: "xterm", SHELL: "/bin/fish" },
    term: "xterm",
    shell: "/bin/fish",
  }],
  ["a theme", { theme: { fg: "#FFFFFF", bg: "#000000", palette: Array(8).fill("#123456").join(":") } }, {
    theme: { foreground: "#FFFFFF", background: "#000000", palette: Array(8).fill("#123456") },
  }],
  ["an empty theme", { theme: {} }, {}, ["header-theme"]],
  ["a theme of colour names", { theme: { fg: "white", bg: "#000000", palette: "" } }, {}, ["header-theme"]],
  ["a theme that is a name", { theme: "solarized" }, {}, ["header-theme"]],
  ["fields it does not know", { duration: 1.5, x: { y: [null] } }, { extra: { duration: 1.5, x: { y: [null] } } }],
  ["a term2ai field of another kind", { term2ai: "yes" }, { extra: { term2ai: "yes" } }],
  ["a broken term2ai field", { term2ai: { id: "7", host: 1, user: "u", new: 1 } }, {
    user: "u",
    extra: { term2ai: { new: 1 } },
  }, ["header-term2ai.host", "header-term2ai.id"]],
  ["a start that no longer fits the timestamp", { timestamp: 5, term2ai: { startedAt: 1234 } }, { startedAt: 5000 }],
];

for (const [what, fields, header, warnings = []] of HEADERS) {
  Deno.test(`asciicast-v2.open() reads a header with ${what}`, async () => {
    const found = await headerOf(asciicastV2, { version: 2, width: 80, height: 24, ...fields });
    deepStrictEqual(found, [{ cols: 80, rows: 24, ...header }, warnings]);
  });
}

Deno.test("asciicast-v3.open() reads type, version, theme and unknown fields of term", async () => {
  const theme = { fg: "#ffffff", bg: "#000000", palette: Array(16).fill("#123456").join(":") };
  const term = { cols: 100, rows: 50, type: "xterm", version: "kitty(0.35)", theme, dpi: 96 };
  const [header, warnings] = await headerOf(asciicastV3, { version: 3, term, env: { TERM: "other" } });
  deepStrictEqual(warnings, []);
  deepStrictEqual(header, {
    cols: 100,
    rows: 50,
    term: "xterm",
    termVersion: "kitty(0.35)",
    theme: { foreground: "#ffffff", background: "#000000", palette: Array(16).fill("#123456") },
    env: { TERM: "other" },
    extra: { term: { dpi: 96 } },
  });
});

Deno.test("asciicast-v3.open() takes 80x24 where term is absent or no object", async () => {
  const [header, warnings] = await headerOf(asciicastV3, { version: 3, term: "xterm" });
  deepStrictEqual([header.cols, header.rows], [80, 24]);
  ok(warnings.includes("header-term.cols"));
});

Deno.test("asciicast.detect() tells the version of a header longer than the prefix, wherever its fields stand", () => {
  const detected = (text: string) =>
    [asciicastV2, asciicastV3].filter((format) => format.detect(encode(text))).map((format) => format.name).join();
  const long = "x".repeat(20_000);
  equal(detected(`{"title": "${long}`), "");
  equal(detected(`{"env": {"A": "version"}, "version" : 2, "title": "${long}`), "asciicast-v2");
  equal(detected(`{"term": {"cols": 80, "rows": 24, "version": "9"}, "version":3,"title": "${long}`), "asciicast-v3");
  equal(detected("\n#!/bin/play\n\ufeff" + H3), "asciicast-v3");
  equal(detected('{"version": 2, "width": 80,}\n'), "asciicast-v2");
  equal(detected('{"version": 3, \n'), "");
  equal(detected('[{"version": 3}]'), "");
});

Deno.test("asciicast.open() reads a header with trailing commas, but not those inside of its strings", async () => {
  const report = new Report();
  const file = '{"version": 2, "width": 80, "height": 24, "title": "a,} \\", ]", "tags": ["x" , ],\t}\n';
  const [first] = await read(asciicastV2, [encode(file)], report);
  ok(first?.kind === "header");
  deepStrictEqual(first.header, { cols: 80, rows: 24, title: 'a,} ", ]', tags: ["x"] });
  deepStrictEqual(report.warnings.map((warning) => warning.code), ["trailing-comma"]);
});

Deno.test("asciicast.open() leaves out header fields nested too deep to be written again", async () => {
  const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  const report = new Report();
  const file = `{"version": 2, "width": 80, "height": 24, "a": ${deep(64)}, "b": ${deep(65)}, "c": ${deep(1e5)}}\n`;
  const [first] = await read(asciicastV2, [encode(file)], report);
  ok(first?.kind === "header");
  deepStrictEqual(Object.keys(first.header.extra ?? {}), ["a"]);
  deepStrictEqual(report.warnings.map((warning) => warning.code), ["header-b", "header-c"]);
});

Deno.test("asciicast keeps every header through version 2, 3 and 2 again", async () => {
  await fc.assert(fc.asyncProperty(anyHeader, async (header) => {
    let events: SessionEvent[] = [{ kind: "header", time: 0, header }];
    for (const format of [asciicastV2, asciicastV3, asciicastV2]) {
      events = await read(format, [encode(await written(format, events))]);
    }
    deepStrictEqual(events, [{ kind: "header", time: 0, header }]);
  }));
});

Deno.test("asciicast-v2.encoder() tells the terminal as TERM, where its readers look", async () => {
  const header: SessionHeader = { cols: 80, rows: 24, term: "xterm", env: { SHELL: "/bin/sh" }, shell: "/bin/sh" };
  deepStrictEqual(JSON.parse(await written(asciicastV2, [{ kind: "header", time: 0, header }])), {
    version: 2,
    width: 80,
    height: 24,
    env: { SHELL: "/bin/sh", TERM: "xterm" },
    term2ai: { term: "xterm" },
  });
});

Deno.test("asciicast-v3.encoder() writes whole seconds for others and the rest for us", async () => {
  const header: SessionHeader = { cols: 80, rows: 24, startedAt: 1700000000123.456, idleLimit: 1_500_000_000 };
  deepStrictEqual(JSON.parse(await written(asciicastV3, [{ kind: "header", time: 0, header }])), {
    version: 3,
    term: { cols: 80, rows: 24 },
    timestamp: 1700000000,
    idle_time_limit: 1.5,
    term2ai: { startedAt: 1700000000123.456 },
  });
});

Deno.test("asciicast.encoder() counts header fields that it cannot write", async () => {
  const report = new Report();
  const theme = { foreground: "white", background: "#000000", palette: [] };
  let deep: SessionHeader["extra"] = {};
  for (let level = 0; level < 1e5; level++) deep = { deep };
  await written(asciicastV3, [{ kind: "header", time: 0, header: { cols: 80, rows: 24, theme, extra: { deep } } }], {
    report,
  });
  deepStrictEqual([...report.losses], [["header field theme", 1], ["header field deep", 1]]);
});

Deno.test("asciicast.encoder() escapes controls, line ends of Unicode and nothing else", async () => {
  const data = '\0\b\t\n\f\r\x1b\x1f "\\/ \x7f\u0080\u009f\u00a0 é€😀 \u2028\u2029 \ufeff';
  const line = '[0.0, "o", "\\u0000\\b\\t\\n\\f\\r\\u001b\\u001f \\"\\\\/ \\u007f\\u0080\\u009f\u00a0 é€😀 ' +
    '\\u2028\\u2029 \ufeff"]';
  deepStrictEqual(await lines(asciicastV3, [output(0, data)]), [line]);
  deepStrictEqual(await lines(asciicastV3, [{ kind: "marker", time: 0, label: data }]), [line.replace('"o"', '"m"')]);
});

Deno.test("asciicast.encoder() never writes half a surrogate pair", async () => {
  const header: SessionHeader = { cols: 80, rows: 24, title: "\ud83d" };
  const text = await written(asciicastV3, [
    { kind: "header", time: 0, header },
    { kind: "marker", time: 0, label: "\ude00" },
  ]);
  equal(text, '{"version":3,"term":{"cols":80,"rows":24},"title":"\ufffd"}\n[0.0, "m", "\ufffd"]\n');
});

Deno.test("asciicast-v3.encoder() never adds up what it rounds", async () => {
  const times = Array.from({ length: 1000 }, (_, index) => (index + 1) * 1_333_333);
  for (const timeUnit of [1_000, 1_000_000]) {
    const text = await written(asciicastV3, [HEADER, ...times.map((time) => output(time, "x"))], { timeUnit });
    const read = await collect(new Blob([text]).stream().pipeThrough(asciicastV3.decoder()));
    read.slice(1).forEach((event, index) => ok(Math.abs(event.time - times[index]!) <= timeUnit / 2));
    ok(!/\.\d{7}/.test(text));
  }
});

Deno.test("asciicast.encoder() writes microseconds unless told otherwise", async () => {
  const event = output(1_234_567_899, "x");
  deepStrictEqual(await lines(asciicastV2, [event]), ['[1.234568, "o", "x"]']);
  deepStrictEqual(await lines(asciicastV2, [event], { timeUnit: 1 }), ['[1.234567899, "o", "x"]']);
  deepStrictEqual(await lines(asciicastV2, [event], { timeUnit: 1e6 }), ['[1.235, "o", "x"]']);
});

Deno.test("asciicast.encoder() refuses settings that make no sense", () => {
  throws(() => asciicastV3.encoder({ timeUnit: 10 }), RangeError);
  throws(() => asciicastV3.encoder({ continueFrom: -1 }), RangeError);
  throws(() => asciicastV3.encoder({ continueFrom: Infinity }), RangeError);
});

Deno.test("asciicast.encoder() refuses a stream that does not begin with a header", async () => {
  await rejects(written(asciicastV3, [output(0, "x")]), UsageError);
  equal(await written(asciicastV3, []), "");
});

Deno.test("asciicast.encoder() joins bytes of a character per direction, and loses only those that are none", async () => {
  const report = new Report();
  const input: SessionEvent = { kind: "input", time: 2e9, data: Uint8Array.of(0xc3) };
  const events = [
    output(1e9, Uint8Array.of(0x61, 0xf0, 0x9f)),
    input,
    output(3e9, Uint8Array.of(0x98)),
    output(4e9, Uint8Array.of(0x80, 0xff)),
    output(5e9, Uint8Array.of(0xe2, 0x82)),
    { kind: "exit", time: 6e9, status: { code: 0 } } as const,
  ];
  deepStrictEqual(await lines(asciicastV2, events, { report }), [
    '[1.0, "o", "a"]',
    '[4.0, "o", "😀\ufffd"]',
    '[6.0, "o", "\ufffd"]',
    '[6.0, "i", "\ufffd"]',
    '[6.0, "x", "0"]',
  ]);
  deepStrictEqual([...report.losses], [["bytes that are not UTF-8", 4]]);
});

Deno.test("asciicast.encoder() makes the text of any bytes that a TextDecoder makes, however they are split", async () => {
  await fc.assert(fc.asyncProperty(fc.array(payload(), { maxLength: 12 }), async (pieces) => {
    const report = new Report();
    const text = await written(asciicastV3, [HEADER, ...pieces.map((piece) => output(0, piece))], { report });
    const events = await collect(new Blob([text]).stream().pipeThrough(asciicastV3.decoder()));
    const back = concat(events.flatMap((event) => event.kind === "output" ? [event.data] : []));
    const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(concat(pieces));
    equal(new TextDecoder("utf-8", { ignoreBOM: true }).decode(back), expected);
    equal(report.losses.has("bytes that are not UTF-8"), !concat(pieces).every((byte, index) => back[index] === byte));
  }));
});

Deno.test("asciicast.encoder() splits output that would make a line too long to read", async () => {
  const data = new Uint8Array(5 << 20).fill(27);
  data.set(encode("€"), (1 << 20) - 1);
  const text = await written(asciicastV3, [HEADER, output(7e9, data)]);
  const report = new Report();
  const events = await collect(new Blob([text]).stream().pipeThrough(asciicastV3.decoder(report)));
  deepStrictEqual(report.warnings, []);
  deepStrictEqual([...new Set(events.slice(1).map((event) => event.time))], [7e9]);
  ok(
    concat(events.flatMap((event) => event.kind === "output" ? [event.data] : [])).every((byte, at) =>
      byte === data[at]
    ),
  );
});

Deno.test("asciicast.encoder() loses markers and foreign events that would make a line too long to read", async () => {
  const report = new Report();
  const long = "x".repeat((2 << 20) + 1);
  const events: SessionEvent[] = [
    { kind: "marker", time: 0, label: long },
    { kind: "custom", time: 0, code: "z", data: encode(long) },
  ];
  deepStrictEqual(await lines(asciicastV3, events, { report }), []);
  deepStrictEqual([...report.losses], [["marker", 1], ["custom", 1]]);
});

Deno.test("asciicast.encoder() writes no foreign event under a code that means something else", async () => {
  const report = new Report();
  const events: SessionEvent[] = ["o", "i", "m", "r", "x", "y"]
    .map((code) => ({ kind: "custom", time: 0, code, data: encode("1x1") }));
  deepStrictEqual(await lines(asciicastV3, events, { report }), ['[0.0, "y", "1x1"]']);
  deepStrictEqual([...report.losses], [["custom", 5]]);
});

Deno.test("asciicast-v3.encoder() writes comments, one line each; version 2 has none", async () => {
  const report = new Report();
  const comment: SessionEvent = {
    kind: "custom",
    time: 5e9,
    code: "#",
    data: concat([encode(" a\r\nb"), Uint8Array.of(0xff)]),
  };
  deepStrictEqual(await lines(asciicastV3, [comment, output(6e9, "x")], { report }), [
    "# a",
    "#b\ufffd",
    '[6.0, "o", "x"]',
  ]);
  deepStrictEqual([...report.losses], [["bytes that are not UTF-8", 1]]);
  deepStrictEqual(await lines(asciicastV2, [comment], { report }), []);
  equal(report.losses.get("custom"), 1);
});

Deno.test("asciicast.encoder() tells the end by a signal as shells do", async () => {
  const report = new Report();
  const events = ["SIGHUP", "SIGKILL", "SIGTERM", "SIGNIX"].map((signal): SessionEvent => ({
    kind: "exit",
    time: 0,
    status: { signal },
  }));
  const exits = (await lines(asciicastV3, events, { report })).map((line) => JSON.parse(line)[2]);
  deepStrictEqual(exits, ["129", "137", "143", "128"]);
  equal(report.losses.get("name of the signal that ended the session"), 4);
});

Deno.test("asciicast.encoder() counts who typed as lost", async () => {
  const report = new Report();
  await lines(asciicastV3, [{ kind: "input", time: 0, data: encode("x"), by: "ann" }], { report });
  deepStrictEqual([...report.losses], [["who typed", 1]]);
});

Deno.test("asciicast.encoder() goes on in time with a second session, and resizes if the size differs", async () => {
  const report = new Report();
  const session = (header: SessionHeader): SessionEvent[] => [
    { kind: "header", time: 0, header },
    output(1e9, "a"),
    { kind: "clock", time: 2e9, drift: 0 },
  ];
  const events = [
    HEADER,
    output(1e9, "€".slice(0)),
    ...session({ cols: 80, rows: 24 }),
    ...session({ cols: 90, rows: 30, title: "x", user: "u" }),
  ];
  deepStrictEqual((await written(asciicastV2, events, { report })).split("\n").slice(1, -1), [
    '[1.0, "o", "€"]',
    '[2.0, "o", "a"]',
    '[3.0, "r", "90x30"]',
    '[4.0, "o", "a"]',
  ]);
  deepStrictEqual([...report.losses], [["clock", 2], ["header fields of a session that follows another", 2]]);
});

Deno.test("asciicast.encoder() holds time that runs backwards", async () => {
  const events = [output(2e9, "a"), output(1e9, "b"), HEADER, output(1e9, "c")];
  deepStrictEqual(await lines(asciicastV2, events), ['[2.0, "o", "a"]', '[2.0, "o", "b"]', '[3.0, "o", "c"]']);
});

Deno.test("asciicast.encoder() completes no character with bytes of the next session", async () => {
  const events = [output(0, Uint8Array.of(0xe2, 0x82)), HEADER, output(0, Uint8Array.of(0xac))];
  deepStrictEqual(await lines(asciicastV3, events), ['[0.0, "o", "\ufffd"]', '[0.0, "o", "\ufffd"]']);
});

Deno.test("asciicast.encoder() compares a second session's size with the last one, not with the first", async () => {
  const resize: SessionEvent = { kind: "resize", time: 1e9, cols: 100, rows: 50 };
  deepStrictEqual(await lines(asciicastV3, [resize, HEADER]), ['[1.0, "r", "100x50"]', '[0.0, "r", "80x24"]']);
});

Deno.test("asciicast.encoder() appends: what it wrote before and what follows read as one recording", async () => {
  const first: SessionEvent[] = [HEADER, output(1_500_000_400, "a")];
  const second: SessionEvent[] = [HEADER, output(500_000_000, "b")];
  for (const format of [asciicastV2, asciicastV3]) {
    const before = await written(format, first, { timeUnit: 1 });
    const after = await written(format, second, { continueFrom: 1_500_000_400, timeUnit: 1000 });
    const report = new Report();
    const events = await read(format, [encode(before + after)], report);
    deepStrictEqual(events.map(brief).slice(1, 3), [
      "output 1.5000004 a",
      `resize ${format === asciicastV2 ? 1.500001 : 1.5000004} 80x24`,
    ]);
    equal(brief(events[3]!), format === asciicastV2 ? "output 2.000001 b" : "output 2.0000004 b");
    deepStrictEqual(report.warnings, []);
  }
});

Deno.test("asciicast.decoder() and encoder() pass one chunk for each chunk", async () => {
  const chunks = ["", H3, '[1, "o", "a"]\n[1, "o", "b"]\n[1, "o"', ', "c"]\n'].map(encode);
  const batches = [];
  for await (const batch of ReadableStream.from(chunks).pipeThrough(asciicastV3.decoder())) batches.push(batch);
  deepStrictEqual(batches.map((batch) => batch.map((event) => event.kind)), [["header"], ["output", "output"], [
    "output",
  ]]);
  const out = [];
  for await (const chunk of ReadableStream.from([...batches, []]).pipeThrough(asciicastV3.encoder())) out.push(chunk);
  deepStrictEqual(out.map((chunk) => chunk.at(-1)), [10, 10, 10]);
});

Deno.test("PlainEvent.read() reads what JSON.parse reads, and refuses all it would not", () => {
  const number = fc.oneof(
    fc.tuple(fc.nat(8_000_000), fc.nat(999_999_999)).map(([whole, part]) =>
      `${whole}.${String(part).padStart(9, "0")}`
    ),
    fc.double({ noNaN: true }).map(String),
    fc.constantFrom("0", "00", "1.", ".5", "-1", "1e3", "01"),
  );
  const text = fc.oneof(
    payload(true).map((data) => JSON.stringify(new TextDecoder().decode(data))),
    fc.constantFrom(
      '"\\ud83d\\ude00\\u00e9\\u20AC\\/\\b\\f\\t"',
      '"\\ud83d"',
      '"\\ude00x"',
      '"\\ude00\\ude00"',
      '"\\u12g4"',
      '"\\x"',
      '"\\u12"',
      '"\t"',
    ),
  );
  const line = fc.tuple(number, fc.constantFrom("o", "i", "m", "oo"), text, fc.constantFrom(", ", ",", ",  "))
    .map(([number, code, text, comma]) => encode(`[${number}${comma}"${code}"${comma}${text}]`));
  const damage = fc.option(fc.tuple(fc.nat(), fc.nat(255)));
  const event = new PlainEvent();
  fc.assert(
    fc.property(line, damage, fc.nat(3), fc.nat(3), (line, damage, cutAt, margin) => {
      if (damage) line[damage[0] % line.length] = damage[1];
      const whole = damage ? line.length - cutAt : line.length;
      const padded = concat([new Uint8Array(margin).fill(91), line, encode('"]\n')]);
      if (!event.read(padded, margin, margin + whole, 100)) return;
      const [time, code, data] = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line.subarray(0, whole)));
      const step = time * 2 ** -52 * 1e9; // between two doubles of that size
      ok(Math.abs(event.time - nanosOf(time)) <= Math.max(Math.ceil(step), String(time).length > 19 ? 1 : 0));
      equal(event.code, code);
      deepStrictEqual(event.data(), encode(data));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("characterLength() knows the characters that a strict TextDecoder knows", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const isCharacter = (bytes: Uint8Array) => {
    try {
      return [...decoder.decode(bytes)].length === 1;
    } catch {
      return false;
    }
  };
  for (let lead = 0; lead < 256; lead++) {
    for (const second of [0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0]) {
      for (const last of [0x41, 0xbf]) {
        const bytes = Uint8Array.of(lead, second, 0x80, last);
        const length = [1, 2, 3, 4].find((length) => isCharacter(bytes.subarray(0, length))) ?? 0;
        equal(characterLength(bytes, 0, 4), length, bytes.toHex());
      }
    }
  }
});

Deno.test("cutLength() holds back no beginning that nothing can complete", () => {
  for (
    const [hex, length] of [["e0a0", 2], ["e080", 0], ["ed9f", 2], ["eda0", 0], ["f09080", 3], ["f080", 0], ["c0", 0]]
  ) {
    equal(cutLength(Uint8Array.fromHex(`61${hex}`)), length, `${hex}`);
  }
});

Deno.test("PlainEvent.read() takes every line as our writer makes it", async () => {
  await fc.assert(fc.asyncProperty(fc.nat({ max: 9e15 }), payload(true), async (time, data) => {
    const [line] = await lines(asciicastV2, [output(time, data)], { timeUnit: 1 });
    const bytes = encode(line!), event = new PlainEvent();
    ok(event.read(bytes, 0, bytes.length, 0));
    deepStrictEqual([event.time, event.data()], [time, data]);
  }));
});

Deno.test("nanosOf() gives back what formatSeconds() wrote, up to 97 days", () => {
  fc.assert(fc.property(fc.nat({ max: 97 * 86400e9 }), (nanos) => equal(nanosOf(Number(formatSeconds(nanos))), nanos)));
});

Deno.test("LineSplitter costs the same for a million chunks as for one", () => {
  const bytes = new Uint8Array(4 << 20).fill(120);
  bytes[bytes.length - 1] = 10;
  let length = 0;
  const splitter = new LineSplitter({ line: (_bytes, start, end) => length = end - start, longLine: () => {} });
  const begin = performance.now();
  for (let at = 0; at < bytes.length; at++) splitter.push(bytes.subarray(at, at + 1));
  equal(length, bytes.length - 1);
  ok(performance.now() - begin < 10_000); // under a second; hours if each chunk copied the line so far
});
