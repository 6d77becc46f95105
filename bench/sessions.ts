/**
 * Many live sessions: what each takes while it rests, whether all are right while all print, how long a key takes meanwhile, and how
 * long attaching takes, beside tmux.
 *
 *     deno run -A bench/sessions.ts [--full] [--only memory|attaching|leaving|floods]
 *
 * @module
 */

import { SessionManager } from "../mod.ts";
import { collect, openRecording, streamSource } from "../mod.ts";
import { proportionalSize } from "../lib/session/limits/processes.ts";
import { median, now, quantile, ratios, Terminal, wait, withFolder } from "./support/measure.ts";
import { TERM2AI } from "./support/recorders.ts";

const full = Deno.args.includes("--full");
const COUNT = full ? 50 : 10;
const FLOOD = full ? 10_000_000 : 1_000_000;
const ECHOES = full ? 1000 : 200;
const ATTACHES = full ? 20 : 5;
const ROUNDS = full ? 200 : 40;

const only = Deno.args.includes("--only") ? Deno.args[Deno.args.indexOf("--only") + 1] : undefined;
const wants = (part: string) => only === undefined || only === part;

function say(line: string): void {
  console.log(`sessions: ${line}`);
}

const ms = (nanos: number) => (nanos / 1e6).toFixed(2);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Memory of hosts that rest, one alone and many. */
async function memory(manager: SessionManager): Promise<void> {
  const hosts: number[] = [];
  for (let at = 0; at < COUNT; at++) {
    const session = await manager.createSession({ name: `idle${at}`, command: ["cat"], detached: true });
    hosts.push((await session.info()).hostPid);
    if (at > 0) continue;
    await pause(3000);
    say(`memory of the host of one idle session alone: ${mega(proportionalSize(hosts[0]!))} MB PSS`);
  }
  await pause(5000);
  const sizes = hosts.map((pid) => proportionalSize(pid)!);
  say(
    `memory of each of ${COUNT} idle hosts: ${mega(median(sizes))} MB PSS (${mega(Math.min(...sizes))}–${
      mega(Math.max(...sizes))
    })`,
  );
  await Promise.all(hosts.map((_, at) => manager.deleteSession(`idle${at}`)));
}

function mega(bytes: number | undefined): string {
  return ((bytes ?? NaN) / 1e6).toFixed(1);
}

/** All print at once; keys are typed meanwhile, into a bare terminal and an attached session in turn. */
async function floods(manager: SessionManager, folder: string, env: readonly string[]): Promise<void> {
  const line = (name: string) => `${name} prints this line again and again: ${"x".repeat(40)}\n`;
  const names = Array.from({ length: COUNT }, (_, at) => `flood${at}`);
  const script = (name: string) => `stty raw; : <${folder}/go; yes '${line(name).trim()}' | head -c ${FLOOD}`;
  await new Deno.Command("mkfifo", { args: [`${folder}/go`] }).output(); // who waits for it takes no time
  for (const name of names) {
    const recording = { path: `${folder}/${name}.t2a` };
    await manager.createSession({ name, command: ["sh", "-c", script(name)], recording, detached: true });
  }
  await manager.createSession({ name: "echo", command: ["sh", "-c", ECHO], recording: false, detached: true });
  const bare = new Terminal(["sh", "-c", ECHO]);
  const attached = new Terminal(["env", ...env, ...TERM2AI, "session", "attach", "--nested", "echo"]);
  for (const terminal of [bare, attached]) await until(terminal, "READY");
  const [quietBare, quietAttached] = [echoes(bare, ECHOES / 4), echoes(attached, ECHOES / 4)];
  say(`echo without load, p50/p99 ms: bare ${spread(quietBare)}, attached ${spread(quietAttached)}`);
  const started = performance.now();
  await new Deno.Command("sh", { args: ["-c", `: >${folder}/go`] }).output();
  const delays = { bare: [] as number[], attached: [] as number[] };
  const running = async () => (await manager.listSessions()).some(({ name }) => name.startsWith("flood"));
  for (let at = 0; at < ECHOES; at += 20) {
    delays.bare.push(...echoes(bare, 20));
    delays.attached.push(...echoes(attached, 20));
    if (!await running()) break;
  }
  say(
    `echo while ${COUNT} sessions print ${FLOOD / 1e6} MB each, p50/p99 ms of ${delays.bare.length}: bare ${
      spread(delays.bare)
    }, attached ${spread(delays.attached)}; p99 ratio ${
      (quantile(delays.attached, 0.99) / quantile(delays.bare, 0.99)).toFixed(2)
    }`,
  );
  for (const name of names) await (await manager.getSession(name).catch(() => undefined))?.waitForExit();
  while (await running()) await pause(200);
  const seconds = (performance.now() - started) / 1000;
  await manager.deleteSession("echo");
  Deno.kill(bare.pid, "SIGKILL");
  await Promise.all([bare.close(), attached.close()]);
  let right = 0;
  for (const name of names) if (await isRight(`${folder}/${name}.t2a`, line(name))) right++;
  say(`${right} of ${COUNT} recordings of ${FLOOD / 1e6} MB are right to the byte, after ${seconds.toFixed(1)} s`);
  if (right < COUNT) Deno.exitCode = 1;
}

const ECHO = "stty raw -echo; printf READY; exec cat";

function spread(delays: readonly number[]): string {
  return `${ms(quantile(delays, 0.5))}/${ms(quantile(delays, 0.99))}`;
}

async function until(terminal: Terminal, wanted: string): Promise<void> {
  let seen = "";
  for (const start = now(); !seen.includes(wanted); await pause(5)) {
    if (now() - start > 30e9) throw new Error(`Cannot measure: ${wanted} is not shown, but ${JSON.stringify(seen)}`);
    if (terminal.hasOutput(20)) seen += terminal.text(terminal.read());
  }
  await pause(500);
  while (terminal.hasOutput(50)) terminal.read();
}

function echoes(terminal: Terminal, count: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < count; at++) {
    const sent = now();
    terminal.write(Uint8Array.of(97 + at % 26));
    if (!terminal.hasOutput(10_000)) throw new Error("Cannot measure: a byte did not come back");
    terminal.read();
    found.push(now() - sent);
    wait(5);
  }
  return found;
}

async function isRight(path: string, line: string): Promise<boolean> {
  const { readable } = await Deno.open(path);
  const events = await collect((await openRecording(streamSource(path, readable))).events);
  const expected = new TextEncoder().encode(line.repeat(1 + FLOOD / line.length).slice(0, FLOOD));
  let at = 0;
  for (const event of events) {
    if (event.kind !== "output") continue;
    for (const byte of event.data) if (byte !== expected[at++]) return false;
  }
  return at === FLOOD;
}

/** From the command to the whole screen, while the session prints so many bytes a second. */
async function attaching(manager: SessionManager, folder: string, env: readonly string[]): Promise<void> {
  for (const [label, rate] of [["1 KB/s", 1000], ["1 MB/s", 1_000_000]] as const) {
    const script = `${folder}/print${rate}.py`;
    await Deno.writeTextFile(script, printing(rate));
    const name = `print${rate}`;
    await manager.createSession({ name, command: ["/usr/bin/python3", script], recording: false, detached: true });
    await tmux(
      folder,
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-s",
      name,
      "-x",
      "80",
      "-y",
      "24",
      `exec /usr/bin/python3 ${script}`,
    );
    await pause(1500);
    const empty = `${folder}/empty.ts`;
    await Deno.writeTextFile(empty, 'Deno.stdout.writeSync(new TextEncoder().encode("MARK_AT_THE_BOTTOM"))');
    const ours: number[] = [], theirs: number[] = [], bare: number[] = [];
    for (let round = 0; round < ATTACHES; round++) {
      ours.push(await timeToScreen(["env", ...env, ...TERM2AI, "session", "attach", "--nested", name], "term2ai"));
      theirs.push(
        await timeToScreen(["env", "TERM=xterm-256color", "sh", "-c", BY_TMUX, "sh", `${folder}/tmux`, name], "tmux"),
      );
      bare.push(await timeToScreen([Deno.execPath(), "run", "--quiet", "-A", empty], "nothing"));
    }
    say(
      `attach at ${label}, ms to the whole screen: term2ai ${ms(median(ours))}, tmux ${ms(median(theirs))}; ratio ${
        ratios(ours, theirs)
      }; Deno prints one word after ${ms(median(bare))}, without which the ratio is ${
        ratios(ours.map((took, at) => took - bare[at]!), theirs)
      }`,
    );
    await manager.deleteSession(name);
    await tmux(folder, "kill-session", "-t", name);
  }
}

/** tmux wants a terminal that is open for both on one descriptor. */
const BY_TMUX = 'exec env TMUX= tmux -S "$1" attach -t "$2" 0<>"$(tty)" 1>&0 2>&0';

/** Keeps a mark at the bottom of the screen while it prints above. */
const printing = (rate: number) => `
import signal, sys, time
def draw(*_):
    sys.stdout.write("\\x1b[2J\\x1b[22;1HMARK_AT_THE_BOTTOM\\x1b[1;20r\\x1b[20;1H")
signal.signal(signal.SIGWINCH, draw) # as programs with a status line do; terminals forget margins then
draw()
start, sent = time.time(), 0
while True:
    while sent < (time.time() - start) * ${rate}:
        sent += sys.stdout.write("\\r\\nline %09d of a program that prints at its own pace" % sent)
    sys.stdout.flush()
    time.sleep(0.01)
`;

async function timeToScreen(command: readonly string[], what: string): Promise<number> {
  const start = now();
  const terminal = new Terminal(command);
  let seen = "";
  while (!seen.includes("MARK_AT_THE_BOTTOM")) {
    if (now() - start > 20e9) {
      throw new Error(`Cannot measure: ${what} does not show the screen, but ${JSON.stringify(seen.slice(-500))}`);
    }
    if (terminal.hasOutput(1000)) seen += terminal.text(terminal.read());
  }
  const took = now() - start;
  for (const key of what === "tmux" ? "\x02d" : "\x1dd") {
    terminal.write(new TextEncoder().encode(key));
    wait(30); // tmux takes keys that come together for a paste
  }
  terminal.drain();
  await terminal.close();
  return took;
}

async function tmux(folder: string, ...args: string[]): Promise<void> {
  await new Deno.Command("tmux", { args: ["-S", `${folder}/tmux`, ...args], env: { TMUX: "" } }).output();
}

/** Attaching and leaving while output flows; what is left of it in the host. */
async function attachAndLeave(manager: SessionManager): Promise<void> {
  const command = ["sh", "-c", "while :; do echo a line of output; sleep 0.001; done"];
  const session = await manager.createSession({ name: "busy", command, recording: false, detached: true });
  const { hostPid } = await session.info();
  const descriptors = () => [...Deno.readDirSync(`/proc/${hostPid}/fd`)].length;
  const once = async () => {
    const connection = await session.attach({ cols: 80, rows: 24 });
    for (let screens = 0; screens < 1;) {
      const message = await connection.next();
      if (message && "text" in message && JSON.parse(message.text).type === "screen") screens++;
    }
    connection.close();
    await connection.sent();
  };
  for (let round = 0; round < 5; round++) await once();
  await pause(300);
  const before = descriptors();
  for (let round = 0; round < ROUNDS; round++) await once();
  await pause(500);
  say(
    `${ROUNDS} times attached and left: descriptors ${before} → ${descriptors()}, clients left ${
      (await session.info()).clients
    }`,
  );
  await manager.deleteSession("busy");
}

await withFolder(async (folder) => {
  const env = [
    "TERM=xterm-256color",
    `TERM2AI_SESSIONS=${folder}/run`,
    `XDG_DATA_HOME=${folder}/data`,
    "TERM2AI_SESSION=",
  ];
  const manager = new SessionManager({ directory: `${folder}/run`, hostCommand: ["env", ...env, ...TERM2AI] });
  try {
    if (wants("memory")) await memory(manager);
    if (wants("attaching")) await attaching(manager, folder, env);
    if (wants("leaving")) await attachAndLeave(manager);
    if (wants("floods")) await floods(manager, folder, env);
  } finally {
    for (const { name } of await manager.listSessions()) await manager.deleteSession(name).catch(() => {});
    await tmux(folder, "kill-server");
  }
});
