/**
 * Counts commands, whether they are read from events or from what a catalog remembers of them.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../../event.ts";
import type { CommandRecord, CommandStatistics, Retry, RunSummary } from "../../models.ts";
import { type CommandLine, hasFailed, isFailure, leavesShell } from "./command_line.ts";
import { Durations } from "./durations.ts";
import { Tally } from "../tally.ts";

/** How many of the slowest are told. */
export const SLOWEST = 10;
/** How many of the last are told. */
export const HISTORY = 1000;
const MAX_RETRIES = 1000;

/** How sure a command is, by its number in {@linkcode CountedCommand}. */
export const CONFIDENCE: readonly CommandRecord["confidence"][] = ["exact", "reported", "guessed"];

/** What of a command is counted: numbers, `NaN` for what is not known. Many are counted, so nothing is made for each. */
export interface CountedCommand {
  /** Its place in {@linkcode CONFIDENCE}. */
  confidence: number;
  code: number;
  duration: Nanos;
  /** Minute since 1970 in which it began. */
  minute: number;
}

/** What of a command is counted. */
export function countedCommand({ confidence, code, start, end, startedAt }: CommandRecord): CountedCommand {
  return {
    confidence: CONFIDENCE.indexOf(confidence),
    code: code ?? NaN,
    duration: end === undefined ? NaN : end - start,
    minute: startedAt === undefined ? NaN : Math.floor(startedAt / 60_000),
  };
}

/** A command line, and where what it runs is counted. */
export interface CountedLine {
  readonly runs: readonly Runs[];
  /** How it ended and how long it took is known of the line, so of a program only where it stands alone. */
  readonly isAlone: boolean;
  readonly longestPipeline: number;
  /** It leaves the shell, with an exit code that is no failure. */
  readonly leaves: boolean;
  /** Exit codes that are answers, and no failures either. */
  readonly answers: readonly number[];
}

/** All statistics but those that name single commands. */
export class CommandCounter {
  readonly #minutesFromUtc: number;
  #commands = 0;
  readonly #confidence = CONFIDENCE.map(() => 0);
  #failed = 0;
  #unknownExit = 0;
  readonly #exitCodes = new Map<number, number>();
  readonly #durations = new Durations();
  readonly #programs = new Tally(() => new Runs());
  readonly #subcommands = new Tally(() => new Runs());
  readonly #directories = new Tally(() => new Runs());
  #pipelines = 0;
  #longest = 0;
  readonly #hours: number[] = Array(24).fill(0);

  /** Begins with nothing; the hours of the day are those of a clock that shows so much more than UTC. */
  constructor(minutesFromUtc: number) {
    this.#minutesFromUtc = minutesFromUtc;
  }

  /** Where the commands of a folder are counted. */
  folder(name: string): Runs {
    return this.#directories.of(name);
  }

  /** Where the programs of a command line are counted. */
  line({ programs, longestPipeline, answers }: CommandLine): CountedLine {
    const runs: Runs[] = [];
    for (const { program, subcommand } of programs) {
      runs.push(this.#programs.of(program));
      if (subcommand !== undefined) runs.push(this.#subcommands.of(`${program} ${subcommand}`));
    }
    const leaves = leavesShell(programs[0]?.program);
    return { runs, isAlone: programs.length === 1, longestPipeline, leaves, answers };
  }

  /** Counts one. */
  add(command: CountedCommand, folder: Runs | undefined, line: CountedLine | undefined): void {
    const { confidence, code, duration, minute } = command;
    this.#commands++;
    this.#confidence[confidence]!++;
    const failed = !line?.leaves && isFailure(code, line?.answers);
    this.#countExit(code, failed);
    if (!Number.isNaN(duration)) this.#durations.add(duration);
    if (Number.isFinite(minute)) this.#countHour(minute + this.#minutesFromUtc);
    folder?.add(failed, duration);
    if (line) this.#countLine(failed, duration, line);
  }

  /** What was counted. */
  result(): Omit<CommandStatistics, "sessions" | "slowest" | "retries" | "history"> {
    const duration = this.#durations.summary();
    return {
      commands: this.#commands,
      confidence: Object.fromEntries(CONFIDENCE.map((name, at) => [name, this.#confidence[at]!])) as Record<
        CommandRecord["confidence"],
        number
      >,
      failed: this.#failed,
      unknownExit: this.#unknownExit,
      exitCodes: [...this.#exitCodes].map(([code, count]) => ({ code, count })).sort((a, b) =>
        b.count - a.count || a.code - b.code
      ),
      ...(duration && { duration }),
      programs: summaries(this.#programs),
      subcommands: summaries(this.#subcommands),
      pipelines: { count: this.#pipelines, longest: this.#longest },
      directories: summaries(this.#directories),
      hours: [...this.#hours],
    };
  }

  #countExit(code: number, failed: boolean): void {
    if (Number.isNaN(code)) this.#unknownExit++;
    else {
      if (failed) this.#failed++;
      this.#exitCodes.set(code, (this.#exitCodes.get(code) ?? 0) + 1);
    }
  }

  #countHour(minute: number): void {
    this.#hours[((Math.floor(minute / 60) % 24) + 24) % 24]!++;
  }

  #countLine(failed: boolean, duration: Nanos, { runs, isAlone, longestPipeline }: CountedLine): void {
    if (longestPipeline > 1) this.#pipelines++;
    this.#longest = Math.max(this.#longest, longestPipeline);
    for (const each of runs) {
      if (isAlone) each.add(failed, duration);
      else each.count++;
    }
  }
}

/** How often something ran, and how that went. */
export class Runs {
  /** How often. */
  count = 0;
  /** How often it failed. */
  failed = 0;
  /** How long it took. */
  readonly durations = new Durations();

  /** Counts one; `NaN` is not known. */
  add(failed: boolean, duration: Nanos): void {
    this.count++;
    if (failed) this.failed++;
    if (!Number.isNaN(duration)) this.durations.add(duration);
  }
}

function summaries(tally: Tally<Runs>): RunSummary[] {
  const all = [...tally.entries()].map(([name, { count, failed, durations }]) => {
    const duration = durations.summary();
    return { name, count, failed, ...(duration && { duration }) };
  });
  return all.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** The longest of many things, the longest first; of equals the first. */
export class Longest<Thing> {
  readonly #things: { readonly thing: Thing; readonly duration: Nanos }[] = [];
  #least = -Infinity;

  /** Whether it is longer than one that is there, or there is room. */
  wants(duration: Nanos): boolean {
    return duration > this.#least;
  }

  /** Takes one. */
  add(thing: Thing, duration: Nanos): void {
    if (!this.wants(duration)) return;
    const at = this.#things.findIndex((other) => other.duration < duration);
    this.#things.splice(at < 0 ? this.#things.length : at, 0, { thing, duration });
    this.#things.length = Math.min(SLOWEST, this.#things.length);
    if (this.#things.length === SLOWEST) this.#least = this.#things.at(-1)!.duration;
  }

  /** Those that are left. */
  result(): Thing[] {
    return this.#things.map(({ thing }) => thing);
  }
}

/** Lines that failed and came again in the same session. */
export class Retries {
  readonly #failing = new Map<string, number>(); // attempts so far, none of which succeeded
  #ended: Retry[] = [];

  /** Takes the next command. */
  add(text: string, code: number | undefined): void {
    const before = this.#failing.get(text);
    if (code === 0) {
      this.#failing.delete(text);
      if (before !== undefined) this.end([{ text, attempts: before + 1, succeeded: true }]);
    } else if (hasFailed(code, text) && (before !== undefined || this.#failing.size < MAX_RETRIES)) {
      this.#failing.set(text, (before ?? 0) + 1);
    }
  }

  /** The session is over: what still failed has been given up. */
  forget(): void {
    this.end(this.#givenUp());
    this.#failing.clear();
  }

  /** Takes those that are over. */
  end(retries: readonly Retry[]): void {
    this.#ended.push(...retries);
    if (this.#ended.length > 2 * MAX_RETRIES) this.#ended = this.#ended.slice(-MAX_RETRIES);
  }

  /** Those that are over, and those that would be if the session ended now. */
  result(): Retry[] {
    return [...this.#ended, ...this.#givenUp()].slice(-MAX_RETRIES);
  }

  #givenUp(): Retry[] {
    return [...this.#failing].flatMap(([text, attempts]) => attempts > 1 ? [{ text, attempts, succeeded: false }] : []);
  }
}
