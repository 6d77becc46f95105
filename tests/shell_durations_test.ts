import { deepEqual, ok } from "node:assert/strict";
import type { CommandRecord } from "../lib/models.ts";
import { isInstalled, withFolder } from "./support/cli.ts";
import { commandsOf, runInShell, writeHome } from "./support/shells.ts";

/** How far a duration may be from what the shell's own clock says. */
const TOLERANCE = 0.02;
/** A busy machine reads a mark late now and then, but what is wrong is wrong each time. */
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

/** A shell, and how each line is typed so that `~/clock` tells what it took. */
interface Timed {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly typed: (line: string) => string;
  /** What a line then ends with. */
  readonly code: (code: number) => number;
  /** Seconds that a line took, from what it noted, and what starting a process cost then; bash starts one for each mark. */
  readonly seconds: (note: string) => { took: number; process: number };
}

/** The line looks at the clock itself: before, after, and after a process of its own. */
const LOOKING = {
  typed: (line: string) =>
    `a=$EPOCHREALTIME; ${line}; c=$? b=$EPOCHREALTIME; (:); echo $a $b $EPOCHREALTIME >>~/clock; test $c = 0`,
  code: (code: number) => code === 0 ? 0 : 1,
  seconds(note: string) {
    const [start, after, end] = note.split(" ").map(Number) as [number, number, number];
    return { took: end - start, process: end - after };
  },
};

const SHELLS: readonly Timed[] = [
  { name: "bash", files: { ".bashrc": "PS1='@@ '\n" }, ...LOOKING },
  { name: "zsh", files: { ".zshrc": "PS1='@@ '\nunsetopt beep\nzmodload zsh/datetime\n" }, ...LOOKING },
  {
    name: "fish",
    files: {
      ".config/fish/config.fish": "function fish_prompt; printf '@@ '; end\nset -g fish_greeting\n" +
        "function noted --on-event fish_postexec; echo $CMD_DURATION >>~/clock; end\n",
    },
    typed: (line) => line,
    code: (code) => code,
    seconds: (note) => ({ took: Number(note) / 1000, process: 0 }),
  },
];

/** Runs all lines some times over; what was told of each, and what the shell says it took. */
async function timed(
  { name, files, typed, seconds }: Timed,
): Promise<{ told: CommandRecord[]; clock: ReturnType<Timed["seconds"]>[] }> {
  return await withFolder(async (folder) => {
    const home = await Deno.realPath(folder);
    await writeHome(home, files);
    const lines = Array.from({ length: ROUNDS }, () => LINES).flat();
    const steps = [...lines.map(([text]) => ({ keys: `${typed(text)}\r` })), { keys: "exit\r" }];
    const events = await runInShell({ command: [name], home, steps, prompt: ["\x1b]633;A;", "@@ "] });
    const notes = (await Deno.readTextFile(`${home}/clock`)).trim().split("\n");
    return {
      told: (await commandsOf(events)).slice(0, lines.length),
      clock: notes.map(seconds).slice(0, lines.length),
    };
  });
}

for (const shell of SHELLS) {
  Deno.test(`each line of ${shell.name} took what its own clock says, but for 20 ms`, async () => {
    if (!await isInstalled(shell.name)) return console.log(`  skipped: ${shell.name} is not installed`);
    const { told, clock } = await timed(shell);
    const lines = Array.from({ length: ROUNDS }, () => LINES).flat();
    deepEqual(
      told.map(({ text, code }) => [text, code]),
      lines.map(([text, code]) => [shell.typed(text), shell.code(code)]),
      "text and exit code are exact whatever the machine does",
    );
    const off = told.map(({ start, end }, at) => (end! - start) / 1e9 - clock[at]!.took);
    const process = median(clock.map(({ process }) => process));
    const best = LINES.map((_, line) =>
      off.filter((_, at) => at % LINES.length === line).sort((a, b) => Math.abs(a) - Math.abs(b))[0]!
    );
    console.log(
      `  off by ${inMillis(median(off))} ms in the middle, the best of each line by ${
        best.map(inMillis).join(" ")
      } ms,` +
        ` where a process costs ${inMillis(process)} ms`,
    );
    for (const [line, seconds] of best.entries()) {
      ok(Math.abs(seconds) <= TOLERANCE + process, `${LINES[line]![0]}: ${off.map(inMillis).join(" ")} ms off`);
    }
  });
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
const inMillis = (seconds: number) => (seconds * 1000).toFixed(1);
