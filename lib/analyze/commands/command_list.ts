/**
 * Commands one by one, as they end.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionEvent } from "../../event.ts";
import type { CommandRecord } from "../../models.ts";
import type { SessionAnalyzer } from "../../ports.ts";
import { CommandCollector } from "./command_record.ts";

/**
 * A command as scripts get it: seconds, and `null` for what is not known.
 *
 * @example
 * ```ts
 * const row: CommandRow = {
 *   text: "make", exitCode: 2, cwd: "/src", time: 1.5, durationSeconds: 3, outputBytes: 80, confidence: "exact", startedAt: null, host: null,
 * };
 * ```
 */
export interface CommandRow {
  /** The command line. */
  readonly text: string | null;
  /** Exit code. */
  readonly exitCode: number | null;
  /** The folder it ran in. */
  readonly cwd: string | null;
  /** When it began, in seconds since the session's start. */
  readonly time: number;
  /** How long it took, in seconds. */
  readonly durationSeconds: number | null;
  /** What it printed, in bytes. */
  readonly outputBytes: number;
  /** `exact`, `reported` or `guessed`. */
  readonly confidence: CommandRecord["confidence"];
  /** When it began by the wall clock. */
  readonly startedAt: string | null;
  /** The machine it ran on. */
  readonly host: string | null;
}

/**
 * The row of a command.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const command = { session: 0, index: 0, start: 2e9, end: 2.5e9, outputBytes: 0, confidence: "exact" } as const;
 * equal(rowOf(command).durationSeconds, 0.5);
 * ```
 *
 * @param host The machine it ran on, where that is known.
 */
export function rowOf(command: CommandRecord, host?: string): CommandRow {
  const { text, code, cwd, start, end, outputBytes, confidence, startedAt } = command;
  return {
    text: text ?? null,
    exitCode: code ?? null,
    cwd: cwd ?? null,
    time: seconds(start),
    durationSeconds: end === undefined ? null : seconds(end - start),
    outputBytes,
    confidence,
    startedAt: isoDate(startedAt),
    host: host ?? null,
  };
}

/**
 * Events in, rows out; whoever takes them is told of each command when it ends.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const list = new CommandList();
 * list.push({ kind: "command", time: 0, phase: "output", text: "true" });
 * list.push({ kind: "command", time: 1e9, phase: "done", code: 0 });
 * deepEqual(list.take().map(({ text, exitCode }) => [text, exitCode]), [["true", 0]]);
 * ```
 */
export class CommandList implements SessionAnalyzer<readonly CommandRow[]> {
  #host: string | undefined;
  #rows: CommandRow[] = [];
  readonly #collector = new CommandCollector({
    begin: () => {},
    output: () => {},
    end: (command) => this.#rows.push(rowOf(command, this.#host)),
  });

  /** Takes the next event; commands must have been derived, see `deriveCommands`. */
  push(event: SessionEvent): void {
    this.#collector.push(event);
    if (event.kind === "header") this.#host = event.header.host;
  }

  /** The stream is over: what still runs is told without an end. */
  flush(): void {
    this.#collector.flush();
  }

  /** The commands that have ended since the last time; so a long list need not be held. */
  take(): CommandRow[] {
    return this.#rows.splice(0);
  }

  /** Those that have not been taken. */
  result(): readonly CommandRow[] {
    return [...this.#rows];
  }
}

const seconds = (nanos: number) => Number((nanos / 1e9).toFixed(9));

function isoDate(time: number | undefined): string | null {
  return time === undefined || !(Math.abs(time) <= 8.64e15) ? null : new Date(time).toISOString();
}
