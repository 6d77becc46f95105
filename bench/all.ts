/**
 * All benchmarks, as the Markdown tables that the README quotes from.
 *
 *     deno task bench [--full] [--only NAME]
 *
 * @module
 */

import { analyze } from "./analyze.ts";
import { catalogStatistics } from "./catalog_stats.ts";
import { convert } from "./convert.ts";
import { echo } from "./echo.ts";
import { keyframeCost } from "./keyframes.ts";
import { render } from "./render.ts";
import { searching } from "./search.ts";
import { seek } from "./seek.ts";
import { sizes } from "./sizes.ts";
import { startup } from "./startup.ts";
import { fromFileUrl } from "./support/path.ts";
import { type Bench, markdown } from "./support/report.ts";
import { throughput } from "./throughput.ts";

const BENCHES: Readonly<Record<string, Bench>> = {
  startup,
  throughput,
  echo,
  sizes,
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
  memory: ["Memory", "memory.ts"],
  files: ["Converting files", "convert_files.ts", Deno.args.includes("--full") ? "200" : "50"],
  sessions: ["Live sessions", "sessions.ts", ...Deno.args.filter((arg) => arg === "--full")],
  viewers: ["A hundred viewers", "viewers.ts", ...Deno.args.filter((arg) => arg === "--full")],
  replay: ["Replay on time", "replay_timing.ts", Deno.args.includes("--full") ? "60" : "10"],
};

async function linesOf([title, script, ...args]: readonly [string, ...string[]]): Promise<string> {
  const path = fromFileUrl(new URL(script!, import.meta.url));
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", path, ...args], stderr: "inherit" });
  const { stdout, success } = await command.output();
  if (!success) Deno.exitCode = 1;
  return `### ${title}\n\n${new TextDecoder().decode(stdout).trim().replace(/^/gm, "- ")}\n`;
}

const full = Deno.args.includes("--full");
const only = Deno.args.includes("--only") ? Deno.args[Deno.args.indexOf("--only") + 1] : undefined;
const chosen = <Value>(from: Readonly<Record<string, Value>>) =>
  Object.entries(from).flatMap(([name, value]) => only === undefined || only === name ? [value] : []);
console.log(`## Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores, ${Deno.build.target}\n`);
for (const bench of chosen(BENCHES)) console.log(markdown(await bench({ full })).trimEnd() + "\n");
for (const script of chosen(SCRIPTS)) console.log(await linesOf(script));
