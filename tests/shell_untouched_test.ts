import { deepEqual, equal, match } from "node:assert/strict";
import type { SessionEvent } from "../lib/event.ts";
import { collect, concat, streamOf } from "../lib/stream/collect.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenText } from "../lib/terminal/screen_text.ts";
import { withoutMarks } from "../lib/transform/without_marks.ts";
import { isInstalled, withFolder } from "./support/cli.ts";
import { runInShell } from "./support/shells.ts";

/** What a session printed, without our marks. */
async function printed(events: readonly SessionEvent[]): Promise<string> {
  const plain = await collect(streamOf(...events).pipeThrough(withoutMarks()));
  const data = plain.flatMap((event) => event.kind === "output" ? [event.data] : []);
  return new TextDecoder().decode(concat(data));
}

const emulator = await loadEmulator();

/** fish draws a line again when it has found out more about it, so of its output what shows in the end is compared. */
function shown([program]: readonly string[], text: string): string {
  if (program !== "fish") return text;
  const screen = emulator({ cols: 100, rows: 400 });
  screen.write(new TextEncoder().encode(text));
  return screenText(screen.snapshot()).join("\n");
}

interface Shell {
  readonly command: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly history: string;
  readonly lines: readonly string[];
}

const COMMON = [
  "false",
  'echo "$? $_"',
  "",
  " echo hidden",
  "echo twice",
  "echo twice",
  "cd /",
  "pwd",
  "nosuch_command",
];
const TRAPS = [
  "trap 'echo left' EXIT",
  "trap 'echo failed' ERR",
  "false",
  "trap 'echo \"next: $BASH_COMMAND\"' DEBUG",
  "true",
  "(exit 3)",
  "trap",
  "set -x",
  "echo traced",
  "set +x",
  'echo "[$PS1][$PS2]"',
  "set -o posix",
  "(exit 3)",
  "shopt -o posix; set +o posix",
];
/** Traps that functions and subshells inherit, traces that lead elsewhere, and functions in place of builtins. */
const INHERITED = [
  "set -T",
  'trap \'echo "next: $BASH_COMMAND"; echo "$BASH_COMMAND" >>seen\' DEBUG',
  "trap 'echo returned' RETURN",
  "f() { true; }",
  "f",
  "(exit 3)",
  "echo $(echo inside)",
  "",
  "set +T",
  "true",
  "trap - DEBUG RETURN",
  "set -E",
  "trap 'echo failed' ERR",
  "(exit 3)",
  "shopt -s extdebug",
  "true",
  "shopt -u extdebug; set +TE",
  "exec 7>traced; BASH_XTRACEFD=7; set -x",
  "echo traced",
  "set +x; cat seen traced; rm seen traced",
  "unalias printf",
  "printf() { echo bad; }; builtin() { echo bad; }; local() { echo bad; }; exit() { echo bad; }; unset() { echo bad; }",
  "false",
  "command unset -f printf builtin local exit unset",
  "nosuch_command",
];
const ENDING = ["set | grep -i '^TERM2AI'; env | grep -iE '633|nonce|ZDOTDIR|^ENV='", "exit 4"];

const BASHRC = "HISTCONTROL=ignoreboth\nPS1='$? \\w @@ '\nalias printf='echo aliased'\ntrap 'echo usr' USR1\n";
const SHELLS: readonly Shell[] = [
  {
    command: ["bash"],
    files: { ".bashrc": BASHRC },
    history: ".bash_history",
    lines: [...COMMON, ...TRAPS, "history", ...ENDING],
  },
  { command: ["bash"], files: { ".bashrc": BASHRC }, history: ".bash_history", lines: [...INHERITED, ...ENDING] },
  {
    command: ["bash"],
    files: { ".bashrc": `${BASHRC}export PROMPT_COMMAND='echo "before the prompt: $?"'\n` },
    history: ".bash_history",
    lines: [...INHERITED.filter((line) => !line.includes("exit 3")), ...TRAPS, "set -e", "true", "exit 4"],
  },
  {
    command: ["bash", "-l"],
    files: { ".profile": `${BASHRC}PROMPT_COMMAND='echo "before the prompt: $?"'\n` },
    history: ".bash_history",
    lines: [...COMMON, ...TRAPS, "shopt login_shell; shopt -o posix; echo $HISTFILE $-", ...ENDING],
  },
  {
    command: ["zsh"],
    files: {
      ".zshrc":
        "PS1='%? %~ @@ '\nHISTFILE=~/.zsh_history\nSAVEHIST=100\nHISTSIZE=100\nsetopt histignorespace histignoredups incappendhistory\nunsetopt zle\n",
    },
    history: ".zsh_history",
    lines: [...COMMON, ...TRAPS.filter((line) => !/ERR|posix/.test(line)), ...ENDING],
  },
  {
    command: ["fish"],
    files: {
      ".config/fish/config.fish":
        "function fish_prompt; echo -n $status (prompt_pwd) '@@ '; end\nset -g fish_greeting\nset -g fish_color_normal\nset -g fish_autosuggestion_enabled 0\n",
    },
    history: ".local/share/fish/fish_history",
    lines: ["false", "echo $status", " echo hidden", "cd /", "pwd", "set -S fish_prompt", "exit 4"],
  },
];

for (const [index, { command, files, history, lines }] of SHELLS.entries()) {
  Deno.test(`prompt, history, traps and status of ${command.join(" ")} (${index}) are the same with and without marks`, async () => {
    if (!await isInstalled(command[0]!)) return console.log(`  skipped: ${command[0]} is not installed`);
    const runs: { text: string; history: string; status: unknown; left: string[] }[] = [];
    for (const integrated of [false, true]) {
      await withFolder(async (folder) => {
        const home = `${await Deno.realPath(folder)}/home`;
        const runtime = `${folder}/run`;
        for (const [path, text] of Object.entries(files)) {
          await Deno.mkdir(`${home}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
          await Deno.writeTextFile(`${home}/${path}`, text);
        }
        await Deno.mkdir(runtime);
        const steps = lines.map((line) => ({ keys: `${line}\r` }));
        const env = { XDG_RUNTIME_DIR: runtime };
        const events = await runInShell({
          command,
          home,
          steps,
          integrated,
          env,
          // Under `set -T` bash prints no mark for a prompt.
          prompt: command[0] === "bash" ? ["\x1b[?2004h", "@@ "] : integrated ? ["\x1b]633;A;", "@@ "] : ["@@ "],
        });
        const raw = await printed(events.filter(({ kind }) => kind !== "header"));
        equal(raw.includes("\x1b]633;"), integrated);
        const end = events.at(-1);
        runs.push({
          text: shown(command, await printed(events)).replaceAll(folder, "FOLDER").replace(/\b\d{5,}\b/g, "N"),
          history: (await Deno.readTextFile(`${home}/${history}`)).replace(/\b\d{9,}\b/g, "TIME"),
          status: end?.kind === "exit" && end.status,
          left: [...Deno.readDirSync(runtime)].map(({ name }) => name),
        });
      });
    }
    const [without, marked] = runs;
    match(without!.text, /nosuch|hidden/);
    equal(marked!.text, without!.text);
    deepEqual(marked, without);
    deepEqual(marked!.left, []);
  });
}
