/**
 * How long it takes to record nothing: `rec FILE -- true` from start to end, beside an empty `deno run`.
 *
 *     deno run -A bench/startup.ts [--full] [--json]
 *
 * @module
 */

import { median, quantile, ratios, runQuietly, withFolder } from "./support/measure.ts";
import { TERM2AI } from "./support/recorders.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

/** Interleaved pairs: whatever else the machine does hits both. */
export async function startup({ full }: BenchOptions): Promise<Table> {
  return await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/empty.ts`, "");
    const empty = [Deno.execPath(), "run", "-A", `${folder}/empty.ts`];
    const record = [...TERM2AI, "rec", "--overwrite", `${folder}/x.t2a`, "--", "true"];
    await runQuietly(empty);
    await runQuietly(record);
    const runs: { empty: number; record: number }[] = [];
    for (let pair = 0; pair < (full ? 60 : 15); pair++) {
      runs.push({ empty: (await runQuietly(empty)).wall * 1000, record: (await runQuietly(record)).wall * 1000 });
    }
    const [without, withIt] = [runs.map((run) => run.empty), runs.map((run) => run.record)];
    const more = runs.map((run) => run.record - run.empty);
    return {
      title: "Start-up",
      columns: ["", "median ms", "fastest ms"],
      rows: [
        ["empty `deno run`", median(without).toFixed(1), Math.min(...without).toFixed(1)],
        ["`rec FILE -- true`", median(withIt).toFixed(1), Math.min(...withIt).toFixed(1)],
        ["difference, pair by pair", median(more).toFixed(1), Math.min(...more).toFixed(1)],
      ],
      note:
        `${runs.length} interleaved pairs, whole processes. Ratio ${
          ratios(withIt, without)
        }; the slowest tenth of the ` +
        `differences is above ${quantile(more, 0.9).toFixed(1)} ms.`,
      runs: { medianDifference: median(more), ratio: median(withIt) / median(without), pairs: runs },
    };
  });
}

if (import.meta.main) await runAlone(startup);
