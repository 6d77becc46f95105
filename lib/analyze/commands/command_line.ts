/**
 * What a command line runs.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * One program of a command line.
 *
 * @example
 * ```ts
 * const run: ProgramRun = { program: "git", subcommand: "status" };
 * ```
 */
export interface ProgramRun {
  /** Without its folder. */
  readonly program: string;
  /** Of programs that have some: `git status`, `npm run`. */
  readonly subcommand?: string;
}

/**
 * A command line, taken apart as far as it can be without running it.
 *
 * @example
 * ```ts
 * const line: CommandLine = { programs: [{ program: "sort" }, { program: "uniq" }], longestPipeline: 2, answers: [] };
 * ```
 */
export interface CommandLine {
  /** In the order in which they stand there; variables, `sudo`, `time` and the like before them are left out. */
  readonly programs: readonly ProgramRun[];
  /** How many programs stand in its longest pipeline. */
  readonly longestPipeline: number;
  /** Exit codes that answer what it asks, such as the 1 of `grep` for "no such line"; mostly none. */
  readonly answers: readonly number[];
}

/** Programs whose first plain argument says what they do. */
const HAS_SUBCOMMANDS = new Set(
  ("git hg svn docker podman docker-compose kubectl helm npm pnpm yarn bun cargo rustup go deno apt apt-get dnf yum brew pip " +
    "pip3 poetry uv conda terraform aws gcloud az gh glab systemctl service journalctl make just ninja mvn gradle gradlew bundle rails rake " +
    "term2ai tmux dotnet composer php artisan flutter ansible vagrant nix snap flatpak pacman")
    .split(" "),
);
/** What stands before a program without being what is run. */
const BEFORE = new Set(
  "sudo doas time env command builtin exec nohup nice ionice stdbuf setsid unbuffer then do else if while until ! {"
    .split(" "),
);
const TAKES_VALUE = /^-(?:[ugCTnprhD]|-(?:user|group|chdir|adjustment))$/;
const WORDS =
  /\s*(?:(#[^\n]*)|((?:"(?:[^"\\]|\\[^])*"|'[^']*'|\$\([^()]*\)|`[^`]*`|\\[^]|[^\s|&;<>()"'`\\])+)|(\|\|?|&&?|;;?|\n|[()]|[<>]+&?))/gy;

const ONE: readonly number[] = [1];
/** Programs, some with their subcommand, whose manual gives exit codes to answers and others to trouble. */
const ANSWERS: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...("! grep egrep fgrep zgrep xzgrep bzgrep rg ag ack diff cmp zdiff zcmp colordiff diff3 sdiff test [ [[ let expr pgrep pidof which " +
    "type command look tty").split(" ").map((name) => [name, ONE] as const),
  ...["diff", "grep", "merge-base", "check-ignore", "show-ref"].map((name) => [`git ${name}`, ONE] as const),
  ["getent", [2]],
  ["mountpoint", [1, 32]],
  ["systemctl is-active", [3, 4]],
  ["systemctl is-enabled", [1, 4]],
  ["systemctl is-failed", ONE],
]);

/**
 * Takes a command line apart.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const { programs, longestPipeline, answers } = parseCommandLine("LANG=C sudo -u ada git -C /src log --oneline | head -5 && make test");
 * deepEqual(programs, [{ program: "git", subcommand: "log" }, { program: "head" }, { program: "make", subcommand: "test" }]);
 * deepEqual([longestPipeline, answers], [2, []]);
 * ```
 */
export function parseCommandLine(text: string): CommandLine {
  const programs: ProgramRun[] = [];
  let pipeline = 0, longest = 0;
  let answers: readonly number[] | undefined; // of what may have ended the list of commands at hand
  let isOver = false; // that list
  for (const { words, joint } of simpleCommands(text.slice(0, 10_000))) {
    const run = programOf(words);
    if (run) programs.push(run);
    pipeline = run ? pipeline + 1 : pipeline;
    longest = Math.max(longest, pipeline);
    if (run && isOver) [answers, isOver] = [undefined, false];
    if (joint === "|") continue;
    if (run) answers = answersOf(words, run).filter((code) => answers?.includes(code) ?? true);
    isOver ||= joint !== "&&" && joint !== "||";
    pipeline = 0;
  }
  return { programs, longestPipeline: longest, answers: answers ?? [] };
}

function answersOf(words: readonly string[], { program, subcommand }: ProgramRun): readonly number[] {
  return ANSWERS.get(words[0] === "!" ? "!" : program) ?? ANSWERS.get(`${program} ${subcommand}`) ?? [];
}

/**
 * Says whether a line leaves the shell: its exit code is one that somebody chose, and no failure.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(leavesShell(" exit 3"), true);
 * equal(leavesShell("exiftool x"), false);
 * ```
 */
export function leavesShell(text: string | undefined): boolean {
  return text !== undefined && /^\s*(?:exit|logout)\b/.test(text);
}

/**
 * Says whether a command failed: it ended with another exit code than 0, nobody stopped it with Ctrl-C (130), it is no line that
 * leaves the shell, and the code is not an answer, as the 1 of `grep`, `diff`, `test`, `which` and `git diff --quiet` is. What decided
 * the code has to be such a program for that: of `make && grep x log` it may have been `make`. Where the exit code is not known
 * (`undefined` or `NaN`) nothing is known to have failed.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([hasFailed(2, "make"), hasFailed(130, "make"), hasFailed(3, "exit 3"), hasFailed(undefined, "make")], [true, false, false, false]);
 * deepEqual([hasFailed(1, "ps | grep x"), hasFailed(2, "grep x /nope"), hasFailed(1, "make && grep x log")], [false, true, true]);
 * ```
 */
export function hasFailed(code: number | undefined, text: string | undefined): boolean {
  return isFailure(code) && !leavesShell(text) &&
    (text === undefined || isFailure(code, parseCommandLine(text).answers));
}

/**
 * Says whether an exit code is that of a failure; `answers` are those that a command line gives as answers.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([isFailure(1), isFailure(1, [1]), isFailure(0)], [true, false, false]);
 * ```
 */
export function isFailure(code: number | undefined, answers: readonly number[] = []): code is number {
  return code !== undefined && !Number.isNaN(code) && code !== 0 && code !== 130 && !answers.includes(code);
}

/** Words up to each `|`, `&&`, `;` and the like. */
function* simpleCommands(text: string): Generator<{ words: string[]; joint: string }> {
  let words: string[] = [];
  let isTarget = false; // the next word belongs to a redirection
  for (const [, comment, word, joint] of firstLines(text).matchAll(WORDS)) {
    if (comment !== undefined) continue;
    if (word !== undefined) {
      if (!isTarget) words.push(unquote(word));
      isTarget = false;
    } else if (/^[<>]/.test(joint!)) {
      isTarget = true;
      if (/^\d$/.test(words.at(-1) ?? "")) words.pop();
    } else {
      yield { words, joint: joint! };
      words = [];
    }
  }
  yield { words, joint: "" };
}

/** Without the text of here-documents. */
function firstLines(text: string): string {
  return text.replace(/<<-?\s*(['"]?)(\w+)\1([^\n]*)\n[^]*?(?:\n\s*\2(?=\n|$)|$)/g, "<<$2$3");
}

function programOf(words: readonly string[]): ProgramRun | undefined {
  let at = 0;
  while (at < words.length) {
    const word = words[at]!;
    if (/^\w+\+?=/.test(word)) at++;
    else if (BEFORE.has(word) && !(word === "command" && /^-[vV]/.test(words[at + 1] ?? ""))) {
      at++;
      while (words[at]?.startsWith("-")) at += TAKES_VALUE.test(words[at]!) ? 2 : 1;
    } else break;
  }
  const program = words[at]?.replace(/^.*\//, "");
  if (program === undefined || program === "" || /^[})\]]|^(?:fi|done|esac)$/.test(program)) return undefined;
  const subcommand = HAS_SUBCOMMANDS.has(program)
    ? subcommandOf(words.slice(at + 1))
    : moduleOf(program, words.slice(at + 1));
  return subcommand === undefined ? { program } : { program, subcommand };
}

function subcommandOf(words: readonly string[]): string | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!word.startsWith("-")) return /^[\w:.@/-]+$/.test(word) ? word : undefined;
    if (/^-(?:C|c|f|n|H|-namespace|-context|-git-dir|-work-tree|-directory)$/.test(word)) at++;
  }
  return undefined;
}

/** `python -m pytest` is known by its module. */
function moduleOf(program: string, words: readonly string[]): string | undefined {
  if (!/^python[\d.]*$/.test(program)) return undefined;
  const at = words.indexOf("-m");
  return at < 0 ? undefined : words[at + 1];
}

function unquote(word: string): string {
  return word.replace(
    /"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])/g,
    (_, double, single, escaped) => double?.replace(/\\(["\\$`])/g, "$1") ?? single ?? escaped,
  );
}
