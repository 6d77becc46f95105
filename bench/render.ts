/**
 * How long pictures take: a minute of an interactive session as GIF, and a screen as PNG and SVG, each as a whole process.
 *
 *     deno run -A bench/render.ts [--full] [--json]
 *
 * @module
 */

import { t2a } from "../formats/mod.ts";
import { streamOf } from "../lib/stream/collect.ts";
import { session } from "./support/corpora.ts";
import { median, runQuietly, withFolder } from "./support/measure.ts";
import { TERM2AI } from "./support/recorders.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

const SECONDS = 60;

/** Each picture once per round. */
export async function render({ full }: BenchOptions): Promise<Table> {
  return await withFolder(async (folder) => {
    const recording = `${folder}/x.t2a`;
    const file = await Deno.create(recording);
    await streamOf(...session(SECONDS)).pipeThrough(t2a.encoder()).pipeTo(file.writable);
    const runs: { name: string; seconds: number; cpu: number; bytes: number }[] = [];
    for (let round = 0; round < (full ? 9 : 3); round++) {
      for (const name of ["gif", "png", "svg", "html"]) {
        const out = `${folder}/x.${name}`;
        const { wall, cpu } = await runQuietly([...TERM2AI, "render", "--overwrite", recording, out]);
        runs.push({ name, seconds: wall, cpu, bytes: (await Deno.stat(out)).size });
      }
    }
    const names = [...new Set(runs.map(({ name }) => name))];
    return {
      title: "Pictures",
      columns: ["", "median s", "slowest s", "CPU s", "kB"],
      rows: names.map((name) => {
        const its = runs.filter((run) => run.name === name), times = its.map(({ seconds }) => seconds);
        const cpu = median(its.map(({ cpu }) => cpu)).toFixed(2);
        return [name, median(times).toFixed(2), Math.max(...times).toFixed(2), cpu, (its[0]!.bytes / 1000).toFixed(1)];
      }),
      note: `Of the corpus \`session\`, ${SECONDS} s of it, with the fonts of this machine; whole processes.`,
      runs,
    };
  });
}

if (import.meta.main) await runAlone(render);
