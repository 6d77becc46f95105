import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { collect, openRecording, screenText, SessionManager, streamSource } from "../mod.ts";
import { choosePtyHost } from "../lib/host/pty.ts";
import { infoOf, term2ai } from "./support/cli.ts";
import { openDescriptors, sleep } from "./support/pty.ts";
import { eventually, withSessions } from "./support/sessions.ts";

const host = await choosePtyHost();
const ignore = host.name !== "libc";
if (ignore) console.log("    skipped: sessions are for Linux");

const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

test("SessionManager.createSession() runs a program that can be typed at, looked at and ended, and leaves its recording", async () => {
  await withSessions(async ({ manager, folder }) => {
    const session = await manager.createSession({
      name: "calc",
      command: ["sh"],
      cwd: folder,
      env: { PATH: Deno.env.get("PATH")!, PS1: "> ", GREETING: "hello" },
      cols: 100,
      rows: 30,
      recording: { path: `${folder}/calc.t2a`, title: "Sums", tags: ["demo"] },
    });
    await session.press("echo $GREETING $((40+2)); tput cols; pwd", "Enter");
    ok(await session.waitForText(/hello 42$/m, 10e9));
    ok(await session.waitForText(/100$/m, 10e9));
    ok(await session.waitForText(new RegExp(`^${folder}$`, "m"), 10e9));
    const info = await session.info();
    equal(info.name, "calc");
    equal(info.cwd, folder);
    deepEqual([info.cols, info.rows, info.clients, info.recording], [100, 30, 0, "on"]);
    ok(info.memoryBytes > 10_000 && info.processes >= 1, JSON.stringify(info));
    await session.mark("half way");
    await manager.deleteSession("calc");
    deepEqual(await manager.listSessions(), []);
    const recorded = await infoOf(`${folder}/calc.t2a`);
    equal(recorded.complete, true);
    equal(recorded.markers, 1);
    equal(recorded.header.title, "Sums");
  });
});

test("a session takes its own name, refuses one that is taken or none, and is found by the beginning of it", async () => {
  await withSessions(async ({ manager }) => {
    const make = (name?: string) =>
      manager.createSession({ command: ["sleep", "60"], recording: false, ...(name && { name }) });
    equal((await make()).name, "sleep");
    equal((await make()).name, "sleep-2");
    await make("web");
    await rejects(make("web"), /there is one already/);
    for (const name of ["../x", "a b", "", "-x", "x".repeat(49), "ü"]) {
      if (name !== "") await rejects(make(name), /Cannot call a session/);
    }
    equal((await manager.getSession("w")).name, "web");
    await rejects(manager.getSession("s"), /Cannot tell which/) // sleep is not "s", and sleep-2 begins so, too
      .catch((error) => Promise.reject(error));
    await rejects(manager.getSession("nosuch"), /there are sleep, sleep-2, web/);
    const { id } = await (await manager.getSession("web")).info();
    equal((await manager.getSession(id)).name, "web");
  });
});

test("a program that cannot be started leaves neither a socket nor a recording", async () => {
  await withSessions(async ({ manager, folder }) => {
    for (const detached of [false, true]) {
      const config = { name: "x", command: ["/no/such/program"], recording: { path: `${folder}/x.t2a` }, detached };
      await rejects(manager.createSession(config), { code: "pty", errno: "ENOENT" });
    }
    await rejects(manager.createSession({ name: "x", command: [] }), /a program is expected/);
    await rejects(manager.createSession({ name: "x", cols: 0 }), /sizes from 1/);
    await rejects(manager.createSession({ name: "x", cwd: "somewhere" }), /from the root/);
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["run"]);
    deepEqual([...Deno.readDirSync(`${folder}/run`)].map(({ name }) => name), ["lock"]);
  });
});

test("a detached session outlives whoever made it, is private, and its host ends with it", async () => {
  await withSessions(async ({ manager, folder, run }) => {
    const made = await run(
      "session",
      "new",
      "--detach",
      "work",
      "--",
      "sh",
      "-c",
      "trap '' HUP; echo ready; exec sleep 300",
    );
    equal(made.text, "work\n", made.errors);
    const session = await manager.getSession("work");
    ok(await session.waitForText(/ready/, 10e9));
    const { mode } = await Deno.stat(session.socket);
    equal(mode! & 0o777, 0o600);
    equal((await Deno.stat(`${folder}/run`)).mode! & 0o777, 0o700);
    const { hostPid, recordingPath } = await session.info();
    ok(recordingPath!.startsWith(`${folder}/data/term2ai/sessions/work-`));
    equal((await run("session", "kill", "work")).status, 0);
    await eventually("the host is gone", () => !isAlive(hostPid));
    deepEqual([...Deno.readDirSync(`${folder}/run`)].map(({ name }) => name).sort(), ["lock", "work.ended"]);
    equal((await infoOf(recordingPath!)).complete, true);
  });
});

test("what kill -9 leaves of a session is a recording and no socket that seems to live", async () => {
  await withSessions(async ({ manager, folder }) => {
    const path = `${folder}/x.t2a`;
    const session = await manager.createSession({ name: "x", command: ["sh"], recording: { path }, detached: true });
    await session.press("echo be''fore the end", "Enter");
    ok(await session.waitForText(/before the end$/m, 10e9));
    await sleep(300);
    const { hostPid, pid } = await session.info();
    const waiting = session.waitForExit(20e9);
    Deno.kill(hostPid, "SIGKILL");
    deepEqual(await waiting, { signal: "SIGKILL" });
    await eventually("its program is gone", () => !isAlive(pid));
    deepEqual(await manager.listSessions(), []);
    equal((await infoOf(path)).complete, false);
    match((await term2ai(["cat", path])).text, /before the end/);
    await manager.createSession({ name: "x", command: ["true"], recording: false });
  });
});

test("startRecording() begins with the screen as it is, stopRecording() leaves a whole file, and pausing leaves a gap", async () => {
  await withSessions(async ({ manager, folder }) => {
    const session = await manager.createSession({ name: "x", command: ["sh"], recording: false });
    await session.press("echo h''idden", "Enter");
    ok(await session.waitForText(/hidden$/m, 10e9));
    equal((await session.info()).recording, "off");
    const path = await manager.startRecording("x", `${folder}/late.t2a`);
    await rejects(manager.startRecording("x"), /is being recorded to/);
    await session.press("echo s''hown", "Enter");
    ok(await session.waitForText(/shown$/m, 10e9));
    await session.pauseRecording();
    equal((await session.info()).recording, "paused");
    await session.press("echo s''ecret", "Enter");
    ok(await session.waitForText(/secret$/m, 10e9));
    await session.resumeRecording();
    await session.press("echo a''gain", "Enter");
    ok(await session.waitForText(/again$/m, 10e9));
    equal(await manager.stopRecording("x"), path);
    await rejects(manager.stopRecording("x"), /is not being recorded/);
    const { text } = await term2ai(["info", "--events", path]);
    const kinds = text.trim().split("\n").map((line) => line.trim().split(/\s+/)[1]);
    deepEqual(kinds.filter((kind) => kind === "header" || kind === "screen" || kind === "gap"), [
      "header",
      "screen",
      "gap",
      "gap",
      "screen",
    ]);
    const output = (await term2ai(["cat", path])).text;
    match(output, /shown/);
    match(output, /again/);
    ok(!output.includes("secret"), "what was left out is in it");
    const { readable } = await Deno.open(path);
    const { events } = await openRecording(streamSource(path, readable));
    const screens = (await collect(events)).filter((event) => event.kind === "screen");
    match(screenText(screens[0]!.state).join("\n"), /hidden/);
    match(await manager.startRecording("x"), /x-\d{4}-\d\d-\d\d-\d{6}\.t2a$/);
  });
});

test("a session that was made read-only can never be written to", async () => {
  await withSessions(async ({ manager }) => {
    const session = await manager.createSession({ name: "x", command: ["cat"], input: "nobody", recording: false });
    await rejects(session.type("x"), /it takes no input/);
    await rejects(session.press("Enter"), /it takes no input/);
    await rejects(session.attach(), /it takes no input/);
    await rejects(session.allow("owner"), /it was made so/);
  });
});

test("a manager that ends its sessions leaves no descriptor, process or socket behind", async () => {
  await withSessions(async ({ manager, folder }) => {
    await manager.createSession({ name: "first", command: ["true"], recording: false });
    await eventually("it is gone", async () => (await manager.listSessions()).length === 0);
    await sleep(600);
    const before = openDescriptors();
    const own = new SessionManager({ directory: `${folder}/run` });
    for (const name of ["a", "b", "c"]) {
      await own.createSession({ name, command: ["sleep", "60"], recording: { path: `${folder}/${name}.t2a` } });
    }
    const pids = (await own.listSessions()).map(({ pid }) => pid);
    equal(pids.length, 3);
    await own.close();
    deepEqual(pids.filter(isAlive), []);
    await eventually("descriptors are given back", () => openDescriptors() <= before);
  });
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
