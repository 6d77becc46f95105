/**
 * What every format has to promise, as one suite. A format's test calls it and adds what is its own.
 * @module
 */

import fc from "fast-check";
import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { FormatError } from "../../lib/errors.ts";
import type { Nanos, SessionEvent } from "../../lib/event.ts";
import type { SessionReader, SessionWriter, Source, WriteSettings } from "../../lib/ports.ts";
import { Report } from "../../lib/report.ts";
import { collect, collectBytes, concat, streamOf } from "../../lib/stream/collect.ts";
import { chunkSizes, cut, everyKind, sessions } from "../support/generate.ts";

/** A format that can be read and written. */
export type Format = SessionReader & SessionWriter;

/** The other files of a recording by what their names add to that of the first. */
export type Beside = Map<string, Uint8Array>;

/** Where a format may differ from the others. All of it may be left out. */
export interface FormatContractOptions {
  /** Sessions as the format can hold them; several of any bytes if left out. */
  readonly events?: fc.Arbitrary<SessionEvent[]>;
  /** What is left of events of the kinds it keeps, apart from rounded times; everything if left out. */
  readonly kept?: (events: readonly SessionEvent[]) => readonly SessionEvent[];
  /** The time that is read where `time` was written in steps of `unit`; the nearest if left out. */
  readonly rounded?: (time: Nanos, unit: Nanos) => Nanos;
  /** Beginnings of recordings of other formats, which it must not take for its own. */
  readonly foreign?: Readonly<Record<string, Uint8Array>>;
  /** Nothing is recognised as this format, and anything can be read as it: it has to be named. */
  readonly isNamed?: boolean;
  /** How many generated cases each property gets; 100 if left out. */
  readonly runs?: number;
}

const UNITS: readonly Nanos[] = [1, 1_000, 1_000_000];
/** What no format may take for its own. */
export const FOREIGN: Readonly<Record<string, Uint8Array>> = {
  "nothing": new Uint8Array(0),
  "text": encode("$ echo hello\r\nhello\r\n"),
  "a comment": encode("# nothing follows\n"),
  "a list": encode("[1, 2, 3]\n"),
  "another JSON object": encode('{"name": "x", "version": "1.0.0"}\n'),
  "gzip": Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3),
  "zeros": new Uint8Array(1024),
};

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * A recording in memory that comes in the given chunks.
 *
 * @param name For messages.
 * @param beside Its other files.
 */
export function sourceOf(chunks: readonly Uint8Array[], name = "demo", beside: Beside = new Map()): Source {
  return {
    name,
    bytes: () => ReadableStream.from(chunks),
    ranges: () => Promise.resolve(undefined),
    sibling(other) {
      const bytes = beside.get(other.slice(name.length));
      const isThere = bytes !== undefined && other.startsWith(name);
      return Promise.resolve(isThere ? sourceOf([bytes], other) : undefined);
    },
  };
}

/** A place in memory for the files beside a recording's first. */
function collector(beside: Beside): WriteSettings["sibling"] {
  return (suffix) => {
    beside.set(suffix, new Uint8Array(0));
    const write = (chunk: Uint8Array) => void beside.set(suffix, concat([beside.get(suffix)!, chunk]));
    return Promise.resolve(new WritableStream({ write }));
  };
}

/** The bytes of events in a format; what goes into other files is put into `beside`. */
export async function write(
  format: SessionWriter,
  events: readonly SessionEvent[],
  { report = new Report(), timeUnit = 1 as Nanos, beside = new Map() as Beside } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const sibling = collector(beside);
  return await collectBytes(streamOf(...events).pipeThrough(format.encoder({ report, timeUnit, sibling })));
}

/** The events of a recording that comes in chunks, with other files beside it. */
export async function read(
  format: SessionReader,
  chunks: readonly Uint8Array[],
  report = new Report(),
  beside: Beside = new Map(),
): Promise<SessionEvent[]> {
  return await collect(format.open(sourceOf(chunks, "demo", beside), report));
}

/** Registers the tests that every format has to pass. */
export function formatContract(format: Format, options: FormatContractOptions = {}): void {
  const { events = sessions({ sessions: 3 }), kept = (all) => all, foreign = {}, runs: numRuns = 100 } = options;
  const { isNamed = false } = options;
  const { rounded = (time, unit) => Math.round(time / unit) * unit } = options;
  const test = (promise: string, body: () => void | Promise<void>) => Deno.test(`${format.name} ${promise}`, body);
  const check = <Values extends [unknown, ...unknown[]]>(property: fc.IAsyncProperty<Values>) =>
    fc.assert(property, { numRuns });

  const written = async (all: readonly SessionEvent[], options: { timeUnit?: Nanos; report?: Report } = {}) => {
    const beside: Beside = new Map();
    return { bytes: await write(format, all, { ...options, beside }), beside };
  };
  const readBack = async ({ bytes, beside }: { bytes: Uint8Array; beside: Beside }, report?: Report) =>
    await read(format, [bytes], report, beside);

  /** What should be read where `all` was written. */
  const expected = (all: readonly SessionEvent[], unit: Nanos) =>
    kept(all.filter((event) => format.keeps.has(event.kind)))
      .map((event) => ({ ...event, time: rounded(event.time, unit) }));

  test("gives back what was written, but for what it declares to lose", async () => {
    await check(fc.asyncProperty(events, fc.constantFrom(...UNITS), async (all, timeUnit) => {
      deepStrictEqual(await readBack(await written(all, { timeUnit })), expected(all, timeUnit));
    }));
  });

  test("yields the same events however the bytes are split", async () => {
    await check(fc.asyncProperty(events, chunkSizes, async (all, sizes) => {
      const recording = await written(all);
      const chunks = cut(recording.bytes, sizes);
      deepStrictEqual(await read(format, chunks, undefined, recording.beside), await readBack(recording));
    }));
  });

  test("writes the same recording however the events are batched", async () => {
    await check(fc.asyncProperty(events, fc.integer({ min: 1, max: 5 }), async (all, size) => {
      const batches = [];
      for (let at = 0; at < all.length; at += size) batches.push(all.slice(at, at + size));
      const beside: Beside = new Map();
      const encoder = format.encoder({ report: new Report(), timeUnit: 1, sibling: collector(beside) });
      const bytes = await collectBytes(ReadableStream.from(batches).pipeThrough(encoder));
      deepStrictEqual(await readBack({ bytes, beside }), expected(all, 1));
    }));
  });

  test("detects its own recordings, and reads what it detects", async () => {
    await check(fc.asyncProperty(events, async (all) => {
      const bytes = await write(format, all);
      equal(format.detect(bytes.subarray(0, format.prefixLength)), !isNamed);
    }));
  });

  test("does not detect what is of another format", () => {
    for (const [name, prefix] of Object.entries({ ...FOREIGN, ...foreign })) {
      equal(format.detect(prefix.subarray(0, format.prefixLength)), false, name);
    }
  });

  test("reads a recording of nothing but a header", async () => {
    const header: SessionEvent = { kind: "header", time: 0, header: { cols: 80, rows: 24 } };
    const report = new Report();
    deepStrictEqual(await readBack(await written([header]), report), expected([header], 1));
    deepStrictEqual(report.warnings, []);
  });

  if (!isNamed) {
    test("refuses an empty recording by name", async () => {
      await rejects(read(format, []), (error) => error instanceof FormatError && error.message.includes("demo"));
    });
  }

  if (!isNamed) {
    test("refuses what is of another format with a FormatError that tells where", async () => {
      for (const [name, bytes] of Object.entries({ ...FOREIGN, ...foreign })) {
        const isClear = (error: unknown) =>
          error instanceof FormatError && error.message.includes("demo") &&
          (error.place.line !== undefined || error.place.byte !== undefined);
        await rejects(read(format, [bytes]), isClear, name);
      }
    });
  }

  test("reads a recording that was cut off as a beginning of the whole one", async () => {
    await check(fc.asyncProperty(events, fc.double({ min: 0, max: 1, noNaN: true }), async (all, part) => {
      const { bytes, beside } = await written(all);
      const whole = withoutGaps(await readBack({ bytes, beside }));
      const some = await readDamaged(format, beside, bytes.subarray(0, Math.floor(part * bytes.length)));
      deepStrictEqual(withoutGaps(some), beginningOf(whole, withoutGaps(some)));
    }));
  });

  test("survives any damage: a FormatError, or sessions in order of time", async () => {
    await check(fc.asyncProperty(events, damages, chunkSizes, async (all, damages, sizes) => {
      const { bytes, beside } = await written(all);
      for (const [index, [part, byte]] of damages.entries()) {
        const files = [bytes, ...beside.values()], file = files[index % files.length]!;
        if (file.length > 0) file[Math.floor(part * file.length)] = byte;
      }
      checkOrder(await readDamaged(format, beside, bytes));
      const chunks = cut(bytes, sizes);
      deepStrictEqual(await readDamaged(format, beside, ...chunks), await readDamaged(format, beside, bytes));
    }));
  });

  test("survives random bytes", async () => {
    await check(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      checkOrder(await readDamaged(format, new Map(), bytes));
    }));
  });

  test("counts each event of a kind that it does not keep as lost", async () => {
    await check(fc.asyncProperty(everyKind(true), async (all) => {
      const report = new Report();
      await write(format, all, { report });
      for (const { kind } of all) equal(report.losses.get(kind), format.keeps.has(kind) ? undefined : 1, kind);
    }));
  });

  test("reads no further than it is asked to, and cancels its source", async () => {
    const { bytes: all, beside } = await written(long());
    const chunks = cut(all, [4096]);
    let pulled = 0;
    const cancelled = Promise.withResolvers<unknown>();
    const bytes = new ReadableStream<Uint8Array>({
      pull: (controller) => pulled < chunks.length ? controller.enqueue(chunks[pulled++]) : controller.close(),
      cancel: cancelled.resolve,
    });
    const reader = format.open({ ...sourceOf([], "demo", beside), bytes: () => bytes }, new Report()).getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 20));
    ok(pulled < chunks.length / 2, `${pulled} of ${chunks.length} chunks were read for one batch`);
    await reader.cancel("enough");
    equal(await cancelled.promise, "enough");
  });

  test("writes no further than it is read, and cancels its source", async () => {
    let pulled = 0;
    const cancelled = Promise.withResolvers<unknown>();
    const batches = long().map((event) => [event]);
    const events = new ReadableStream<SessionEvent[]>({
      pull: (controller) => pulled < batches.length ? controller.enqueue(batches[pulled++]) : controller.close(),
      cancel: cancelled.resolve,
    });
    const sibling = collector(new Map());
    const reader = events.pipeThrough(format.encoder({ report: new Report(), timeUnit: 1, sibling })).getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 20));
    ok(pulled < batches.length / 2, `${pulled} of ${batches.length} batches were taken for one read`);
    await reader.cancel("enough");
    equal(await cancelled.promise, "enough");
  });
}

/** Bytes to be changed: where, as a part of the whole, and to what. */
export const damages: fc.Arbitrary<[part: number, byte: number][]> = fc.array(
  fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)),
  { minLength: 1, maxLength: 4 },
);

/** The events of bytes that are not what they should be; none where they are refused, and any other error is one. */
async function readDamaged(format: SessionReader, beside: Beside, ...chunks: Uint8Array[]): Promise<SessionEvent[]> {
  try {
    return await read(format, chunks, undefined, beside);
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}

/** As many events as there are of `some`; of the last one's data as many bytes, if it has any. */
function beginningOf(whole: readonly SessionEvent[], some: readonly SessionEvent[]): SessionEvent[] {
  const same = whole.slice(0, some.length), last = some.at(-1), its = same.at(-1);
  if (last?.kind === "output" && its?.kind === "output" && last.data.length > 0) {
    same[same.length - 1] = { ...its, data: its.data.subarray(0, last.data.length) };
  }
  return same;
}

function withoutGaps(events: readonly SessionEvent[]): SessionEvent[] {
  return events.filter((event) => event.kind !== "gap");
}

/** Sessions begin with a header, and their times never run backwards. */
export function checkOrder(events: readonly SessionEvent[]): void {
  if (events.length > 0) equal(events[0]!.kind, "header");
  let previous = 0;
  for (const event of events) {
    if (event.kind === "header") previous = 0;
    ok(event.time >= previous, `an event at ${event.time} follows one at ${previous}`);
    previous = event.time;
  }
}

/** Two megabytes of text that does not compress well, in a thousand events. */
function long(): SessionEvent[] {
  let state = 1;
  const random = () => state = state * 48271 % 0x7fffffff;
  const events: SessionEvent[] = [{ kind: "header", time: 0, header: { cols: 80, rows: 24 } }];
  for (let time = 0; time < 1000; time++) {
    const data = Uint8Array.from({ length: 2048 }, () => 33 + random() % 90);
    events.push({ kind: "output", time: time * 1e6, data });
  }
  return events;
}
