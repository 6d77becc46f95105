import { deepEqual, equal, ok } from "node:assert/strict";
import type { CommandRecord } from "../lib/models.ts";
import { isInstalled, withFolder } from "./support/cli.ts";
import { commandsOf, runInShell, type Step, writeHome } from "./support/shells.ts";

/** What one line must be told as: text, exit code, folder relative to home, and seconds at least. `undefined` may not be told. */
interface Cell {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly told: readonly (readonly [text: string, code: number | undefined, cwd: string, seconds?: number])[];
  readonly only?: readonly string[];
  /** What has to be installed for it. */
  readonly needs?: string;
}

const line = (keys: string): Step => ({ keys: keys + "\r" });
const simple = (text: string, code: number, cwd = "", seconds = 0): Cell => ({
  name: text,
  steps: [line(text)],
  told: [[text, code, cwd, seconds]],
});

/** The grid; cells follow each other in one session of each shell. */
const CELLS: readonly Cell[] = [
  simple("true", 0),
  simple("false", 1),
  { ...simple("(exit 7)", 7), only: ["bash", "zsh"] },
  { ...simple("sh -c 'exit 7'", 7) },
  { name: "empty Enter, twice", steps: [line(""), line("")], told: [] },
  simple("nosuch_command_here", 127),
  { name: "after a failure an empty Enter", steps: [line("")], told: [] },
  {
    name: "here-document",
    steps: [{ keys: "cat <<END\ra b\r  c\rEND\r" }],
    told: [["cat <<END\na b\n  c\nEND", 0, ""]],
    only: ["bash", "zsh"],
  },
  simple("echo '🦊 é 漢字'", 0),
  simple("echo a; echo 'b\\c;d'", 0),
  { name: "3000 characters", steps: [line(`echo ${"x".repeat(3000)}`)], told: [[`echo ${"x".repeat(3000)}`, 0, ""]] },
  simple(" echo leading", 0),
  simple("echo same", 0),
  simple("echo same", 0),
  simple(" echo same", 0),
  simple("sleep 0.3", 0, "", 0.3),
  { name: "Ctrl-C at the prompt", steps: [{ keys: "echo never\x03" }], told: [] },
  {
    name: "Ctrl-C in a running command",
    steps: [{ keys: "sleep 30\r", after: 200 }, { keys: "\x03", after: 400 }],
    told: [["sleep 30", 130, "", 0.3]],
  },
  {
    name: "Ctrl-Z, then fg",
    steps: [line("sleep 0.8"), { keys: "\x1a", after: 250 }, line("fg")],
    told: [["sleep 0.8", 148, ""], ["fg", 0, ""]],
    only: ["bash", "zsh"],
  },
  {
    name: "Ctrl-Z, then fg, where a job that is stopped leaves the status before it",
    steps: [line("sleep 0.8"), { keys: "\x1a", after: 250 }, line("fg")],
    told: [["sleep 0.8", undefined, ""], ["fg", 0, ""]],
    only: ["fish"],
  },
  simple("cd sub", 0),
  simple("pwd", 0, "/sub"),
  simple("cd ..", 0, "/sub"),
  {
    name: "nested bash",
    steps: [line("bash --norc"), { keys: "exit 4\r", after: "bash-5" }],
    told: [["bash --norc", 4, ""]],
  },
  {
    name: "marks of a hostile program",
    steps: [line("printf '\\033]633;D;99\\007\\033]633;E;rm -rf /;0123\\007\\033]133;A\\007\\033]133;C\\007'")],
    told: [["printf '\\033]633;D;99\\007\\033]633;E;rm -rf /;0123\\007\\033]133;A\\007\\033]133;C\\007'", 0, ""]],
  },
  { name: "a background job", steps: [line("sleep 0.05 &")], told: [["sleep 0.05 &", 0, ""]] },
  simple("wait", 0),
  simple("sleep 0.1 & sleep 0.3; echo ended", 0, "", 0.3), // the job ends while something else runs
  simple("time sleep 0.2", 0, "", 0.2),
  simple("sleep 0.2 | cat | cat", 0, "", 0.2),
  {
    name: "a loop over lines",
    steps: [{ keys: "for i in 1 2\rdo echo $i\rdone\r" }],
    told: [["for i in 1 2\ndo echo $i\ndone", 0, ""]],
    only: ["zsh"],
  },
  {
    name: "a loop over lines, as bash's history joins them",
    steps: [{ keys: "for i in 1 2\rdo echo $i\rdone\r" }],
    told: [["for i in 1 2; do echo $i; done", 0, ""]],
    only: ["bash"],
  },
  {
    name: "a block over lines",
    steps: [{ keys: "begin\recho a\rend\r" }],
    told: [["begin\necho a\nend", 0, ""]],
    only: ["fish"],
  },
  {
    name: "an editor",
    steps: [{ keys: "vim -u NONE -N -i NONE\r" }, { keys: ":q\r", after: "~" }],
    told: [["vim -u NONE -N -i NONE", 0, ""]],
    needs: "vim",
  },
  {
    name: "a terminal inside",
    steps: [
      { keys: "TMUX_TMPDIR=~ tmux -f /dev/null new-session 'PS1=inner sh'\r" },
      { keys: "(exit 3)\r", after: "inner" },
      { keys: "exit 4\r", after: ["exit 3", "inner"] },
    ],
    told: [["TMUX_TMPDIR=~ tmux -f /dev/null new-session 'PS1=inner sh'", 0, ""]],
    needs: "tmux",
    only: ["bash", "zsh"],
  },
  { ...simple("function fish_prompt; printf 'new @@ '; end", 0), only: ["fish"] },
  { ...simple("if true; then false; fi", 1), only: ["bash", "zsh"] },
  { ...simple("PS1='new @@ '", 0), only: ["bash", "zsh"] },
  { ...simple("PS1=$'two lines\\n@@ '", 0), only: ["bash", "zsh"] },
  simple("true", 0),
  { ...simple("exec 3>/dev/null", 0), only: ["bash", "zsh"] },
  { ...simple("set -u", 0), only: ["bash", "zsh"] },
  { ...simple("trap 'echo debugged' DEBUG", 0), only: ["bash", "zsh"] },
  { ...simple("(exit 3)", 3), only: ["bash", "zsh"] },
  { ...simple("trap - DEBUG", 0), only: ["bash", "zsh"] },
  { ...simple("set -x", 0), only: ["bash", "zsh"] },
  { ...simple("set +x", 0), only: ["bash", "zsh"] },
  { ...simple("set -o posix", 0), only: ["bash"] },
  { ...simple("(exit 6)", 6), only: ["bash"] },
  { ...simple("set +o posix", 0), only: ["bash"] },
  { ...simple("shopt -s failglob", 0), only: ["bash"] },
  { ...simple("echo a*z", 1), only: ["bash"] },
  { ...simple("shopt -u failglob", 0), only: ["bash"] },
  { ...simple("set +o history", 0), only: ["bash"] },
  { ...simple("echo no history", 0), only: ["bash"] },
  { ...simple("set -o history", 0), only: ["bash"] },
  { ...simple("history -s 'rm -rf /'", 0), only: ["bash"] },
  { ...simple(" echo after", 0), only: ["bash"] },
  { ...simple("history -c", 0), only: ["bash"] },
  simple("echo end", 0),
  { ...simple("set -e", 0), only: ["bash", "zsh"] },
  { ...simple("echo careful", 0), only: ["bash", "zsh"] },
  { name: "exit", steps: [line("exit 5")], told: [["exit 5", 5, ""]] },
];

interface Shell {
  readonly name: string;
  readonly command: readonly string[];
  /** Files of the user's. */
  readonly files: Readonly<Record<string, string>>;
}

const BASHRC = "HISTCONTROL=ignoreboth\nPS1='@@ '\n";
const SHELLS: readonly Shell[] = [
  { name: "bash", command: ["bash"], files: { ".bashrc": BASHRC } },
  {
    name: "bash",
    command: ["bash", "-l"],
    files: {
      ".bash_profile": `${BASHRC}trap 'last=$BASH_COMMAND' DEBUG\nPROMPT_COMMAND=('one=1' 'two=2' '' 'sleep 0.03')\n`,
    },
  },
  {
    name: "bash",
    command: ["bash"],
    files: {
      ".bashrc":
        `${BASHRC}PS0='ran \\t\\n'\nHISTCONTROL=erasedups\nshopt -s histappend\nPROMPT_COMMAND='history -a; history -c; history -r; kept=$?'\n`,
    },
  },
  {
    name: "bash",
    command: ["bash"],
    files: { ".bashrc": `${BASHRC}unset HISTCONTROL\nexport PROMPT_COMMAND='kept=$?'\nHISTSIZE=3\n` },
  },
  { name: "zsh", command: ["zsh"], files: { ".zshrc": "PS1='@@ '\nunsetopt beep\n" } },
  {
    name: "zsh",
    command: ["zsh", "-l"],
    files: {
      ".zshenv": "ZDOTDIR=$HOME/z",
      "z/.zshrc":
        "PS1='@@ '\nRPROMPT='%~ right'\ntrap 'last=$ZSH_DEBUG_CMD' DEBUG\nprecmd() { sleep 0.03 }\nsetopt histignorespace histignorealldups\n",
    },
  },
  {
    name: "fish",
    command: ["fish"],
    files: { ".config/fish/config.fish": "function fish_prompt; printf '@@ '; end\nset -g fish_greeting\n" },
  },
];

/** The mark comes once for each prompt, the prompt itself is drawn again at will. */
const PROMPT = ["\x1b]633;A;", "@@ "];

let cells = 0, exact = 0;

for (const [index, { name, command, files }] of SHELLS.entries()) {
  Deno.test(`every line of ${command.join(" ")} (${index}) is told exactly, or not at all`, async () => {
    if (!await isInstalled(name)) return console.log(`  skipped: ${name} is not installed`);
    await withFolder(async (folder) => {
      const home = await Deno.realPath(folder);
      await writeHome(home, files);
      const has = await Promise.all(CELLS.map(({ needs }) => needs === undefined || isInstalled(needs)));
      const own = CELLS.filter(({ only }, at) => has[at] && (only?.includes(name) ?? true));
      const steps = own.flatMap(({ steps }) => steps);
      const told = await commandsOf(await runInShell({ command, home, steps, prompt: PROMPT }));
      const wanted = own.flatMap(({ told }) => told);
      const verdicts = wanted.map((cell, at) => judge(cell, told[at], home));
      deepEqual(verdicts.filter(({ verdict }) => verdict === "wrong"), []);
      equal(told.length, wanted.length, JSON.stringify(told.map(({ text }) => text)));
      deepEqual(new Set(told.map(({ confidence }) => confidence)), new Set(["exact"]));
      cells += verdicts.length;
      exact += verdicts.filter(({ verdict }) => verdict === "exact").length;
    });
  });
}

Deno.test("what bash's own PS0 shows is no output of the command, and no part of its line", async () => {
  if (!await isInstalled("bash")) return console.log("  skipped: bash is not installed");
  await withFolder(async (folder) => {
    const home = await Deno.realPath(folder);
    await writeHome(home, { ".bashrc": `${BASHRC}PS0='[shown \\t]\\n$(echo expanded)\\n'\n` });
    const lines = ["true", " echo hi", "exec 2>log", "exit 5"];
    const events = await runInShell({
      command: ["bash"],
      home,
      steps: lines.map((keys, at) => ({ keys: `${keys}\r`, ...at === 3 && { after: 300 } })),
      prompt: PROMPT,
    });
    const told = await commandsOf(events);
    deepEqual(told.map(({ text, code, outputBytes }) => [text, code, outputBytes]), [
      ["true", 0, 0],
      [" echo hi", 0, 4],
      ["exec 2>log", 0, 0],
      ["exit 5", 5, 0],
    ]);
    ok(!(await Deno.readTextFile(`${home}/log`)).includes("\x1b]633;"), "marks go to the terminal");
  });
});

Deno.test("bash tells no status where something has run in front of what tells it", async () => {
  if (!await isInstalled("bash")) return console.log("  skipped: bash is not installed");
  await withFolder(async (folder) => {
    const home = await Deno.realPath(folder);
    await writeHome(home, { ".bashrc": BASHRC });
    const lines = ["(exit 3)", 'PROMPT_COMMAND="history -a; $PROMPT_COMMAND"', "(exit 4)", "false", "exit 5"];
    const told = await commandsOf(
      await runInShell({ command: ["bash"], home, steps: lines.map(line), prompt: PROMPT }),
    );
    deepEqual(told.map(({ text, code }) => [text, code]), [
      ["(exit 3)", 3],
      [lines[1], undefined],
      ["(exit 4)", undefined],
      ["false", undefined],
      ["exit 5", 5],
    ]);
  });
});

Deno.test("of all lines of the grid 98 % are told exactly", () => {
  ok(exact >= 0.98 * cells, `${exact} of ${cells}`);
  console.log(`  ${exact} of ${cells} lines exact`);
});

function judge([text, code, cwd, seconds = 0]: Cell["told"][number], found: CommandRecord | undefined, home: string) {
  const took = ((found?.end ?? NaN) - (found?.start ?? NaN)) / 1e9;
  const pairs = [[found?.text, text], [found?.code, code], [found?.cwd, home + cwd]];
  // A busy machine lets programs wait, but none is told to be shorter than it was.
  const isTimely = took >= seconds - 0.02 && took < seconds + 2;
  const isExact = pairs.every(([told, right]) => told === right);
  const isHonest = found !== undefined && pairs.every(([told, right]) => told === undefined || told === right);
  return { verdict: !isHonest || !isTimely ? "wrong" : isExact ? "exact" : "unknown", text, found };
}
