import { deepEqual } from "node:assert/strict";
import type { CommandRecord } from "../lib/models.ts";
import { isInstalled, withFolder } from "./support/cli.ts";
import { commandsOf, runInShell, writeHome } from "./support/shells.ts";

const BASHRC = "PS1='@@ '\n";
const ZSHRC = "PS1='@@ '\nunsetopt beep\n";
const FISH = "function fish_prompt; echo -n '@@ '; end\nset -g fish_greeting\n";
const FILES = { ".bashrc": BASHRC, ".zshrc": ZSHRC, ".config/fish/config.fish": FISH };

/** How each shell draws a prompt, whatever has become of its marks. */
const PROMPTS: Readonly<Record<string, string[]>> = {
  bash: ["\x1b[?2004h@@ "],
  zsh: ["@@ ", "\x1b[?2004h"],
  fish: ["@@ \x1b[K"],
};

/** A row: text, exit code, whether its end is known, and how sure it is. */
type Row = readonly [text: string | undefined, code: number | undefined, timed: boolean, confidence: string];
const exact = (text: string, code = 0): Row => [text, code, true, "exact"];
/** Its end went unnoticed. */
const lost = (text: string, code?: number): Row => [text, code, false, "guessed"];
/** No mark told of it. */
const guessed = (text: string, code?: number): Row => [text, code, true, "guessed"];

interface Fault {
  readonly name: string;
  /** What is typed; empty lines are typed too, and are no commands. */
  readonly lines: readonly string[];
  /** What is told of all but the first two, which are told exactly. */
  readonly told: readonly Row[];
}

const BASH: readonly Fault[] = [
  {
    name: "a DEBUG trap that everything inherits",
    lines: ["set -T", "false", "echo hi", "set +T", "false", "exit 3"],
    told: [lost("set -T"), lost("false"), lost("echo hi"), guessed("set +T", 0), exact("false", 1), exact("exit 3", 3)],
  },
  {
    name: "unset PROMPT_COMMAND",
    lines: ["unset PROMPT_COMMAND", "false", "", "echo hi", "exit 3"],
    told: [lost("unset PROMPT_COMMAND"), lost("false"), lost("echo hi"), guessed("exit 3", 3)],
  },
  {
    name: "PROMPT_COMMAND set anew, as by .bashrc",
    lines: ["PROMPT_COMMAND='history -a'", "false", "", "echo hi", "exit 3"],
    told: [lost("PROMPT_COMMAND='history -a'", 0), lost("false", 1), lost("echo hi", 0), exact("exit 3", 3)],
  },
  {
    name: "PS0 overwritten",
    lines: ["PS0=", "false", "", " echo hi", "sleep 0.1", "exit 3"],
    told: [exact("PS0="), guessed("false", 1), guessed(" echo hi", 0), guessed("sleep 0.1", 0), lost("exit 3")],
  },
  {
    name: "PS0 and PROMPT_COMMAND lost",
    lines: ["PS0=; unset PROMPT_COMMAND", "false", "", "echo hi", "exit 3"],
    told: [lost("PS0=; unset PROMPT_COMMAND"), guessed("false"), guessed("echo hi"), lost("exit 3")],
  },
  {
    name: "functions called like builtins",
    lines: [
      "printf() { echo bad; }; builtin() { echo bad; }; local() { echo bad; }; set() { echo bad; }; unset() { echo bad; }",
      "false",
      "command exit 3",
    ],
    told: [
      exact(
        "printf() { echo bad; }; builtin() { echo bad; }; local() { echo bad; }; set() { echo bad; }; unset() { echo bad; }",
      ),
      exact("false", 1),
      ["command exit 3", undefined, true, "exact"],
    ],
  },
  {
    name: "another shell in its place",
    lines: ["exec bash", "false", "", "echo hi", "exit 3"],
    told: [lost("exec bash"), guessed("false"), guessed("echo hi"), lost("exit 3")],
  },
  {
    name: "words that are printed",
    lines: ["set -v", "false", "set +v", "exit 3"],
    told: [lost("set -v", 0), lost("false", 1), exact("set +v"), exact("exit 3", 3)],
  },
  {
    name: "everything exported to another bash",
    lines: ["set -a; PS0=$PS0 PROMPT_COMMAND=$PROMPT_COMMAND", "bash --norc", "PS1='@@ '", "false", "exit 4", "exit 3"],
    told: [
      exact("set -a; PS0=$PS0 PROMPT_COMMAND=$PROMPT_COMMAND"),
      exact("bash --norc", 4),
      exact("exit 3", 3),
    ],
  },
  { name: "comments", lines: ["# comment", "", "exit 3"], told: [exact("exit 3", 3)] },
];

const ZSH: readonly Fault[] = [
  {
    name: "no precmd hooks",
    lines: ["precmd_functions=()", "false", "echo hi", "exit 3"],
    told: [lost("precmd_functions=()"), exact("false", 1), exact("echo hi"), exact("exit 3", 3)],
  },
  {
    name: "no preexec hooks",
    lines: ["preexec_functions=()", "false", "exit 3"],
    told: [exact("preexec_functions=()"), exact("false", 1), exact("exit 3", 3)],
  },
  {
    name: "no hooks at all",
    lines: ["preexec_functions=() precmd_functions=()", "false", "", "echo hi", "exit 3"],
    told: [lost("preexec_functions=() precmd_functions=()"), guessed("false"), guessed("echo hi"), lost("exit 3")],
  },
  {
    name: "functions called like builtins",
    lines: ["printf() { echo bad; }; local() { echo bad; }; trap() { echo bad; }", "false", "exit 3"],
    told: [
      exact("printf() { echo bad; }; local() { echo bad; }; trap() { echo bad; }"),
      exact("false", 1),
      exact("exit 3", 3),
    ],
  },
  {
    name: "a function called builtin",
    lines: ["builtin() { echo bad; }", "false", "echo hi", "exit 3"],
    told: [lost("builtin() { echo bad; }"), guessed("false"), guessed("echo hi"), lost("exit 3")],
  },
  {
    name: "another shell in its place",
    lines: ["exec zsh", "false", "echo hi", "exit 3"],
    told: [lost("exec zsh"), guessed("false"), guessed("echo hi"), lost("exit 3")],
  },
  {
    name: "another shell in its place, with a prompt on the right",
    lines: ["export RPROMPT='%T ~ on the right'", "exec zsh", "false", "echo 'a    b'", "exit 3"],
    told: [
      exact("export RPROMPT='%T ~ on the right'"),
      lost("exec zsh"),
      guessed("false"),
      guessed("echo 'a    b'"),
      lost("exit 3"),
    ],
  },
  {
    name: "comments",
    lines: ["setopt interactivecomments", "# comment", "", "exit 3"],
    told: [exact("setopt interactivecomments"), exact("exit 3", 3)],
  },
];

const FISH_FAULTS: readonly Fault[] = [
  {
    name: "no word of prompts",
    lines: ["functions -e __term2ai_prompt", "false", "exit 3"],
    told: [exact("functions -e __term2ai_prompt"), exact("false", 1), exact("exit 3", 3)],
  },
  {
    name: "no word of beginnings",
    lines: ["functions -e __term2ai_preexec", "false", "", "echo hi", "exit 3"],
    told: [exact("functions -e __term2ai_preexec"), lost("false"), guessed("echo hi"), guessed("exit 3")],
  },
  {
    name: "no word of ends",
    lines: ["functions -e __term2ai_postexec", "false", "exit 3"],
    told: [lost("functions -e __term2ai_postexec"), lost("false"), exact("exit 3", 3)],
  },
  {
    name: "no word at all",
    lines: ["functions -e __term2ai_{prompt,preexec,postexec}", "false", "", "echo hi", "exit 3"],
    told: [
      lost("functions -e __term2ai_{prompt,preexec,postexec}"),
      guessed("false"),
      guessed("echo hi"),
      lost("exit 3"),
    ],
  },
  {
    name: "lines that give no status of their own",
    lines: ["set x 1", "sleep 0.01 &", "# comment", "", "   ", "function printf; echo bad; end", "false", "exit 3"],
    told: [
      ["set x 1", undefined, true, "exact"],
      ["sleep 0.01 &", undefined, true, "exact"],
      exact("function printf; echo bad; end"),
      exact("false", 1),
      exact("exit 3", 3),
    ],
  },
  {
    name: "another shell in its place",
    lines: ["exec fish", "false", "echo hi", "exit 3"],
    told: [lost("exec fish"), guessed("false"), guessed("echo hi"), lost("exit 3")],
  },
];

/** Before a fault comes, something has failed, and a trap is set: what is told of it is exact. */
const BEFORE: Readonly<Record<string, string>> = {
  bash: "trap 'echo next' DEBUG",
  zsh: "trap 'true next' DEBUG",
  fish: "set -q nothing",
};

const FAULTS = { bash: BASH, zsh: ZSH, fish: FISH_FAULTS };

async function told(command: string, lines: readonly string[]): Promise<CommandRecord[]> {
  return await withFolder(async (folder) => {
    const home = await Deno.realPath(folder);
    await writeHome(home, FILES);
    const steps = lines.map((line) => ({
      keys: `${line}\r`,
      ...(line.startsWith("PS1=") && { after: "\x1b[?2004h" }),
    }));
    return await commandsOf(await runInShell({ command: [command], home, steps, prompt: PROMPTS[command]! }));
  });
}

const rowOf = ({ text, code, end, confidence }: CommandRecord): Row => [text, code, end !== undefined, confidence];

for (const [name, faults] of Object.entries(FAULTS)) {
  for (const fault of faults) {
    Deno.test(`${name}, ${fault.name}: what is called exact is right, what cannot be known is unknown, no line is missing`, async () => {
      if (!await isInstalled(name)) return console.log(`  skipped: ${name} is not installed`);
      const rows = (await told(name, ["false", BEFORE[name]!, ...fault.lines])).map(rowOf);
      deepEqual(rows.slice(2), fault.told);
      deepEqual(rows.slice(0, 2), [exact("false", 1), exact(BEFORE[name]!, name === "fish" ? 1 : 0)]);
    });
  }
}
