/**
 * Peak resident memory while recordings are made, converted and printed, small ones and big ones: it has to stay the same.
 *
 *     deno run -A bench/memory.ts [--full] [--json]
 *
 * @module
 */

import { t2a } from "../formats/mod.ts";
import { longSession } from "./support/long_session.ts";
import { withFolder } from "./support/measure.ts";
import { ratioOf } from "./support/ratios.ts";
import { TERM2AI } from "./support/recorders.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

/** Each at a size and at four times that. */
export async function memory({ full }: BenchOptions): Promise<Table> {
  const sizes = (full ? [100, 400] : [10, 40]).map((megabytes) => megabytes * 1e6);
  return await withFolder(async (folder) => {
    const files = sizes.map((size) => `${folder}/${size}.t2a`);
    for (const [at, file] of files.entries()) {
      await longSession(sizes[at]!).pipeThrough(t2a.encoder()).pipeTo((await Deno.create(file)).writable);
    }
    const out = `${folder}/out`;
    const rec = (
      script: string,
      ...flags: string[]
    ) => [...flags, "--overwrite", `${out}.t2a`, "--", "sh", "-c", script];
    const random = (size: number) => `stty raw; head -c ${size} /dev/urandom`;
    const lines = (size: number) => `stty raw; yes 'a line of output as programs print it' | head -c ${size}`;
    const tasks: Record<string, (size: number, at: number) => readonly string[]> = {
      "recording random bytes, without keyframes": (size) => ["rec", ...rec(random(size), "--no-keyframes")],
      "recording random bytes": (size) => ["rec", ...rec(random(size))],
      "recording one line, without keyframes": (size) => ["rec", ...rec(lines(size), "--no-keyframes")],
      "recording one line": (size) => ["rec", ...rec(lines(size))],
      "converting to asciicast v3": (_, at) => ["convert", "--overwrite", files[at]!, `${out}.cast`],
      "printing": (_, at) => ["cat", files[at]!],
    };
    const peaks: Record<string, number[]> = {};
    for (const [name, task] of Object.entries(tasks)) {
      peaks[name] = [];
      for (const [at, size] of sizes.entries()) peaks[name]!.push(await peakOf(task(size, at)));
    }
    return {
      title: "Peak resident memory",
      columns: ["MB", ...sizes.map((size) => `${size / 1e6} MB of output`)],
      rows: Object.entries(peaks).map(([name, all]) => [name, ...all.map((peak) => peak.toFixed(0))]),
      note: "Whole processes, of which 60 MB are the runtime.",
      runs: peaks,
      ratios: Object.entries(peaks).map(([name, [small, big]]) =>
        ratioOf(`memory, four times as much, ${name}`, "less", [big!], [small!])
      ),
    };
  });
}

async function peakOf(args: readonly string[]): Promise<number> {
  const [program, ...words] = TERM2AI;
  const child = new Deno.Command(program!, { args: [...words, ...args], stdin: "null", stdout: "null" }).spawn();
  let [peak, running] = [0, true];
  child.status.then(() => running = false);
  while (running) {
    const status = await Deno.readTextFile(`/proc/${child.pid}/status`).catch(() => "");
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return peak;
}

if (import.meta.main) await runAlone(memory);
