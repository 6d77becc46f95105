import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { SessionEvent } from "../lib/event.ts";
import { collect, concat, streamOf } from "../lib/stream/collect.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { deriveCommands } from "../lib/transform/commands.ts";
import { readMark } from "../lib/transform/commands/mark.ts";
import { MarkScanner, MAX_MARK } from "../lib/transform/commands/mark_scanner.ts";
import { isShellCommand } from "../lib/transform/commands/shell_command.ts";
import { withoutMarks } from "../lib/transform/without_marks.ts";
import { CommandCollector } from "../lib/analyze/commands/command_record.ts";
import type { CommandRecord } from "../lib/models.ts";
import { header, output } from "./support/events.ts";
import { sha256 } from "./support/pty.ts";

const NONCE = "b5c0ffee";
const nonceSha256 = await sha256(new TextEncoder().encode(NONCE));
const own = (fields: string) => `\x1b]633;${fields};${NONCE}\x07`;
const emulator = await loadEmulator();

async function derive(...events: SessionEvent[]): Promise<SessionEvent[]> {
  return await collect(streamOf(...events).pipeThrough(deriveCommands({ emulator, cut: true })));
}

/** Commands in few words. */
function told(events: readonly SessionEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === "command" && event.phase !== "prompt"
      ? [`${event.phase} ${event.text ?? event.code ?? "?"}${event.confidence ? ` ${event.confidence}` : ""}`]
      : []
  );
}

const printed = (events: readonly SessionEvent[]) =>
  new TextDecoder().decode(concat(events.flatMap((event) => event.kind === "output" ? [event.data] : [])));

const SESSION =
  `${own("D;0")}${own("P;Cwd=/a\\x3bb")}${own("A")}$ make\r\n${own("E;make \\\\ \\x0a2")}${own("C")}done é\r\n` +
  `${own("D;2")}${own("A")}$ \r\n${own("D;2")}${own("A")}$ `;

Deno.test("deriveCommands() tells the same commands however the bytes are split, and takes the marks out whole", async () => {
  const bytes = new TextEncoder().encode(SESSION);
  const whole = await derive(header({ nonceSha256 }), output(5, SESSION));
  deepEqual(told(whole), ["output make \\ \n2", "done 2"]);
  equal(printed(whole), "$ make\r\ndone é\r\n$ \r\n$ ");
  for (let at = 1; at < bytes.length; at++) {
    const parts = [bytes.slice(0, at), bytes.slice(at)].map((data) => ({ kind: "output", time: 5, data }) as const);
    const split = await derive(header({ nonceSha256 }), ...parts);
    deepEqual([told(split), printed(split)], [told(whole), printed(whole)], `split at ${at}`);
  }
  const single = await derive(
    header({ nonceSha256 }),
    ...[...bytes].map((byte) => ({ kind: "output", time: 5, data: Uint8Array.of(byte) }) as const),
  );
  deepEqual([told(single), printed(single)], [told(whole), printed(whole)]);
});

Deno.test("deriveCommands() changes no recorded event, and what it adds can be dropped and derived again", async () => {
  const recorded = [header({ nonceSha256 }), output(1, SESSION), output(2, SESSION.slice(3, 90)), {
    kind: "exit",
    time: 9,
    status: { code: 0 },
  }] as SessionEvent[];
  const once = await collect(streamOf(...recorded).pipeThrough(deriveCommands({ emulator })));
  deepEqual(once.filter(({ kind }) => kind !== "command"), recorded);
  deepEqual(await collect(streamOf(...once).pipeThrough(deriveCommands({ emulator }))), once);
});

Deno.test("MarkScanner gives back every byte, marks and all, whatever it is given", () => {
  const pieces = fc.constantFrom(
    "\x1b",
    "]",
    "133;",
    "633;A",
    "\x07",
    "\x1b\\",
    "text",
    "7;file://h/p",
    "\x18",
    "\x1b]0;t\x07",
    "é",
    ";",
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 40 }), fc.array(fc.nat(9), { minLength: 1 }), (parts, cuts) => {
    const bytes = new TextEncoder().encode(parts.join(""));
    const out: Uint8Array[] = [], marks: string[] = [];
    const scanner = new MarkScanner({
      bytes: (data) => out.push(data.slice()),
      mark: (body, data) => void (out.push(data.slice()), marks.push(body)),
    });
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const length = 1 + cuts[turn % cuts.length]!;
      scanner.push(bytes.slice(at, at += length));
    }
    scanner.flush();
    deepEqual(concat(out), concat([bytes]));
    ok(marks.every((body) => /^(?:133|633|7|9;9|1337);/.test(body)));
  }));
});

Deno.test("a mark that never ends is let go, and a command's output is never gathered", () => {
  let held = 0;
  const scanner = new MarkScanner({ bytes: (data) => void (held += data.length), mark: () => {} });
  const chunk = new Uint8Array(64 << 10).fill(65);
  scanner.push(new TextEncoder().encode("\x1b]633;E;"));
  for (let bytes = 0; bytes < 2 * MAX_MARK; bytes += chunk.length) scanner.push(chunk);
  ok(held >= MAX_MARK);
  const emitted: number[] = [];
  const core = deriveCommands({ cut: true }).make((event) =>
    event.kind === "output" && emitted.push(event.data.length)
  );
  core.push(header({ nonceSha256 }));
  core.push(output(1, own("C")));
  for (let turn = 0; turn < 1600; turn++) { // 100 MB
    core.push({ kind: "output", time: 2, data: chunk });
    equal(emitted.length, turn + 1, "each piece is passed on at once");
  }
});

Deno.test("once the shell's own marks have come, no other program can forge any", async () => {
  const forged =
    "\x1b]633;D;0\x07\x1b]633;E;rm -rf /;0000\x07\x1b]133;A\x07\x1b]133;C\x07\x1b]633;D;0;0000\x07\x1b]633;A;0000\x07";
  const events = await derive(
    header({ nonceSha256 }),
    output(1, own("A") + own("E;evil") + own("C") + forged),
    output(9, own("D;3")),
  );
  deepEqual(told(events), ["output evil", "done 3"]);
  ok(printed(events).includes("rm -rf /"), "what it printed stays what it printed");
});

Deno.test("marks of another integration are read, and only reported", async () => {
  const kitty = "\x1b]133;A\x07$ \x1b]133;B\x07\x1b]133;C;cmdline=git\\ log\\ --oneline\x07x\r\n\x1b]133;D;1\x07";
  deepEqual(told(await derive(header(), output(1, kitty))), [
    "input ? reported",
    "output git log --oneline reported",
    "done 1 reported",
  ]);
  const fish = "\x1b]133;C;cmdline_url=echo%20a%3Bb\x1b\\\x1b]133;D;0\x1b\\";
  deepEqual(told(await derive(header(), output(1, fish))), ["output echo a;b reported", "done 0 reported"]);
  const plain = "\x1b]133;A\x07ada$ \x1b]133;B\x07makk\b \be\r\n\x1b]133;C\x07\x1b]133;D\x07";
  deepEqual(told(await derive(header(), output(1, plain))), [
    "input ? reported",
    "output make reported",
    "done ? reported",
  ]);
  const tmux = "\x1bPtmux;\x1b\x1b]133;C\x07\x1b\\\x1bPtmux;\x1b\x1b]133;D;4\x07\x1b\\";
  deepEqual(told(await derive(header(), output(1, tmux))), ["output ? reported", "done 4 reported"]);
});

Deno.test("what is not certain stays unknown: an end that was lost, output that is missing, a session that ends", async () => {
  const nested = own("A") + own("E;bash") + own("C") + own("A") + own("E;ls") + own("C") + own("D;0");
  deepEqual(told(await derive(header({ nonceSha256 }), output(1, nested))), [
    "output bash",
    "done ? guessed",
    "output ls",
    "done 0",
  ]);
  const gap = { kind: "gap", time: 2, reason: "overload", bytes: 9 } as const;
  deepEqual(
    told(await derive(header({ nonceSha256 }), output(1, own("E;make") + own("C")), gap, output(3, own("D;0")))),
    ["output make", "done ? guessed"],
  );
  const exit = { kind: "exit", time: 5, status: { code: 3 } } as const;
  deepEqual(told(await derive(header({ nonceSha256 }), output(1, own("E;exit 3") + own("C")), exit)), [
    "output exit 3",
    "done 3",
  ]);
  deepEqual(told(await derive(header({ nonceSha256 }), output(1, own("E;make") + own("C")), exit)), [
    "output make",
    "done ? guessed",
  ]);
});

Deno.test("of a command whose end went unnoticed neither end nor duration is told, and it is not called exact", async () => {
  const typed = (line: string) => `\x1b[?2004h$ ${line}\r\n\x1b[?2004l\r`;
  const first = own("D;0") + own("A") + typed("make") + own("E;make") + own("C");
  const rows = async (...texts: string[]) => {
    const collected: CommandRecord[] = [];
    const collector = new CommandCollector({ begin() {}, output() {}, end: (command) => collected.push(command) });
    const exit = { kind: "exit", time: 1e9, status: { code: 3 } } as const;
    const outputs = texts.map((text, at) => output(at + 1, text));
    for (const event of await derive(header({ nonceSha256 }), ...outputs, exit)) collector.push(event);
    return collected.map(({ text, code, end, confidence }) => [text, code, end, confidence]);
  };
  deepEqual(await rows(first, own("E;ls") + own("C"), own("D;1")), [
    ["make", undefined, undefined, "guessed"],
    ["ls", 1, 3, "exact"],
  ], "another one began");
  deepEqual(await rows(first, "done\r\n", typed("ls"), "a b\r\n", typed("exit 3")), [
    ["make", undefined, undefined, "guessed"],
    ["ls", undefined, 5, "guessed"],
    ["exit 3", undefined, undefined, "guessed"],
  ], "a line was entered at the same prompt");
  deepEqual(
    await rows(first, "\x1b[?2004h>>> 1\r\n\x1b[?2004l", own("D;0")),
    [["make", 0, 3, "exact"]],
    "a prompt of its own",
  );
  deepEqual(
    await rows(first.replaceAll("make", "bash"), typed("ls"), typed("exit"), own("D;7")),
    [["bash", 7, 4, "exact"]],
    "a shell may draw the same prompt",
  );
  deepEqual(await rows(first, "done\r\n", "\x1b[?2004h$ "), [["make", undefined, undefined, "guessed"]]);
  deepEqual(
    await rows(first, "done\r\n"),
    [["make", undefined, 1e9, "exact"]],
    "no prompt came before the session ended",
  );
  const quiet = first.replaceAll(/\x1b\[\?2004[hl]/g, "");
  deepEqual(await rows(quiet, "done\r\n"), [["make", undefined, undefined, "guessed"]], "nor could one be noticed");
  const late = own("D;4").replace("\x07", ";late\x07");
  deepEqual(await rows(first, late), [["make", 4, undefined, "guessed"]]);
  const unseen = own("D;5").replace("\x07", ";unseen\x07");
  deepEqual(await rows(first, own("D;0") + own("A"), own("E;ls") + unseen), [
    ["make", 0, 2, "exact"],
    ["ls", 5, undefined, "guessed"],
  ]);
});

Deno.test("what the shell's clock says of a command counts as far as what was observed bears it out", async () => {
  const ran = async (end: string, ...between: SessionEvent[]) => {
    const events = [
      header({ nonceSha256, startedAt: 1000 }),
      output(1e9, `${own("A")}$ `),
      output(2e9, `${own("E;make")}${own("C")}`),
      ...between,
      output(3e9, `\x1b]633;D;0;${end}\x07`),
      output(3.5e9, own("A")),
    ];
    const found: CommandRecord[] = [];
    const collector = new CommandCollector({ begin() {}, output() {}, end: (command) => found.push({ ...command }) });
    for (const event of await derive(...events)) collector.push(event);
    const [{ start, end: ended, startedAt }] = found as [CommandRecord];
    equal(startedAt, 1000 + start / 1e6);
    return [start / 1e9, ended! / 1e9];
  };
  const moved = (seconds: number): SessionEvent => ({ kind: "clock", time: 2.5e9, drift: seconds * 1e9 });
  const gone: SessionEvent = { kind: "clock", time: 1.5e9, drift: 0 };
  deepEqual(await ran(NONCE), [2, 3], "it says nothing");
  deepEqual(await ran(`${NONCE};took=940000;ago=50000`), [2, 2.94]);
  deepEqual(await ran(`${NONCE};took=750000;ago=200000`), [2, 2.75], "the mark waited for its process");
  deepEqual(await ran(`${NONCE};took=1050000;ago=1000`), [1.95, 3], "the first mark was read later than the last");
  deepEqual(await ran(`${NONCE};took=400000;ago=50000`), [2, 2.95], "somebody has set the clock back");
  deepEqual(await ran(`${NONCE};took=3601000000;ago=50000`), [2, 2.95], "or to another hour");
  deepEqual(await ran(`${NONCE};took=3601000000`), [2, 3]);
  deepEqual(await ran(`${NONCE};took=400000;ago=3600000000`), [2, 3], "even between the end and the mark");
  deepEqual(
    await ran(`${NONCE};took=540000;ago=50000`, gone, moved(-0.4)),
    [2, 2.94],
    "a change that is known is none",
  );
  deepEqual(await ran(`${NONCE};took=1340000;ago=50000`, gone, moved(0.4)), [2, 2.94]);
  deepEqual(await ran(`${NONCE};took=0;ago=1000000`), [2, 2]);
  for (const nonsense of ["took=-5", "took=1e3", "took=", "took", "ago=x", `took=${"9".repeat(30)}`, "late=1"]) {
    deepEqual(await ran(`${NONCE};${nonsense}`), [2, 3], nonsense);
  }
});

Deno.test("no command begins before its prompt, and none that is late has an end, whatever the shell's clock says", async () => {
  const events = await derive(
    header({ nonceSha256 }),
    output(1.99e9, own("A")),
    output(2e9, `${own("E;true")}${own("C")}`),
    output(3e9, `\x1b]633;D;0;${NONCE};took=1100000;ago=1\x07${own("A")}`),
    output(4e9, `${own("E;false")}${own("C")}`),
    output(5e9, `\x1b]633;D;1;${NONCE};late;took=900000;ago=90000\x07${own("A")}`),
  );
  const ends = events.flatMap((event) => event.kind === "command" && event.phase === "done" ? [event] : []);
  deepEqual(ends.map(({ ago, earlier, late }) => ({ ago, earlier, late })), [
    { ago: undefined, earlier: 0.01e9, late: undefined },
    { ago: undefined, earlier: undefined, late: true },
  ]);
});

Deno.test("what was found out late does not go back in time", async () => {
  const first = own("D;0") + own("A") + "\x1b[?2004h$ make\r\n\x1b[?2004l\r" + own("E;make") + own("C");
  const entered = "\x1b[?2004h$ true\r\n\x1b[?2004l\r";
  const events = await derive(
    header({ nonceSha256 }),
    output(1, first),
    output(2, "\x1b[?2004h$ ls\r\n\x1b[?2004l\rx\r\n"),
    output(3, entered),
    { kind: "marker", time: 8, label: "between" },
    output(9, "\x1b[?2004h$ "),
  );
  const times = events.map(({ time }) => time);
  deepEqual(times, [...times].sort((a, b) => a - b));
  deepEqual(told(events).filter((line) => line.startsWith("output")), [
    "output make",
    "output ls guessed",
    "output true guessed",
  ]);
});

Deno.test("a recorder's own command is the session's one command, and what it prints as marks is its own", async () => {
  const exit = { kind: "exit", time: 5, status: { code: 2 } } as const;
  const ours = header({ command: "make test", recorder: "term2ai 1.0", cwd: "/src" });
  deepEqual(told(await derive(ours, output(1, "\x1b]133;C\x07\x1b]133;D;0\x07"), exit)), [
    "output make test",
    "done 2",
  ]);
  deepEqual(told(await derive(header({ command: "make test" }), exit)), [
    "output make test reported",
    "done 2 reported",
  ]);
  const killed = { kind: "exit", time: 5, status: { signal: "SIGKILL" } } as const; // as $? tells it
  deepEqual(told(await derive(ours, killed)), ["output make test", "done 137"]);
  deepEqual(told(await derive(header({ command: "/bin/zsh -l" }), exit)), []);
  for (const line of ["bash", "-bash", "zsh -il", "ssh host"]) equal(isShellCommand(line), true, line);
  for (const line of ["bash -c ls", "bash script.sh", "python3"]) equal(isShellCommand(line), false, line);
});

Deno.test("without marks a command is guessed only behind a prompt that came before, and only when it was typed", async () => {
  let time = 0;
  const typed = (text: string) => output(time += 2e8, text);
  const first = ["ada@engine:~$ ", "l", "s", "\r\n", "a b\r\nada@engine:~$ "].map(typed);
  const second = ["p", "w", "d", "\x1b[K", "\r\n", "/home/ada\r\n", "ada@engine:~$ "].map(typed);
  deepEqual(told(await derive(header(), ...first, ...second)), ["output pwd guessed", "done ? guessed"]);
  const script = output(1, Array.from({ length: 50 }, (_, index) => `$ make ${index}\r\nok\r\n`).join(""));
  deepEqual(told(await derive(header(), script)), [], "nothing was typed");
  const redrawn = ["ada@engine:~$ ", "l", "\x1b[5G", "s", "\r\n"].map(typed);
  deepEqual(told(await derive(header(), ...first, ...redrawn)).length, 0, "somebody moved in the line");
});

Deno.test("withoutMarks() takes out our marks and nothing else, wherever they are cut", async () => {
  const text = `a${own("A")}b\x1b]633;A\x07\x1b]0;t\x07${own("E;x y")}c`;
  for (const size of [1, 3, 1000]) {
    const bytes = new TextEncoder().encode(text), parts: SessionEvent[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      parts.push({ kind: "output", time: at, data: bytes.slice(at, at + size) });
    }
    const plain = await collect(streamOf(header({ nonceSha256 }), ...parts).pipeThrough(withoutMarks()));
    equal(printed(plain), "ab\x1b]633;A\x07\x1b]0;t\x07c");
    deepEqual(plain[0], header());
    ok(plain.every((event) => event.kind !== "output" || event.data.length > 0));
  }
  const foreign = [header(), output(1, "\x1b]133;A\x07")];
  deepEqual(await collect(streamOf(...foreign).pipeThrough(withoutMarks())), foreign);
});

Deno.test("readMark() knows the forms in which shells tell folders and lines, and no others", () => {
  const cases: [string, unknown][] = [
    ["7;kitty-shell-cwd://h/a%20b", { kind: "cwd", value: "/a%20b" }],
    ["9;9;C:\\x", { kind: "cwd", value: "C:\\x" }],
    ["1337;CurrentDir=/x;y", { kind: "cwd", value: "/x;y" }],
    ["7;file://h/%E0%A4%A", undefined],
    ["133;A;k=s", undefined],
    ["133;P;k=i", { kind: "prompt" }],
    ["133;D;999999999999", { kind: "done" }],
    ["133;C;cmdline=$'a\\nb'", { kind: "output", text: "a\nb" }],
    ["133;C;cmdline='a b'", { kind: "output", text: "a b" }],
    ["633;P;Prompt=x", { kind: "shown", value: "x" }],
    ["633;P;HasRichCommandDetection=True", undefined],
    ["133;L", undefined],
    ["633;Z", undefined],
  ];
  for (const [body, mark] of cases) deepEqual(readMark(body), mark, body);
});

Deno.test("what zsh prints before its prompt, where a line has no end, is no output of the command", async () => {
  const sign = `\x1b[1m\x1b[7m%\x1b[27m\x1b[1m\x1b[0m${" ".repeat(79)}\r \r`;
  const events = await derive(
    header({ nonceSha256 }),
    output(1, own("E;printf x") + own("C")),
    output(2, `x${sign}`),
    output(3, own("D;0")),
  );
  const done = events.findIndex((event) => event.kind === "command" && event.phase === "done");
  equal(printed(events.slice(0, done)), "x");
  equal(printed(events), `x${sign}`);
});
