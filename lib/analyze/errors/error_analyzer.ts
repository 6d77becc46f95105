/**
 * What failed in sessions, and why.
 *
 * A command failed when its exit code says so; what it printed tells why, by shapes that are known. Output of commands that
 * ended with 0, or of which nobody knows how they ended, counts only where it cannot be anything else, and not at all
 * where the command only shows what stands elsewhere (`cat`, `grep`, `git log`).
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, Nanos, SessionEvent } from "../../event.ts";
import type { CommandRecord } from "../../models.ts";
import type { SessionAnalyzer } from "../../ports.ts";
import { hasFailed } from "../commands/command_line.ts";
import { CommandCollector } from "../commands/command_record.ts";
import { errorsOf } from "./command_errors.ts";
import type { FoundError } from "./error_causes.ts";
import { ErrorReader } from "./error_reader.ts";
import type { ErrorKind } from "./error_shapes.ts";
import { causeOf } from "../normalize.ts";

/**
 * A command that failed, or whose output tells of errors.
 *
 * @example
 * ```ts
 * const where = ({ errors }: Failure) => errors.map(({ file, line }) => `${file}:${line}`);
 * ```
 */
export interface Failure {
  /** The command; absent where none is known and the errors just stand in the output. */
  readonly command?: CommandRecord;
  /** Which session of the stream, from 0. */
  readonly session: number;
  /** What was recognised in its output. */
  readonly errors: readonly FoundError[];
  /** The lines that tell most: those of the errors, else the last that it printed. */
  readonly lines: readonly string[];
  /** From its end to the end of the same command when it next succeeded in that session; absent when it never did. */
  readonly recoveredAfter?: Nanos;
}

/**
 * Errors with one cause.
 *
 * @example
 * ```ts
 * const often = ({ count }: ErrorGroup) => count > 10;
 * ```
 */
export interface ErrorGroup {
  /** What kind of error. */
  readonly kind: ErrorKind;
  /** What they all say, without the names and numbers of each. */
  readonly cause: string;
  /** How many. */
  readonly count: number;
  /** The first of them. */
  readonly first: FoundError;
  /** In which session that was, from 0. */
  readonly session: number;
  /** From the first of them until the command that printed it succeeded. */
  readonly recoveredAfter?: Nanos;
}

/**
 * What failed.
 *
 * @example
 * ```ts
 * const worst = ({ groups }: ErrorSummary) => groups[0]?.cause;
 * ```
 */
export interface ErrorSummary {
  /**
   * Commands that failed: their exit code is neither 0, nor that of Ctrl-C (130), nor an answer such as the 1 of `grep`, `diff` and
   * `test`, and they did not leave the shell.
   */
  readonly failed: number;
  /** These, and all else that told of errors. */
  readonly told: number;
  /** Errors that were recognised, by kind. */
  readonly kinds: Readonly<Partial<Record<ErrorKind, number>>>;
  /** By cause, the most frequent first. */
  readonly groups: readonly ErrorGroup[];
  /** The last thousand. */
  readonly failures: readonly Failure[];
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

const MAX_FAILURES = 1000;
const MAX_GROUPS = 1000;
const LINES = 10;
/**
 * Events in, what failed out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const analyzer = new ErrorAnalyzer();
 * const data = new TextEncoder().encode("cp: cannot create regular file '/mnt/x': No space left on device\r\n");
 * analyzer.push({ kind: "command", time: 0, phase: "output", text: "cp x /mnt" });
 * analyzer.push({ kind: "output", time: 1, data });
 * analyzer.push({ kind: "command", time: 2, phase: "done", code: 1 });
 * deepEqual(analyzer.result().kinds, { disk: 1 });
 * ```
 */
export class ErrorAnalyzer implements SessionAnalyzer<ErrorSummary> {
  readonly #collector = new CommandCollector({
    begin: () => this.#begin(),
    output: (_command, { time }, own) => this.#reader.push(own, time),
    end: (command) => this.#end(command),
  });
  #reader = new ErrorReader();
  #outside: ErrorReader | undefined = new ErrorReader(); // of a session in which no command is known
  #session = -1;
  #time: Nanos = 0;
  #failed = 0;
  #told = 0;
  readonly #kinds: Partial<Record<ErrorKind, number>> = {};
  readonly #groups = new Map<string, Mutable<ErrorGroup>>();
  #failures: Mutable<Failure>[] = [];
  #waiting = new Map<string, { failures: Mutable<Failure>[]; groups: Mutable<ErrorGroup>[] }>(); // by command line, until it succeeds

  /** Takes the next event; commands must have been derived, see `deriveCommands`. */
  push(event: SessionEvent): void {
    if (event.kind === "header") this.#next();
    this.#time = event.time;
    this.#collector.push(event);
    if (event.kind === "output") this.#readOutside(event);
    else if (event.kind === "exit") this.#closeOutside();
  }

  /** What failed so far. */
  result(): ErrorSummary {
    const groups = [...this.#groups.values()].map((group) => ({ ...group })).sort((a, b) => b.count - a.count);
    const failures = this.#failures.slice(-MAX_FAILURES).map((failure) => ({ ...failure }));
    return { failed: this.#failed, told: this.#told, kinds: { ...this.#kinds }, groups, failures };
  }

  #next(): void {
    this.#closeOutside();
    this.#outside = new ErrorReader();
    this.#session++;
    this.#waiting = new Map();
  }

  #begin(): void {
    this.#outside = undefined;
    this.#reader = new ErrorReader();
  }

  #readOutside(event: EventOf<"output">): void {
    this.#outside?.push(event.data, event.time);
  }

  #closeOutside(): void {
    if (!this.#outside) return;
    this.#outside.flush(this.#time);
    const errors = this.#outside.errors({ failed: undefined });
    if (errors.length > 0) {
      this.#keep({ session: Math.max(0, this.#session), errors, lines: linesOf(errors) }, undefined);
    }
    this.#outside = undefined;
  }

  #end(command: CommandRecord): void {
    this.#reader.flush(this.#time);
    const failed = command.code === undefined ? undefined : hasFailed(command.code, command.text);
    const errors = errorsOf(command, this.#reader, failed);
    if (command.code === 0) this.#recover(command);
    if (!failed && errors.length === 0) return;
    if (failed) this.#failed++;
    const lines = errors.length > 0 ? linesOf(errors) : this.#reader.tail.slice(-LINES);
    this.#keep({ command: { ...command }, session: command.session, errors, lines }, failed);
  }

  #keep(failure: Mutable<Failure>, failed: boolean | undefined): void {
    this.#told++;
    this.#failures.push(failure);
    if (this.#failures.length >= 2 * MAX_FAILURES) this.#failures = this.#failures.slice(-MAX_FAILURES);
    const groups = failure.errors.flatMap((error) => this.#group(error, failure.session));
    const text = failure.command?.text;
    if (text === undefined || failed === false) return;
    const waiting = this.#waiting.get(text) ?? { failures: [], groups: [] };
    waiting.failures.push(failure);
    waiting.groups.push(...groups);
    if (this.#waiting.size < MAX_GROUPS && waiting.failures.length < 100) this.#waiting.set(text, waiting);
  }

  /** Counts an error; returns its group when this is the first of it. */
  #group(error: FoundError, session: number): Mutable<ErrorGroup>[] {
    this.#kinds[error.kind] = (this.#kinds[error.kind] ?? 0) + 1;
    const cause = causeOf(error.message);
    const key = `${error.kind} ${cause}`;
    const known = this.#groups.get(key);
    if (known) known.count++;
    if (known || this.#groups.size >= MAX_GROUPS) return [];
    const group = { kind: error.kind, cause, count: 1, first: error, session };
    this.#groups.set(key, group);
    return [group];
  }

  #recover({ text, end }: CommandRecord): void {
    if (text === undefined || end === undefined) return;
    const waiting = this.#waiting.get(text);
    this.#waiting.delete(text);
    for (const failure of waiting?.failures ?? []) failure.recoveredAfter = end - (failure.command!.end ?? end);
    for (const group of waiting?.groups ?? []) group.recoveredAfter = end - group.first.time;
  }
}

/** The lines that told, and of those that only opened an error what it says further down. */
function linesOf(errors: readonly FoundError[]): string[] {
  const lines = errors.flatMap(({ text, message }) => text.includes(message) ? [text] : [text, message]);
  return [...new Set(lines)].slice(0, LINES);
}
