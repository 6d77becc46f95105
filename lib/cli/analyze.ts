/**
 * `term2ai analyze`: what ran in sessions, how long it took, what failed.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { CommandAnalyzer } from "../analyze/command_analyzer.ts";
import { CommandList } from "../analyze/command_list.ts";
import { ErrorAnalyzer } from "../analyze/error_analyzer.ts";
import { PerformanceAnalyzer } from "../analyze/performance_analyzer.ts";
import { UsageError } from "../errors.ts";
import type { SessionAnalyzer } from "../ports.ts";
import { analyzeFiles, QUERY_FLAGS, type QueryFlags, queryOf, readFile } from "./analysis/sessions.ts";
import {
  COMMAND_HEAD,
  commandLine,
  errorsText,
  NO_COMMANDS,
  performanceText,
  statisticsText,
} from "./analysis/text.ts";
import type { Context } from "./context.ts";
import { Exit, messageFor } from "./failure.ts";
import { chooseKeys, type ReadKeyFlags, readKeyFlags } from "./keys.ts";
import { lazy } from "./lazy.ts";
import { harmless, print, tell } from "./stdio.ts";

interface AnalyzeFlags extends QueryFlags, ReadKeyFlags {
  readonly json: boolean;
  readonly failed: boolean;
  readonly output?: string;
  readonly overwrite: boolean;
}

type Task = (files: readonly string[], flags: AnalyzeFlags) => Promise<number>;

const TASKS: Readonly<Record<string, Task>> = {
  summary,
  commands,
  timing: (files, flags) => tellOf(new PerformanceAnalyzer(), performanceText, files, flags),
  errors: (files, flags) => tellOf(new ErrorAnalyzer(), errorsText, files, flags),
  report,
};

export const command: Command<Context> = buildCommand({
  async func(flags: AnalyzeFlags, ...args: string[]) {
    chooseKeys(flags);
    const [name = "summary", ...files] = Object.hasOwn(TASKS, args[0] ?? "") ? args : ["summary", ...args];
    await checkName(args[0]);
    if (name !== "commands" && flags.failed) throw new UsageError("Cannot use --failed here: it belongs to commands");
    if (name !== "report" && (flags.output !== undefined || flags.overwrite)) {
      throw new UsageError("Cannot use --output or --overwrite here: they belong to report");
    }
    const unreadable = await TASKS[name]!(files, flags);
    if (unreadable > 0) throw new Exit(1);
  },
  parameters: {
    aliases: { o: "output" },
    flags: {
      json: { kind: "boolean", brief: "for scripts", default: false, withNegated: false },
      failed: {
        kind: "boolean",
        brief: "commands: only those that ended with another exit code than 0",
        default: false,
        withNegated: false,
      },
      output: {
        kind: "parsed",
        parse: String,
        brief: "report: where the page goes; - is stdout",
        placeholder: "FILE",
        optional: true,
      },
      overwrite: {
        kind: "boolean",
        brief: "report: replace the page if it exists",
        default: false,
        withNegated: false,
      },
      ...QUERY_FLAGS,
      ...readKeyFlags,
    },
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        brief: "summary, commands, timing, errors or report; then recordings, - or none is stdin",
        placeholder: "WHAT] [FILE",
      },
    },
  },
  docs: {
    brief: "tell what ran in sessions, how long it took, what failed",
    fullDescription: `Tells what ran in sessions, without anybody watching them.

  summary     counts, durations, programs, where the time went, failures (the default)
  commands    every command: when, how long, exit code, command line
  timing      busy and idle time, output rate, echo, typing, usage, what became slower
  errors      what failed and why, by cause, with the lines that tell
  report      all of it as one HTML page with charts and a player, with --output

Commands are known where the recorded shell marks them, as rec has bash, zsh and fish do. Marks of another program are
"reported", since anything could print them; without marks commands are "guessed" from prompts, or not known at all.

  term2ai analyze demo.t2a
  term2ai analyze commands --since 7d --host engine ~/recordings/*.t2a
  term2ai analyze errors --json build.t2a | jq .groups
  term2ai rec -- make test | term2ai analyze`,
  },
});

/** A first word that is neither a task nor a file was meant to be a task. */
async function checkName(name: string | undefined): Promise<void> {
  if (name === undefined || name === "-" || Object.hasOwn(TASKS, name) || !/^[a-z]+$/.test(name)) return;
  if (await Deno.stat(name).then(() => true, () => false)) return;
  throw new UsageError(
    `Cannot analyze ${JSON.stringify(name)}: expected ${Object.keys(TASKS).join(", ")} or a recording`,
  );
}

async function tellOf<Result>(
  analyzer: SessionAnalyzer<Result>,
  asText: (result: Result) => string,
  files: readonly string[],
  flags: AnalyzeFlags,
): Promise<number> {
  const unreadable = await analyzeFiles(files, queryOf(flags), [analyzer]);
  await print(flags.json ? JSON.stringify(analyzer.result(), null, 2) + "\n" : asText(analyzer.result()));
  return unreadable;
}

async function summary(files: readonly string[], flags: AnalyzeFlags): Promise<number> {
  const minutesFromUtc = -new Date().getTimezoneOffset();
  const commands = new CommandAnalyzer({ minutesFromUtc }),
    timing = new PerformanceAnalyzer(),
    errors = new ErrorAnalyzer();
  const unreadable = await analyzeFiles(files, queryOf(flags), [commands, timing, errors]);
  const results = { commands: commands.result(), timing: timing.result(), errors: errors.result() };
  if (flags.json) await print(JSON.stringify(results, null, 2) + "\n");
  else {await print(
      [statisticsText(results.commands), performanceText(results.timing), errorsText(results.errors)].join("\n"),
    );}
  return unreadable;
}

/** Each command is told when it ends, so that a live session can be watched and a long list need not be held. */
async function commands(files: readonly string[], flags: AnalyzeFlags): Promise<number> {
  let told = 0, unreadable = 0;
  for (const file of files.length > 0 ? files : ["-"]) {
    const list = new CommandList();
    const tellNew = async () => {
      const rows = list.take().filter(({ exitCode }) => !flags.failed || (exitCode ?? 0) !== 0);
      if (rows.length === 0) return;
      const lead = told === 0 ? (flags.json ? "[\n" : COMMAND_HEAD) : flags.json ? ",\n" : "";
      told += rows.length;
      await print(
        lead + (flags.json ? rows.map((row) => JSON.stringify(row)).join(",\n") : rows.map(commandLine).join("")),
      );
    };
    try {
      await readFile(file, queryOf(flags), (event) => list.push(event), tellNew);
    } catch (error) {
      if (files.length < 2) throw error;
      unreadable++;
      tell(`${harmless(file)}: ${messageFor(error)}\n`);
    }
    list.flush();
    await tellNew();
  }
  if (flags.json) await print(told === 0 ? "[]\n" : "\n]\n");
  else if (told === 0) await print(flags.failed ? "no failed commands known\n" : NO_COMMANDS);
  return unreadable;
}

async function report(files: readonly string[], flags: AnalyzeFlags): Promise<number> {
  const { writeReport } = await lazy<typeof import("./analysis/report.ts")>("./analysis/report.ts");
  return await writeReport(files, flags);
}
