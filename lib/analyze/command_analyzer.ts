/**
 * Statistics of the commands of sessions: how many, how long, how they ended, what was run where, and what was run again.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, SessionEvent } from "../event.ts";
import type { SessionAnalyzer } from "../ports.ts";
import { parseCommandLine } from "./command_line.ts";
import { CommandCollector, type CommandRecord } from "./command_record.ts";
import { Durations, type DurationSummary } from "./durations.ts";
import { Tally } from "./tally.ts";

/**
 * Something that was run, and how that went.
 *
 * @example
 * ```ts
 * const make: RunSummary = { name: "make", count: 3, failed: 1 };
 * ```
 */
export interface RunSummary {
  /** A program, a subcommand, a folder. */
  readonly name: string;
  /** How often. */
  readonly count: number;
  /** How often its exit code was not 0. */
  readonly failed: number;
  /** How long it took, where that is known. */
  readonly duration?: DurationSummary;
}

/**
 * A command that failed and was run again.
 *
 * @example
 * ```ts
 * const stubborn: Retry = { text: "make test", attempts: 3, succeeded: true };
 * ```
 */
export interface Retry {
  /** The command line, the same each time. */
  readonly text: string;
  /** How often it was run, the first time included. */
  readonly attempts: number;
  /** Whether the last attempt ended with 0. */
  readonly succeeded: boolean;
}

/**
 * What there is to know about the commands of sessions.
 *
 * @example
 * ```ts
 * const rate = ({ failed, commands }: CommandStatistics) => failed / commands;
 * ```
 */
export interface CommandStatistics {
  /** Sessions that were looked at. */
  readonly sessions: number;
  /** Commands that were found. */
  readonly commands: number;
  /** How many of them are exact, reported and guessed. */
  readonly confidence: Readonly<Record<CommandRecord["confidence"], number>>;
  /** Commands that ended with another exit code than 0. */
  readonly failed: number;
  /** Commands whose exit code is not known. */
  readonly unknownExit: number;
  /** By exit code, the most frequent first. */
  readonly exitCodes: readonly { readonly code: number; readonly count: number }[];
  /** How long they took; absent when none is known to have ended. */
  readonly duration?: DurationSummary;
  /** The ten that took longest. */
  readonly slowest: readonly CommandRecord[];
  /** By program, the most frequent first. */
  readonly programs: readonly RunSummary[];
  /** By program and subcommand, `git status` for one. */
  readonly subcommands: readonly RunSummary[];
  /** Command lines with a pipe, and how long the longest is. */
  readonly pipelines: { readonly count: number; readonly longest: number };
  /** By the folder they ran in. */
  readonly directories: readonly RunSummary[];
  /** Those that failed and were run again, in the order in which that ended. */
  readonly retries: readonly Retry[];
  /** How many began in each hour of the day, where the wall clock is known. */
  readonly hours: readonly number[];
  /** The last thousand. */
  readonly history: readonly CommandRecord[];
}

/**
 * How commands are counted.
 *
 * @example
 * ```ts
 * const here: CommandAnalyzerOptions = { minutesFromUtc: -new Date().getTimezoneOffset() };
 * ```
 */
export interface CommandAnalyzerOptions {
  /** What the clock on the wall shows more than UTC, for the hours of the day; 0 when absent. */
  readonly minutesFromUtc?: number;
}

const SLOWEST = 10;
const HISTORY = 1000;
const MAX_RETRIES = 1000;

/**
 * Events in, statistics of commands out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const analyzer = new CommandAnalyzer();
 * analyzer.push({ kind: "command", time: 0, phase: "output", text: "git push" });
 * analyzer.push({ kind: "command", time: 2e9, phase: "done", code: 1 });
 * const { commands, failed, subcommands } = analyzer.result();
 * deepEqual([commands, failed, subcommands[0]?.name], [1, 1, "git push"]);
 * ```
 */
export class CommandAnalyzer implements SessionAnalyzer<CommandStatistics> {
  readonly #minutesFromUtc: number;
  readonly #collector = new CommandCollector({
    begin: () => {},
    output: () => {},
    end: (command) => this.add(command),
  });
  #sessions = 0;
  #commands = 0;
  readonly #confidence = { exact: 0, reported: 0, guessed: 0 };
  #failed = 0;
  #unknownExit = 0;
  readonly #exitCodes = new Map<number, number>();
  readonly #durations = new Durations();
  #slowest: CommandRecord[] = [];
  readonly #programs = new Tally(() => new Runs());
  readonly #subcommands = new Tally(() => new Runs());
  readonly #directories = new Tally(() => new Runs());
  #pipelines = 0;
  #longest = 0;
  readonly #retries = new Retries();
  readonly #hours: number[] = Array(24).fill(0);
  #history: CommandRecord[] = [];

  /** Begins with nothing. */
  constructor({ minutesFromUtc = 0 }: CommandAnalyzerOptions = {}) {
    this.#minutesFromUtc = minutesFromUtc;
  }

  /** Takes the next event; commands must have been derived, see `deriveCommands`. */
  push(event: SessionEvent): void {
    if (event.kind === "header") {
      this.#sessions++;
      this.#retries.forget();
    }
    this.#collector.push(event);
  }

  /** Counts a command that is known already, from a catalog for one. */
  add(command: CommandRecord): void {
    command = { ...command };
    this.#commands++;
    this.#confidence[command.confidence]++;
    this.#countExit(command);
    if (command.end !== undefined) this.#time(command, command.end - command.start);
    if (command.startedAt !== undefined) this.#countHour(command.startedAt);
    if (command.cwd !== undefined) this.#directories.of(command.cwd).add(command);
    if (command.text !== undefined) this.#countText(command, command.text);
    this.#history.push(command);
    if (this.#history.length >= 2 * HISTORY) this.#history = this.#history.slice(-HISTORY);
  }

  /** The statistics so far; a command that still runs does not count yet. */
  result(): CommandStatistics {
    const duration = this.#durations.summary();
    return {
      sessions: this.#sessions,
      commands: this.#commands,
      confidence: { ...this.#confidence },
      failed: this.#failed,
      unknownExit: this.#unknownExit,
      exitCodes: [...this.#exitCodes].map(([code, count]) => ({ code, count })).sort((a, b) =>
        b.count - a.count || a.code - b.code
      ),
      ...(duration && { duration }),
      slowest: [...this.#slowest],
      programs: summaries(this.#programs),
      subcommands: summaries(this.#subcommands),
      pipelines: { count: this.#pipelines, longest: this.#longest },
      directories: summaries(this.#directories),
      retries: this.#retries.result(),
      hours: [...this.#hours],
      history: this.#history.slice(-HISTORY),
    };
  }

  #countExit({ code }: CommandRecord): void {
    if (code === undefined) this.#unknownExit++;
    else if (code !== 0) this.#failed++;
    if (code !== undefined) this.#exitCodes.set(code, (this.#exitCodes.get(code) ?? 0) + 1);
  }

  #time(command: CommandRecord, duration: Nanos): void {
    this.#durations.add(duration);
    this.#slowest.push(command);
    this.#slowest.sort((a, b) => (b.end! - b.start) - (a.end! - a.start));
    this.#slowest.length = Math.min(SLOWEST, this.#slowest.length);
  }

  #countHour(startedAt: number): void {
    const minutes = Math.floor(startedAt / 60_000) + this.#minutesFromUtc;
    if (Number.isFinite(minutes)) this.#hours[((Math.floor(minutes / 60) % 24) + 24) % 24]!++;
  }

  #countText(command: CommandRecord, text: string): void {
    const { programs, longestPipeline } = parseCommandLine(text);
    if (longestPipeline > 1) this.#pipelines++;
    this.#longest = Math.max(this.#longest, longestPipeline);
    // How a line ended and how long it took is known of the line, so of a program only where it stands alone.
    const alone = programs.length === 1 ? command : undefined;
    for (const { program, subcommand } of programs) {
      this.#programs.of(program).add(alone);
      if (subcommand !== undefined) this.#subcommands.of(`${program} ${subcommand}`).add(alone);
    }
    this.#retries.add(text, command.code);
  }
}

/** How often something ran, and how that went. */
class Runs {
  count = 0;
  failed = 0;
  readonly durations = new Durations();

  add(command: CommandRecord | undefined): void {
    this.count++;
    if (command?.code) this.failed++;
    if (command?.end !== undefined) this.durations.add(command.end - command.start);
  }
}

function summaries(tally: Tally<Runs>): RunSummary[] {
  const all = [...tally.entries()].map(([name, { count, failed, durations }]) => {
    const duration = durations.summary();
    return { name, count, failed, ...(duration && { duration }) };
  });
  return all.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** Lines that failed and came again in the same session. */
class Retries {
  readonly #failing = new Map<string, number>(); // attempts so far, none of which succeeded
  #ended: Retry[] = [];

  add(text: string, code: number | undefined): void {
    const before = this.#failing.get(text);
    if (code === 0) {
      this.#failing.delete(text);
      if (before !== undefined) this.#end({ text, attempts: before + 1, succeeded: true });
    } else if (code !== undefined && (before !== undefined || this.#failing.size < MAX_RETRIES)) {
      this.#failing.set(text, (before ?? 0) + 1);
    }
  }

  /** The session is over: what still failed has been given up. */
  forget(): void {
    for (const retry of this.#givenUp()) this.#end(retry);
    this.#failing.clear();
  }

  result(): Retry[] {
    return [...this.#ended, ...this.#givenUp()];
  }

  #givenUp(): Retry[] {
    return [...this.#failing].flatMap(([text, attempts]) => attempts > 1 ? [{ text, attempts, succeeded: false }] : []);
  }

  #end(retry: Retry): void {
    this.#ended.push(retry);
    if (this.#ended.length > MAX_RETRIES) this.#ended = this.#ended.slice(-MAX_RETRIES);
  }
}
