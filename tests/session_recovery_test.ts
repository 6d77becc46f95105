import { deepEqual, equal, match, ok } from "node:assert/strict";
import { infoOf, TERM2AI, term2ai, withFolder } from "./support/cli.ts";
import { sleep } from "./support/pty.ts";

/** Prints 100 numbered lines a second, and notes beside them when each was printed, in microseconds. */
const PRINTER = `
import os, sys, time
log = open(sys.argv[1], "w", buffering=1)
for line in range(100000):
    stamp = time.time_ns() // 1000
    sys.stdout.write("line %d\\n" % line)
    sys.stdout.flush()
    log.write("%d %d\\n" % (line, stamp))
    time.sleep(0.01)
`;

Deno.test("a recorder that is killed at any moment has kept every line older than 100 ms", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/printer.py`, PRINTER);
    const runs = Array.from({ length: 20 }, (_, at) => at);
    // Two at a time: killing is quick, waiting for the moment is not.
    const results: string[] = [];
    while (runs.length > 0) results.push(...await Promise.all(runs.splice(0, 2).map((run) => killedRun(folder, run))));
    deepEqual(results, Array(20).fill("kept"));
  });
});

function cacheFolder(): Record<string, string> {
  const folder = Deno.env.get("DENO_DIR");
  return folder === undefined ? {} : { DENO_DIR: folder };
}

/**
 * The longest that this machine kept a timer of ours waiting beyond its time, in milliseconds, while it was watched. What
 * cannot run cannot write: a recorder on a machine that stands still for that long is late by as much.
 */
async function worstStall(milliseconds: number): Promise<number> {
  const until = performance.now() + milliseconds;
  let worst = 0;
  while (performance.now() < until) {
    const before = performance.now();
    await sleep(5);
    worst = Math.max(worst, performance.now() - before - 5);
  }
  return worst;
}

async function killedRun(folder: string, run: number): Promise<string> {
  const [file, log] = [`${folder}/${run}.t2a`, `${folder}/${run}.log`];
  const [program, ...words] = TERM2AI;
  const child = new Deno.Command(program!, {
    args: [...words, "rec", file, "--", "python3", `${folder}/printer.py`, log],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    clearEnv: true, // measuring coverage would slow the recorder down, and what is killed writes none
    env: { PATH: Deno.env.get("PATH")!, HOME: Deno.env.get("HOME") ?? "/", ...cacheFolder() },
  }).spawn();
  while (!await Deno.stat(log).catch(() => undefined)) await sleep(10);
  await sleep(300 + Math.random() * 2500);
  const stall = await worstStall(500);
  const killedAt = Date.now() * 1000;
  child.kill("SIGKILL");
  await child.status;
  const due = (await Deno.readTextFile(log)).split("\n").filter((line) =>
    Number(line.split(" ")[1] ?? Infinity) < killedAt - 100_000 - stall * 1000
  );
  const kept = (await term2ai(["cat", file])).text.split("\r\n").slice(0, -1);
  const info = await term2ai(["info", file]);
  if (info.status !== 0 || !/unfinished/.test(info.text)) return `info: ${info.status} ${info.text}${info.errors}`;
  const wrong = kept.findIndex((line, at) => line !== `line ${at}`);
  if (wrong >= 0) return `line ${wrong} is ${kept[wrong]}`;
  return kept.length >= due.length ? "kept" : `${kept.length} of ${due.length} lines`;
}

Deno.test("an unfinished recording says so, plays, and can be added to", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/x.t2a`;
    const [program, ...words] = TERM2AI;
    const script = "for i in 1 2 3 4 5; do echo $i; sleep 0.1; done; sleep 60";
    const args = [...words, "rec", file, "--", "sh", "-c", script];
    const child = new Deno.Command(program!, { args, stdin: "null", stdout: "null" }).spawn();
    while (!(await term2ai(["cat", file]).catch(() => ({ text: "" }))).text.includes("5")) await sleep(50);
    child.kill("SIGKILL");
    await child.status;
    const whole = await Deno.readFile(file);
    await Deno.writeFile(file, whole.subarray(0, whole.length - 7));
    const info = await infoOf(file);
    equal(info.complete, false);
    ok(info.tornBytes > 0);
    match((await term2ai(["info", file])).text, /unfinished/);
    match((await term2ai(["play", "-s", "max", file])).text, /^1\r\n/);
    await term2ai(["rec", "--append", file, "--", "echo", "more"]);
    match((await term2ai(["cat", file])).text, /^1\r\n[^]*more\r\n$/);
  });
});

Deno.test("a follower sees every event whole while the recorder writes, and ends with the session", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/x.t2a`;
    const script = "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); sleep 0.005; done; exit 6";
    const recording = term2ai(["rec", file, "--", "sh", "-c", script]);
    while (!await Deno.stat(file).catch(() => undefined)) await sleep(10);
    const followed = await term2ai(["play", "--follow", "-s", "max", file]);
    equal((await recording).status, 6);
    equal(followed.errors, "");
    equal(followed.text, Array.from({ length: 300 }, (_, line) => `line ${line}\r\n`).join(""));
  });
});
