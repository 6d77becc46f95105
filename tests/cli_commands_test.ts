import { deepEqual, equal, match, ok } from "node:assert/strict";
import { asciicastV3, t2a } from "../formats/mod.ts";
import type { SessionEvent } from "../lib/event.ts";
import { loadPtyHost } from "../lib/host/pty.ts";
import { collectBytes, streamOf } from "../lib/stream/collect.ts";
import { CLI, infoOf, TERM2AI, term2ai, term2aiOnTerminal, withFolder } from "./support/cli.ts";
import { reading } from "./support/pty.ts";

const output = (time: number, text: string): SessionEvent => ({
  kind: "output",
  time,
  data: new TextEncoder().encode(text),
});

/** Two seconds with everything that `info` counts. */
const SESSION: readonly SessionEvent[] = [
  {
    kind: "header",
    time: 0,
    header: {
      cols: 80,
      rows: 24,
      id: "0".repeat(32),
      startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      title: "a\x1b]0;b\x07",
    },
  },
  output(1_000_000, "one "),
  { kind: "input", time: 2_000_000, data: new TextEncoder().encode("abc") },
  { kind: "marker", time: 500_000_001, label: "here\x1b[2J" },
  { kind: "clock", time: 900_000_000, drift: 1_500_000 },
  { kind: "resize", time: 1_000_000_000, cols: 100, rows: 30 },
  { kind: "gap", time: 1_500_000_000, reason: "storage", bytes: 77 },
  output(1_750_000_000, "two\r\n"),
  { kind: "exit", time: 2_000_000_000, status: { code: 3 } },
];

async function stored(path: string, events: readonly SessionEvent[] = SESSION): Promise<string> {
  await Deno.writeFile(path, await collectBytes(streamOf(...events).pipeThrough(t2a.encoder())));
  return path;
}

Deno.test("info --json tells all that scripts rely on, and counts what it found", async () => {
  await withFolder(async (folder) => {
    const info = await infoOf(await stored(`${folder}/x.t2a`));
    const { format, complete, durationSeconds, cols, rows, events, outputBytes, inputBytes, markers } = info;
    deepEqual(
      [format, complete, durationSeconds, cols, rows, events, outputBytes, inputBytes, markers],
      ["t2a", true, 2, 80, 24, 8, 9, 3, 1],
    );
    const { exitCode, signal, warnings, gaps, missingBytes, resizes, driftSeconds, startedAt, endedAt } = info;
    deepEqual(
      [exitCode, signal, warnings, gaps, missingBytes, resizes, driftSeconds],
      [3, null, [], 1, 77, 1, 0.0015],
    );
    deepEqual([startedAt, endedAt], ["2026-01-02T03:04:05.000Z", "2026-01-02T03:04:07.002Z"]);
    deepEqual(info.markerList, [{ time: 0.500000001, label: "here\x1b[2J" }]);
  });
});

Deno.test("info for people lets no control character of a recording through, and says how a session ended", async () => {
  await withFolder(async (folder) => {
    const { text } = await term2ai(["info", "--wall", await stored(`${folder}/x.t2a`)]);
    match(text, /title: +a\\u\{1b\}\]0;b\\u\{7\}\n/);
    match(text, /2026-01-02T03:04:05\.500Z {2}here\\u\{1b\}\[2J\n/);
    match(text, /size: +80x24, resized once\n[^]*gaps: +1, 77 B known[^]*drift: +1\.500 ms\n[^]*exit: +3\n/);
    equal(text.replaceAll("\n", "").split("").some((character) => character < " "), false);
  });
});

Deno.test("info --events lists every event in its order, for people and as JSON Lines", async () => {
  await withFolder(async (folder) => {
    const path = await stored(`${folder}/x.t2a`);
    const lines = (await term2ai(["info", "--events", "--json", path])).text.trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    deepEqual(lines.map(({ kind }) => kind), SESSION.map(({ kind }) => kind));
    deepEqual(lines[3], { time: 0.500000001, kind: "marker", label: "here\x1b[2J" });
    const dated = (await term2ai(["info", "--events", "--wall", path])).text.trim().split("\n");
    match(dated.at(-1)!, /^2026-01-02T03:04:07\.002Z {2}exit +3$/);
  });
});

Deno.test("info says unfinished of a recording without an end, and names what is torn", async () => {
  await withFolder(async (folder) => {
    const path = await stored(`${folder}/x.t2a`);
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.subarray(0, 150));
    match((await term2ai(["info", path])).text, /state: +unfinished/);
    const info = await infoOf(path);
    equal(info.complete, false);
    ok(info.tornBytes > 0);
  });
});

Deno.test("cat prints output only, of several recordings in a row, and of stdin", async () => {
  await withFolder(async (folder) => {
    const path = await stored(`${folder}/x.t2a`);
    equal((await term2ai(["cat", path, path])).text, "one two\r\none two\r\n");
    equal((await term2ai(["cat"], { stdin: await Deno.readFile(path) })).text, "one two\r\n");
  });
});

Deno.test("cat tells on stderr what is damaged, and prints the rest", async () => {
  await withFolder(async (folder) => {
    const many = Array.from({ length: 300 }, (_, at) => output((at + 1) * 1000, crypto.randomUUID().repeat(20)));
    const path = await stored(`${folder}/x.t2a`, [SESSION[0]!, ...many]);
    const bytes = await Deno.readFile(path);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    await Deno.writeFile(path, bytes);
    const { text, errors, status } = await term2ai(["cat", path]);
    equal(status, 0);
    match(errors, /x\.t2a: .*block/);
    ok(text.length > 0 && text.length < 300 * 720);
  });
});

Deno.test("convert to asciicast v3 and back keeps every byte that is UTF-8, and says what it could not keep", async () => {
  await withFolder(async (folder) => {
    const text = "plain, ünïcode 漢字 🎉 \x1b[1m\r\n";
    const [good, bad] = [`${folder}/good`, `${folder}/bad`];
    const events: SessionEvent[] = [SESSION[0]!];
    for (const [at, byte] of [...new TextEncoder().encode(text)].entries()) {
      events.push({ kind: "output", time: (at + 1) * 1_000_000, data: Uint8Array.of(byte) }); // characters in pieces
    }
    await stored(`${good}.t2a`, events);
    equal((await term2ai(["convert", `${good}.t2a`, `${good}.cast`])).errors, "");
    equal((await term2ai(["convert", `${good}.cast`, `${good}2.t2a`])).errors, "");
    equal((await term2ai(["cat", `${good}2.t2a`])).text, text);

    const broken: SessionEvent = { kind: "output", time: 5, data: Uint8Array.of(0x61, 0xff, 0xfe, 0x62) };
    await stored(`${bad}.t2a`, [SESSION[0]!, broken]);
    const { errors, status } = await term2ai(["convert", `${bad}.t2a`, `${bad}.cast`]);
    equal(status, 0);
    match(errors, /UTF-8.*\(2\)/);
    await term2ai(["convert", `${bad}.cast`, `${bad}2.t2a`]);
    equal((await term2ai(["cat", `${bad}2.t2a`])).text, "a\ufffd\ufffdb");
  });
});

Deno.test("convert joins with pipes, and --to and the extension say the same", async () => {
  await withFolder(async (folder) => {
    const path = await stored(`${folder}/x.t2a`);
    const piped =
      (await term2ai(["convert", "--to", "asciicast-v3", "-", "-"], { stdin: await Deno.readFile(path) })).text;
    await term2ai(["convert", path, `${folder}/x.cast`]);
    equal(await Deno.readTextFile(`${folder}/x.cast`), piped);
    equal(
      piped,
      new TextDecoder().decode(
        await collectBytes(streamOf(...SESSION).pipeThrough(asciicastV3.encoder({ timeUnit: 1 }))),
      ),
    );
    await term2ai(["convert", "--to", "asciicast-v2", path, `${folder}/v2`]);
    match(await Deno.readTextFile(`${folder}/v2`), /^\{"version":2,/);
  });
});

Deno.test("convert refuses wrong usage with one clear message and status 2, and touches nothing", async () => {
  await withFolder(async (folder) => {
    const path = await stored(`${folder}/x.t2a`);
    await Deno.writeTextFile(`${folder}/there.cast`, "old");
    await Deno.writeTextFile(`${folder}/no.txt`, "hello");
    for (
      const [args, words, expected] of [
        [[path, `${folder}/there.cast`], /there\.cast.*exists|--overwrite/, 2],
        [[path, `${folder}/x.mp4`], /by its extension.*--to/, 2],
        [["--to", "gif", path, "-"], /Cannot write "gif": expected one of t2a/, 2],
        [[`${folder}/none`, "-", "--to", "t2a"], /there is no such file/, 2],
        [[folder, "-", "--to", "t2a"], /is a directory/, 2],
        [[`${folder}/no.txt`, `${folder}/new.t2a`], /it begins with "hello"/, 1],
        [["--time-unit", "h", path, "-"], /ns.*us.*ms/, 2],
        [[path], /OUT/, 2],
        [["--loud", path, "-"], /loud/, 2],
      ] as const
    ) {
      const { status, errors, text } = await term2ai(["convert", ...args]);
      deepEqual([args, status, text], [args, expected, ""]);
      match(errors, words);
      ok(!/^ +at /m.test(errors), errors);
    }
    equal(await Deno.readTextFile(`${folder}/there.cast`), "old");
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["no.txt", "there.cast", "x.t2a"]);
  });
});

Deno.test("rec and convert send no bytes to a terminal that are no text", async () => {
  const host = await loadPtyHost("node-pty");
  for (const args of [["rec", "-", "--", "true"], ["convert", "--to", "t2a", "/dev/null", "-"]]) {
    const pty = term2aiOnTerminal(host, args);
    match(await reading(pty).until("pipe"), /Cannot write a .*recording.* to a terminal: name a file/);
    deepEqual(await pty.exited, { code: 2 });
    await pty.close();
  }
});

Deno.test("play without a terminal prints the bytes, keeps the times, and takes stdin", async () => {
  await withFolder(async (folder) => {
    const path = await stored(`${folder}/x.t2a`);
    const started = performance.now();
    equal((await term2ai(["play", path])).text, "one two\r\n");
    ok(performance.now() - started >= 1990);
    equal((await term2ai(["play", "-s", "max"], { stdin: await Deno.readFile(path) })).text, "one two\r\n");
    const limited = performance.now();
    await term2ai(["play", "--idle-limit", "50ms", path]);
    ok(performance.now() - limited < 1900, "pauses are cut short");
  });
});

Deno.test("play refuses wrong usage with one clear message and status 2", async () => {
  for (
    const [args, words] of [
      [["--speed", "0", "x"], /at speed "0": expected 0\.01 to 1000, or max/],
      [["--idle-limit", "soon", "x"], /"soon"/],
      [["--follow", "-"], /Cannot follow stdin/],
      [["/nothing"], /there is no such file/],
    ] as const
  ) {
    const { status, errors } = await term2ai(["play", ...args]);
    equal(status, 2);
    match(errors, words);
  }
});

Deno.test("play --follow shows what is recorded while it happens, and ends with the session", async () => {
  await withFolder(async (folder) => {
    const [program, ...words] = TERM2AI;
    const script = "for i in 1 2 3 4 5 6; do echo line $i; sleep 0.2; done";
    const recorder = new Deno.Command(program!, {
      args: [...words, "rec", `${folder}/x.t2a`, "--", "sh", "-c", script],
      stdin: "null",
      stdout: "null",
    }).spawn();
    while (!await Deno.stat(`${folder}/x.t2a`).catch(() => undefined)) await new Promise((go) => setTimeout(go, 10));
    const { text, status } = await term2ai(["play", "--follow", "-s", "max", `${folder}/x.t2a`]);
    equal((await recorder.status).code, 0);
    deepEqual([status, text], [0, Array.from({ length: 6 }, (_, at) => `line ${at + 1}\r\n`).join("")]);
  });
});

Deno.test("demo records, stores, describes and replays, and leaves nothing behind", async () => {
  await withFolder(async (folder) => {
    const { status, text, errors } = await term2ai(["demo"], { env: { TMPDIR: folder } });
    deepEqual([status, errors], [0, ""]);
    match(
      text,
      /1\. Recording[^]*2\. Stored in [^]*complete: \d+ events, \d+ bytes of output, 1 marker, .*exit 3[^]*3\. Replaying/,
    );
    match(text, /Hello from a real terminal\r\n[^]*24 80\r\n[^]*step 3/);
    deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("doctor tells what works here, and with --json the same for scripts", async () => {
  await withFolder(async (folder) => {
    const { status, text } = await term2ai(["doctor"], { cwd: folder });
    equal(status, 0);
    match(text, /^ok +term2ai +\d+\.\d+\.\d+, Deno /);
    match(text, /--  +terminal +this process has none/);
    match(text, /recordings go to +\S+recordings, which can be (?:written to|made) \(rec without FILE\)/);
    const findings = JSON.parse((await term2ai(["doctor", "--json"], { cwd: folder })).text);
    deepEqual(findings.filter((finding: { ok: boolean; needed: boolean }) => finding.needed && !finding.ok), []);
    deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("doctor says what is missing, and ends with 1 when recording would not work", async () => {
  await withFolder(async (folder) => {
    const cli = CLI;
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-env", "--allow-sys", cli, "doctor"],
      cwd: folder,
    }).output();
    equal(code, 1);
    const text = new TextDecoder().decode(stdout);
    match(text, /FAIL +permissions +not granted in full: write, run, ffi/);
    match(text, /FAIL +recordings go to/);
  });
});

Deno.test("the program lists its commands, tells its version, and refuses what it does not know", async () => {
  const help = await term2ai([]);
  equal(help.status, 0);
  match(help.text, /^term2ai — .*\n[^]* {2}rec +record[^]* {2}doctor +tell/);
  for (const word of ["--help", "-h", "help"]) equal((await term2ai([word])).text, help.text);
  match((await term2ai(["--version"])).text, /^term2ai \d+\.\d+\.\d+ \([a-z ]+, Deno \d+\.\d+\.\d+\)\n$/);
  const unknown = await term2ai(["plya"]);
  deepEqual([unknown.status, unknown.text], [2, ""]);
  match(unknown.errors, /there is no command "plya"; did you mean play\?/);
  for (const [group, wrong, right] of [["store", "lss", "ls"], ["session", "atach", "attach"]] as const) {
    const { status, errors } = await term2ai([group, wrong]);
    equal(status, 2);
    const words = `term2ai ${group}`;
    equal(errors, `${words}: there is no command "${wrong}"; did you mean ${right}?\n  See: ${words} --help\n`);
  }
  equal((await term2ai(["__proto__"])).status, 2);
});

Deno.test("a full disk behind stdout is told in a line, whoever prints", async () => {
  await withFolder(async (folder) => {
    await term2ai(["rec", `${folder}/x.t2a`, "--", "seq", "1000"]);
    const commands = [["--help"], ["rec", "--help"], ["info", `${folder}/x.t2a`], ["cat", `${folder}/x.t2a`]];
    for (const words of commands) {
      const script = `${TERM2AI.join(" ")} ${words.join(" ")} > /dev/full`;
      const { code, stderr } = await new Deno.Command("sh", { args: ["-c", script], stdin: "null" }).output();
      const errors = new TextDecoder().decode(stderr);
      match(errors, /^term2ai( \w+)?: Cannot write to stdout: No space left on device\n$/, words.join(" "));
      equal(code, 1, words.join(" "));
    }
  });
});

Deno.test("names and titles that hold control characters reach no terminal as such", async () => {
  await withFolder(async (folder) => {
    const { errors, status } = await term2ai(["info", `${folder}/no\x1b]0;pwn\x07\u202e.t2a`]);
    deepEqual([status, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(errors)], [2, false], errors);
    const cast = { version: 3, term: { cols: 80, rows: 24 }, title: "\u009b31m\u202e" };
    await Deno.writeTextFile(`${folder}/x.cast`, JSON.stringify(cast) + "\n");
    const { text } = await term2ai(["info", "--json", `${folder}/x.cast`]);
    equal(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(text), false);
    equal(JSON.parse(text).header.title, "\u009b31m\u202e");
    const odd = await term2ai(["rec", "--é"]);
    deepEqual([odd.status, odd.errors.split("\n")[0]], [2, "term2ai rec: there is no option --é"]);
  });
});
