/**
 * Counts commands, whether they are read from events or from what a catalog remembers of them.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../event.ts";
import type { CommandRecord, CommandStatistics, Retry, RunSummary } from "../models.ts";
import type { CommandLine } from "./command_line.ts";
import { Durations } from "./durations.ts";
import { Tally } from "./tally.ts";

/** How many of the slowest are told. */
export const SLOWEST = 10;
/** How many of the last are told. */
export const HISTORY = 1000;
const MAX_RETRIES = 1000;

/** What of a command is counted. */
export interface CountedCommand {
  readonly confidence: CommandRecord["confidence"];
  readonly code?: number;
  readonly duration?: Nanos;
  /** Minute since 1970 in which it began. */
  readonly minute?: number;
  readonly cwd?: string;
  readonly line?: CommandLine;
}

/** All statistics but those that name single commands. */
export class CommandCounter {
  readonly #minutesFromUtc: number;
  #commands = 0;
  readonly #confidence = { exact: 0, reported: 0, guessed: 0 };
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

  /** Counts one. */
  add(command: CountedCommand): void {
    this.#commands++;
    this.#confidence[command.confidence]++;
    this.#countExit(command.code);
    if (command.duration !== undefined) this.#durations.add(command.duration);
    if (command.minute !== undefined) this.#countHour(command.minute + this.#minutesFromUtc);
    if (command.cwd !== undefined) this.#directories.of(command.cwd).add(command);
    if (command.line !== undefined) this.#countLine(command, command.line);
  }

  /** What was counted. */
  result(): Omit<CommandStatistics, "sessions" | "slowest" | "retries" | "history"> {
    const duration = this.#durations.summary();
    return {
      commands: this.#commands,
      confidence: { ...this.#confidence },
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

  #countExit(code: number | undefined): void {
    if (code === undefined) this.#unknownExit++;
    else {
      if (code !== 0) this.#failed++;
      this.#exitCodes.set(code, (this.#exitCodes.get(code) ?? 0) + 1);
    }
  }

  #countHour(minute: number): void {
    if (Number.isFinite(minute)) this.#hours[((Math.floor(minute / 60) % 24) + 24) % 24]!++;
  }

  #countLine(command: CountedCommand, { programs, longestPipeline }: CommandLine): void {
    if (longestPipeline > 1) this.#pipelines++;
    this.#longest = Math.max(this.#longest, longestPipeline);
    // How a line ended and how long it took is known of the line, so of a program only where it stands alone.
    const alone = programs.length === 1 ? command : undefined;
    for (const { program, subcommand } of programs) {
      this.#programs.of(program).add(alone);
      if (subcommand !== undefined) this.#subcommands.of(`${program} ${subcommand}`).add(alone);
    }
  }
}

/** How often something ran, and how that went. */
class Runs {
  count = 0;
  failed = 0;
  readonly durations = new Durations();

  add(command: CountedCommand | undefined): void {
    this.count++;
    if (command?.code) this.failed++;
    if (command?.duration !== undefined) this.durations.add(command.duration);
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
  #things: { readonly thing: Thing; readonly duration: Nanos }[] = [];

  /** Takes one. */
  add(thing: Thing, duration: Nanos): void {
    if (this.#things.length === SLOWEST && duration <= this.#things.at(-1)!.duration) return;
    const at = this.#things.findIndex((other) => other.duration < duration);
    this.#things.splice(at < 0 ? this.#things.length : at, 0, { thing, duration });
    this.#things.length = Math.min(SLOWEST, this.#things.length);
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
    } else if (code !== undefined && (before !== undefined || this.#failing.size < MAX_RETRIES)) {
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
    if (this.#ended.length > MAX_RETRIES) this.#ended = this.#ended.slice(-MAX_RETRIES);
  }

  /** Those that are over, and those that would be if the session ended now. */
  result(): Retry[] {
    return [...this.#ended, ...this.#givenUp()].slice(-MAX_RETRIES);
  }

  #givenUp(): Retry[] {
    return [...this.#failing].flatMap(([text, attempts]) => attempts > 1 ? [{ text, attempts, succeeded: false }] : []);
  }
}
