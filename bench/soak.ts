/**
 * A soak: one session, recorded for half an hour under mixed load, with a fault every ten seconds.
 *
 *     deno run -A bench/soak.ts [MINUTES] [--signed]
 *
 * The disk fills up and gets room again (as root, on a small file system of its own), the recorder is stopped and goes on, the
 * terminal changes its size. Afterwards every byte that the program printed must be in the recording, or be counted by a gap,
 * the recording must verify, and the recorder must not have grown. Ends with 1 where that is not so.
 *
 * @module
 */

import { openRecording, verifyBlocks } from "../formats/mod.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { choosePtyHost } from "../lib/host/pty.ts";
import { openSource } from "../lib/cli/source/stdio.ts";
import { countStats } from "../lib/transform/stats.ts";
import { TERM2AI } from "./pairs.ts";

const minutes = Number(Deno.args.find((arg) => /^[\d.]+$/.test(arg)) ?? 30);
const FAULT_EVERY = 10_000;
/** Room for all of it, since what is lost at a disk that stays full cannot be told: half an hour makes 110 MB. */
const DISK = Math.ceil(16 + 10 * minutes) * (1 << 20);

/** Quiet lines, colours, bursts and noise, in turn; writes down how many bytes it has printed. */
const LOAD = `
import os, random, sys, time
random.seed(7)
end = time.time() + float(sys.argv[1])
printed = 0
def show(data):
    global printed
    while data:
        n = os.write(1, data[:65536])
        printed += n
        data = data[n:]
while time.time() < end:
    kind = random.choice(["quiet", "quiet", "colours", "burst", "noise"])
    until = time.time() + random.uniform(0.5, 3)
    while time.time() < min(until, end):
        if kind == "quiet": show(b"a line now and then\\r\\n"); time.sleep(random.uniform(0.01, 0.3))
        elif kind == "colours": show(b"".join(b"\\x1b[3%dm%d\\x1b[0m " % (i % 8, i) for i in range(50)) + b"\\r\\n"); time.sleep(0.01)
        elif kind == "burst": show(b"the same line again and again and again\\r\\n" * 2000); time.sleep(0.2)
        else: show(os.urandom(20000)); time.sleep(0.05)
open(sys.argv[2], "w").write(str(printed))
`;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function run(program: string, ...args: string[]): Promise<boolean> {
  return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output()).success;
}

/** Resident memory in MB. */
async function residentOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000;
}

const folder = await Deno.makeTempDir({ prefix: "term2ai-soak-" });
const disk = `${folder}/disk`;
await Deno.mkdir(disk);
const isSmall = Deno.uid() === 0 && await run("mount", "-t", "tmpfs", "-o", `size=${DISK}`, "none", disk);
const file = `${disk}/soak.t2a`;
await Deno.writeTextFile(`${folder}/load.py`, LOAD);
const isSigned = Deno.args.includes("--signed");
if (isSigned) await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${folder}/id`);

const FAULTS: Readonly<Record<string, (pid: number) => Promise<void>>> = {
  async "stopped for 2 s"(pid) {
    Deno.kill(pid, "SIGSTOP");
    await sleep(2000);
    Deno.kill(pid, "SIGCONT");
  },
  async "disk full for 3 s"() {
    if (!isSmall) return;
    await run("sh", "-c", `cat /dev/zero > ${disk}/filler`);
    await sleep(3000);
    await Deno.remove(`${disk}/filler`);
  },
  "another size": () => Promise.resolve(pty.resize(40 + Math.floor(Math.random() * 100), 20)),
};

const keys = isSigned ? ["--sign", `${folder}/id`] : [];
const load = ["python3", `${folder}/load.py`, String(minutes * 60), `${folder}/printed`];
const script = `stty raw -echo; exec ${load.join(" ")}`;
const host = await choosePtyHost();
const pty = host.open({
  command: [...TERM2AI, "rec", "-q", ...keys, file, "--", "sh", "-c", script],
  cols: 80,
  rows: 24,
  cwd: folder,
  env: Deno.env.toObject(),
  whenFull: "wait",
  queueBytes: 8 << 20,
  tellTyped: false,
});
const drained = (async () => {
  while (await pty.next());
})();

const memory: number[] = [];
const faults = new Map<string, number>();
let isOver = false;
const ended = pty.exited.then(() => isOver = true);
const watching = (async () => {
  while (!isOver) {
    memory.push(await residentOf(pty.pid));
    await Promise.race([sleep(1000), ended]);
  }
})();
// What is lost at a full disk can be told only when there is room again: the last one is over before the session is.
const started = Date.now();
for (let n = 0; Date.now() - started < minutes * 60_000 - 2 * FAULT_EVERY; n++) {
  await Promise.race([sleep(FAULT_EVERY), ended]);
  if (isOver) break;
  const names = Object.keys(FAULTS);
  const name = names[n % names.length]!;
  await FAULTS[name]!(pty.pid).catch(() => {});
  faults.set(name, (faults.get(name) ?? 0) + 1);
}
await Promise.all([drained, watching, ended]);
await pty.close();

const printed = Number(await Deno.readTextFile(`${folder}/printed`));
const { outputBytes, missingBytes, gaps } = await countStats((await openRecording(await openSource(file))).events);
const [verdict] = await verifyBlocks((await openSource(file)).bytes(), { name: file, loadCodec });
const warm = memory.slice(Math.floor(memory.length / 4), Math.floor(memory.length / 2));
const late = memory.slice(Math.floor(memory.length / 2));
const [before, after] = [Math.max(...warm), Math.max(...late)];
const told = [...faults].map(([name, count]) => `${name} ${count} times`).join(", ");
const checks: [string, boolean][] = [
  [
    `${printed} bytes were printed, ${outputBytes} are there and ${missingBytes} are in ${gaps} gaps`,
    printed === outputBytes + missingBytes,
  ],
  [
    `the recording is ${verdict?.fault ? `${verdict.fault.kind}: ${verdict.fault.what}` : "intact"}`,
    verdict?.fault === undefined,
  ],
  [
    `resident memory: ${before.toFixed(0)} MB at the most in the second quarter, ${after.toFixed(0)} MB after it`,
    after < before * 1.25 + 10,
  ],
];
console.log(
  `soak: ${minutes} minutes; ${told || "no faults"}${isSmall ? "" : " (no small file system could be mounted)"}`,
);
for (const [what, isGood] of checks) console.log(`soak: ${isGood ? "" : "FAILED: "}${what}`);
if (isSmall) await run("umount", disk);
await Deno.remove(folder, { recursive: true });
if (!checks.every(([, isGood]) => isGood)) Deno.exitCode = 1;
