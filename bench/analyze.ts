/**
 * How fast a recording is analysed, by the command line as users run it, and how much memory that takes at most.
 *
 *     deno run -A bench/analyze.ts [--full] [--json]
 *
 * @module
 */

import { t2a } from "../formats/mod.ts";
import type { EventBatch, Json, SessionEvent } from "../lib/event.ts";
import { corpus, type CorpusName } from "./support/corpora.ts";
import { median, withFolder } from "./support/measure.ts";
import { TERM2AI } from "./support/recorders.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

const WHAT = ["summary", "commands", "timing", "errors"];
const PIECE = 16_384;

/** Each question on each corpus. */
export async function analyze({ full }: BenchOptions): Promise<Table> {
  const megabytes = full ? 200 : 40;
  const rows: string[][] = [];
  const runs: Json[] = [];
  await withFolder(async (folder) => {
    for (const name of ["plain", "colourful"] as const) {
      const path = `${folder}/${name}.t2a`;
      await store(path, name, megabytes * 1e6);
      for (const what of ["cat", ...WHAT]) {
        const all = [];
        for (let round = 0; round < (full ? 3 : 2); round++) {
          all.push(await run(what === "cat" ? ["cat", path] : ["analyze", what, path]));
        }
        const rate = megabytes / median(all.map(({ seconds }) => seconds));
        const processor = megabytes / median(all.map(({ cpu }) => cpu));
        const memory = Math.max(...all.map(({ rss }) => rss));
        rows.push([`${name}, ${what}`, rate.toFixed(0), processor.toFixed(0), memory.toFixed(0)]);
        runs.push({ name, what, all });
      }
    }
  });
  return {
    title: "Analysis",
    columns: ["", "MB/s of output, wall time", "by processor time", "peak memory, MB"],
    rows,
    note: `${megabytes} MB each as one recording with a command every megabyte, a whole process; cat only reads it.`,
    runs,
  };
}

/** A recording of one session whose shell marks a command every megabyte. */
async function store(path: string, name: CorpusName, bytes: number): Promise<void> {
  const data = corpus(name, 4 << 20);
  const file = await Deno.open(path, { write: true, create: true });
  await ReadableStream.from(batches(data, bytes)).pipeThrough(t2a.encoder()).pipeTo(file.writable);
}

function* batches(data: Uint8Array, bytes: number): Generator<EventBatch> {
  const print = (time: number, text: string): SessionEvent => ({
    kind: "output",
    time,
    data: new TextEncoder().encode(text),
  });
  yield [{ kind: "header", time: 0, header: { cols: 80, rows: 24 } }];
  for (let at = 0, time = 0; at < bytes; at += PIECE, time += 1e6) {
    const start = at % (data.length - PIECE);
    const output: SessionEvent = { kind: "output", time, data: data.subarray(start, start + PIECE) };
    const isNew = at % (1 << 20) === 0;
    yield isNew
      ? [print(time, "\x1b]633;D;0\x07\x1b]633;A\x07$ make\r\n\x1b]633;E;make\x07\x1b]633;C\x07"), output]
      : [output];
  }
  yield [{ kind: "exit", time: bytes, status: { code: 0 } }];
}

/** `/usr/bin/time` tells what the process has taken. */
async function run(args: readonly string[]): Promise<{ seconds: number; cpu: number; rss: number }> {
  const command = ["-f", "%e %U %S %M", ...TERM2AI, ...args];
  const { stderr, success } = await new Deno.Command("/usr/bin/time", {
    args: command,
    stdout: "null",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stderr).trim();
  if (!success) throw new Error(`Cannot measure a command that fails: ${text}`);
  const [seconds, user, system, rss] = text.split("\n").at(-1)!.split(" ").map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return { seconds, cpu: user + system, rss: rss / 1000 };
}

if (import.meta.main) await runAlone(analyze);
