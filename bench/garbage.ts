/**
 * What recording leaves to the garbage collector: bytes allocated for each recorded event, and the longest pause, by V8's own account.
 *
 *     deno run -A bench/garbage.ts [--full] [--json]
 *
 * @module
 */

import { corpus } from "./support/corpora.ts";
import { withFolder } from "./support/measure.ts";
import { TERM2AI } from "./support/recorders.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

/** What the collections of one run say. */
interface Garbage {
  readonly bytes: number;
  readonly pauses: readonly number[];
}

/** Records tiny writes, each of which may become an event. */
export async function garbage({ full }: BenchOptions): Promise<Table> {
  return await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/corpus`, corpus("tiny", full ? 10e6 : 1e6));
    const [program, run, ...words] = TERM2AI;
    const rec = ["rec", "--overwrite", `${folder}/x.t2a`, "--", "dd", `if=${folder}/corpus`, "bs=10", "status=none"];
    const { stdout } = await new Deno.Command(program!, {
      args: [run!, "--v8-flags=--trace-gc", ...words, ...rec],
      stdin: "null",
      stderr: "null",
    }).output();
    const { bytes, pauses } = garbageIn(new TextDecoder("latin1").decode(stdout));
    const info = await new Deno.Command(program!, { args: [run!, ...words, "info", "--json", `${folder}/x.t2a`] })
      .output();
    const { events } = JSON.parse(new TextDecoder().decode(info.stdout)) as { events: number };
    const longest = Math.max(0, ...pauses);
    return {
      title: "Garbage while recording",
      columns: ["events", "bytes allocated per event", "collections", "longest pause, ms"],
      rows: [[events, (bytes / events).toFixed(0), pauses.length, longest.toFixed(1)]],
      note: `${full ? "1 M" : "100 k"} writes of 10 bytes, start-up included; all threads, from V8's trace.`,
      runs: { events, bytes, pauses: [...pauses] },
    };
  });
}

/** Reads lines such as `[17:0x7f50] 901 ms: Scavenge 4.6 (5.2) -> 4.0 (5.8) MB, pooled: 0.0 MB, 3.3 / 0.0 ms …`, of each thread apart. */
export function garbageIn(trace: string): Garbage {
  const line =
    /\[\d+:(0x[\da-f]+)\] +\d+ ms: \S.*? ([\d.]+) \([\d.]+\) -> ([\d.]+) \([\d.]+\) MB,.*? ([\d.]+) \/ [\d.]+ ms/g;
  const after = new Map<string, number>();
  const pauses: number[] = [];
  let megabytes = 0;
  for (const [, heap, full, left, pause] of trace.matchAll(line)) {
    megabytes += Math.max(0, Number(full) - (after.get(heap!) ?? 0));
    after.set(heap!, Number(left));
    pauses.push(Number(pause));
  }
  return { bytes: megabytes * 1e6, pauses };
}

if (import.meta.main) await runAlone(garbage);
