import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { openRecording, sudoLog } from "../formats/mod.ts";
import { openSource } from "../lib/cli/source/stdio.ts";
import { FormatError } from "../lib/errors.ts";
import type { SessionHeader } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { collect, collectBytes } from "../lib/stream/collect.ts";
import { type Files, readerContract, readFiles, sourceOfFiles } from "./contracts/reader_contract.ts";
import { brief } from "./support/asciicast.ts";
import { fromFileUrl } from "./support/path.ts";
import { sharedCast } from "./support/shared_casts.ts";

const encode = (text: string) => new TextEncoder().encode(text);

async function gzip(data: Uint8Array<ArrayBuffer> | string): Promise<Uint8Array<ArrayBuffer>> {
  return await collectBytes(new Blob([data]).stream().pipeThrough(new CompressionStream("gzip")));
}

/** Files from texts; the one without a name is the log itself. */
function files(texts: Readonly<Record<string, string>>): Files {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, encode(text)]));
}

const LEGACY = "1795382254:ada:root:wheel:/dev/pts/0:24:80\n/srv/demo\n/usr/bin/sh -c echo a;\necho b\n";
const ABOUT = {
  timestamp: { seconds: 1795382254, nanoseconds: 661925386 },
  submituser: "ada",
  submithost: "mars",
  submitcwd: "/srv/demo",
  command: "/usr/bin/sh",
  runargv: ["sh", "-c", "echo 'a b'"],
  runuser: "root",
  runuid: 0,
  ttyname: "/dev/pts/0",
  columns: 100,
  lines: 30,
};
const ENV = ["LANG=C.UTF-8", "TERM=xterm", "SHELL=/bin/bash", "API_TOKEN=s3cret", "PATH=/bin", "TERM_NOT=x", "bare"];
const JSON_LOG = JSON.stringify({ ...ABOUT, runenv: ENV, submitenv: ["AWS_KEY=s3cret"] }, null, 4);

const plain = files({
  "": LEGACY,
  timing: "4 0.5 2\n3 1.000000001 3\n5 0.25 30 100\n7 0.1 TSTP\n7 2 CONT\n4 0.000000 5\n",
  ttyin: "ls\r",
  ttyout: "$ hello",
});
const packed: Files = {
  "": encode(JSON_LOG),
  timing: await gzip("0 0.1 3\n1 0.1 4\n2 0.1 5\n4 0.1 6\n"),
  stdin: await gzip("one"),
  stdout: await gzip("four"),
  stderr: encode("fives"),
  ttyin: await gzip(""),
  ttyout: await gzip("sixsix"),
};

readerContract(sudoLog, { "an older log": plain, "a newer, compressed log with pipes": packed }, {
  foreign: {
    "a file of accounts": encode("root:x:0:0:root:/root:/bin/bash\n"),
    "asciicast v1": encode('{"version": 1, "command": "x", "timestamp": 1, "width": 80, "stdout": []}'),
    "a word and a time": encode("10:30:a:b:c:24:80\n"),
  },
});

async function told(all: Files): Promise<[string[], string[], Report]> {
  const report = new Report();
  const events = await readFiles(sudoLog, all, { report });
  return [
    events.slice(1).map(brief),
    report.warnings.map(({ code, first }) => `${code} ${first.line ?? ""}`.trim()),
    report,
  ];
}

async function headerOf(log: string): Promise<SessionHeader | undefined> {
  const [first] = await readFiles(sudoLog, files({ "": log, timing: "" }));
  return first?.kind === "header" ? first.header : undefined;
}

Deno.test("sudoLog.open() tells output, input, sizes with the columns first, and signals, to the nanosecond", async () => {
  const [events, warnings, report] = await told(plain);
  deepStrictEqual(events, [
    "output 0.5 $ ",
    "input 1.500000001 ls\r",
    "resize 1.750000001 100x30",
    "signal 1.850000001",
    "signal 3.850000001",
    "output 3.850000001 hello",
  ]);
  deepStrictEqual([warnings, report.completeness], [[], "unknown"]);
  const all = await readFiles(sudoLog, plain);
  deepStrictEqual(all.flatMap((event) => event.kind === "signal" ? [event.name] : []), ["SIGTSTP", "SIGCONT"]);
});

Deno.test("sudoLog.open() keeps pipes apart from the terminal", async () => {
  deepStrictEqual((await told(packed))[0], [
    "custom 0.1 sudo-stdin one",
    "custom 0.2 sudo-stdout four",
    "custom 0.3 sudo-stderr fives",
    "output 0.4 sixsix",
  ]);
});

Deno.test("sudoLog.open() tells of the environment only what is harmless", async () => {
  deepStrictEqual(await headerOf(JSON_LOG), {
    cols: 100,
    rows: 30,
    startedAt: 1795382254661.925,
    user: "ada",
    host: "mars",
    cwd: "/srv/demo",
    command: "/usr/bin/sh -c 'echo '\\''a b'\\'''",
    shell: "/bin/bash",
    term: "xterm",
    env: { LANG: "C.UTF-8", TERM: "xterm", SHELL: "/bin/bash" },
    extra: { runuser: "root", ttyname: "/dev/pts/0" },
  });
});

Deno.test("sudoLog.open() reads an older log, whose command may hold line feeds", async () => {
  deepStrictEqual(await headerOf(LEGACY), {
    cols: 80,
    rows: 24,
    startedAt: 1795382254000,
    user: "ada",
    cwd: "/srv/demo",
    command: "/usr/bin/sh -c echo a;\necho b",
    extra: { runuser: "root", rungroup: "wheel", ttyname: "/dev/pts/0" },
  });
  equal((await headerOf("1795382254:ada:root::/dev/pts/0\n/\n/bin/ls"))?.command, "/bin/ls");
});

Deno.test("sudoLog.open() tells how the command ended where newer logs noted it", async () => {
  const end = async (more: object) => {
    const [events, , report] = await told(
      files({ "": JSON.stringify({ ...ABOUT, ...more }), timing: "4 0.5 1\n", ttyout: "x" }),
    );
    return [events.at(-1), report.completeness];
  };
  const run_time = { seconds: 2, nanoseconds: 5 };
  deepStrictEqual(await end({ exit_value: 3, run_time }), ['exit 2.000000005 {"code":3}', "complete"]);
  deepStrictEqual(await end({ exit_value: 130, signal: "INT" }), ['exit 0.5 {"signal":"SIGINT"}', "complete"]);
  deepStrictEqual(await end({ exit_value: "3" }), ["output 0.5 x", "unknown"]);
});

/** A log with something wrong, what it becomes, and what is said. */
const DAMAGES: readonly [
  name: string,
  Record<string, string>,
  events: readonly string[],
  warnings: readonly string[],
][] = [
  ["a timing that is cut off", { timing: "4 0.5 1\n4 0.5 1", ttyout: "abcdefghijklm" }, [
    "output 0.5 a",
    "output 0.5 bcdefghijklm",
  ], ["torn-end 2", "untimed-data 1"]],
  ["less output than the timing says", { timing: "4 1 2\n4 1 9\n3 1 1\n4 1 1\n", ttyin: "x", ttyout: "abc" }, [
    "output 1 ab",
    "output 2 c",
    "gap 2",
    "input 3 x",
    "gap 4",
  ], ["short-data 2"]],
  ["a claim of a gigabyte", { timing: "4 1 1073741824\n", ttyout: "abc" }, ["output 1 abc", "gap 1"], ["short-data 1"]],
  ["streams that are absent", { timing: "4 1 2\n3 1 1\n" }, ["gap 1"], ["short-data 1"]],
  ["lines that make no sense", { timing: "rubbish\n4 1 x\n4 1 1\n\n5 1 80\n7 1 \n4 1 1\n", ttyout: "ab" }, [
    "gap 0",
    "output 1 a",
    "gap 1",
    "output 2 b",
  ], ["bad-line 1"]],
  ["a line without end", { timing: `4 1 ${"1".repeat(5000)}\n4 1 1\n`, ttyout: "a" }, ["gap 0", "output 1 a"], [
    "bad-line 1",
  ]],
  ["obsolete and unknown kinds of event, whose delay counts", { timing: "6 1 x\n99 1\n4 1 1\n", ttyout: "a" }, [
    "output 3 a",
  ], [
    "unknown-type 1",
  ]],
  ["sizes that are none, or absurd", { timing: "5 1 0 80\n5 1 9999 10\n" }, ["resize 2 10x2048"], [
    "bad-resize 1",
    "big-resize 2",
  ]],
  ["times beyond reason, and of few or many digits", {
    timing: `4 ${"9".repeat(400)}.5 1\n4 1,5 1\n4 0.0000000019 1\n4 1 1\n`,
    ttyout: "abcd",
  }, [
    "output 0 a",
    "output 1.5 b",
    "output 1.500000001 c",
    "output 2.500000001 d",
  ], ["absurd-time 1"]],
  ["no timing", { ttyout: "abc", ttyin: "x" }, ["gap 0", "input 0 x", "output 0 abc"], ["no-timing", "untimed-data"]],
];

for (const [name, parts, events, warnings] of DAMAGES) {
  Deno.test(`sudoLog.open() survives ${name}`, async () => {
    const [toldEvents, toldWarnings] = await told(files({ "": LEGACY, ...parts }));
    deepStrictEqual(toldEvents, events);
    deepStrictEqual(toldWarnings, warnings);
  });
}

Deno.test("sudoLog.open() reads a session whose log makes no sense, but refuses a log without a session by name", async () => {
  const [events, warnings] = await told(files({ "": JSON_LOG.slice(0, 300), timing: "4 1 1\n", ttyout: "a" }));
  deepStrictEqual([events, warnings], [["output 1 a"], ["bad-log", "header-size"]]);
  await rejects(
    readFiles(sudoLog, files({ "": "hello", ttyout: "x" })),
    (error) =>
      error instanceof FormatError &&
      /^Cannot read demo as sudo's log: it begins with "hello"; exp/.test(error.message),
  );
});

Deno.test("sudoLog.open() keeps what can be unpacked of compressed files that were cut off", async () => {
  const text = Array.from({ length: 20_000 }, (_, at) => `line ${at * 7919 % 10_007}\n`).join("");
  const whole = await gzip(text);
  const all: Files = {
    "": encode(LEGACY),
    timing: encode(`4 1 ${text.length / 2 | 0}\n4 1 ${Math.ceil(text.length / 2)}\n`),
    ttyout: whole.subarray(0, whole.length * 0.7),
  };
  const report = new Report();
  const events = await readFiles(sudoLog, all, { report });
  const printed = events.map((event) => event.kind === "output" ? new TextDecoder().decode(event.data) : "").join("");
  ok(printed.length > text.length / 2 && text.startsWith(printed), `${printed.length} of ${text.length}`);
  deepStrictEqual(events.at(-1), { kind: "gap", time: 2e9, reason: "damage" });
  deepStrictEqual([report.warnings.map(({ code }) => code), report.completeness], [
    ["damaged-compression", "short-data"],
    "unfinished",
  ]);
});

Deno.test("sudoLog.open() holds a few pieces of a long session, however much one line claims", async () => {
  const piece = new Uint8Array(1 << 20).fill(120);
  let pulled = 0;
  const ttyout = new ReadableStream<Uint8Array>({
    pull: (controller) => pulled++ < 40 ? controller.enqueue(piece) : controller.close(),
  }, { highWaterMark: 0 });
  const source = sourceOfFiles(files({ "": LEGACY, timing: "4 1 1073741824\n" }));
  const sibling = async (name: string) =>
    name === "ttyout" ? { ...source, bytes: () => ttyout } : await source.sibling(name);
  let taken = 0;
  for await (const batch of sudoLog.open({ ...source, sibling }, new Report())) {
    for (const event of batch) taken += event.kind === "output" ? event.data.length : 0;
    ok(pulled <= taken / piece.length + 2);
  }
  equal(taken, 40 * piece.length);
});

Deno.test("sudoLog.open() closes every file that it opened when nobody wants more", async () => {
  const open = new Set<string>();
  const source = sourceOfFiles(packed);
  const watched = (name: string, bytes: ReadableStream<Uint8Array>) => {
    open.add(name);
    return bytes.pipeThrough(
      new TransformStream({ flush: () => void open.delete(name), cancel: () => void open.delete(name) }),
    );
  };
  const sibling = async (name: string) => {
    const part = await source.sibling(name);
    return part && { ...part, bytes: () => watched(name, part.bytes()) };
  };
  for (const batches of [0, 1, 2]) {
    const reader = sudoLog.open({ ...source, bytes: () => watched("log", source.bytes()), sibling }, new Report())
      .getReader();
    for (let batch = 0; batch < batches; batch++) await reader.read();
    await reader.cancel();
    deepStrictEqual([...open], []);
  }
});

Deno.test("openRecording() reads the directory that sudo wrote exactly, and keeps secrets of its environment out", async () => {
  if (!await sharedCast("native-tools/sudo-io/log.json")) return;
  const path = fromFileUrl(new URL("../../shared/casts/native-tools/sudo-io", import.meta.url));
  const { reader, events, report } = await openRecording(await openSource(path));
  const all = await collect(events);
  equal(reader.name, "sudo");
  deepStrictEqual(all.slice(1).map(brief), [
    "output 0.004709727 Password: ",
    "input 0.607445065 *******\r",
    "output 0.607688216 \r\nPass",
    "output 0.809138186 word: ",
    "input 1.412111744 split-secret\r",
    "output 1.41598966 \r\nAPI token: ",
    "input 1.821171744 tok-123\r",
    "output 1.821226064 tok-123\r\n",
  ]);
  ok(all[0]?.kind === "header" && all[0].header.env && !("PATH" in all[0].header.env) && all[0].header.cols === 80);
  deepStrictEqual(report.warnings, []);
  const older = await openRecording(await openSource(`${path}/log`));
  deepStrictEqual((await collect(older.events)).slice(1), all.slice(1));
});
