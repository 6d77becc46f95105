/**
 * What recording costs a program that prints as fast as it can, beside other recorders and beside none.
 *
 *     deno run -A bench/throughput.ts [--full] [--json]
 *
 * @module
 */

import { corpus, type CorpusName } from "./support/corpora.ts";
import { type Cost, median, ratios, runOnTerminal, withFolder } from "./support/measure.ts";
import { type Ratio, ratioOf } from "./support/ratios.ts";
import { BARE, installedPeers, OURS, type Recorder } from "./support/recorders.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

interface Flood {
  readonly name: CorpusName;
  readonly bytes: number;
  /** Prints the file that it is given. */
  readonly command: (file: string) => string;
}

function floods(full: boolean): Flood[] {
  const size = full ? 200e6 : 20e6;
  const cat = (file: string) => `cat ${file}`;
  return [
    { name: "plain", bytes: size, command: cat },
    { name: "colourful", bytes: size, command: cat },
    { name: "tiny", bytes: full ? 10e6 : 1e6, command: (file) => `dd if=${file} bs=10 status=none` },
  ];
}

/** Every recorder once per round, so that whatever else the machine does hits all. */
export async function throughput({ full }: BenchOptions): Promise<Table> {
  const recorders = [OURS, BARE, ...await installedPeers()];
  const rows: string[][] = [];
  const found: Ratio[] = [];
  const all: { corpus: string; recorder: string; runs: { wall: number; cpu: number }[]; fileBytes: number }[] = [];
  for (const flood of floods(full)) {
    const runs = await measure(flood, recorders, full ? 9 : 3);
    const ours = runs.get(OURS)!;
    found.push(...besideScript(flood.name, runs, ours.costs));
    for (const [recorder, { costs, fileBytes }] of runs) {
      const [wall, cpu] = [costs.map((cost) => cost.wall), costs.map((cost) => cost.cpu)];
      const [oursWall, oursCpu] = [ours.costs.map((cost) => cost.wall), ours.costs.map((cost) => cost.cpu)];
      rows.push([
        flood.name,
        recorder.name,
        median(wall).toFixed(2),
        median(cpu).toFixed(2),
        recorder === BARE ? "–" : (fileBytes / 1e6).toFixed(1),
        recorder === OURS ? "" : ratios(oursWall, wall),
        recorder === OURS ? "" : ratios(oursCpu, cpu),
      ]);
      all.push({
        corpus: flood.name,
        recorder: recorder.name,
        runs: costs.map(({ wall, cpu }) => ({ wall, cpu })),
        fileBytes,
      });
    }
  }
  return {
    title: "Recording a flood",
    columns: ["output", "recorder", "wall s", "CPU s", "file MB", "term2ai ÷ it, wall", "term2ai ÷ it, CPU"],
    rows,
    note: floods(full).map(({ name, bytes }) => `${name}: ${bytes / 1e6} MB`).join(", ") +
      "; tiny in writes of 10 bytes. Ratios round by round: median (least–most). CPU includes the printing program.",
    runs: all,
    ratios: found,
  };
}

/** Seconds of processor time that tell something; less is the grain of the clock. */
const MEASURABLE = 0.05;

/** How fast it is beside `script -T`, and what processor time it takes beyond that of the program that prints. */
function besideScript(flood: string, runs: ReadonlyMap<Recorder, { costs: Cost[] }>, ours: readonly Cost[]): Ratio[] {
  const script = [...runs].find(([{ name }]) => name === "script -T")?.[1].costs;
  const bare = runs.get(BARE)!.costs;
  if (!script) return [];
  const beyond = (costs: readonly Cost[]) => costs.map(({ cpu }, at) => cpu - bare[at]!.cpu);
  const cpu = ratioOf(`CPU beyond the program's, ${flood}, of script -T's`, "less", beyond(ours), beyond(script));
  return [
    ratioOf(
      `throughput, ${flood}, of script -T's`,
      "more",
      script.map(({ wall }) => wall),
      ours.map(({ wall }) => wall),
    ),
    { ...cpu, values: cpu.values.filter((_, at) => beyond(script)[at]! >= MEASURABLE) },
  ];
}

async function measure(flood: Flood, recorders: readonly Recorder[], rounds: number) {
  return await withFolder(async (folder) => {
    const source = `${folder}/corpus`;
    const bytes = corpus(flood.name, flood.bytes);
    await Deno.writeFile(source, bytes);
    const expected = bytes.length + bytes.reduce((lines, byte) => lines + (byte === 10 ? 1 : 0), 0);
    const runs = new Map(recorders.map((recorder) => [recorder, { costs: [] as Cost[], fileBytes: 0 }]));
    for (let round = 0; round < rounds; round++) {
      for (const [recorder, result] of runs) {
        const cost = await runOnTerminal(recorder.line(flood.command(source), `${folder}/recording`));
        if ([OURS, BARE].includes(recorder) && cost.bytes !== expected) {
          throw new Error(`Cannot measure ${recorder.name}: ${cost.bytes} bytes came through, expected ${expected}`);
        }
        result.costs.push(cost);
        result.fileBytes = await takeFiles(folder, "recording");
      }
    }
    return runs;
  });
}

/** Removes the files whose names begin so, and says how large they were. */
async function takeFiles(folder: string, prefix: string): Promise<number> {
  let bytes = 0;
  for (const { name } of [...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith(prefix))) {
    bytes += (await Deno.stat(`${folder}/${name}`)).size;
    await Deno.remove(`${folder}/${name}`);
  }
  return bytes;
}

if (import.meta.main) await runAlone(throughput);
