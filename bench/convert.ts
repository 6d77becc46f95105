/**
 * How fast recordings are read, written and converted, in bytes of the session's output.
 *
 *     deno run -A bench/convert.ts [--full] [--json]
 *
 * @module
 */

import { asciicastV3, t2a } from "../formats/mod.ts";
import type { EventBatch, SessionEvent } from "../lib/event.ts";
import { collectBytes } from "../lib/stream/collect.ts";
import { session } from "./support/corpora.ts";
import { median } from "./support/measure.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const JOBS: readonly [string, (t2aBytes: Bytes, castBytes: Bytes) => ReadableStream<unknown>][] = [
  ["T2A → output", (bytes) => pieces(bytes).pipeThrough(t2a.decoder()).pipeThrough(outputOnly())],
  ["T2A → asciicast v3", (bytes) => pieces(bytes).pipeThrough(t2a.decoder()).pipeThrough(asciicastV3.encoder())],
  ["asciicast v3 → T2A", (_, bytes) => pieces(bytes).pipeThrough(asciicastV3.decoder()).pipeThrough(t2a.encoder())],
  ["asciicast v3 → output", (_, bytes) => pieces(bytes).pipeThrough(asciicastV3.decoder()).pipeThrough(outputOnly())],
];

/** Each job once per round. */
export async function convert({ full }: BenchOptions): Promise<Table> {
  const megabytes = full ? 100 : 20;
  const { events, outputBytes } = longSession(megabytes * 1e6);
  const source = () => ReadableStream.from(batchesOf(events));
  const t2aBytes = await collectBytes(source().pipeThrough(t2a.encoder()));
  const castBytes = await collectBytes(source().pipeThrough(asciicastV3.encoder()));
  const runs = JOBS.map(([name]) => ({ name, seconds: [] as number[] }));
  for (let round = 0; round < (full ? 5 : 3); round++) {
    for (const [at, [, job]] of JOBS.entries()) {
      const start = performance.now();
      await job(t2aBytes, castBytes).pipeTo(new WritableStream());
      runs[at]!.seconds.push((performance.now() - start) / 1000);
    }
  }
  return {
    title: "Converting",
    columns: ["", "MB/s of output"],
    rows: runs.map(({ name, seconds }) => [name, (outputBytes / 1e6 / median(seconds)).toFixed(0)]),
    note: `${(outputBytes / 1e6).toFixed(0)} MB of the generated session over and over, ${events.length} events: ` +
      `${(t2aBytes.length / 1e6).toFixed(1)} MB as T2A, ${
        (castBytes.length / 1e6).toFixed(1)
      } MB as asciicast v3. In memory.`,
    runs,
  };
}

/** The generated session, one behind the other in one, until it has printed so much. */
function longSession(bytes: number): { events: SessionEvent[]; outputBytes: number } {
  const [header, ...rest] = session();
  const events = [header!];
  let outputBytes = 0;
  for (let offset = 0; outputBytes < bytes; offset = events.at(-1)!.time) {
    for (const event of rest) {
      if (event.kind !== "output") continue;
      events.push({ ...event, time: event.time + offset });
      outputBytes += event.data.length;
    }
  }
  return { events, outputBytes };
}

function* batchesOf(events: readonly SessionEvent[]): Generator<EventBatch> {
  for (let at = 0; at < events.length; at += 256) yield events.slice(at, at + 256);
}

/** As a file gives them. */
function pieces(bytes: Bytes): ReadableStream<Bytes> {
  const PIECE = 65_536;
  const cut = Array.from(
    { length: Math.ceil(bytes.length / PIECE) },
    (_, at) => bytes.subarray(at * PIECE, (at + 1) * PIECE),
  );
  return ReadableStream.from(cut);
}

function outputOnly(): TransformStream<EventBatch, Uint8Array> {
  return new TransformStream({
    transform(batch, controller) {
      for (const event of batch) if (event.kind === "output") controller.enqueue(event.data);
    },
  });
}

if (import.meta.main) await runAlone(convert);
