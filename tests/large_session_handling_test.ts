import { equal, ok } from "node:assert/strict";
import { TERM2AI, withFolder } from "./support/cli.ts";
import { sleep } from "./support/pty.ts";

/** Peak resident memory of a process in MB, as long as it can be looked at. */
async function peakOf(child: Deno.ChildProcess): Promise<number> {
  let peak = 0;
  let running = true;
  child.status.then(() => running = false);
  while (running) {
    const status = await Deno.readTextFile(`/proc/${child.pid}/status`).catch(() => "");
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000);
    await sleep(20);
  }
  return peak;
}

/** The program as users run it: measuring coverage takes memory of its own. */
async function runMeasured(args: readonly string[]): Promise<{ status: number; peak: number }> {
  const words = ["-u", "DENO_COVERAGE_DIR", ...TERM2AI, ...args];
  const child = new Deno.Command("env", { args: words, stdin: "null", stdout: "null" }).spawn();
  const peak = await peakOf(child);
  return { status: (await child.status).code, peak };
}

async function hashOf(script: string): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", `${script} | sha256sum`] }).output();
  return new TextDecoder().decode(stdout).slice(0, 64);
}

async function record(folder: string, megabytes: number): Promise<number> {
  const file = `${folder}/${megabytes}.t2a`;
  const script = `stty raw; head -c ${megabytes}000000 /dev/urandom | tee ${folder}/printed`;
  const { status, peak } = await runMeasured(["rec", "--overwrite", file, "--", "sh", "-c", script]);
  equal(status, 0);
  equal(await hashOf(`${TERM2AI.join(" ")} cat ${file}`), await hashOf(`cat ${folder}/printed`));
  return peak;
}

Deno.test("recording 100 MB and 400 MB of random bytes loses none and takes the same memory", async () => {
  await withFolder(async (folder) => {
    const small = await record(folder, 100);
    await Deno.remove(`${folder}/100.t2a`);
    const large = await record(folder, 400);
    console.log(`    peak: ${small.toFixed(0)} MB for 100 MB, ${large.toFixed(0)} MB for 400 MB`);
    ok(small <= 150, `${small} MB`);
    ok(large <= 150, `${large} MB`);
    const cat = await runMeasured(["cat", `${folder}/400.t2a`]);
    console.log(`    cat of 400 MB: ${cat.peak.toFixed(0)} MB`);
    ok(cat.peak <= 200, `${cat.peak} MB`);
  });
});
