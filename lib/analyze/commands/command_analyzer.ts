/**
 * Statistics of the commands of sessions: how many, how long, how they ended, what was run where, and what was run again.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionEvent } from "../../event.ts";
import type { CommandRecord, CommandStatistics } from "../../models.ts";
import type { SessionAnalyzer } from "../../ports.ts";
import { CommandCounter, countedCommand, HISTORY, Longest, Retries } from "./command_counter.ts";
import { parseCommandLine } from "./command_line.ts";
import { CommandCollector } from "./command_record.ts";

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
  readonly #counter: CommandCounter;
  readonly #collector = new CommandCollector({
    begin: () => {},
    output: () => {},
    end: (command) => this.add(command),
  });
  #sessions = 0;
  readonly #slowest = new Longest<CommandRecord>();
  readonly #retries = new Retries();
  #history: CommandRecord[] = [];

  /** Begins with nothing. */
  constructor({ minutesFromUtc = 0 }: CommandAnalyzerOptions = {}) {
    this.#counter = new CommandCounter(minutesFromUtc);
  }

  /** Takes the next event; commands must have been derived, see `deriveCommands`. */
  push(event: SessionEvent): void {
    this.#collector.push(event);
    if (event.kind !== "header") return;
    this.#sessions++;
    this.#retries.forget();
  }

  /** The sessions are over: what still runs counts, as a command without an end. */
  flush(): void {
    this.#collector.flush();
  }

  /** Counts a command that is known already. */
  add(command: CommandRecord): void {
    command = { ...command };
    countCommand(this.#counter, command);
    if (command.end !== undefined) this.#slowest.add(command, command.end - command.start);
    if (command.text !== undefined) this.#retries.add(command.text, command.code);
    this.#history.push(command);
    if (this.#history.length >= 2 * HISTORY) this.#history = this.#history.slice(-HISTORY);
  }

  /** The statistics so far; a command that still runs does not count yet. */
  result(): CommandStatistics {
    return {
      sessions: this.#sessions,
      ...this.#counter.result(),
      slowest: this.#slowest.result(),
      retries: this.#retries.result(),
      history: this.#history.slice(-HISTORY),
    };
  }
}

function countCommand(counter: CommandCounter, command: CommandRecord): void {
  const { cwd, text } = command;
  const folder = cwd === undefined ? undefined : counter.folder(cwd);
  counter.add(countedCommand(command), folder, text === undefined ? undefined : counter.line(parseCommandLine(text)));
}
