import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { asciicastV3, t2a } from "../formats/mod.ts";
import { verifyBlocks } from "../formats/t2a/verify.ts";
import type { PrivateFile } from "../lib/host/private_file.ts";
import { choosePtyHost } from "../lib/host/pty.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { PlainSink } from "../lib/session/recording/plain_sink.ts";
import { T2aSink } from "../lib/session/recording/t2a_sink.ts";
import { type EventOf, MILLISECOND, SECOND, type SessionEvent } from "../lib/event.ts";
import { SessionRecorder } from "../lib/record/session_recorder.ts";
import { recordTo } from "../lib/session/recording/record_to.ts";
import { hostFacts } from "../lib/host/facts.ts";
import { collect, concat } from "../lib/stream/collect.ts";
import { Report } from "../lib/report.ts";
import { infoOf, TERM2AI, term2ai, withFolder } from "./support/cli.ts";
import { header, output } from "./support/events.ts";
import { ptyOptions, sleep } from "./support/pty.ts";
import { testSign } from "./support/keys.ts";

/** A disk in memory: what it was told to keep survives a power cut, the rest does not, and it can be made to fail. */
class Disk {
  readonly path = "disk";
  readonly start = 0;
  bytes = new Uint8Array(0);
  kept = new Uint8Array(0);
  fails: string | undefined; // of what it complains
  cuts = true; // whether it can still be cut while it fails
  bytesPerSecond = Infinity;

  async write(bytes: Uint8Array): Promise<void> {
    if (this.bytesPerSecond < Infinity) await sleep(bytes.length / this.bytesPerSecond * 1000);
    this.bytes = concat([this.bytes, this.fails ? bytes.subarray(0, bytes.length >> 1) : bytes]);
    if (this.fails) throw new Error(`${this.fails} (os error 5)`);
  }

  truncate(length: number): Promise<void> {
    if (this.fails && !this.cuts) return Promise.reject(new Error(`${this.fails} (os error 5)`));
    this.bytes = this.bytes.slice(0, length);
    return Promise.resolve();
  }

  read = (at: number, length: number) => Promise.resolve(this.bytes.slice(at, at + length));
  size = () => Promise.resolve(this.bytes.length);
  tampering = () => Promise.resolve(undefined);

  sync(): Promise<void> {
    if (this.fails) return Promise.reject(new Error(`${this.fails} (os error 5)`));
    this.kept = this.bytes.slice();
    return Promise.resolve();
  }

  get asFile(): PrivateFile {
    return this as unknown as PrivateFile;
  }
}

async function eventsIn(bytes: Uint8Array, report = new Report()): Promise<SessionEvent[]> {
  return await collect(new Blob([bytes.slice()]).stream().pipeThrough(t2a.decoder({ report })));
}

const textOf = (events: readonly SessionEvent[]) =>
  new TextDecoder().decode(concat(events.flatMap((event) => event.kind === "output" ? [event.data] : [])));
const gapsIn = (events: readonly SessionEvent[]) =>
  events.filter((event): event is EventOf<"gap"> => event.kind === "gap");

for (
  const [name, reason, cuts] of [
    ["an I/O error", "Input/output error", true],
    ["a disk that fails altogether", "Input/output error", false],
    ["a file system that became read-only", "Read-only file system", false],
  ] as const
) {
  Deno.test(`T2aSink outlives ${name}, and a gap says afterwards how much is missing`, async () => {
    const disk = Object.assign(new Disk(), { cuts });
    const sink = new T2aSink({ file: disk.asFile, mustStore: false });
    await sink.write([header()], 0);
    for (let n = 1; n <= 9; n++) {
      disk.fails = n >= 4 && n <= 6 ? reason : undefined;
      await sink.write([output(n * SECOND, `<${n}>`)], n * SECOND);
      await sink.write([], n * SECOND + 100 * MILLISECOND);
    }
    await sink.write([{ kind: "exit", time: 10 * SECOND, status: { code: 0 } }], 10 * SECOND);
    await sink.close();
    const events = await eventsIn(disk.bytes);
    equal(textOf(events), "<1><2><3><7><8><9>");
    deepEqual(gapsIn(events).map(({ reason, bytes }) => [reason, bytes]), [["storage", 9]]);
    deepEqual(sink.trouble, { reason, count: 3 });
    equal((await verifyBlocks(new Blob([disk.bytes]).stream(), { name: "disk", loadCodec }))[0]?.fault, undefined);
  });

  Deno.test(`T2aSink and PlainSink end with ${name} when all must be stored`, async () => {
    for (
      const make of [
        (disk: Disk) => new T2aSink({ file: disk.asFile, mustStore: true }),
        (disk: Disk) => new PlainSink({ file: disk.asFile, mustStore: true }, asciicastV3.encoder()),
      ]
    ) {
      const disk = Object.assign(new Disk(), { cuts });
      const sink = make(disk);
      await sink.write([header()], 0);
      disk.fails = reason;
      await rejects(async () => {
        for (let n = 1; n < 9; n++) {
          await sink.write([output(n * SECOND, "x")], n * SECOND);
          await sleep(0);
        }
        await sink.close();
      }, new RegExp(reason));
    }
  });
}

Deno.test("PlainSink outlives a disk that fails altogether, and every line is whole", async () => {
  const disk = Object.assign(new Disk(), { cuts: false });
  const sink = new PlainSink({ file: disk.asFile, mustStore: false }, asciicastV3.encoder());
  await sink.write([header()], 0);
  for (let n = 1; n <= 5; n++) {
    await sleep(0);
    disk.fails = n === 3 ? "Input/output error" : undefined;
    await sink.write([output(n * SECOND, `<${n}>`)], n * SECOND);
    await sleep(0);
  }
  await sink.close();
  const events = await collect(new Blob([disk.bytes]).stream().pipeThrough(asciicastV3.decoder()));
  equal(textOf(events), "<1><2><4><5>");
  equal(sink.trouble?.count, 1);
});

for (const signed of [false, true]) {
  Deno.test(`a power cut at any moment costs at most the last 5 s${signed ? " of a signed recording" : ""}`, async () => {
    const disk = new Disk();
    const sink = new T2aSink({ file: disk.asFile, mustStore: false }, signed ? { sign: await testSign() } : {});
    await sink.write([header()], 0);
    let [told, state] = [0, 7];
    const random = (limit: number) => (state = state * 48271 % 0x7fffffff) % limit;
    let now = 0;
    const prints: number[] = [];
    while (now < 120 * SECOND) {
      // Bursts and pauses; the recorder also calls when the sink wants to be called.
      const next = now + (random(4) === 0 ? random(8 * SECOND) : random(50 * MILLISECOND));
      for (; sink.deadline <= next; now = sink.deadline) await sink.write([], sink.deadline);
      now = next;
      prints.push(now);
      await sink.write([output(now, "line\r\n")], now);
      // The power is cut here: what the disk was not told to keep is lost.
      const kept = (await eventsIn(disk.kept).catch(() => [])).filter(({ kind }) => kind === "output").length;
      const due = prints.filter((time) => time < now - 5 * SECOND).length;
      ok(kept >= due, `at ${now / SECOND} s only ${kept} of ${due} lines are on the disk`);
      told += kept;
      if (prints.length % 50 === 0 && disk.kept.length > 0) {
        const [verdict] = await verifyBlocks(new Blob([disk.kept]).stream(), { name: "disk", loadCodec });
        equal(verdict?.fault?.kind, "unfinished");
        if (signed) ok(now - verdict!.checkpoints.at(-1)!.time <= 20 * SECOND);
      }
    }
    ok(told > 0);
  });
}

/** Runs `body` in a file system of so many bytes. */
async function withSmallDisk(size: string, body: (folder: string) => Promise<void>): Promise<void> {
  if (Deno.uid() !== 0) return console.log("    skipped: a small file system can only be mounted by root");
  await withFolder(async (folder) => {
    const args = ["-t", "tmpfs", "-o", `size=${size}`, "none", folder];
    if (!(await new Deno.Command("mount", { args, stderr: "null" }).output()).success) {
      return console.log("    skipped: no small file system can be mounted here");
    }
    try {
      await body(folder);
    } finally {
      await new Deno.Command("umount", { args: [folder] }).output();
    }
  });
}

const FLOOD = "seq 1 60000; head -c 300000 /dev/urandom | base64; echo END-MARK; exit 4";

Deno.test("rec on a full file system of 128 KiB: END-MARK, the command's status, a warning, a gap, and a prefix that verifies", async () => {
  await withSmallDisk("128k", async (folder) => {
    const { status, text, errors } = await term2ai(["rec", `${folder}/x.t2a`, "--", "sh", "-c", FLOOD]);
    equal(status, 4);
    match(text, /END-MARK/);
    match(errors, /x\.t2a is not complete: \d+ writes? failed, the first because No space left/);
    const info = await infoOf(`${folder}/x.t2a`);
    ok(info.gaps >= 1, "a gap says that something is missing");
    const recorded = (await term2ai(["cat", `${folder}/x.t2a`])).text;
    ok(recorded.length > 60_000 && text.startsWith(recorded.slice(0, 60_000)), "what is there is what was shown");
    const verified = await term2ai(["verify", "--allow-unfinished", `${folder}/x.t2a`]);
    equal(verified.status, 0, verified.text);
  });
});

Deno.test("rec --require-recording on a full file system hangs up on the command and ends, with a prefix that verifies", async () => {
  await withSmallDisk("128k", async (folder) => {
    await withFolder(async (outside) => {
      const script = `trap 'date +%s%N > ${outside}/hup; exit 1' HUP; ${FLOOD.replace("exit 4", "sleep 60 & wait")}`;
      const before = Date.now();
      const strict = await term2ai(["rec", "--require-recording", `${folder}/x.t2a`, "--", "bash", "-c", script]);
      const after = Date.now();
      equal(strict.status, 125);
      match(strict.errors, /No space left/);
      const hup = Number(await Deno.readTextFile(`${outside}/hup`)) / 1e6;
      ok(hup > before && hup <= after, "the command was hung up on");
      ok(after - before < 30_000, `it took ${after - before} ms, and the command would have taken a minute`);
      const verified = await term2ai(["verify", "--allow-unfinished", `${folder}/x.t2a`]);
      equal(verified.status, 0, verified.text);
      ok((await term2ai(["cat", `${folder}/x.t2a`])).text.startsWith("1\r\n2\r\n3\r\n"));
    });
  });
});

Deno.test("rec --redact on a disk too full for its second pass says in how many places secrets stay, and with --require-recording ends with 125", async () => {
  await withSmallDisk("128k", async (folder) => {
    const value = "V=Zr8kL; V=${V}m3Qw; V=${V}9xTb2"; // the header has the command: no piece of it is to show the value
    const script = `${value}; echo first $V; sleep 0.6; echo password=$V; head -c 80000 /dev/urandom | base64`;
    for (const [options, wanted] of [[[], 0], [["--require-recording"], 125]] as const) {
      const rec = ["rec", "--redact", "--overwrite", ...options, `${folder}/x.t2a`, "--", "bash", "-c", script];
      const { status, errors } = await term2ai(rec);
      equal(status, wanted, errors);
      match(errors, /a secret that was told only later stays in 1 place of what was written before: No space left/);
      match(errors, /term2ai redact --text-from FILE \S+x\.t2a OUT/);
      equal((await term2ai(["verify", `${folder}/x.t2a`])).status, 0);
      await Deno.remove(`${folder}/x.t2a`);
    }
  });
});

Deno.test("rec says that its file was deleted while it recorded, and replaces none that came in its place", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/x.t2a`;
    const script = `sleep 0.3; rm ${file}; echo other > ${file}; seq 1 3000; exit 5`;
    const { status, errors } = await term2ai(["rec", file, "--", "sh", "-c", script]);
    equal(status, 5);
    match(errors, /x\.t2a does not hold this recording any more: somebody has put another file in its place/);
    equal(await Deno.readTextFile(file), "other\n");
    await Deno.remove(file);
    const strict = await term2ai(["rec", "--require-recording", file, "--", "sh", "-c", `rm ${file}`]);
    equal(strict.status, 125);
    match(strict.errors, /Cannot store .*: somebody has removed it/);
    const cast = `${folder}/x.cast`;
    match(
      (await term2ai(["rec", cast, "--", "rm", cast])).errors,
      /x\.cast does not hold this recording any more: somebody has removed it/,
    );
  });
});

Deno.test("rec says that its file was cut while it recorded, and fails with --require-recording", async () => {
  await withFolder(async (folder) => {
    for (const name of ["x.t2a", "x.cast"]) {
      const file = `${folder}/${name}`;
      for (const more of [[], ["--append"]]) {
        const script = `seq 1 300; sleep 0.4; truncate -s 100 ${file}; seq 1 300; exit 5`;
        const { status, errors } = await term2ai(["rec", ...more, file, "--", "sh", "-c", script]);
        equal(status, 5);
        match(errors, /does not hold this recording any more: somebody else has written to it, or cut it/);
        await Deno.remove(file);
        const strict = ["rec", "--require-recording", ...more, file, "--", "sh", "-c", script];
        const { status: failed, errors: words } = await term2ai(strict);
        equal(failed, 125);
        match(words, /Cannot store .*: somebody else has written to it, or cut it/);
        await Deno.remove(file);
        if (more.length === 0) equal((await term2ai(["rec", file, "--", "seq", "100"])).status, 0);
      }
    }
  });
});

Deno.test("rec --require-recording hangs up on a command whose recording was removed, within seconds", async () => {
  await withFolder(async (folder) => {
    const run = async (name: string) => {
      const file = `${folder}/${name}`;
      const before = Date.now();
      const args = ["rec", "--require-recording", file, "--", "sh", "-c", `sleep 0.3; rm ${file}; exec sleep 60`];
      const { status, errors } = await term2ai(args);
      equal(status, 125);
      match(errors, /Cannot store .*: somebody has removed it/);
      ok(Date.now() - before < 30_000, "the command would have taken a minute");
    };
    await Promise.all(["x.t2a", "x.cast"].map(run));
  });
});

Deno.test("rec that was stopped and goes on has recorded all that the program printed meanwhile", async () => {
  await withFolder(async (folder) => {
    const script = "i=0; while [ $i -lt 150 ]; do echo line $i; i=$((i+1)); sleep 0.01; done";
    const [program, ...words] = TERM2AI;
    const args = [...words, "rec", `${folder}/x.t2a`, "--", "sh", "-c", script];
    const child = new Deno.Command(program!, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
    while (!(await Deno.stat(`${folder}/x.t2a`).catch(() => undefined))) await sleep(10);
    for (let n = 0; n < 3; n++) {
      child.kill("SIGSTOP");
      await sleep(400);
      child.kill("SIGCONT");
      await sleep(100);
    }
    const { code, stderr } = await child.output();
    deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
    const expected = Array.from({ length: 150 }, (_, n) => `line ${n}\r\n`).join("");
    equal((await term2ai(["cat", `${folder}/x.t2a`])).text, expected);
    equal((await term2ai(["verify", `${folder}/x.t2a`])).status, 0);
  });
});

Deno.test("a disk of 64 KiB a second holds up no program for long, takes bounded memory, and gaps account for every byte", async () => {
  const disk = Object.assign(new Disk(), { bytesPerSecond: 64 * 1024 });
  const QUEUE = 1 << 20;
  const host = await choosePtyHost();
  const BYTES = 6_000_000;
  const recorder = new SessionRecorder(
    host,
    {
      cols: 80,
      rows: 24,
      facts: hostFacts(),
      command: ["sh", "-c", `stty raw; head -c ${BYTES} /dev/zero | tr '\\0' x; sleep 0.2; exit 3`],
      input: "off",
      whenFull: "drop",
      queueBytes: QUEUE,
      attachment: { input: -1, output: -1, keys: { pause: "", mark: "", discard: "" } },
      metadata: {},
    } as ConstructorParameters<typeof SessionRecorder>[1],
  );
  const exited = recorder.exited.then(() => performance.now());
  const before = performance.now();
  const sink = new T2aSink({ file: disk.asFile, mustStore: false }, { codec: 0 });
  const storing = recordTo(recorder, sink);
  const took = await exited - before;
  ok(took < 0.5 * BYTES / disk.bytesPerSecond * 1000, `the program took ${took} ms`);
  disk.bytesPerSecond = Infinity; // what waits is stored now
  await storing;
  const events = await eventsIn(disk.bytes);
  const kept = events.reduce((sum, event) => sum + (event.kind === "output" ? event.data.length : 0), 0);
  const missing = gapsIn(events).reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  equal(kept + missing, BYTES, "every byte was kept, or counted as lost");
  ok(missing > 0 && gapsIn(events).every(({ reason }) => reason === "overload"));
  ok(kept < 4 * QUEUE, `${kept} bytes were kept: no more than the queue and what the disk took`);
  deepEqual(events.at(-1), { kind: "exit", time: events.at(-1)!.time, status: { code: 3 } });
});

/** Round trips of typed bytes through a session, in milliseconds. */
async function roundTrips(line: string, count: number): Promise<number[]> {
  const host = await choosePtyHost();
  const pty = host.open(ptyOptions(["sh", "-c", line], { env: { ...Deno.env.toObject(), TERM: "xterm" } }));
  let seen = "";
  const until = async (isThere: () => boolean) => {
    while (!isThere()) {
      const happened = await pty.next();
      if (!happened) throw new Error(`it ended: ${seen.slice(-200)}`);
      for (const each of happened) if (each.kind === "output") seen += new TextDecoder().decode(each.data);
    }
  };
  await until(() => seen.includes("READY"));
  const found: number[] = [];
  for (let n = 0; n < count; n++) {
    seen = "";
    const before = performance.now();
    await pty.write(Uint8Array.of(65 + n % 26));
    await until(() => seen.includes(String.fromCharCode(65 + n % 26)));
    found.push(performance.now() - before);
    await sleep(5);
  }
  await pty.write(new TextEncoder().encode("\x04"));
  pty.kill("SIGKILL");
  await pty.close();
  return found.sort((a, b) => a - b);
}

Deno.test("a reader of 64 KiB a second behind rec does not slow the echo of what is typed", async () => {
  await withFolder(async (folder) => {
    const slow = `${folder}/slow.py`;
    await Deno.writeTextFile(slow, "import os,time\nwhile os.read(0, 6553): time.sleep(0.1)\n");
    // A megabyte that cannot be compressed waits to be stored while somebody types.
    const child = `head -c 700000 /dev/urandom | base64 -w 0 | tr A-Z a-z; stty raw -echo; printf READY; exec cat`;
    const rec = [...TERM2AI, "rec", "-q", "-", "--", "sh", "-c", `'${child}'`].join(" ");
    const [quick, behind] = [
      await roundTrips(`${rec} > /dev/null`, 100),
      await roundTrips(`${rec} | python3 ${slow}`, 100),
    ];
    const p99 = (all: readonly number[]) => all[Math.floor(all.length * 0.99) - 1]!;
    ok(p99(behind) < 50 + 3 * p99(quick), `99 of 100 within ${p99(behind)} ms, and ${p99(quick)} ms with a quick one`);
  });
});
