/**
 * How large the recording of a session is in each format, as it is and behind a compressor.
 *
 *     deno run -A bench/sizes.ts [--json] [RECORDING]
 *
 * Without RECORDING it measures the generated session of `support/corpora.ts`. Sizes are exact: they depend on no machine.
 * @module
 */

import { asciicastV2, asciicastV3, openRecording, t2a } from "../formats/mod.ts";
import type { SessionEvent } from "../lib/event.ts";
import { loadCodec } from "../lib/host/codec.ts";
import type { Codec } from "../lib/ports.ts";
import { collect, collectBytes, concat, streamOf } from "../lib/stream/collect.ts";
import { streamSource } from "../lib/stream/source.ts";
import { closedRecording } from "./support/closed_recording.ts";
import { session } from "./support/corpora.ts";
import { ratioOf } from "./support/ratios.ts";
import { isInstalled } from "./support/recorders.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

/** The same events, times and all, in every form. */
const FORMS: readonly [string, (events: readonly SessionEvent[]) => Promise<Uint8Array>][] = [
  ["output alone, without times", (events) => Promise.resolve(outputOf(events))],
  ["asciicast v2, µs", (events) => encode(events, asciicastV2.encoder())],
  ["asciicast v3, µs", (events) => encode(events, asciicastV3.encoder())],
  ["T2A, µs, as it streams", (events) => encode(events, t2a.encoder({ timeUnit: 1000 }))],
  ["T2A, µs, as `rec` leaves it", (events) => closedRecording(events, 1000)],
  ["T2A, ns, as `rec` leaves it", (events) => closedRecording(events, 1)],
  ["T2A, µs, `compress --archive`", (events) => archive(events, 1000)],
  ["T2A, ns, `compress --archive`", (events) => archive(events, 1)],
];

/** As programs that people have compress it; what is not installed is left out. */
const PROGRAMS = ["gzip -9", "zstd -19", "xz -9e"];

/** Every form by itself, with zstd at two levels, and with brotli. */
export async function sizes(_: BenchOptions, recording?: string): Promise<Table> {
  const events = recording ? await read(recording) : session();
  const [zstd, brotli] = [await loadCodec(1), await loadCodec(2)] as [Codec, Codec];
  const measured = await Promise.all(FORMS.map(async ([name, encode]) => {
    const bytes = await encode(events);
    const packed = [zstd.compress(bytes, 3), zstd.compress(bytes, 19), brotli.compress(bytes, 11)];
    return { name, sizes: [bytes, ...packed].map(({ length }) => length) };
  }));
  const cast = await encode(inMilliseconds(events), asciicastV3.encoder());
  const others = await Promise.all(PROGRAMS.map(async (program) => [program, await packed(program, cast)] as const));
  const sizeOf = (form: string) => measured.find(({ name }) => name.includes(form))!.sizes[0]!;
  const beside = (form: string, program: string, text: string) => {
    const other = others.find(([name]) => name === program)![1];
    return other === undefined
      ? []
      : [ratioOf(`${text}, of ${program} of its asciicast v3, ms`, "less", [sizeOf(form)], [other])];
  };
  const last = events.at(-1)?.time ?? 0;
  return {
    title: "Sizes",
    columns: ["bytes", "as it is", "zstd -3", "zstd -19", "brotli -11"],
    rows: [
      ...measured.map(({ name, sizes }) => [name, ...sizes.map((size) => size.toLocaleString("en"))]),
      ...others.flatMap(([program, size]) =>
        size === undefined ? [] : [[`asciicast v3, ms, \`${program}\``, size.toLocaleString("en"), "", "", ""]]
      ),
    ],
    note:
      `${recording ?? "The generated session"}: ${events.length} events in ${
        (last / 1e9).toFixed(0)
      } s. T2A compresses ` +
      "its columns itself, block by block, so that it can be read from the middle.",
    runs: measured,
    ratios: [
      ...beside("ns, `compress", "xz -9e", "size of an archive, ns"),
      ...beside("µs, `compress", "xz -9e", "size of an archive, µs"),
      ...beside("ns, as `rec`", "zstd -19", "size after a plain close, ns"),
    ],
  };
}

/** As asciinema writes times. */
function inMilliseconds(events: readonly SessionEvent[]): SessionEvent[] {
  return events.map((event) => ({ ...event, time: Math.round(event.time / 1e6) * 1e6 }));
}

async function archive(events: readonly SessionEvent[], timeUnit: number): Promise<Uint8Array> {
  const options = { codec: 2, level: 11, blockBytes: 2 << 20, timeUnit };
  return await encode(events, t2a.encoder(options));
}

async function packed(command: string, bytes: Uint8Array): Promise<number | undefined> {
  const [program, ...args] = command.split(" ");
  if (!await isInstalled(program!)) return undefined;
  const child = new Deno.Command(program!, { args: [...args, "-c"], stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  const { stdout } = await child.output();
  await written;
  return stdout.length;
}

function outputOf(events: readonly SessionEvent[]): Uint8Array {
  return concat(events.flatMap((event) => event.kind === "output" ? [event.data] : []));
}

async function encode(
  events: readonly SessionEvent[],
  encoder: TransformStream<readonly SessionEvent[], Uint8Array>,
): Promise<Uint8Array> {
  return await collectBytes(streamOf(...events).pipeThrough(encoder));
}

async function read(path: string): Promise<SessionEvent[]> {
  const { readable } = await Deno.open(path);
  const source = streamSource(path, readable);
  return await collect((await openRecording(source)).events);
}

if (import.meta.main) await runAlone((options) => sizes(options, Deno.args.find((arg) => !arg.startsWith("-"))));
