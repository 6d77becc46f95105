/**
 * All benchmarks, as the Markdown tables that the README quotes from, and their ratios beside what was promised.
 *
 *     deno task bench [--full] [--only NAME] [--output FOLDER] [--check | --accept]
 *
 * `--output` writes `bench.md` and `bench.json` there, with every single figure. `--check` ends with 1 when a ratio is worse than
 * the one that is kept in `baseline.json`, `--accept` keeps those of this run. Times are not compared: they belong to a machine.
 *
 * @module
 */

import type { Json } from "../lib/event.ts";
import { analyze } from "./analyze.ts";
import { cat } from "./cat.ts";
import { catalogStatistics } from "./catalog_stats.ts";
import { convert } from "./convert.ts";
import { echo } from "./echo.ts";
import { garbage } from "./garbage.ts";
import { keyframeCost } from "./keyframes.ts";
import { memory } from "./memory.ts";
import { render } from "./render.ts";
import { searching } from "./search.ts";
import { seek } from "./seek.ts";
import { sizes } from "./sizes.ts";
import { startup } from "./startup.ts";
import { fromFileUrl } from "./support/path.ts";
import {
  type Bars,
  type Baseline,
  baselineOf,
  type Ratio,
  ratiosAsJson,
  ratioTable,
  regressions,
} from "./support/ratios.ts";
import { type Bench, markdown } from "./support/report.ts";
import { throughput } from "./throughput.ts";

const BENCHES: Readonly<Record<string, Bench>> = {
  startup,
  throughput,
  echo,
  sizes,
  cat,
  memory,
  garbage,
  convert,
  render,
  seek,
  keyframes: keyframeCost,
  search: searching,
  statistics: catalogStatistics,
  analyze,
};

/** These print lines of their own, and take the machine for themselves. */
const SCRIPTS: Readonly<Record<string, readonly [title: string, ...args: string[]]>> = {
  files: ["Converting files", "convert_files.ts", Deno.args.includes("--full") ? "200" : "50"],
  sessions: ["Live sessions", "sessions.ts", ...Deno.args.filter((arg) => arg === "--full")],
  viewers: ["A hundred viewers", "viewers.ts", ...Deno.args.filter((arg) => arg === "--full")],
  redact: ["Hiding secrets", "redact.ts", ...Deno.args.filter((arg) => arg === "--full")],
  passwords: ["Passwords", "passwords.ts", Deno.args.includes("--full") ? "50" : "3"],
  replay: ["Replay on time", "replay_timing.ts", Deno.args.includes("--full") ? "60" : "10"],
};

async function linesOf([title, script, ...args]: readonly [string, ...string[]]): Promise<string> {
  const path = fromFileUrl(new URL(script!, import.meta.url));
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", path, ...args], stderr: "inherit" });
  const { stdout, success } = await command.output();
  if (!success) Deno.exitCode = 1;
  return `### ${title}\n\n${new TextDecoder().decode(stdout).trim().replace(/^/gm, "- ")}\n`;
}

/** What was promised. */
const BARS: Bars = {
  "throughput, plain, of script -T's": 1.2,
  "throughput, colourful, of script -T's": 0.85,
  "throughput, tiny, of script -T's": 0.9,
  "CPU beyond the program's, plain, of script -T's": 1.3,
  "CPU beyond the program's, colourful, of script -T's": 3,
  "CPU beyond the program's, tiny, of script -T's": 2,
  "echo, p50, of ttyrec's": 1.4,
  "echo, p99, of ttyrec's": 2,
  "start-up, deno run, of asciinema's": 0.6,
  "start-up, single file, of asciinema's": 1,
  "size of an archive, ns, of xz -9e of its asciicast v3, ms": 1.06,
  "size of an archive, µs, of xz -9e of its asciicast v3, ms": 1,
  "size after a plain close, ns, of zstd -19 of its asciicast v3, ms": 1.3,
  "cat, times faster than asciinema cat": 2,
  "a seek, times faster than feeding from the start": 50,
};

const full = Deno.args.includes("--full");
const only = Deno.args.includes("--only") ? Deno.args[Deno.args.indexOf("--only") + 1] : undefined;
const chosen = <Value>(from: Readonly<Record<string, Value>>) =>
  Object.entries(from).filter(([name]) => only === undefined || only === name);
const flag = (name: string) => Deno.args.includes(name) ? Deno.args[Deno.args.indexOf(name) + 1] : undefined;
const pieces: string[] = [];
const ratios: Ratio[] = [];
const figures: Record<string, Json> = {};

function say(text: string): void {
  console.log(text);
  pieces.push(text);
}

say(`## Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores, ${Deno.build.target}\n`);
for (const [name, bench] of chosen(BENCHES)) {
  const table = await bench({ full });
  figures[name] = table.runs;
  ratios.push(...table.ratios ?? []);
  say(markdown(table).trimEnd() + "\n");
}
for (const [, script] of chosen(SCRIPTS)) say(await linesOf(script));
if (ratios.length > 0) say(ratioTable(ratios, BARS));

const folder = flag("--output");
if (folder !== undefined) {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/bench.md`, pieces.join("\n"));
  const about = { deno: Deno.version.deno, target: Deno.build.target, cores: navigator.hardwareConcurrency, full };
  await Deno.writeTextFile(
    `${folder}/bench.json`,
    JSON.stringify({ about, ratios: ratiosAsJson(ratios), figures }, null, 1),
  );
}

const BASELINE = fromFileUrl(new URL("./baseline.json", import.meta.url));
const kept: Baseline = JSON.parse(await Deno.readTextFile(BASELINE).catch(() => "{}"));
if (Deno.args.includes("--accept")) {
  await Deno.writeTextFile(BASELINE, JSON.stringify({ ...kept, ...baselineOf(ratios) }, null, 2) + "\n");
}
if (Deno.args.includes("--check")) {
  const worse = regressions(ratios, kept);
  for (const line of worse) console.error(`worse than before: ${line}`);
  if (worse.length > 0) Deno.exitCode = 1;
}
