import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { asciicastV3, t2a } from "../formats/mod.ts";
import { PrivateFile } from "../lib/host/private_file.ts";
import { PipeSink } from "../lib/session/recording/pipe_sink.ts";
import { PlainSink } from "../lib/session/recording/plain_sink.ts";
import { T2aSink, wholeLength } from "../lib/session/recording/t2a_sink.ts";
import { type EventOf, MILLISECOND, SECOND, type SessionEvent } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { collect, collectBytes, concat, streamOf } from "../lib/stream/collect.ts";
import { withFolder } from "./support/cli.ts";
import { header, marker, output } from "./support/events.ts";

/** A file in memory, on a disk that can be full. */
class MemoryFile {
  readonly path = "memory";
  bytes: Uint8Array;
  full = false;
  syncs = 0;
  readonly start: number;

  constructor(before: Uint8Array = new Uint8Array()) {
    this.bytes = before;
    this.start = before.length;
  }

  write(bytes: Uint8Array): Promise<void> {
    // As a real disk does, it takes some of it before it refuses.
    this.bytes = concat([this.bytes, this.full ? bytes.subarray(0, 3) : bytes]);
    return this.full ? Promise.reject(new Error("No space left on device (os error 28)")) : Promise.resolve();
  }

  truncate(length: number): Promise<void> {
    this.bytes = this.bytes.slice(0, length);
    return Promise.resolve();
  }

  read(at: number, length: number): Promise<Uint8Array> {
    return Promise.resolve(this.bytes.slice(at, at + length));
  }

  size(): Promise<number> {
    return Promise.resolve(this.bytes.length);
  }

  sync(): Promise<void> {
    this.syncs++;
    return this.full ? Promise.reject(new Error("the disk is full")) : Promise.resolve();
  }

  tampering(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  /** Looks like the real one to a sink. */
  get asFile(): PrivateFile {
    return this as unknown as PrivateFile;
  }
}

async function eventsIn(bytes: Uint8Array, report = new Report()): Promise<SessionEvent[]> {
  return await collect(new Blob([bytes.slice()]).stream().pipeThrough(t2a.decoder({ report })));
}

function gapsIn(events: readonly SessionEvent[]): EventOf<"gap">[] {
  return events.filter((event) => event.kind === "gap");
}

const exit: SessionEvent = { kind: "exit", time: 100 * SECOND, status: { code: 0 } };

Deno.test("T2aSink writes the header at once, so that a file tells what it is from its first moment on", async () => {
  const file = new MemoryFile();
  const sink = new T2aSink({ file: file.asFile, mustStore: false });
  await sink.write([header({ title: "early" })], 0);
  const report = new Report();
  const [first] = await eventsIn(file.bytes, report);
  equal(first?.kind === "header" && first.header.title, "early");
  deepEqual([report.completeness, report.tornBytes], ["unfinished", 0]);
});

Deno.test("T2aSink wants to be called within 100 ms of an event, and has written it then", async () => {
  const file = new MemoryFile();
  const sink = new T2aSink({ file: file.asFile, mustStore: false });
  await sink.write([header()], 0);
  await sink.write([output(SECOND, "one")], SECOND);
  const due = sink.deadline;
  ok(due > SECOND && due <= SECOND + 100 * MILLISECOND, `due at ${due}`);
  await sink.write([output(SECOND + MILLISECOND, "two")], SECOND + MILLISECOND);
  ok(sink.deadline <= due, "a later event puts nothing off");
  await sink.write([], due);
  equal((await eventsIn(file.bytes)).filter((event) => event.kind === "output").length, 2);
});

Deno.test("T2aSink has the disk keep what it wrote within 5 s, and wants nothing while nothing happens", async () => {
  const file = new MemoryFile();
  const sink = new T2aSink({ file: file.asFile, mustStore: false });
  await sink.write([header()], 0);
  await sink.write([output(0, "one")], 0);
  for (let now = sink.deadline; now < Infinity && file.syncs === 0; now = sink.deadline) {
    ok(now <= 5 * SECOND);
    await sink.write([], now);
  }
  equal(file.syncs, 1);
  equal(sink.deadline, Infinity);
});

Deno.test("T2aSink says in a gap how many bytes a full disk has cost, and records on", async () => {
  const file = new MemoryFile();
  const sink = new T2aSink({ file: file.asFile, mustStore: false });
  await sink.write([header()], 0);
  let now = 0;
  const store = async (text: string) => {
    now += SECOND;
    await sink.write([output(now, text)], now);
    await sink.write([], now + 200 * MILLISECOND);
  };
  await store("kept before. ");
  const good = file.bytes.length;
  file.full = true;
  for (const text of ["lost", "this too", "and this"]) {
    await store(text);
    equal(file.bytes.length, good, "the file ends with its last whole block");
    deepEqual((await eventsIn(file.bytes)).map(({ kind }) => kind), ["header", "output"]);
  }
  file.full = false;
  await store("kept after.");
  await sink.write([exit], now + SECOND);
  await sink.close();
  const report = new Report();
  const events = await eventsIn(file.bytes, report);
  deepEqual(gapsIn(events).map(({ reason, bytes }) => [reason, bytes]), [["storage", "lostthis tooand this".length]]);
  const text = new TextDecoder().decode(concat(events.flatMap((event) => event.kind === "output" ? [event.data] : [])));
  equal(text, "kept before. kept after.");
  deepEqual([report.completeness, report.warnings], ["complete", []]);
  deepEqual(sink.trouble, { reason: "No space left on device", count: 3 });
});

Deno.test("T2aSink counts what is lost at the end of a session as well, when the last words still fit", async () => {
  const file = new MemoryFile();
  const sink = new T2aSink({ file: file.asFile, mustStore: false });
  await sink.write([header()], 0);
  file.full = true;
  await sink.write([output(SECOND, "lost")], SECOND);
  await sink.write([], 2 * SECOND);
  file.full = false;
  await sink.write([exit], 3 * SECOND);
  await sink.close();
  const events = await eventsIn(file.bytes);
  deepEqual(gapsIn(events).map(({ bytes }) => bytes), [4]);
  equal(events.at(-1)?.kind, "exit");
});

Deno.test("T2aSink goes back to where an appended session began, not to the start of the file", async () => {
  const old = await collectBytes(streamOf(header(), output(1, "old"), exit).pipeThrough(t2a.encoder()));
  const file = new MemoryFile(old);
  const sink = new T2aSink({ file: file.asFile, mustStore: false });
  file.full = true;
  await sink.write([header()], 0);
  equal(file.bytes.length, old.length);
  file.full = false;
  await sink.write([output(1, "new"), exit], SECOND);
  await sink.close();
  const texts = (await eventsIn(file.bytes)).flatMap((event) => event.kind === "output" ? [event.data] : []);
  equal(new TextDecoder().decode(concat(texts)), "oldnew");
});

Deno.test("T2aSink throws what the disk said when the recording must be stored", async () => {
  const file = new MemoryFile();
  const sink = new T2aSink({ file: file.asFile, mustStore: true });
  await sink.write([header()], 0);
  file.full = true;
  await sink.write([output(SECOND, "x")], SECOND).catch(() => {});
  await rejects(sink.write([], 2 * SECOND), /No space left/);
  equal(sink.trouble?.count, 1);
});

Deno.test("T2aSink remembers that the disk would not keep what was written", async () => {
  const file = new MemoryFile();
  const sink = new T2aSink({ file: file.asFile, mustStore: false });
  await sink.write([header()], 0);
  file.full = true;
  await sink.write([], 6 * SECOND);
  await Promise.resolve();
  equal(sink.trouble?.reason, "the disk is full");
});

Deno.test("T2aSink makes the file of a long quiet session smaller at its end, and loses nothing by it", async () => {
  await withFolder(async (folder) => {
    const file = await PrivateFile.create(`${folder}/x.t2a`, "refuse");
    const sink = new T2aSink({ file, mustStore: true });
    await sink.write([header()], 0);
    const events: SessionEvent[] = [];
    for (let at = 1; at <= 300; at++) {
      const event = output(at * SECOND, `line ${at} of a session that prints one every second\r\n`);
      events.push(event);
      await sink.write([event], at * SECOND);
      await sink.write([], at * SECOND + 500 * MILLISECOND);
    }
    const before = await file.size();
    await sink.write([{ ...exit, time: 301 * SECOND }], 301 * SECOND);
    await sink.close();
    file.close();
    const stored = await Deno.readFile(`${folder}/x.t2a`);
    ok(stored.length < before / 2, `${stored.length} bytes of ${before} are left`);
    const report = new Report();
    deepEqual((await eventsIn(stored, report)).filter(({ kind }) => kind === "output"), events);
    equal(report.completeness, "complete");
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["x.t2a"]);
  });
});

async function castEvents(file: MemoryFile): Promise<SessionEvent[]> {
  return await collect(new Blob([file.bytes.slice()]).stream().pipeThrough(asciicastV3.decoder()));
}

Deno.test("PlainSink leaves out what a full disk refused, in whole lines, and records on", async () => {
  const file = new MemoryFile();
  const sink = new PlainSink({ file: file.asFile, mustStore: false }, asciicastV3.encoder());
  equal(sink.deadline, Infinity);
  const store = async (text: string) => {
    await sink.write([output(SECOND, text)], SECOND);
    await new Promise((resolve) => setTimeout(resolve, 0)); // the line is on its way to the disk
  };
  await sink.write([header()], 0);
  await store("one");
  const good = file.bytes.length;
  file.full = true;
  await store("two");
  await store("three");
  equal(file.bytes.length, good);
  file.full = false;
  await store("four");
  await sink.close();
  const texts = (await castEvents(file)).flatMap((event) => event.kind === "output" ? [event.data] : []);
  deepEqual(texts.map((data) => new TextDecoder().decode(data)), ["one", "four"]);
  deepEqual(sink.trouble, { reason: "No space left on device", count: 2 });
});

Deno.test("PlainSink throws what the disk said when the recording must be stored", async () => {
  const file = new MemoryFile();
  file.full = true;
  const sink = new PlainSink({ file: file.asFile, mustStore: true }, asciicastV3.encoder());
  await rejects(async () => {
    await sink.write([header()], 0);
    await sink.close();
  }, /No space left/);
});

Deno.test("sinks that must store look at their file every 5 s, also while nothing happens, and fail when it was touched", async () => {
  for (const harm of [(path: string) => Deno.remove(path), (path: string) => Deno.truncate(path, 80)]) {
    for (const extension of ["t2a", "cast"]) {
      await withFolder(async (folder) => {
        const file = await PrivateFile.create(`${folder}/x.${extension}`, "refuse");
        const options = { file, mustStore: true };
        const sink = extension === "t2a" ? new T2aSink(options) : new PlainSink(options, asciicastV3.encoder());
        await sink.write([header({ title: "x".repeat(200) })], 0);
        for (let looks = 0; looks < 3;) {
          ok(sink.deadline < Infinity);
          await sink.write([], sink.deadline);
          if (sink.deadline > 5 * SECOND) looks++;
        }
        await harm(file.path);
        const due = sink.deadline;
        await rejects(sink.write([], due), /Cannot store .*: somebody/);
        file.close();
      });
    }
  }
});

Deno.test("PipeSink passes everything on, and tells what ended the pipe", async () => {
  const chunks: Uint8Array[] = [];
  const whole = new PipeSink(t2a.encoder(), new WritableStream({ write: (chunk) => void chunks.push(chunk) }));
  await whole.write([header(), marker(1, "here")]);
  await whole.close();
  deepEqual((await eventsIn(concat(chunks))).map(({ kind }) => kind), ["header", "marker"]);

  const refuse = () => Promise.reject(new Deno.errors.BrokenPipe("nobody reads"));
  const broken = new PipeSink(asciicastV3.encoder(), new WritableStream({ write: refuse }));
  equal(broken.trouble, undefined);
  equal(broken.deadline, Infinity);
  await rejects(async () => {
    await broken.write([header()]);
    for (let at = 0; at < 100; at++) {
      await broken.write([output(at, "x".repeat(1000))]);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }, Deno.errors.BrokenPipe);
});

Deno.test("wholeLength() finds where the good part of an old recording ends", async () => {
  const whole = await collectBytes(streamOf(header(), output(1, "x".repeat(3000)), exit).pipeThrough(t2a.encoder()));
  for (const torn of [0, 1, 7, 40]) {
    const tail = whole.subarray(0, torn);
    const file = new MemoryFile(concat([whole, tail]));
    equal(await wholeLength(file.asFile), whole.length, `${torn} torn bytes`);
  }
});
