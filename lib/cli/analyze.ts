/**
 * `term2ai analyze`: what ran in sessions, how long it took, what failed.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { hasFailed } from "../analyze/commands/command_line.ts";
import { CommandAnalyzer } from "../analyze/commands/command_analyzer.ts";
import { CommandList, type CommandRow } from "../analyze/commands/command_list.ts";
import { ErrorAnalyzer } from "../analyze/errors/error_analyzer.ts";
import { PerformanceAnalyzer } from "../analyze/performance/performance_analyzer.ts";
import type { SessionQuery } from "../analyze/session_filter.ts";
import { UsageError } from "../errors.ts";
import type { RecordingFilter, SessionAnalyzer } from "../ports.ts";
import { chooseRecordings, storedRows, storedStatistics, storeFilter } from "./analysis/chosen.ts";
import {
  analyzeFiles,
  eachRecording,
  QUERY_FLAGS,
  type QueryFlags,
  queryOf,
  readFile,
  type Wholeness,
} from "./analysis/sessions.ts";
import { errorsJson, findingsJson, statisticsJson, timingJson } from "./analysis/json.ts";
import {
  COMMAND_HEAD,
  commandLine,
  errorsText,
  NO_COMMANDS,
  NO_COMMANDS_LEFT,
  performanceText,
  statisticsText,
} from "./analysis/text.ts";
import { JSON_FLAG } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { Exit } from "./program/failure.ts";
import { chooseKeys, type ReadKeyFlags, readKeyFlags } from "./keys/key_sources.ts";
import { lazy } from "./lazy.ts";
import { exists, print } from "./source/stdio.ts";

interface AnalyzeFlags extends QueryFlags, ReadKeyFlags {
  readonly json: boolean;
  readonly failed: boolean;
  readonly statistics: boolean;
  readonly output?: string;
  readonly overwrite: boolean;
}

type Task = (files: readonly string[], flags: AnalyzeFlags) => Promise<number>;

const TASKS: Readonly<Record<string, Task>> = {
  summary,
  commands,
  timing: (files, flags) => tellOf(new PerformanceAnalyzer(), performanceText, timingJson, files, flags),
  errors: (files, flags) => tellOf(new ErrorAnalyzer(), errorsText, errorsJson, files, flags),
  report,
};

export const command: Command<Context> = buildCommand({
  async func(flags: AnalyzeFlags, ...args: string[]) {
    chooseKeys(flags);
    const [name = "summary", ...files] = Object.hasOwn(TASKS, args[0] ?? "") ? args : ["summary", ...args];
    await checkName(args[0]);
    checkFlags(name, flags);
    const unreadable = await TASKS[name]!(files, flags);
    if (unreadable > 0) throw new Exit(1);
  },
  parameters: {
    aliases: { o: "output" },
    flags: {
      json: JSON_FLAG,
      failed: {
        kind: "boolean",
        brief: "commands: only those that ended with another exit code than 0",
        default: false,
        withNegated: false,
      },
      statistics: {
        kind: "boolean",
        brief: "commands: how many, how long, which programs, instead of each",
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
        brief: "summary, commands, timing, errors or report; then recordings, ids in the store, or - for stdin",
        placeholder: "[WHAT] [FILE]",
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

--json prints one array (commands) or one object. Times are seconds: \`time\` since the session's start, \`durationSeconds\` and
others whose names end so how long something took.

Of a damaged recording it tells what could be read, says on stderr what is missing, and ends with 1.

Without FILE, --store or a query such as --since means all recordings of the store that it fits; else stdin is read. Commands
of stored recordings come from the catalog, so that nothing else has to be read. Of FILE@TIME only what comes from there on counts.

  term2ai analyze demo.t2a
  term2ai analyze errors last                             of the newest recording in the store
  term2ai analyze commands --since 7d --host engine       of the store's recordings of a week
  term2ai analyze commands --statistics --store sqlite:///srv/sessions.db
  term2ai analyze errors --json build.t2a | jq .groups
  term2ai rec -- make test | term2ai analyze`,
  },
});

function checkFlags(name: string, { failed, statistics, output, overwrite }: AnalyzeFlags): void {
  if (name !== "commands" && (failed || statistics)) {
    throw new UsageError(`Cannot use ${failed ? "--failed" : "--statistics"} here: it belongs to commands`);
  }
  if (failed && statistics) throw new UsageError("Cannot use --failed with --statistics: they count all commands");
  if (name !== "report" && (output !== undefined || overwrite)) {
    throw new UsageError("Cannot use --output or --overwrite here: they belong to report");
  }
}

/** A first word that is neither a task nor a file was meant to be a task. */
async function checkName(name: string | undefined): Promise<void> {
  if (name === undefined || name === "-" || Object.hasOwn(TASKS, name) || !/^[a-z]+$/.test(name)) return;
  if (name === "last" || await exists(name)) return; // ids begin with a digit
  throw new UsageError(
    `Cannot analyze ${JSON.stringify(name)}: expected ${Object.keys(TASKS).join(", ")} or a recording`,
  );
}

async function analyzeChosen(
  files: readonly string[],
  flags: AnalyzeFlags,
  analyzers: readonly SessionAnalyzer<unknown>[],
): Promise<number> {
  const chosen = await chooseRecordings(files, flags);
  return await analyzeFiles(chosen.files, queryOf(chosen.flags), analyzers);
}

async function tellOf<Result>(
  analyzer: SessionAnalyzer<Result>,
  asText: (result: Result) => string,
  asJson: (result: Result) => unknown,
  files: readonly string[],
  flags: AnalyzeFlags,
): Promise<number> {
  const unreadable = await analyzeChosen(files, flags, [analyzer]);
  await print(flags.json ? JSON.stringify(asJson(analyzer.result()), null, 2) + "\n" : asText(analyzer.result()));
  return unreadable;
}

async function summary(files: readonly string[], flags: AnalyzeFlags): Promise<number> {
  const commands = new CommandAnalyzer({ minutesFromUtc: minutesFromUtc() }),
    timing = new PerformanceAnalyzer(),
    errors = new ErrorAnalyzer();
  const unreadable = await analyzeChosen(files, flags, [commands, timing, errors]);
  const results = { commands: commands.result(), timing: timing.result(), errors: errors.result() };
  if (flags.json) await print(JSON.stringify(findingsJson(results), null, 2) + "\n");
  else {await print(
      [statisticsText(results.commands, unreadable === 0), performanceText(results.timing), errorsText(results.errors)]
        .join("\n"),
    );}
  return unreadable;
}

function minutesFromUtc(): number {
  return -new Date().getTimezoneOffset();
}

async function commands(files: readonly string[], flags: AnalyzeFlags): Promise<number> {
  if (flags.statistics) return await statistics(files, flags);
  const teller = new CommandTeller(flags);
  const filter = storeFilter(files, flags);
  const unreadable = filter ? await tellStored(filter, teller) : await tellFiles(files, flags, teller);
  const none = filter ? "no commands known in recordings that fit\n" : unreadable > 0 ? NO_COMMANDS_LEFT : NO_COMMANDS;
  await teller.end(none);
  return unreadable;
}

async function statistics(files: readonly string[], flags: AnalyzeFlags): Promise<number> {
  const filter = storeFilter(files, flags);
  const analyzer = new CommandAnalyzer({ minutesFromUtc: minutesFromUtc() });
  const unreadable = filter ? 0 : await analyzeChosen(files, flags, [analyzer]);
  analyzer.flush();
  const found = filter ? await storedStatistics(filter, minutesFromUtc()) : analyzer.result();
  await print(
    flags.json ? JSON.stringify(statisticsJson(found), null, 2) + "\n" : statisticsText(found, unreadable === 0),
  );
  return unreadable;
}

async function tellFiles(files: readonly string[], flags: AnalyzeFlags, teller: CommandTeller): Promise<number> {
  return await eachRecording(files.length > 0 ? files : ["-"], (file) => tellOne(file, queryOf(flags), teller));
}

/** From the catalog what it knows; other recordings are read. */
async function tellStored(filter: RecordingFilter, teller: CommandTeller): Promise<number> {
  let unreadable = 0;
  for await (const stored of storedRows(filter)) {
    if ("rows" in stored) await teller.tell(stored.rows);
    else unreadable += await eachRecording([stored.name], (name) => tellOne(name, {}, teller), "tell");
  }
  return unreadable;
}

/** Each command is told when it ends, so that a live session can be watched and a long list need not be held. */
async function tellOne(file: string, query: SessionQuery, teller: CommandTeller): Promise<Wholeness> {
  const list = new CommandList();
  try {
    return await readFile(file, query, (event) => list.push(event), () => teller.tell(list.take()));
  } finally {
    list.flush();
    await teller.tell(list.take());
  }
}

/** Prints commands as they become known, as lines or as one array. */
class CommandTeller {
  readonly #flags: AnalyzeFlags;
  #told = 0;

  constructor(flags: AnalyzeFlags) {
    this.#flags = flags;
  }

  async tell(commands: readonly CommandRow[]): Promise<void> {
    const { json, failed } = this.#flags;
    const rows = failed
      ? commands.filter(({ exitCode, text }) => hasFailed(exitCode ?? undefined, text ?? undefined))
      : commands;
    if (rows.length === 0) return;
    const lead = this.#told === 0 ? (json ? "[\n" : COMMAND_HEAD) : json ? ",\n" : "";
    this.#told += rows.length;
    await print(lead + (json ? rows.map((row) => JSON.stringify(row)).join(",\n") : rows.map(commandLine).join("")));
  }

  async end(none: string): Promise<void> {
    const { json, failed } = this.#flags;
    if (json) await print(this.#told === 0 ? "[]\n" : "\n]\n");
    else if (this.#told === 0) await print(failed ? "no failed commands known\n" : none);
  }
}

async function report(files: readonly string[], flags: AnalyzeFlags): Promise<number> {
  const { writeReport } = await lazy<typeof import("./analysis/report.ts")>("./analysis/report.ts");
  const chosen = await chooseRecordings(files, flags);
  return await writeReport(chosen.files, chosen.flags);
}
