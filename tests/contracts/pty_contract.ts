/** What every implementation of a pseudo-terminal must do. */

import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { PtyError } from "../../lib/errors.ts";
import type { PtyHost } from "../../lib/ports.ts";
import {
  countOutput,
  happeningsOf,
  openDescriptors,
  openShell,
  outputOf,
  ptyOptions,
  reading,
  runShell,
  sha256,
  sleep,
} from "../support/pty.ts";

/** What an implementation is known to get wrong, with what was measured; the suite checks that it still does. */
export interface KnownFaults {
  readonly pausedReaderLosesTail?: string;
  readonly largeWriteNeverEnds?: string;
  readonly signalGoesToLeader?: string;
  readonly keepsDescriptors?: string;
}

/** Registers the suite for one implementation. */
export function ptyContract(name: string, load: () => Promise<PtyHost>, faults: KnownFaults = {}): void {
  const test = (promise: string, body: (host: PtyHost) => Promise<void>) =>
    Deno.test(`${name} ${promise}`, async () => await within(180, body(await load())));
  const marked = (fault: string | undefined) => fault === undefined ? "" : ` (known fault: ${fault})`;

  test("gives the program a terminal of its own, of the size asked for", async (host) => {
    const { text } = await runShell(
      host,
      "stty size; tty; ps -o tty= -p $$; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all",
      {
        cols: 91,
        rows: 17,
      },
    );
    match(text, /^17 91\r\n\/dev\/(pts\/\d+)\r\n\1 *\r\nall\r\n$/);
  });

  test("sets directory and environment, and nothing more", async (host) => {
    const env = { PATH: "/usr/bin:/bin", ONLY: "this ü" };
    const { text } = await runShell(
      host,
      "pwd; env | grep -v -e ^PWD= -e ^_= -e ^OLDPWD= -e ^SHLVL= -e ^TERM= | sort",
      { cwd: "/usr", env },
    );
    equal(text, "/usr\r\nONLY=this ü\r\nPATH=/usr/bin:/bin\r\n");
  });

  test("passes every byte value on as it is", async (host) => {
    const script = `stty raw; i=0; while [ $i -lt 256 ]; do printf "\\\\$(printf %o $i)"; i=$((i+1)); done`;
    const { output } = await runShell(host, script);
    deepEqual([...output], Array.from({ length: 256 }, (_, byte) => byte));
  });

  test("tells the exit code", async (host) => {
    deepEqual((await runShell(host, "exit 0")).status, { code: 0 });
    deepEqual((await runShell(host, "exit 7")).status, { code: 7 });
    deepEqual((await runShell(host, "exit 255")).status, { code: 255 });
  });

  test("tells the signal that ended the program", async (host) => {
    deepEqual((await runShell(host, "kill -TERM $$")).status, { signal: "SIGTERM" });
    deepEqual((await runShell(host, "kill -KILL $$")).status, { signal: "SIGKILL" });
  });

  test("says why a program cannot be started", async (host) => {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/plain`, "#!/bin/sh\n", { mode: 0o644 });
    const errno = (command: string) => (error: unknown) => error instanceof PtyError && error.errno === command;
    throws(() => host.open(ptyOptions(["no-such-program"])), errno("ENOENT"));
    throws(() => host.open(ptyOptions([`${folder}/nothing`])), errno("ENOENT"));
    throws(() => host.open(ptyOptions([`${folder}/plain`])), errno("EACCES"));
    throws(() => host.open(ptyOptions([folder])), errno("EACCES"));
    const nowhere = { ...ptyOptions(["/bin/sh"]), cwd: `${folder}/gone` };
    throws(() => host.open(nowhere), { message: `Cannot run /bin/sh in ${folder}/gone: that folder does not exist` });
    const inFile = { ...ptyOptions(["/bin/sh"]), cwd: `${folder}/plain` };
    throws(() => host.open(inFile), { message: `Cannot run /bin/sh in ${folder}/plain: that is no folder` });
    await Deno.remove(folder, { recursive: true });
  });

  test("stamps what it reads with times that never run backwards", async (host) => {
    const before = host.clock.now();
    const pty = openShell(host, "echo a; sleep 0.3; echo b");
    const times: number[] = [];
    for await (const { time } of happeningsOf(pty)) times.push(time);
    await pty.close();
    deepEqual(times, times.toSorted((a, b) => a - b));
    ok(times[0]! >= before && times.at(-1)! <= host.clock.now());
    ok(times.at(-1)! - times[0]! >= 150e6, `the second word came ${times.at(-1)! - times[0]!} ns after the first`);
  });

  test("loses nothing of 300 programs that print 64 KiB and exit at once", async (host) => {
    const wrong: number[] = [];
    for (let run = 0; run < 300; run++) {
      const pty = openShell(host, "head -c 65536 /dev/zero");
      const bytes = await countOutput(pty);
      await pty.close();
      if (bytes !== 65_536) wrong.push(bytes);
    }
    deepEqual(wrong, []);
  });

  test("keeps 20 terminals apart that print at the same time", async (host) => {
    const runs = Array.from({ length: 20 }, async (_, at) => {
      const { output } = await runShell(host, `stty raw; yes ${at} | head -c 200000`);
      return output.length === 200_000 && new TextDecoder().decode(output).replaceAll(`${at}\n`, "").length < 4;
    });
    deepEqual(await Promise.all(runs), Array(20).fill(true));
  });

  test("lets a program wait while nobody reads, and then delivers all of it", async (host) => {
    const pty = openShell(host, "stty raw; head -c 3000000 /dev/zero; echo end", { queueBytes: 100_000 });
    await sleep(300);
    equal(await countOutput(pty), 3_000_004);
    await pty.close();
  });

  test(`loses nothing when the program exits while its reader pauses${marked(faults.pausedReaderLosesTail)}`, async (host) => {
    const pty = openShell(host, "stty raw; echo first; sleep 0.2; head -c 3000 /dev/zero", { queueBytes: 1 });
    await sleep(800);
    const bytes = await countOutput(pty);
    await pty.close();
    if (faults.pausedReaderLosesTail === undefined) equal(bytes, 3006);
    else ok(bytes < 3006, "it is right now: take the mark away");
  });

  test("returns at the time of an alarm when nothing happens, and only then", async (host) => {
    const pty = openShell(host, "sleep 0.5; echo end");
    const started = host.clock.now();
    pty.alarm(started + 100e6);
    deepEqual(await pty.next(), []);
    const first = host.clock.now() - started;
    pty.alarm(host.clock.now() + 60e9);
    equal(new TextDecoder().decode(await outputOf(pty)), "end\r\n");
    ok(first >= 99e6 && first < 400e6, `the alarm for 100 ms came after ${first} ns`);
    await pty.close();
  });

  test("drops what does not fit, if told to, and says how much", async (host) => {
    const pty = openShell(host, "stty raw; head -c 1000000 /dev/zero; sleep 0.3; echo end", {
      whenFull: "drop",
      queueBytes: 50_000,
    });
    await sleep(2600);
    let seen = 0;
    let dropped = 0;
    for await (const happening of happeningsOf(pty)) {
      if (happening.kind === "output") seen += happening.data.length;
      if (happening.kind === "dropped") dropped += happening.bytes;
    }
    await pty.close();
    ok(dropped > 0);
    equal(seen + dropped, 1_000_004);
  });

  test("takes a paste of 4 kB whole", async (host) => {
    const paste = new Uint8Array(4_000).map((_, at) => at * 31);
    const pty = openShell(host, "stty raw -echo; echo ready; head -c 4000 | sha256sum");
    const reader = reading(pty);
    await reader.until("ready\n");
    await pty.write(paste);
    equal((await reader.rest()).slice(0, 64), await sha256(paste));
    await pty.close();
  });

  test(`takes a paste of 1 MB whole${marked(faults.largeWriteNeverEnds)}`, async (host) => {
    const paste = new Uint8Array(1_000_000).map((_, at) => at * 31 + (at >> 8));
    const pty = openShell(host, "stty raw -echo; echo ready; sleep 0.2; head -c 1000000 | sha256sum");
    const reader = reading(pty);
    await reader.until("ready\n");
    if (faults.largeWriteNeverEnds === undefined) {
      await pty.write(paste);
      equal((await reader.rest()).slice(0, 64), await sha256(paste));
    } else {
      pty.write(paste);
      await sleep(2000);
      const stillThere = await Promise.race([pty.exited.then(() => false), sleep(0).then(() => true)]);
      ok(stillThere, "it is right now: take the mark away");
      pty.kill("SIGKILL");
      await reader.rest();
    }
    await pty.close();
  });

  test("tells the program of a new size", async (host) => {
    const pty = openShell(host, "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done");
    const reader = reading(pty);
    await reader.until("ready\r\n");
    pty.resize(101, 33);
    equal(await reader.rest(), "33 101\r\n");
    await pty.close();
  });

  test(`sends a signal to the program in the foreground${marked(faults.signalGoesToLeader)}`, async (host) => {
    if (faults.signalGoesToLeader !== undefined) return await theLeaderGetsIt(host);
    const pty = host.open(ptyOptions(["bash", "--norc", "-i"]));
    const reader = reading(pty);
    await pty.write(new TextEncoder().encode("sleep 60\n"));
    await sleep(500);
    pty.kill("SIGINT");
    await sleep(200);
    await pty.write(new TextEncoder().encode("echo code=$?; exit\n"));
    await reader.until("code=130");
    await reader.rest();
    await pty.close();
  });

  test("ends a program that ignores SIGHUP when it is closed", async (host) => {
    const pty = openShell(host, "trap '' HUP; echo ready; while :; do sleep 0.1; done");
    await reading(pty).until("ready");
    await pty.close();
    deepEqual(await pty.exited, { signal: "SIGKILL" });
    await rejects(Deno.stat(`/proc/${pty.pid}`), Deno.errors.NotFound);
  });

  test("does not wait for a grandchild that keeps the terminal open", async (host) => {
    const pty = host.open(ptyOptions(["bash", "-c", "(trap '' HUP; exec sleep 5) & echo done"]));
    const started = performance.now();
    match(new TextDecoder().decode(await outputOf(pty)), /done/);
    await pty.close();
    ok(performance.now() - started < 4000);
  });

  test(`gives all descriptors back${marked(faults.keepsDescriptors)}`, async (host) => {
    await runShell(host, "true");
    const before = openDescriptors();
    for (let run = 0; run < 30; run++) await runShell(host, "echo x");
    // A program's last descriptor goes when the kernel has torn it down; fewer, where an earlier test's has only now let go.
    for (let wait = 0; wait < 50 && openDescriptors() > before; wait++) await sleep(100);
    ok(openDescriptors() <= before, `${openDescriptors()} are open, ${before} were`);
  });
}

/** A program that never answers is a failure, not a test that never ends. */
async function within(seconds: number, work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`nothing after ${seconds} s`)), seconds * 1000);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** node-pty signals the program it started, whoever is in the foreground. */
async function theLeaderGetsIt(host: PtyHost): Promise<void> {
  const pty = openShell(host, "trap 'echo leader; exit' INT; echo ready; while :; do sleep 0.05; done");
  const reader = reading(pty);
  await reader.until("ready\r\n");
  pty.kill("SIGINT");
  match(await reader.rest(), /leader/);
  await pty.close();
}
