/**
 * How long it takes to record nothing: `rec FILE -- true` from start to end, from source and as a single file, beside asciinema and
 * an empty `deno run`.
 *
 *     deno run -A bench/startup.ts [--full] [--json]
 *
 * @module
 */

import { median, quantile, runQuietly, withFolder } from "./support/measure.ts";
import { ratioOf } from "./support/ratios.ts";
import { isInstalled, TERM2AI } from "./support/recorders.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";
import { singleFile } from "./support/single_file.ts";

/** All once per round: whatever else the machine does hits each. */
export async function startup({ full }: BenchOptions): Promise<Table> {
  return await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/empty.ts`, "");
    const rec = ["rec", "--overwrite", `${folder}/x.t2a`, "--", "true"];
    const commands: Record<string, readonly string[]> = {
      "empty `deno run`": [Deno.execPath(), "run", "-A", `${folder}/empty.ts`],
      "`rec FILE -- true`, `deno run`": [...TERM2AI, ...rec],
      "`rec FILE -- true`, single file": [await singleFile(), ...rec],
      ...await isInstalled("asciinema") &&
        { "`asciinema rec -c true`": ["asciinema", "rec", "-q", "--overwrite", "-c", "true", `${folder}/x.cast`] },
    };
    const names = Object.keys(commands);
    const took = new Map(names.map((name) => [name, [] as number[]]));
    for (const name of names) await runQuietly(commands[name]!);
    for (let round = 0; round < (full ? 60 : 15); round++) {
      for (const name of names) took.get(name)!.push((await runQuietly(commands[name]!)).wall * 1000);
    }
    const [empty, source, single, peer] = names.map((name) => took.get(name)!);
    const more = source!.map((ms, at) => ms - empty![at]!);
    return {
      title: "Start-up",
      columns: ["", "median ms", "fastest ms"],
      rows: names.map((name) => [name, median(took.get(name)!).toFixed(1), Math.min(...took.get(name)!).toFixed(1)]),
      note:
        `${more.length} interleaved rounds, whole processes. Recording adds ${
          median(more).toFixed(1)
        } ms to an empty ` +
        `\`deno run\`; the slowest tenth of the differences is above ${quantile(more, 0.9).toFixed(1)} ms.`,
      runs: Object.fromEntries(took),
      ratios: peer === undefined ? [] : [
        ratioOf("start-up, deno run, of asciinema's", "less", source!, peer),
        ratioOf("start-up, single file, of asciinema's", "less", single!, peer),
      ],
    };
  });
}

if (import.meta.main) await runAlone(startup);
