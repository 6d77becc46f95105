/**
 * What keyframes cost while recording: echo of a typed byte with and without them, and the size of the file.
 *
 *     deno run -A bench/keyframes.ts [--full] [--json]
 *
 * @module
 */

import { collectBytes, keyframes, loadCodec, loadEmulator, mergeBlocks, type SessionEvent, t2a } from "../mod.ts";
import { session } from "./support/corpora.ts";
import { median, now, quantile, ratios, Terminal, wait, withFolder } from "./support/measure.ts";
import { TERM2AI } from "./support/recorders.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

/** Answers each byte with the byte and the repainting of a status line, as a shell or an editor does. */
const echoing = (bytes: number) =>
  `import os,sys
os.system("stty raw -echo"); os.write(1,b"READY")
row=b"".join(b"\\x1b[%d;1H\\x1b[3%dm%s" % (r, r%8, b"words that are painted again "*2) for r in range(2,12))
for i in range(${bytes}):
    k=os.read(0,1); os.write(1,k+row)`;

async function delays(flag: string, file: string, bytes: number): Promise<number[]> {
  const rec = ["rec", "--quiet", "--overwrite", flag, file, "--", "python3", "-c", echoing(bytes)];
  const terminal = new Terminal([...TERM2AI, ...rec]);
  let seen = "";
  while (!seen.includes("READY")) if (terminal.hasOutput(20)) seen += terminal.text(terminal.read());
  wait(300);
  const found: number[] = [];
  for (let at = 0; at < bytes; at++) {
    const sent = now();
    terminal.write(Uint8Array.of(97 + at % 26));
    if (!terminal.hasOutput(5000)) throw new Error("Cannot measure: a byte did not come back");
    terminal.read();
    found.push(now() - sent);
    while (terminal.hasOutput(1)) terminal.read();
  }
  terminal.drain();
  await terminal.close();
  return found;
}

/** Bytes of a finished recording of the events. */
async function finishedSize(events: readonly SessionEvent[], withKeyframes: boolean): Promise<number> {
  const stream = ReadableStream.from([events]);
  const kept = withKeyframes ? stream.pipeThrough(keyframes(await loadEmulator())) : stream;
  const bytes = await collectBytes(kept.pipeThrough(t2a.encoder({ blockBytes: 4096 })));
  const read = (start: number, length: number) => Promise.resolve(bytes.subarray(start, start + length));
  return (await mergeBlocks({ read, size: bytes.length, write: () => {}, loadCodec })).bytes;
}

/** Pairs in turn: one recording with keyframes, one without. */
export async function keyframeCost({ full }: BenchOptions): Promise<Table> {
  const pairs = full ? 11 : 5, bytes = full ? 800 : 300;
  const [on, off]: [number[][], number[][]] = [[], []];
  let found = 0;
  await withFolder(async (folder) => {
    const file = `${folder}/x.t2a`;
    for (let pair = 0; pair < pairs; pair++) {
      off.push(await delays("--no-keyframes", file, bytes));
      on.push(await delays("--keyframes", file, bytes));
      const recording = await Deno.open(file);
      for await (const batch of recording.readable.pipeThrough(t2a.decoder())) {
        found += batch.filter(({ kind }) => kind === "keyframe").length;
      }
    }
  });
  const at = (part: number, of: number[][]) => of.map((each) => quantile(each, part) / 1000);
  const long = session(full ? 3600 : 1200);
  const [small, large] = [await finishedSize(long, false), await finishedSize(long, true)];
  const row = (
    name: string,
    part: number,
  ) => [name, median(at(part, off)).toFixed(0), median(at(part, on)).toFixed(0), ratios(at(part, on), at(part, off))];
  return {
    title: "Keyframes while recording",
    columns: ["", "without", "with", "ratio, pair by pair"],
    rows: [
      row("echo p50, µs", 0.5),
      row("echo p99, µs", 0.99),
      ["file of an interactive session, bytes", small, large, (large / small).toFixed(4)],
    ],
    note: `${pairs} interleaved pairs of ${bytes} keys, each answered with 0.7 kB; ${found} keyframes were recorded.`,
    runs: { on, off, small, large },
  };
}

if (import.meta.main) await runAlone(keyframeCost);
