/**
 * What a format that is only read has to promise, as one suite: `format_contract.ts` for those without a writer.
 * @module
 */

import fc from "fast-check";
import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { FormatError } from "../../lib/errors.ts";
import type { SessionEvent } from "../../lib/event.ts";
import type { SessionReader, Source } from "../../lib/ports.ts";
import { Report } from "../../lib/report.ts";
import { collect } from "../../lib/stream/collect.ts";
import { chunkSizes, cut } from "../support/generate.ts";
import { checkOrder, damages, FOREIGN, sourceOf } from "./format_contract.ts";

/** The files of a recording by name; the one without a name is the recording's own. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** Where a format may differ from the others. All of it may be left out. */
export interface ReaderContractOptions {
  /** Beginnings of recordings of other formats, which it must not take for its own. */
  readonly foreign?: Files;
  /** How many generated cases each property gets; 100 if left out. */
  readonly runs?: number;
}

/** A recording of one file, or several, in memory. */
export function sourceOfFiles(files: Files, sizes: readonly number[] = [65536], name = "demo"): Source {
  const part = (name: string, file: string): Source => sourceOf(cut(files[file]!, sizes), name);
  return {
    ...part(name, ""),
    sibling: (file) => Promise.resolve(file !== "" && Object.hasOwn(files, file) ? part(file, file) : undefined),
  };
}

/** The events of a recording that comes in chunks of the given sizes. */
export async function readFiles(
  reader: SessionReader,
  files: Files,
  { report = new Report(), sizes }: { report?: Report; sizes?: readonly number[] } = {},
): Promise<SessionEvent[]> {
  return await collect(reader.open(sourceOfFiles(files, sizes), report));
}

/** Registers the tests that every format which is only read has to pass, with recordings of it that are sound. */
export function readerContract(
  reader: SessionReader,
  samples: Readonly<Record<string, Files>>,
  { foreign = {}, runs: numRuns = 100 }: ReaderContractOptions = {},
): void {
  const test = (promise: string, body: () => void | Promise<void>) => Deno.test(`${reader.name} ${promise}`, body);
  const sample = fc.constantFrom(...Object.values(samples));
  const check = <Values extends [unknown, ...unknown[]]>(property: fc.IAsyncProperty<Values>) =>
    fc.assert(property, { numRuns });

  /** What is read however the bytes are split; nothing where they are refused. */
  const readTwice = async (files: Files, sizes: readonly number[]) => {
    const all = await readDamaged(reader, files);
    deepStrictEqual(await readDamaged(reader, files, sizes), all);
    return all;
  };

  for (const [name, files] of Object.entries(samples)) {
    test(`detects and reads ${name} without a warning`, async () => {
      const report = new Report();
      checkOrder(await readFiles(reader, files, { report }));
      ok(reader.detect(files[""]!.subarray(0, reader.prefixLength)));
      deepStrictEqual(report.warnings, []);
    });
  }

  test("yields the same events however the bytes are split", async () => {
    await check(fc.asyncProperty(sample, chunkSizes, async (files, sizes) => {
      ok((await readTwice(files, sizes)).length > 0);
    }));
  });

  test("does not detect what is of another format", () => {
    for (const [name, prefix] of Object.entries({ ...FOREIGN, ...foreign })) {
      equal(reader.detect(prefix.subarray(0, reader.prefixLength)), false, name);
    }
  });

  test("refuses what is of another format with a FormatError that tells what and where", async () => {
    for (const [name, bytes] of Object.entries({ ...FOREIGN, ...foreign })) {
      const isClear = (error: unknown) =>
        error instanceof FormatError && error.message.startsWith("Cannot read demo") &&
        (error.place.line !== undefined || error.place.byte !== undefined);
      await rejects(readFiles(reader, { "": bytes }), isClear, name);
    }
  });

  test("survives a cut through any of its files: a FormatError, or sessions in order of time", async () => {
    await check(fc.asyncProperty(sample, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), chunkSizes, async (
      files,
      which,
      part,
      sizes,
    ) => {
      const damaged = changed(files, which, (bytes) => bytes.subarray(0, Math.floor(part * bytes.length)));
      checkOrder(await readTwice(damaged, sizes));
    }));
  });

  test("survives any damage to any of its files: a FormatError, or sessions in order of time", async () => {
    await check(fc.asyncProperty(sample, fc.nat(), damages, chunkSizes, async (files, which, damages, sizes) => {
      const damaged = changed(files, which, (bytes) => {
        const copy = bytes.slice();
        for (const [part, byte] of damages) copy[Math.floor(part * copy.length)] = byte;
        return copy;
      });
      checkOrder(await readTwice(damaged, sizes));
    }));
  });

  test("survives random bytes", async () => {
    await check(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      checkOrder(await readDamaged(reader, { "": bytes }));
    }));
  });

  test("cancels its source when nobody wants more", async () => {
    const files = Object.values(samples)[0]!;
    const cancelled = Promise.withResolvers<unknown>();
    let left = 1; // then it hangs, as a recording in progress does
    const bytes = new ReadableStream<Uint8Array>({
      pull: (controller) => left-- > 0 ? controller.enqueue(files[""]!) : new Promise(() => {}),
      cancel: cancelled.resolve,
    }, { highWaterMark: 0 });
    const events = reader.open({ ...sourceOfFiles(files), bytes: () => bytes }, new Report()).getReader();
    const first = events.read().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 5));
    await events.cancel("enough");
    await first;
    equal(await cancelled.promise, "enough");
  });
}

/** The files, with one of them changed. */
function changed(files: Files, which: number, change: (bytes: Uint8Array) => Uint8Array): Files {
  const names = Object.keys(files);
  const name = names[which % names.length]!;
  return { ...files, [name]: change(files[name]!) };
}

/** The events of files that are not what they should be; none where they are refused, and any other error is one. */
async function readDamaged(reader: SessionReader, files: Files, sizes?: readonly number[]): Promise<SessionEvent[]> {
  try {
    return await readFiles(reader, files, sizes && { sizes });
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}
