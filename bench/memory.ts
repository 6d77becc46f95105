/** Peak resident memory while floods are recorded: random bytes, base64, and text that repeats itself. */

import { TERM2AI } from "./pairs.ts";

const FLOODS = {
  "100 MB of random bytes": "stty raw; head -c 100000000 /dev/urandom",
  "400 MB of random bytes": "stty raw; head -c 400000000 /dev/urandom",
  "100 MB of base64": "stty raw; base64 /dev/urandom | head -c 100000000",
  "100 MB of one line": "stty raw; yes 'a line of output as programs print it' | head -c 100000000",
};

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

const file = await Deno.makeTempFile({ suffix: ".t2a" });
for (const [name, script] of Object.entries(FLOODS)) {
  const peak = await peakOf(["rec", "--overwrite", file, "--", "sh", "-c", script]);
  console.log(`memory: ${name}: ${peak.toFixed(0)} MB at the peak`);
}
await Deno.remove(file);
