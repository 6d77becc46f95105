import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { terminalizer } from "../formats/mod.ts";
import { FormatError } from "../lib/errors.ts";
import type { SessionHeader } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { streamSource } from "../lib/stream/source.ts";
import { readerContract, readFiles } from "./contracts/reader_contract.ts";
import { brief } from "./support/asciicast.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const CONFIG = "config:\n  cols: 100\n  rows: 30\n";

/** As Terminalizer writes it, comments and all. */
const USUAL = String.raw`# The configurations that used for the recording, feel free to edit them
config:

  # Specify a command to be executed
  # like "/bin/bash -l", "ls", or any other commands
  command: bash -l
  cwd: /home/ada
  # Export additional ENV variables
  env:
    recording: true
    TERM: xterm-256color
    API_TOKEN: s3cret
  cols: 132
  rows: 43
  repeat: 0
  quality: 100
  frameDelay: auto
  maxIdleTime: 2000
  frameBox:
    type: floating
    title: Terminalizer
    style:
      border: 0px black solid
  theme:
    background: "transparent"
    foreground: "#afafaf"

# Records, feel free to edit them
records:
  - delay: 1517
    content: "\e[1mada\e[0m$ "
  - delay: 120
    content: l
  - delay: 88.5
    content: "s\r\n- delay: 7\r\n\U0001F600é\\ \"quoted\" \
      folded"
  - delay: 5
    content: 'it''s # no comment'
  - delay: 0
    content: |-
      two
        lines: of a block

      # and no comment
  - content: last
    delay: 5
`;

readerContract(terminalizer, {
  "a recording as Terminalizer writes it": { "": encode(USUAL) },
  "a recording without records": { "": encode(`${CONFIG}records: []\n`) },
  "a list without indentation, with line ends of CR LF": {
    "": encode(
      `---\r\n${CONFIG}records:\r\n- delay: 5\r\n  content: a\r\n-\r\n  delay: 6\r\n  content: b\r\n`.replace(
        /\r?\n/g,
        "\r\n",
      ),
    ),
  },
}, {
  foreign: {
    "another configuration": encode("config:\n  name: x\nservices:\n  - delay: 5\n"),
    "another list of records": encode("records:\n  - name: x\n"),
    "asciicast v1": encode('{"version": 1, "width": 80, "height": 24, "stdout": []}'),
  },
});

async function told(text: string | Uint8Array): Promise<[string[], string[], Report]> {
  const report = new Report();
  const events = await readFiles(terminalizer, { "": typeof text === "string" ? encode(text) : text }, { report });
  return [events.slice(1).map(brief), report.warnings.map(({ code, first }) => `${code} ${first.line}`), report];
}

async function headerOf(config: string): Promise<[SessionHeader | undefined, string[]]> {
  const report = new Report();
  const [first] = await readFiles(terminalizer, { "": encode(`${config}records: []\n`) }, { report });
  return [first?.kind === "header" ? first.header : undefined, report.warnings.map(({ code }) => code)];
}

Deno.test("terminalizer.open() reads every style of text exactly, and delays in milliseconds", async () => {
  const [events, warnings, report] = await told(USUAL);
  deepStrictEqual(events, [
    "output 1.517 \x1b[1mada\x1b[0m$ ",
    "output 1.637 l",
    'output 1.7255 s\r\n- delay: 7\r\n😀é\\ "quoted" folded',
    "output 1.7305 it's # no comment",
    "output 1.7305 two\n  lines: of a block\n\n# and no comment",
    "output 1.7355 last",
  ]);
  deepStrictEqual([warnings, report.completeness], [[], "unknown"]);
});

Deno.test("terminalizer.open() tells the settings, but of the environment only what is harmless", async () => {
  const [header, warnings] = await headerOf(USUAL.slice(0, USUAL.indexOf("records:")));
  deepStrictEqual(header, {
    cols: 132,
    rows: 43,
    command: "bash -l",
    cwd: "/home/ada",
    term: "xterm-256color",
    env: { TERM: "xterm-256color" },
    idleLimit: 2e9,
    extra: {
      config: {
        repeat: 0,
        quality: 100,
        frameDelay: "auto",
        frameBox: { type: "floating", title: "Terminalizer", style: { border: "0px black solid" } },
      },
    },
  });
  deepStrictEqual(warnings, []);
});

Deno.test("terminalizer.open() reads colours where all are plain ones", async () => {
  const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
  const bright = names.map((name) => `bright${name[0]!.toUpperCase()}${name.slice(1)}`);
  const theme = ["background", "foreground", ...names, ...bright].map((name, at) => `    ${name}: "#0000${at + 10}"\n`);
  const [header] = await headerOf(`${CONFIG}  theme:\n${theme.join("")}`);
  const palette = Array.from({ length: 16 }, (_, at) => `#0000${at + 12}`);
  deepStrictEqual(header?.theme, { background: "#000010", foreground: "#000011", palette });
});

Deno.test("terminalizer.open() takes 80x24 for sizes that are not told, and says so unless they are auto", async () => {
  deepStrictEqual(await headerOf("config:\n  cols: auto\n  rows: auto\n"), [{ cols: 80, rows: 24 }, []]);
  deepStrictEqual(await headerOf("config:\n  cols: -5\n"), [{ cols: 80, rows: 24 }, ["header-cols", "header-rows"]]);
  deepStrictEqual(await headerOf("config:\n  cols: 1e9\n  rows: 2\n"), [{ cols: 2048, rows: 2 }, ["header-cols"]]);
  const [events, warnings] = await told("config: [\n  cols: 3\nrecords:\n  - {delay: 5, content: a}\n");
  deepStrictEqual([events, warnings], [["output 0.005 a"], ["bad-config 3", "header-cols 3", "header-rows 3"]]);
});

/** Records with something wrong, what they become, and what is said; the first one is in line 5. */
const DAMAGES: readonly [name: string, records: string, events: readonly string[], warnings: readonly string[]][] = [
  [
    "records that are none",
    "  - 7\n  - delay: 5\n  - delay: 5\n    content: [a]\n  - delay: x\n    content: b\n  - delay: 5\n    content: c\n",
    [
      "gap 0",
      "output 0.015 c",
    ],
    ["bad-record 5"],
  ],
  [
    "records that are no YAML, beside others",
    '  - delay: 1\n    content: a\n  - delay: 5\n    content: "b\n  - delay: 5\n    content: c\n',
    [
      "output 0.001 a",
      "gap 0.001",
      "output 0.006 c",
    ],
    ["bad-record 7"],
  ],
  ["a first record whose dash is damaged", "  x delay: 5\n    content: a\n  - delay: 5\n    content: b\n", [
    "gap 0",
    "output 0.005 b",
  ], [
    "bad-record 5",
  ]],
  ["a last record that is cut off", '  - delay: 5\n    content: a\n  - delay: 5\n    content: "b', ["output 0.005 a"], [
    "torn-end 7",
  ]],
  ["a delay that is cut off", "  - delay: 5\n    content: a\n  - delay: 12", ["output 0.005 a"], ["torn-end 7"]],
  ["a last record without line feed", "  - delay: 5\n    content: a", ["output 0.005 a"], []],
  ["what follows the records", "  - delay: 5\n    content: a\n\n# a comment\nmore: 5\n  - delay: 5\n", [
    "output 0.005 a",
  ], ["text-behind 9"]],
  [
    "numbers and words as texts",
    "  - delay: 5\n    content: 1.50\n  - delay: 5\n    content: null\n  - delay: 5\n    content: yes\n",
    [
      "output 0.005 1.50",
      "output 0.01 null",
      "output 0.015 yes",
    ],
    [],
  ],
  [
    "delays that are negative, or beyond reason",
    "  - {delay: 5, content: a}\n  - {delay: -5, content: b}\n  - {delay: 1e300, content: c}\n  - {delay: 5, content: d}\n",
    [
      "output 0.005 a",
      "output 0.005 b",
      "output 0.005 c",
      "output 0.01 d",
    ],
    ["clock-backwards 6", "absurd-time 7"],
  ],
  ["aliases, which are not followed", "  - {delay: 5, content: &a a}\n  - {delay: 5, content: *a}\n", [
    "output 0.005 a",
    "gap 0.005",
  ], [
    "bad-record 6",
  ]],
  ["half a surrogate pair", '  - {delay: 5, content: "\\ud83d"}\n', ["output 0.005 \ufffd"], ["lone-surrogate 5"]],
  ["nesting without end", `  - delay: 5\n    content: ${"[".repeat(50_000)}\n  - delay: 5\n    content: a\n`, [
    "gap 0",
    "output 0.005 a",
  ], [
    "bad-record 5",
  ]],
  ["a record of 5 MB", `  - delay: 5\n    content: ${"x".repeat(5e6)}\n  - delay: 5\n    content: a\n`, [
    "gap 0",
    "output 0.005 a",
  ], [
    "long-record 5",
  ]],
  [
    "a record of many lines",
    `  - delay: 5\n    content: |\n${`      ${"x".repeat(1000)}\n`.repeat(5000)}  - delay: 5\n    content: a\n`,
    [
      "gap 0",
      "output 0.005 a",
    ],
    ["long-record 5"],
  ],
];

for (const [name, records, events, warnings] of DAMAGES) {
  Deno.test(`terminalizer.open() survives ${name}`, async () => {
    const [toldEvents, toldWarnings] = await told(`${CONFIG}records:\n${records}`);
    deepStrictEqual(toldEvents, events);
    deepStrictEqual(toldWarnings, warnings);
  });
}

Deno.test("terminalizer.open() tells a torn end, and bytes that are not UTF-8", async () => {
  const [, , report] = await told(`${CONFIG}records:\n  - delay: 5\n    content: "b`);
  deepStrictEqual([report.completeness, report.tornBytes], ["unfinished", 28]);
  const bytes = encode(`${CONFIG}records:\n  - delay: 5\n    content: a?\n`);
  bytes[bytes.indexOf("?".charCodeAt(0))] = 0xff;
  deepStrictEqual((await told(bytes)).slice(0, 2), [["output 0.005 a\ufffd"], ["bad-utf8 6"]]);
});

Deno.test("terminalizer.open() reads records as they come, and holds no more than one", async () => {
  const record = encode(`  - delay: 5\n    content: "${"x".repeat(1000)}"\n`);
  let pulled = 0;
  const bytes = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(pulled++ === 0 ? encode(`${CONFIG}records:\n`) : record),
  }, { highWaterMark: 0 });
  const source = streamSource("endless.yml", bytes);
  const events = terminalizer.open(source, new Report()).getReader();
  for (let read = 0; read < 50; read++) await events.read();
  ok(pulled < 55, `${pulled}`);
  await events.cancel();
});

Deno.test("terminalizer.open() refuses what has no records by name, and gives up early", async () => {
  const isClear = (pattern: RegExp) => (error: unknown) => error instanceof FormatError && pattern.test(error.message);
  await rejects(
    readFiles(terminalizer, { "": encode("\nhello: 1\n") }),
    isClear(
      /^Cannot read demo as a Terminalizer recording: it begins with "hello: 1" and has no records; expected/,
    ),
  );
  for (const text of ["key: value\n".repeat(6000), "x".repeat(65536)]) {
    let chunks = 0;
    const bytes = new ReadableStream<Uint8Array>(
      { pull: (controller) => (chunks++, controller.enqueue(encode(text))) },
      {
        highWaterMark: 0,
      },
    );
    const source = streamSource("big.yml", bytes);
    await rejects(
      terminalizer.open(source, new Report()).getReader().read(),
      isClear(/^Cannot read big\.yml as a Term/),
    );
    ok(chunks < 70, `${chunks}`);
  }
});

Deno.test("terminalizer.detect() knows a recording by its settings where they fill what it sees", () => {
  const long = `${CONFIG}  frameDelay: auto\n${"  # a comment\n".repeat(2000)}records:\n`;
  ok(terminalizer.detect(encode(long).subarray(0, terminalizer.prefixLength)));
  ok(terminalizer.detect(encode("records:\n\n  # first\n  - content: x\n    delay: 5\n")));
  equal(terminalizer.detect(encode("config:\n  cols: 5\n")), false);
});

Deno.test("terminalizer.open() leaves out what nests without end, and reads on", async () => {
  const usual = "  - delay: 5\n    content: a\n", text = '  - delay: 5\n    content: "' + "[{? ".repeat(5000) + '"\n';
  for (
    const nested of ["? ".repeat(40), "- ".repeat(9000), "{a: ".repeat(4000), "[".repeat(4000), "!!x ".repeat(9000)]
  ) {
    const report = new Report();
    const events = await readFiles(terminalizer, {
      "": encode(`${CONFIG}records:\n${usual}  - ${nested}\n${usual}${text}`),
    }, {
      report,
    });
    deepStrictEqual(events.map(({ kind }) => kind), ["header", "output", "gap", "output", "output"]);
    deepStrictEqual(report.warnings.map(({ code }) => code), ["bad-record"]);
  }
});
