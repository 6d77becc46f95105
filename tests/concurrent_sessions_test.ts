import { deepEqual, equal, match, ok } from "node:assert/strict";
import { collect, loadEmulator, openRecording, type Session, streamSource } from "../mod.ts";
import { choosePtyHost } from "../lib/host/pty.ts";
import { concat } from "../lib/stream/collect.ts";
import { isInstalled } from "./support/cli.ts";
import { openDescriptors, sha256, sleep } from "./support/pty.ts";
import { eventually, Onlooker, withSessions } from "./support/sessions.ts";

const host = await choosePtyHost();
const ignore = host.name !== "libc";
if (ignore) console.log("    skipped: sessions are for Linux");
const makeEmulator = await loadEmulator();
const bytes = (text: string) => new TextEncoder().encode(text);

const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

/** What a recording holds of a program's output, and how it ended. */
async function recorded(path: string) {
  const { readable } = await Deno.open(path);
  const { events } = await openRecording(streamSource(path, readable));
  const all = await collect(events);
  const output = concat(all.flatMap((event) => event.kind === "output" ? [event.data] : []));
  return {
    all,
    output,
    notes: all.flatMap((event) => event.kind === "note" ? [[event.topic, event.data] as const] : []),
  };
}

test("sessions that print at the same time: nothing is crossed, and each recording has every byte", async () => {
  await withSessions(async ({ manager, folder }) => {
    const names = Array.from({ length: 8 }, (_, at) => `s${at}`);
    // Each prints a megabyte that no other prints.
    const script = (name: string) => `stty raw; yes "${name} $(printf %050d 7)" | head -c 1000000`;
    const sessions = await Promise.all(
      names.map((name, at) =>
        manager.createSession({
          name,
          command: ["sh", "-c", script(name)],
          recording: { path: `${folder}/${name}.t2a` },
          detached: at < 2,
        })
      ),
    );
    const statuses = await Promise.all(sessions.map((session) => session.waitForExit(60e9)));
    deepEqual(statuses, names.map(() => ({ code: 0 })));
    for (const name of names) {
      await eventually(
        "its recording is closed",
        async () => (await recorded(`${folder}/${name}.t2a`)).all.at(-1)?.kind === "exit",
      );
      const { output, all } = await recorded(`${folder}/${name}.t2a`);
      const line = `${name} ${"7".padStart(50, "0")}\n`;
      equal(
        await sha256(output),
        await sha256(bytes(line.repeat(1 + 1_000_000 / line.length).slice(0, 1_000_000)) as Uint8Array<ArrayBuffer>),
      );
      equal(all.filter(({ kind }) => kind === "gap").length, 0);
    }
  });
});

test("attach and detach while output flows: every screen is that of a terminal that saw all, and nothing leaks", async () => {
  await withSessions(async ({ manager }) => {
    const script =
      'i=0; while :; do i=$((i+1)); printf "\\033[%d;%dH\\033[3%dm%d\\033[0m" $((i%24+1)) $((i*7%70+1)) $((i%8)) $i; [ $((i%50)) = 0 ] && sleep 0.01; done';
    const session = await manager.createSession({ name: "x", command: ["sh", "-c", script], recording: false });
    const pids = (await session.info()).processes;
    await (await Onlooker.at(session)).leave();
    const before = openDescriptors();
    for (let round = 0; round < 30; round++) {
      const one = await Onlooker.at(session, { role: round % 2 ? "viewer" : "operator" });
      await eventually("a screen and output after it", () => one.sinceScreen.length > 2);
      await one.leave();
    }
    // The runtime opens some of its own meanwhile; 30 rounds that leak one each would be more.
    await eventually("all descriptors are given back", () => openDescriptors() <= before + 15);
    await eventually("no process is left over", async () => (await session.info()).processes <= pids + 1);
    await eventually("nobody is attached", async () => (await session.info()).clients === 0);
  });
});

test("what a late joiner is shown, and what follows, gives the screen of somebody who was there from the start", async () => {
  await withSessions(async ({ manager }) => {
    const script =
      'stty -echo; while read n; do printf "\\033[%d;%dH\\033[4%dmline %d\\033[0m\\033[?1049%s" $((n%20+1)) $((n*3%60+1)) $((n%8)) $n $([ $((n%3)) = 0 ] && echo h || echo l); done';
    const session = await manager.createSession({ name: "x", command: ["sh", "-c", script], recording: false });
    const first = await Onlooker.at(session, { name: "first" });
    for (let round = 1; round <= 12; round++) {
      first.type(`${round}\r`);
      await eventually("it is printed", () => first.has(`line ${round}`));
      const late = await Onlooker.at(session, { role: "viewer" });
      first.type(`${round + 100}\r`);
      await eventually("it is printed", () => late.has(`line ${round + 100}`) && first.has(`line ${round + 100}`));
      await session.waitForQuiet(50e6, 5e9);
      equal(drawnBy(late), drawnBy(first), `round ${round}`);
      await late.leave();
    }
    await first.leave();
  });
});

/** The screen of somebody attached: the last whole one and all that was sent after it. */
function drawnBy({ sinceScreen }: Onlooker): string {
  const emulator = makeEmulator({ cols: 80, rows: 24 });
  for (const data of sinceScreen) emulator.write(data);
  const { normal, alternate, active, cursor } = emulator.snapshot();
  const { col, row } = cursor;
  return JSON.stringify({ shown: active ? alternate?.rows : normal.rows, col, row });
}

test("a terminal is asked once: by the session while nobody leads, else by the one who leads", async () => {
  await withSessions(async ({ manager }) => {
    // Tells what it read within a moment of asking where the cursor is.
    const script =
      'stty raw -echo; while :; do printf "\\033[6n"; sleep 0.3; dd bs=100 count=1 2>/dev/null | tr "\\033" E; printf "|\\r\\n"; dd bs=1 count=1 2>/dev/null >/dev/null; done';
    const session = await manager.createSession({ name: "x", command: ["sh", "-c", script], recording: false });
    ok(await session.waitForText(/^E\[1;1R\|/m, 10e9), await session.screen());
    const one = await Onlooker.at(session, { cols: 80, rows: 24 });
    const two = await Onlooker.at(session, { cols: 80, rows: 24 });
    const viewer = await Onlooker.at(session, { role: "viewer" });
    await viewer.told("screen");
    one.text = two.text = viewer.text = "";
    await session.type("n"); // ask again
    await two.until("\x1b[6n");
    await sleep(100);
    ok(!one.has("\x1b[6n") && !viewer.has("\x1b[6n"), "only the one who leads is asked");
    two.type("\x1b[9;9R");
    ok(await session.waitForText(/^E\[9;9R\|/m, 10e9), await session.screen());
    await two.leave();
    one.text = "";
    await session.type("n");
    await one.until("\x1b[6n");
    one.type("\x1b[8;8R");
    ok(await session.waitForText(/^E\[8;8R\|/m, 10e9), await session.screen());
    await one.leave();
    await viewer.leave();
    await session.type("n");
    ok(await session.waitForText(/^E\[\d+;1R\|\n?$/m, 10e9), await session.screen());
  });
});

test("vim and fish start without delay in a session that nobody watches", async () => {
  await withSessions(async ({ manager }) => {
    if (await isInstalled("vim")) {
      const vim = await manager.createSession({
        name: "vim",
        command: ["vim", "-n", "-u", "NONE", "-c", "set nocp"],
        recording: false,
      });
      ok(await vim.waitForText(/VIM - Vi IMproved|^~$/m, 5e9));
      await vim.press("ihello", "Escape");
      ok(await vim.waitForText(/^hello$/m, 5e9));
      ok(!/\[\?62|;276|rgb:/.test(await vim.screen()), "an answer was typed into the text");
    }
    if (await isInstalled("fish")) {
      const fish = await manager.createSession({ name: "fish", command: ["fish", "--no-config"], recording: false });
      ok(await fish.waitForText(/[>#]\s*$/m, 10e9));
      ok(!/could not|rgb:|\?62/.test(await fish.screen()), await fish.screen());
    }
  });
});

test("a client that does not read misses output and gets a whole screen; the session does not notice, and holds no more than its bound", async () => {
  await withSessions(async ({ manager }) => {
    const session = await manager.createSession({
      name: "x",
      command: ["sh", "-c", "yes a line of output as programs print it | head -c 12000000; echo; echo THE END; cat"],
      recording: false,
    });
    const slow = await session.attach({ role: "viewer" });
    ok(await session.waitForText(/THE END/, 120e9));
    const { isBehind } = (await session.clients())[0]!;
    equal(isBehind, true);
    let last = "";
    let size = 0;
    while (!last.includes("THE END")) {
      const message = await slow.next();
      ok(message, "it was sent the rest");
      if ("bytes" in message) {
        size += message.bytes.length;
        last = new TextDecoder().decode(message.bytes);
      }
    }
    ok(size < 4_000_000, `${size} bytes were kept for it`);
    slow.close();
    await slow.sent();
  });
});

test("every client's input is recorded with who typed it, a viewer's is not even typed", async () => {
  await withSessions(async ({ manager, folder }) => {
    const path = `${folder}/x.t2a`;
    const session = await manager.createSession({ name: "x", command: ["cat"], recording: { path, input: "on" } });
    const clients = await Promise.all(["ada", "bob"].map((name) => Onlooker.at(session, { name })));
    const viewer = await Onlooker.at(session, { name: "eve", role: "viewer" });
    for (
      const attempt of [
        "x\r",
        JSON.stringify({ type: "size", cols: 20, rows: 5 }),
        JSON.stringify({ type: "mark", label: "eve" }),
        "{",
        new Uint8Array(2 << 20),
      ]
    ) {
      typeof attempt === "string" && attempt.startsWith("{")
        ? viewer.send(attempt)
        : viewer.send(typeof attempt === "string" ? bytes(attempt) : attempt);
    }
    clients[0]!.type("from ada\r");
    await clients[1]!.until("from ada");
    clients[1]!.type("from bob\r");
    await clients[0]!.until("from bob");
    await session.type("from a script\r", "cron");
    await viewer.until("from a script");
    const { cols, rows } = await session.info();
    deepEqual([cols, rows], [80, 24]);
    for (const one of [...clients, viewer]) await one.leave();
    await manager.deleteSession("x");
    const { all, notes } = await recorded(path);
    const typed = all.flatMap((event) =>
      event.kind === "input" ? [[event.by, new TextDecoder().decode(event.data)]] : []
    );
    deepEqual(typed, [["ada", "from ada\r"], ["bob", "from bob\r"], ["cron", "from a script\r"]]);
    equal(all.filter(({ kind }) => kind === "marker" || kind === "resize").length, 0);
    const came = notes.filter(([topic]) => topic === "client").map(([, data]) =>
      data as { what: string; name: string }
    );
    deepEqual(came.filter(({ what }) => what === "attached").map(({ name }) => name).sort(), ["ada", "bob", "eve"]);
    equal(notes.some(([topic]) => topic === "usage"), true);
  });
});

test("operators who come by another way may type only while the owner says so", async () => {
  await withSessions(async ({ manager }) => {
    const session = await manager.createSession({ name: "x", command: ["cat"], recording: false });
    const web = { via: "web", name: "guest", tag: "hash" };
    const refused = await session.attach(web).then(() => "let in", (error) => error.message);
    match(refused, /only its owner can/);
    await session.allow("operators");
    const guest = await Onlooker.at(session, web);
    guest.type("one\r");
    await guest.until("one\r\none");
    await session.allow("owner");
    guest.type("two\r");
    await session.type("three\r");
    await guest.until("three");
    ok(!guest.has("two"));
    equal(await session.dismiss({ tag: "other" }), 0);
    equal(await session.dismiss({ tag: "hash" }, undefined, "revoked"), 1);
    equal((await guest.told("leave")).reason, "revoked");
    await guest.ended();
    equal((await session.info()).clients, 0);
  });
});

test("the control API is there for curl: requests, refusals, and the events as a recording", async () => {
  await withSessions(async ({ manager, folder }) => {
    if (!await isInstalled("curl")) return console.log("    skipped: curl is not installed");
    const session = await manager.createSession({ name: "x", command: ["sh"], recording: false });
    const curl = async (...args: string[]) => {
      const command = new Deno.Command("curl", { args: ["-s", "-m", "20", "--unix-socket", session.socket, ...args] });
      return new TextDecoder().decode((await command.output()).stdout);
    };
    const api = (path: string, ...args: string[]) => curl(`http://session/v1/${path}`, ...args);
    equal(JSON.parse(await api("session")).name, "x");
    equal(await api("keys", "-d", '{"keys": ["echo cu\'\'rl", "Enter"]}'), '{"ok":true}');
    ok(await session.waitForText(/curl$/m, 10e9));
    match(await api("screen"), /^curl$/m);
    equal(JSON.parse(await api("wait?for=quiet&seconds=0.2&timeout=5")).happened, true);
    equal(JSON.parse(await api("wait?for=exit&timeout=0.1")).happened, false);
    equal(JSON.parse(await api("size", "-d", '{"cols": 90, "rows": 20}')).ok, true);
    await eventually("it has that size", async () => (await session.info()).cols === 90);
    for (
      const [path, body, error] of [
        ["keys", "{", /not a JSON object/],
        ["keys", '{"keys": 5}', /\[WORD…\]/],
        ["keys", '{"keys": ["C-Nosuch"]}', /no such key/],
        ["size", '{"cols": 0, "rows": 5}', /from 1 to 2048/],
        ["signal", '{"name": "HUP"}', /SIGINT/],
        ["access", '{"input": "all"}', /operators/],
        ["recording", '{"state": "maybe"}', /paused/],
        ["name", '{"name": "../x"}', /Cannot call a session/],
        ["recording", '{"state": "off"}', /not being recorded/],
      ] as const
    ) match(JSON.parse(await api(path, "-d", body)).error, error);
    match(await api("nosuch"), /there is no \/v1\/nosuch/);
    match(await api("keys"), /takes POST/);
    match(await api("attach"), /WebSocket/);
    match(await api("screen?as=png"), /as=text/);
    match(await api("wait?for=rain"), /for=exit/);
    const body = `${folder}/large`;
    await Deno.writeFile(body, new Uint8Array(2 << 20));
    match(await api("input", "--data-binary", `@${body}`), /Cannot take more/);
    const stream = curl("-N", "http://session/v1/events", "-o", `${folder}/stream.t2a`);
    await eventually("it is attached", async () => (await session.info()).clients === 1);
    await session.press("echo fol''lowed; exit", "Enter");
    await stream;
    const { all, output } = await recorded(`${folder}/stream.t2a`);
    deepEqual(all.slice(0, 2).map(({ kind }) => kind), ["header", "keyframe"]);
    equal(all.at(-1)?.kind, "exit");
    match(new TextDecoder().decode(output), /followed/);
  });
});

async function limited(
  limits: Record<string, number>,
  script: string,
  body: (session: Session, others: Session, path: string) => Promise<void>,
): Promise<void> {
  await withSessions(async ({ manager, folder }) => {
    const others = await manager.createSession({ name: "quiet", command: ["cat"], recording: false });
    const path = `${folder}/hog.t2a`;
    const session = await manager.createSession({
      name: "hog",
      command: ["sh", "-c", script],
      limits,
      recording: { path },
      detached: true,
    });
    await body(session, others, path);
    const started = performance.now();
    await others.type("still here\r");
    ok(await others.waitForText(/still here/, 10e9));
    ok(performance.now() - started < 5000, "another session has noticed");
  });
}

const limitNotes = async (path: string) =>
  (await recorded(path)).notes.filter(([topic]) => topic === "limit").map(([, data]) =>
    data as { limit: string; what: string }
  );

test("a session that eats memory loses the process that does it, and says so", async () => {
  if (!await isInstalled("python3")) return console.log("    skipped: python3 is not installed");
  // Each of the processes keeps to what a single one may have; together they do not.
  const script =
    "for i in 1 2 3; do python3 -c \"x = b'x' * 120000000; import time; time.sleep(60)\" & done; wait; echo gone; cat";
  await limited({ memoryBytes: 250_000_000 }, script, async (session, _, path) => {
    await eventually(
      "it is recorded",
      async () => (await limitNotes(path)).some(({ what }) => /was ended/.test(what)),
      20_000,
    );
    equal((await limitNotes(path))[0]!.limit, "memory");
    ok((await session.info()).memoryBytes < 260_000_000);
  });
});

test("a single process that eats memory is refused it", async () => {
  if (!await isInstalled("python3")) return console.log("    skipped: python3 is not installed");
  await limited(
    { memoryBytes: 200_000_000 },
    "python3 -c \"x = b'x' * 900000000\" ; echo ended; cat",
    async (session) => {
      ok(await session.waitForText(/ended/, 20e9));
      match(await session.screen(), /MemoryError|Killed/);
    },
  );
});

test("a session that forks without end is stopped, and says so", async () => {
  await limited({ processes: 40 }, "while :; do sleep 100 & done", async (session, _, path) => {
    const status = await session.waitForExit(30e9);
    deepEqual(status, { signal: "SIGKILL" });
    await eventually("its recording is closed", async () => (await recorded(path)).all.at(-1)?.kind === "exit");
    match((await limitNotes(path)).at(-1)!.what, /and now the session/);
  });
});

test("a session that prints without end is held to its rate, its recording to its size", async () => {
  await limited(
    { outputBytesPerSecond: 20_000, recordingBytes: 150_000 }, // more than what comes before anybody looks
    "base64 /dev/urandom",
    async (session, _, path) => {
      const one = await Onlooker.at(session);
      await eventually("recording has ended", async () => (await session.info()).recording === "off", 20_000);
      const [before, since] = [(await session.info()).outputBytes, performance.now()];
      await sleep(1000);
      const rate = ((await session.info()).outputBytes - before) / ((performance.now() - since) / 1000);
      ok(rate < 80_000, `${rate} bytes in a second`);
      ok(one.messages.some(({ type, text }) => type === "notice" && /limit of (output|recording)/.test(String(text))));
      await one.leave();
      deepEqual([...new Set((await limitNotes(path)).map(({ limit }) => limit))].sort(), ["output", "recording"]);
    },
  );
});

test("one that eats memory, one that forks, one that prints, one whose host is killed: the others do not notice", async () => {
  await withSessions(async ({ manager, folder }) => {
    const calm = await manager.createSession({
      name: "calm",
      command: ["sh", "-c", "i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo line $i; sleep 0.05; done; cat"],
      recording: { path: `${folder}/calm.t2a` },
      detached: true,
    });
    const hogs = {
      memory: { script: "x=y; while :; do x=$x$x; done", limits: { memoryBytes: 200_000_000 } },
      forks: { script: "while :; do sleep 100 & done", limits: { processes: 40 } },
      prints: { script: "yes", limits: { outputBytesPerSecond: 50_000 } },
      killed: { script: "while :; do echo alive; sleep 0.1; done", limits: {} },
    };
    const sessions = Object.entries(hogs).map(([name, { script, limits }]) =>
      manager.createSession({ name, command: ["sh", "-c", script], limits, recording: false, detached: true })
    );
    const [, , , killed] = await Promise.all(sessions);
    Deno.kill((await killed!.info()).hostPid, "SIGKILL");
    ok(await calm.waitForText(/line 100/, 60e9));
    for (let turn = 0; turn < 10; turn++) {
      const started = performance.now();
      await calm.type(`turn ${turn}\r`);
      ok(await calm.waitForText(new RegExp(`turn ${turn}\\nturn ${turn}`), 10e9));
      ok(performance.now() - started < 5000, "the calm one has noticed");
    }
    await calm.press("C-d");
    deepEqual(await calm.waitForExit(20e9), { code: 0 });
    await eventually("it is closed", async () => (await recorded(`${folder}/calm.t2a`)).all.at(-1)?.kind === "exit");
    const { all, output } = await recorded(`${folder}/calm.t2a`);
    const lines = new TextDecoder().decode(output).split("\r\n");
    deepEqual(lines.slice(0, 100), Array.from({ length: 100 }, (_, at) => `line ${at + 1}`));
    equal(all.filter(({ kind }) => kind === "gap").length, 0);
  });
});

test("a session without limits is not held, one that idles or lives or computes too long is ended", async () => {
  await limited({ idleSeconds: 1 }, "cat", async (session) => {
    ok(await session.waitForExit(20e9));
  });
  await limited({ lifetimeSeconds: 1 }, "while :; do echo busy; sleep 0.1; done", async (session) => {
    ok(await session.waitForExit(20e9));
  });
  await limited(
    { cpuSeconds: 1, openFiles: 64, cpuPercent: 50 },
    "sleep 2; ulimit -n; nice; while :; do :; done",
    async (session, _, path) => {
      ok(await session.waitForExit(30e9));
      await eventually("its recording is closed", async () => (await recorded(path)).all.at(-1)?.kind === "exit");
      match(new TextDecoder().decode((await recorded(path)).output), /^64\r\n/);
    },
  );
});
