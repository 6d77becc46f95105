/**
 * Where the time of sessions went: waiting, typing, running, printing.
 *
 * This module is browser compatible.
 * @module
 */

import { type EventOf, type Json, MILLISECOND, type Nanos, SECOND, type SessionEvent } from "../../event.ts";
import type { CommandRecord, DurationSummary } from "../../models.ts";
import type { SessionAnalyzer } from "../../ports.ts";
import { CommandCollector } from "../commands/command_record.ts";
import { Durations } from "../commands/durations.ts";
import { EchoTimer } from "./echo_timer.ts";
import { OutputRate, type RateSummary } from "./output_rate.ts";

/**
 * A command that took much longer than it used to.
 *
 * @example
 * ```ts
 * const factor = ({ duration, usual }: Regression) => duration / usual;
 * ```
 */
export interface Regression {
  /** The command line. */
  readonly text: string;
  /** How long it took this time. */
  readonly duration: Nanos;
  /** The median of the times before. */
  readonly usual: Nanos;
  /** How many times before there were. */
  readonly runs: number;
  /** Which session of the stream, from 0. */
  readonly session: number;
  /** When it began in that session. */
  readonly start: Nanos;
}

/**
 * How somebody typed.
 *
 * @example
 * ```ts
 * const share = ({ corrections, keys }: TypingSummary) => corrections / keys;
 * ```
 */
export interface TypingSummary {
  /** Characters that were typed. */
  readonly keys: number;
  /** Keys that take back what was typed: backspace, Ctrl-H, Ctrl-W, Ctrl-U. */
  readonly corrections: number;
  /** While somebody typed without a pause of 2 s; 0 when that cannot be told. */
  readonly keysPerMinute: number;
}

/**
 * A number that was measured again and again, see `note` events of topic `usage`.
 *
 * @example
 * ```ts
 * const cpu: UsageSummary = { name: "cpu", samples: 10, mean: 0.4, max: 0.9, last: 0.2 };
 * ```
 */
export interface UsageSummary {
  /** Its member in the note's data. */
  readonly name: string;
  /** How often it was measured. */
  readonly samples: number;
  /** On average. */
  readonly mean: number;
  /** The largest. */
  readonly max: number;
  /** The last. */
  readonly last: number;
}

/**
 * Where the time went.
 *
 * @example
 * ```ts
 * const part = ({ busy, duration }: PerformanceSummary) => busy / duration;
 * ```
 */
export interface PerformanceSummary {
  /** Length of the sessions. */
  readonly duration: Nanos;
  /** While a command ran, or something was printed or typed at most 2 s ago. */
  readonly busy: Nanos;
  /** The rest. */
  readonly idle: Nanos;
  /** While a command ran. */
  readonly running: Nanos;
  /** Bytes that were printed. */
  readonly outputBytes: number;
  /** How much was printed when. */
  readonly outputRate: RateSummary;
  /** From a typed character until it showed; absent without recorded input. */
  readonly echo?: DurationSummary;
  /** From a command's start until it printed something. */
  readonly firstOutput?: DurationSummary;
  /** How somebody typed; absent without recorded input. */
  readonly typing?: TypingSummary;
  /** What was measured meanwhile. */
  readonly usage: readonly UsageSummary[];
  /** Commands that took at least twice as long as the median of three or more times before; the last thousand. */
  readonly regressions: readonly Regression[];
}

const IDLE_AFTER: Nanos = 2 * SECOND;
const TYPING_PAUSE: Nanos = 2 * SECOND;
const NOISE: Nanos = 100 * MILLISECOND; // what a machine may be late without that meaning anything
const MIN_RUNS = 3;
const MAX_TEXTS = 10_000;
const MAX_REGRESSIONS = 1000;

/**
 * Events in, where the time went out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const analyzer = new PerformanceAnalyzer();
 * analyzer.push({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
 * analyzer.push({ kind: "output", time: 10e9, data: new Uint8Array(5) });
 * const { duration, idle, outputBytes } = analyzer.result();
 * deepEqual([duration, idle, outputBytes], [10e9, 8e9, 5]);
 * ```
 */
export class PerformanceAnalyzer implements SessionAnalyzer<PerformanceSummary> {
  readonly #collector = new CommandCollector({
    begin: () => {},
    output: () => {},
    end: (command) => this.#command(command),
  });
  readonly #echo = new EchoTimer();
  readonly #rate = new OutputRate();
  readonly #firstOutput = new Durations();
  readonly #typing = new Typing();
  readonly #usage = new Map<string, { samples: number; sum: number; max: number; last: number }>();
  readonly #texts = new Map<string, Durations>();
  #regressions: Regression[] = [];
  #earlier: Nanos = 0; // length of the sessions before this one
  #now: Nanos = 0;
  #seen: Nanos = 0; // when something happened last
  #idle: Nanos = 0;
  #running: Nanos = 0;
  #runningSince: Nanos | undefined;
  #outputBytes = 0;

  /** Takes the next event; commands must have been derived, see `deriveCommands`. */
  push(event: SessionEvent): void {
    if (event.kind === "header") this.#begin();
    this.#now = Math.max(this.#now, event.time);
    this.#collector.push(event);
    switch (event.kind) {
      case "output":
        return this.#output(event);
      case "input":
        return this.#input(event);
      case "command":
        return this.#phase(event);
      case "note":
        if (event.topic === "usage") this.#measure(event.data);
        return;
      case "exit":
        this.#happens();
    }
  }

  /** Where the time went so far. */
  result(): PerformanceSummary {
    const open = this.#runningSince === undefined ? 0 : this.#now - this.#runningSince;
    const idle = this.#idle + (open > 0 ? 0 : this.#pause());
    const duration = this.#earlier + this.#now;
    const echo = this.#echo.summary(), firstOutput = this.#firstOutput.summary(), typing = this.#typing.summary();
    return {
      duration,
      busy: duration - idle,
      idle,
      running: this.#running + open,
      outputBytes: this.#outputBytes,
      outputRate: this.#rate.summary(),
      ...(echo && { echo }),
      ...(firstOutput && { firstOutput }),
      ...(typing && { typing }),
      usage: [...this.#usage].map(([name, { samples, sum, max, last }]) => ({
        name,
        samples,
        mean: sum / samples,
        max,
        last,
      })),
      regressions: [...this.#regressions],
    };
  }

  #begin(): void {
    this.#stopRunning();
    this.#happens();
    this.#earlier += this.#now;
    this.#now = this.#seen = 0;
    this.#echo.forget();
    this.#typing.forget();
  }

  /** How much of the time since something happened was idle. */
  #pause(): Nanos {
    return Math.max(0, this.#now - this.#seen - IDLE_AFTER);
  }

  #happens(): void {
    if (this.#runningSince === undefined) this.#idle += this.#pause();
    this.#seen = this.#now;
  }

  #output(event: EventOf<"output">): void {
    if (event.data.length === 0) return;
    this.#happens();
    this.#outputBytes += event.data.length;
    this.#rate.add(this.#earlier + event.time, event.data.length);
    this.#echo.output(event);
  }

  #input(event: EventOf<"input">): void {
    this.#happens();
    this.#echo.input(event);
    this.#typing.input(event);
  }

  #phase({ phase, late, ago }: EventOf<"command">): void {
    if (phase === "output") {
      this.#happens();
      this.#runningSince = late ? undefined : this.#now;
    } else if (phase === "done" && late) this.#runningSince = undefined;
    else if (phase === "done") this.#stopRunning(ago);
  }

  #stopRunning(ago: Nanos = 0): void {
    if (this.#runningSince === undefined) return;
    this.#running += Math.max(0, this.#now - ago - this.#runningSince);
    this.#seen = this.#now;
    this.#runningSince = undefined;
  }

  #command(command: CommandRecord): void {
    if (command.firstOutput !== undefined) this.#firstOutput.add(command.firstOutput - command.start);
    if (command.end === undefined || command.text === undefined || command.code === undefined) return;
    const before = this.#texts.get(command.text);
    const duration = command.end - command.start;
    if (before) this.#compare(command, command.text, duration, before);
    else if (this.#texts.size >= MAX_TEXTS) return;
    const durations = before ?? new Durations();
    durations.add(duration);
    this.#texts.set(command.text, durations);
  }

  #compare({ session, start }: CommandRecord, text: string, duration: Nanos, before: Durations): void {
    if (before.count < MIN_RUNS) return;
    const usual = before.quantile(0.5);
    if (duration < 2 * usual || duration - usual < NOISE) return;
    this.#regressions.push({ text, duration, usual, runs: before.count, session, start });
    if (this.#regressions.length > MAX_REGRESSIONS) this.#regressions.shift();
  }

  #measure(data: Json): void {
    if (typeof data !== "object" || data === null) return;
    for (const [name, value] of Object.entries(data)) {
      if (typeof value !== "number" || (this.#usage.size >= 100 && !this.#usage.has(name))) continue;
      const known = this.#usage.get(name) ?? { samples: 0, sum: 0, max: -Infinity, last: 0 };
      known.samples++;
      known.sum += value;
      known.max = Math.max(known.max, value);
      known.last = value;
      this.#usage.set(name, known);
    }
  }
}

/** Counts keys and the time in which they were typed. */
class Typing {
  #keys = 0;
  #corrections = 0;
  #intervals = 0;
  #time: Nanos = 0; // of the intervals
  #last: Nanos | undefined;

  input({ data, time }: EventOf<"input">): void {
    const isCorrection = data.length === 1 && [0x7f, 0x08, 0x17, 0x15].includes(data[0]!);
    const isKey = data.length <= 4 && data[0]! >= 0x20 && data[0] !== 0x7f; // a character; more at once was pasted
    if (isCorrection) this.#corrections++;
    if (isKey) this.#keys++;
    if (!isKey && !isCorrection) return this.forget();
    if (this.#last !== undefined && time - this.#last <= TYPING_PAUSE) {
      this.#intervals++;
      this.#time += time - this.#last;
    }
    this.#last = time;
  }

  /** What is typed next has no key before it. */
  forget(): void {
    this.#last = undefined;
  }

  summary(): TypingSummary | undefined {
    if (this.#keys + this.#corrections === 0) return undefined;
    const keysPerMinute = this.#time > 0 ? this.#intervals / (this.#time / (60 * SECOND)) : 0;
    return { keys: this.#keys, corrections: this.#corrections, keysPerMinute };
  }
}
