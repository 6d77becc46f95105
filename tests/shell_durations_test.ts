import { deepEqual, ok } from "node:assert/strict";
import type { CommandRecord } from "../lib/models.ts";
import { isInstalled, withFolder } from "./support/cli.ts";
import { commandsOf, runInShell, writeHome } from "./support/shells.ts";

/** How far a duration may be from what the shell's own clock says. */
const TOLERANCE = 0.02;
/** Of all lines; a busy machine may stop a shell between its look at the clock and ours. */
const MOST = 0.9;
const ROUNDS = 5;

/** Lines, and what each ends with. */
const LINES: readonly (readonly [text: string, code: number])[] = [
  ["true", 0],
  ["sleep 0.05", 0],
  ["sleep 0.25", 0],
  ["sh -c 'sleep 0.1; exit 7'", 7],
  ["sleep 0.1 | cat", 0],
  ["seq 3000", 0],
  ["cd sub; sleep 0.08; cd ..", 0],
];

/** A shell, and how each line is typed so that it notes what it took. */
interface Timed {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly typed: (line: string) => string;
  /** What a line then ends with. */
  readonly code: (code: number) => number;
  /** Writes all notes to `~/clock`. */
  readonly written: string;
  /** Seconds that a line took, from what it noted. */
  readonly seconds: (note: string) => number;
}

/** The line looks at the clock itself, before and after. */
const LOOKING = {
  typed: (line: string) => `a=$EPOCHREALTIME; ${line}; c=$?; t+=("$a $EPOCHREALTIME"); test $c = 0`,
  code: (code: number) => code === 0 ? 0 : 1,
  written: `printf '%s\\n' "\${t[@]}" >~/clock`,
  seconds(note: string) {
    const [start, end] = note.split(" ").map(Number) as [number, number];
    return end - start;
  },
};

const SHELLS: readonly Timed[] = [
  { name: "bash", files: { ".bashrc": "PS1='@@ '\n" }, ...LOOKING },
  { name: "zsh", files: { ".zshrc": "PS1='@@ '\nunsetopt beep\nzmodload zsh/datetime\n" }, ...LOOKING },
  {
    name: "fish",
    files: {
      ".config/fish/config.fish": "function fish_prompt; printf '@@ '; end\nset -g fish_greeting\n" +
        "function noted --on-event fish_postexec; set -g t $t $CMD_DURATION; end\n",
    },
    typed: (line) => line,
    code: (code) => code,
    written: "printf '%s\\n' $t >~/clock",
    seconds: (note) => Number(note) / 1000,
  },
];

/** Keeps both cores busy, with as many programs as want to run beside a build. */
function busyMachine(): AsyncDisposable {
  const loops = Array.from(
    { length: 4 },
    () => new Deno.Command("sh", { args: ["-c", "while :; do :; done"] }).spawn(),
  );
  return {
    async [Symbol.asyncDispose]() {
      for (const loop of loops) loop.kill("SIGKILL");
      await Promise.all(loops.map((loop) => loop.status));
    },
  };
}

/** Runs all lines some times over; what was told of each, and what the shell says it took. */
async function timed(
  { name, files, typed, written, seconds }: Timed,
): Promise<{ told: CommandRecord[]; clock: number[] }> {
  return await withFolder(async (folder) => {
    const home = await Deno.realPath(folder);
    await writeHome(home, files);
    const lines = Array.from({ length: ROUNDS }, () => LINES).flat();
    const steps = [...lines.map(([text]) => typed(text)), written, "exit"].map((line) => ({ keys: `${line}\r` }));
    const events = await runInShell({ command: [name], home, steps, prompt: ["\x1b]633;A;", "@@ "] });
    const notes = (await Deno.readTextFile(`${home}/clock`)).trim().split("\n");
    return { told: (await commandsOf(events)).slice(0, lines.length), clock: notes.map(seconds) };
  });
}

for (const shell of SHELLS) {
  Deno.test(`on a busy machine each line of ${shell.name} took what its own clock says, but for 20 ms`, async () => {
    if (!await isInstalled(shell.name)) return console.log(`  skipped: ${shell.name} is not installed`);
    await using _busy = busyMachine();
    const { told, clock } = await timed(shell);
    const lines = Array.from({ length: ROUNDS }, () => LINES).flat();
    deepEqual(
      told.map(({ text, code }) => [text, code]),
      lines.map(([text, code]) => [shell.typed(text), shell.code(code)]),
      "text and exit code are exact whatever the machine does",
    );
    const off = told.map(({ start, end }, at) => (end! - start) / 1e9 - clock[at]!).sort((a, b) => a - b);
    const near = off.filter((seconds) => Math.abs(seconds) <= TOLERANCE).length;
    const [least, middle, most] = [off[0]!, off[off.length >> 1]!, off.at(-1)!].map(inMillis);
    console.log(`  off by ${middle} ms in the middle, ${least} to ${most} ms; ${near} of ${off.length} within 20 ms`);
    ok(near >= MOST * off.length, off.map(inMillis).join(" "));
  });
}

const inMillis = (seconds: number) => (seconds * 1000).toFixed(1);
