import { deepEqual, equal, match, ok } from "node:assert/strict";
import { limitOf, limitProcess } from "../lib/host/process_limits.ts";
import { availableMeans } from "../lib/session/limits/confine.ts";
import { CgroupConfinement, findDelegatedGroup } from "../lib/session/limits/cgroup.ts";
import { ProcessConfinement } from "../lib/session/limits/prlimit.ts";
import { SystemdConfinement, whySystemdFails } from "../lib/session/limits/systemd.ts";
import { ProcessGroup } from "../lib/session/limits/processes.ts";
import { withFolder } from "./support/cli.ts";
import { sleep } from "./support/pty.ts";
import "./support/sessions.ts";

const ignore = Deno.build.os !== "linux";
const test = (name: string, fn: () => Promise<void> | void) => Deno.test({ name, ignore, fn });

/** Runs `body` beside a process that waits. */
async function withProcess(script: string, body: (pid: number) => Promise<void> | void): Promise<void> {
  const child = new Deno.Command("setsid", { args: ["sh", "-c", script], stdin: "null" }).spawn();
  try {
    await sleep(200);
    await body(child.pid);
  } finally {
    for (const pid of new ProcessGroup(child.pid, 0).pids()) Deno.kill(pid, "SIGKILL");
    await child.status;
  }
}

/** Files as a kernel with a delegated control group would show them. */
async function withGroup(
  controllers: string,
  body: (root: string, group: string) => Promise<void> | void,
): Promise<void> {
  await withFolder(async (folder) => {
    const group = `${folder}/sys/fs/cgroup/user.slice/mine`;
    await Deno.mkdir(`${folder}/proc/self`, { recursive: true });
    await Deno.mkdir(group, { recursive: true });
    await Deno.writeTextFile(`${folder}/proc/self/cgroup`, "0::/user.slice/mine\n");
    const mounts =
      "24 30 0:22 / /sys rw - sysfs sysfs rw\n30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n";
    await Deno.writeTextFile(`${folder}/proc/self/mountinfo`, mounts);
    await Deno.writeTextFile(`${group}/cgroup.controllers`, controllers);
    await Deno.writeTextFile(`${group}/cgroup.subtree_control`, "");
    await body(`${folder}/`, group);
  });
}

test("a control group is used where one with the controllers was delegated, and gets the session's limits", async () => {
  await withGroup("cpuset cpu io memory pids", async (root, path) => {
    const group = findDelegatedGroup(root);
    deepEqual(group, { path });
    equal(await Deno.readTextFile(`${path}/cgroup.subtree_control`), "+memory +pids +cpu");
    const confinement = new CgroupConfinement({ path }, "x", { memoryBytes: 1 << 20, processes: 7, cpuPercent: 50 });
    await confinement.take(123);
    const file = (name: string) => Deno.readTextFileSync(`${path}/term2ai-x/${name}`);
    deepEqual([file("memory.max"), file("pids.max"), file("cpu.max"), file("cgroup.procs")], [
      "1048576",
      "7",
      "50000 100000",
      "123",
    ]);
    equal(confinement.killed(), 0);
    await Deno.writeTextFile(`${path}/term2ai-x/memory.events`, "low 0\noom 3\noom_kill 2\n");
    equal(confinement.killed(), 2);
    await confinement.release();
  });
  await withGroup("cpu", (root) => match(findDelegatedGroup(root) as string, /lacks the controllers memory, pids/));
  await withGroup("cpu memory pids", async (root, path) => {
    await Deno.remove(`${path}/cgroup.subtree_control`);
    match(findDelegatedGroup(root) as string, /does not hand its controllers on/);
  });
  await withFolder((folder) => Promise.resolve(match(findDelegatedGroup(`${folder}/`) as string, /no control groups/)));
});

test("a scope of systemd is asked for by its bus, with the session's limits", async () => {
  await withFolder(async (folder) => {
    const before = Deno.env.toObject();
    try {
      Deno.env.delete("XDG_RUNTIME_DIR");
      match((await whySystemdFails())!, /XDG_RUNTIME_DIR is not set/);
      Deno.env.set("XDG_RUNTIME_DIR", folder);
      match((await whySystemdFails())!, /is not there/);
      await Deno.mkdir(`${folder}/systemd`);
      await Deno.writeTextFile(`${folder}/systemd/private`, "");
      await Deno.writeTextFile(
        `${folder}/busctl`,
        `#!/bin/sh\nprintf '%s\\n' "$*" >>${folder}/asked\n[ ! -e ${folder}/fails ] || { echo no bus >&2; exit 1; }\n`,
        { mode: 0o755 },
      );
      Deno.env.set("PATH", `${folder}:${before.PATH}`);
      equal(await whySystemdFails(), undefined);
      equal((await availableMeans())[0]!.works, true);
      const confinement = new SystemdConfinement("x", { memoryBytes: 100, processes: 7, cpuPercent: 50 });
      await confinement.take(123);
      await confinement.release();
      equal(confinement.killed(), 0);
      const asked = (await Deno.readTextFile(`${folder}/asked`)).trim().split("\n").slice(-2);
      match(
        asked[0]!,
        /StartTransientUnit ssa\(sv\)a\(sa\(sv\)\) term2ai-x\.scope fail 5 PIDs au 1 123 MemoryMax t 100 MemorySwapMax t 0 TasksMax t 7 CPUQuotaPerSecUSec t 500000 0$/,
      );
      match(asked[1]!, /StopUnit ss term2ai-x\.scope fail$/);
      await Deno.writeTextFile(`${folder}/fails`, "");
      match((await whySystemdFails())!, /does not answer: no bus/);
      const refused = await confinement.take(123).then(() => "", (error) => error.message);
      match(refused, /systemd does not make a scope: no bus/);
    } finally {
      Deno.env.set("PATH", before.PATH!);
      if (before.XDG_RUNTIME_DIR === undefined) Deno.env.delete("XDG_RUNTIME_DIR");
      else Deno.env.set("XDG_RUNTIME_DIR", before.XDG_RUNTIME_DIR);
    }
  });
});

test("without either, each process is limited, and what it starts inherits that", async () => {
  await withProcess("sleep 60", async (pid) => {
    await new ProcessConfinement({
      memoryBytes: 300_000_000,
      openFiles: 50,
      cpuSeconds: 1000.5,
      cpuPercent: 50,
      processes: 9,
    }).take(pid);
    deepEqual([limitOf(pid, "dataBytes"), limitOf(pid, "openFiles"), limitOf(pid, "cpuSeconds")], [
      300_000_000,
      50,
      1001,
    ]);
    equal(Deno.readTextFileSync(`/proc/${pid}/oom_score_adj`).trim(), "500");
    equal(Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]!.split(" ")[16], "10", "nice");
    limitProcess(pid, "openFiles", 1000);
    equal(limitOf(pid, "openFiles"), 50, "a limit is never raised");
  });
  const means = await availableMeans();
  deepEqual(means.map(({ name }) => name), ["systemd", "cgroup", "prlimit"]);
  equal(means[2]!.works, true);
});

test("ProcessGroup.measure() counts the same from the kernel's lists of children as from all processes", async () => {
  await withProcess("sleep 60 & setsid sh -c 'sleep 61 & wait' & wait", (pid) => {
    const group = new ProcessGroup(pid, Deno.pid);
    ok(group.pids().length >= 4);
    equal(group.measure().processes, group.pids().length);
    ok(group.measure(true).memoryBytes > 100_000);
    const others = group.zombies();
    Deno.kill(pid, "SIGSTOP");
    deepEqual(group.zombies(), others, "who lives is none");
    Deno.kill(pid, "SIGCONT");
  });
});

test("ProcessGroup counts all that a program starts, in its terminal's session or another", async () => {
  await withProcess("sleep 60 & setsid sleep 61 & wait", (pid) => {
    const group = new ProcessGroup(pid, 0);
    const usage = group.measure();
    equal(usage.processes, 3);
    ok(usage.memoryBytes > 100_000 && group.measure(true).memoryBytes > 0);
    equal(group.pids()[0], pid);
    ok(group.largest()!.memoryBytes > 0);
  });
  equal(new ProcessGroup(2 ** 30, 0).measure().processes, 0);
  equal(new ProcessGroup(2 ** 30, 0).largest(), undefined);
});
