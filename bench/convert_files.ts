/**
 * Converting a big recording as a user does: a file in, a file out, by a process of its own. Time, processor time, peak memory.
 *
 *     deno run -A bench/convert_files.ts [MEGABYTES]
 *
 * @module
 */

import { asciicastV3, t2a } from "../formats/mod.ts";
import { TERM2AI } from "./pairs.ts";
import { longSession } from "./support/long_session.ts";
import { childrenTime, withFolder } from "./support/measure.ts";

const megabytes = Number(Deno.args[0] ?? 200);

async function measured(args: readonly string[]): Promise<string> {
  const [program, ...words] = TERM2AI;
  const [start, before] = [performance.now(), childrenTime()];
  const silent = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const child = new Deno.Command(program!, { args: [...words, ...args], ...silent }).spawn();
  let peak = 0, isRunning = true;
  child.status.then(() => isRunning = false);
  while (isRunning) {
    const status = await Deno.readTextFile(`/proc/${child.pid}/status`).catch(() => "");
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const wall = (performance.now() - start) / 1000, cpu = childrenTime() - before;
  return `${(megabytes / wall).toFixed(0)} MB/s of output, ${
    (megabytes / cpu).toFixed(0)
  } MB per second of processor time, ` +
    `${peak.toFixed(0)} MB at the peak`;
}

await withFolder(async (folder) => {
  const [native, cast] = [`${folder}/a.t2a`, `${folder}/a.cast`];
  await longSession(megabytes * 1e6).pipeThrough(t2a.encoder()).pipeTo((await Deno.create(native)).writable);
  await longSession(megabytes * 1e6).pipeThrough(asciicastV3.encoder()).pipeTo((await Deno.create(cast)).writable);
  const sizes = [native, cast].map((path) => (Deno.statSync(path).size / 1e6).toFixed(0));
  console.log(`${megabytes} MB of output: ${sizes[0]} MB as T2A, ${sizes[1]} MB as asciicast v3`);
  for (
    const [name, from, to] of [["T2A → raw", native, "raw"], ["asciicast v3 → T2A", cast, "t2a"], [
      "T2A → text",
      native,
      "text",
    ]] as const
  ) {
    console.log(`${name}: ${await measured(["convert", "--to", to, "--overwrite", from, `${folder}/out`])}`);
  }
});
