/**
 * The commands of a recording in so few words that those of ten thousand recordings can be counted while somebody waits.
 *
 * A catalog keeps a digest of each recording. All digests together give what `CommandAnalyzer` says of the recordings, without
 * a command line being taken apart again: 200,000 commands in a tenth of a second, where a query with quantiles by program takes
 * SQLite several times as long (bench/catalog_stats.ts).
 *
 * This module is browser compatible.
 * @module
 */

import type { CommandRecord, CommandStatistics, Retry, SessionCommands } from "../models.ts";
import { CommandCounter, type CountedCommand, HISTORY, Longest, Retries } from "./command_counter.ts";
import { type CommandLine, parseCommandLine } from "./command_line.ts";

const CONFIDENCE: readonly CommandRecord["confidence"][] = ["exact", "reported", "guessed"];
const COLUMNS = 6;

/** What is written, as JSON. */
interface Digest {
  /** How many sessions. */
  readonly s: number;
  /** Folders, each once. */
  readonly f: readonly string[];
  /** Command lines, each once: its longest pipeline, then programs and subcommands in turn, "" for none. */
  readonly l: readonly (readonly [longest: number, ...names: string[]])[];
  /** For each command: confidence, exit code, duration, minute, folder, line; `null` for what is not known. */
  readonly c: readonly (number | null)[];
  /** Retries that are over: the session's end ends them all. */
  readonly r: readonly (readonly [text: string, attempts: number, succeeded: 0 | 1])[];
}

/** What of a command is counted. */
export function countedCommand({ confidence, code, start, end, startedAt, cwd, text }: CommandRecord): CountedCommand {
  return {
    confidence,
    ...(code !== undefined && { code }),
    ...(end !== undefined && { duration: end - start }),
    ...(startedAt !== undefined && { minute: Math.floor(startedAt / 60_000) }),
    ...(cwd !== undefined && { cwd }),
    ...(text !== undefined && { line: parseCommandLine(text) }),
  };
}

/** The digest of a recording's commands. */
export function digestOf({ sessions, commands }: SessionCommands): string {
  const folders = new Names<string>(), lines = new Names<CommandLine>();
  const cells: (number | null)[] = [];
  for (const command of commands) {
    const { confidence, code, duration, minute, cwd, line } = countedCommand(command);
    const folder = cwd === undefined ? null : folders.of(cwd, cwd);
    const number = line && lines.of(JSON.stringify(cellsOf(line)), line);
    cells.push(CONFIDENCE.indexOf(confidence), code ?? null, duration ?? null, minute ?? null, folder, number ?? null);
  }
  const digest: Digest = {
    s: sessions,
    f: folders.all,
    l: lines.all.map(cellsOf),
    c: cells,
    r: retriesOf(commands).map(({ text, attempts, succeeded }) => [text, attempts, succeeded ? 1 : 0]),
  };
  return JSON.stringify(digest);
}

function cellsOf({ programs, longestPipeline }: CommandLine): [number, ...string[]] {
  return [longestPipeline, ...programs.flatMap(({ program, subcommand = "" }) => [program, subcommand])];
}

function lineOf([longestPipeline, ...names]: Digest["l"][number]): CommandLine {
  const programs = [];
  for (let at = 0; at < names.length; at += 2) {
    const program = names[at]!, subcommand = names[at + 1]!;
    programs.push(subcommand === "" ? { program } : { program, subcommand });
  }
  return { programs, longestPipeline };
}

function retriesOf(commands: readonly CommandRecord[]): Retry[] {
  const retries = new Retries();
  for (const [at, { session, text, code }] of commands.entries()) {
    if (session !== (commands[at - 1]?.session ?? session)) retries.forget();
    if (text !== undefined) retries.add(text, code);
  }
  return retries.result();
}

/** Numbers for things, each once. */
class Names<Thing> {
  readonly all: Thing[] = [];
  readonly #numbers = new Map<string, number>();

  of(name: string, thing: Thing): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      this.#numbers.set(name, number = this.all.length);
      this.all.push(thing);
    }
    return number;
  }
}

/** A command of a recording: which recording, and which of its commands. */
interface Place<Key> {
  readonly of: Counted<Key>;
  readonly at: number;
}

/** A recording that was counted. */
interface Counted<Key> {
  readonly key: Key;
  /** Sessions before it. */
  readonly sessions: number;
  readonly commands: number;
}

/**
 * Digests in, statistics out. Recordings have keys, by which their commands are asked for where they are told one by one.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const commands = [
 *   { session: 0, index: 0, start: 0, end: 2e9, text: "make", code: 2, outputBytes: 0, confidence: "exact" },
 * ] as const;
 * const counter = new DigestCounter<string>();
 * counter.add("one", digestOf({ sessions: 1, commands }));
 * deepEqual(counter.needed(), ["one"]);
 * const { failed, slowest } = counter.result(() => commands);
 * deepEqual([failed, slowest], [1, commands]);
 * ```
 */
export class DigestCounter<Key> {
  readonly #counter: CommandCounter;
  readonly #slowest = new Longest<Place<Key>>();
  readonly #retries = new Retries();
  #last: Counted<Key>[] = []; // those that the last thousand commands are in, and perhaps some before
  #lastCommands = 0;
  #sessions = 0;

  /** Begins with nothing; see `CommandAnalyzerOptions`. */
  constructor({ minutesFromUtc = 0 }: { readonly minutesFromUtc?: number } = {}) {
    this.#counter = new CommandCounter(minutesFromUtc);
  }

  /** Counts the commands of a recording. */
  add(key: Key, text: string): void {
    const { s, f, l, c, r }: Digest = JSON.parse(text);
    const recording = { key, sessions: this.#sessions, commands: c.length / COLUMNS };
    const lines = l.map(lineOf);
    for (let at = 0, first = 0; first < c.length; at++, first += COLUMNS) {
      const duration = c[first + 2] ?? undefined, folder = c[first + 4], line = c[first + 5];
      this.#counter.add({
        confidence: CONFIDENCE[c[first]!]!,
        code: c[first + 1] ?? undefined,
        duration,
        minute: c[first + 3] ?? undefined,
        cwd: folder === null ? undefined : f[folder!],
        line: line === null ? undefined : lines[line!],
      } as CountedCommand);
      if (duration !== undefined) this.#slowest.add({ of: recording, at }, duration);
    }
    this.#retries.end(r.map(([text, attempts, succeeded]) => ({ text, attempts, succeeded: succeeded === 1 })));
    this.#sessions += s;
    this.#remember(recording);
  }

  /** The recordings whose commands have to be known, each once. */
  needed(): Key[] {
    return [...new Set([...this.#slowest.result().map(({ of }) => of.key), ...this.#last.map(({ key }) => key)])];
  }

  /** The statistics; `commandsOf` gives the commands of a recording that is {@linkcode needed}. */
  result(commandsOf: (key: Key) => readonly CommandRecord[]): CommandStatistics {
    const moved = (command: CommandRecord, by: number) => ({ ...command, session: command.session + by });
    return {
      sessions: this.#sessions,
      ...this.#counter.result(),
      slowest: this.#slowest.result().flatMap(({ of: { key, sessions }, at }) => {
        const command = commandsOf(key)[at];
        return command ? [moved(command, sessions)] : []; // forgotten meanwhile
      }),
      retries: this.#retries.result(),
      history: this.#last.flatMap(({ key, sessions }) => commandsOf(key).map((command) => moved(command, sessions)))
        .slice(-HISTORY),
    };
  }

  #remember(recording: Counted<Key>): void {
    if (recording.commands === 0) return;
    this.#last.push(recording);
    this.#lastCommands += recording.commands;
    let first = 0;
    while (this.#lastCommands - this.#last[first]!.commands >= HISTORY) {
      this.#lastCommands -= this.#last[first++]!.commands;
    }
    if (first > 0) this.#last = this.#last.slice(first);
  }
}
