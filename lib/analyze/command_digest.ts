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
import {
  CommandCounter,
  type CountedCommand,
  countedCommand,
  type CountedLine,
  HISTORY,
  Longest,
  Retries,
  type Runs,
} from "./command_counter.ts";
import { type CommandLine, parseCommandLine } from "./command_line.ts";

/**
 * A digest is the bytes of two arrays and of a text: for each command three 64-bit numbers (how long it took, exit code, minute; `NaN`
 * for what is not known) and three of 32 bits (confidence, folder, line; 0 for none, else its place from 1), then JSON with what these
 * are. All is in little-endian order.
 */
interface Words {
  /** How many commands, how many sessions. */
  readonly commands: number;
  readonly sessions: number;
  /** Folders, each once. */
  readonly folders: readonly string[];
  /** What command lines run, each once: see {@linkcode shapeOf}. */
  readonly lines: readonly string[];
  /** Retries that are over: the session's end ends them all. */
  readonly retries: readonly Retry[];
}

const WIDE = 3, NARROW = 3;
/** Bytes before the arrays: how long they are together. */
const HEAD = 8;

/** The digest of a recording's commands. */
export function digestOf({ sessions, commands }: SessionCommands): Uint8Array<ArrayBuffer> {
  const folders = new Places(), lines = new Places();
  const wide = new Float64Array(commands.length * WIDE), narrow = new Uint32Array(commands.length * NARROW);
  for (const [at, command] of commands.entries()) {
    const { cwd, text } = command;
    const { confidence, code, duration, minute } = countedCommand(command);
    wide.set([duration, code, minute], at * WIDE);
    const folder = cwd === undefined ? 0 : folders.of(cwd);
    narrow.set([confidence, folder, text === undefined ? 0 : lines.of(shapeOf(parseCommandLine(text)))], at * NARROW);
  }
  const words: Words = {
    ...{ commands: commands.length, sessions },
    ...{ folders: folders.all, lines: lines.all, retries: retriesOf(commands) },
  };
  return joined(wide, narrow, new TextEncoder().encode(JSON.stringify(words)));
}

function joined(wide: Float64Array, narrow: Uint32Array, text: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = wide.byteLength + narrow.byteLength;
  const digest = new Uint8Array(HEAD + size + text.length);
  new DataView(digest.buffer).setUint32(0, size, true);
  digest.set(new Uint8Array(wide.buffer), HEAD);
  digest.set(new Uint8Array(narrow.buffer), HEAD + wide.byteLength);
  digest.set(text, HEAD + size);
  return digest;
}

/** What a command line runs, as a text that is the same for lines that run the same. */
function shapeOf({ programs, longestPipeline }: CommandLine): string {
  return [longestPipeline, ...programs.flatMap(({ program, subcommand = "" }) => [program, subcommand])].join("\0");
}

function lineOf(shape: string): CommandLine {
  const [longest, ...names] = shape.split("\0");
  const programs = [];
  for (let at = 0; at < names.length; at += 2) {
    const program = names[at]!, subcommand = names[at + 1]!;
    programs.push(subcommand === "" ? { program } : { program, subcommand });
  }
  return { programs, longestPipeline: Number(longest) };
}

function retriesOf(commands: readonly CommandRecord[]): Retry[] {
  const retries = new Retries();
  for (const [at, { session, text, code }] of commands.entries()) {
    if (session !== (commands[at - 1]?.session ?? session)) retries.forget();
    if (text !== undefined) retries.add(text, code);
  }
  return retries.result();
}

/** Texts, each once, and the place of each, from 1. */
class Places {
  readonly all: string[] = [];
  readonly #places = new Map<string, number>();

  of(text: string): number {
    let place = this.#places.get(text);
    if (place === undefined) this.#places.set(text, place = this.all.push(text));
    return place;
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
  readonly #lines = new Map<string, CountedLine>();
  readonly #decoder = new TextDecoder();
  readonly #command: CountedCommand = { confidence: 0, code: NaN, duration: NaN, minute: NaN };
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
  add(key: Key, digest: Uint8Array): void {
    const size = new DataView(digest.buffer, digest.byteOffset).getUint32(0, true);
    const { commands, sessions, folders, lines, retries }: Words = JSON.parse(
      this.#decoder.decode(digest.subarray(HEAD + size)),
    );
    const recording = { key, sessions: this.#sessions, commands };
    const cells = new DataView(digest.buffer, digest.byteOffset + HEAD, size);
    this.#count(recording, cells, folders.map((name) => this.#counter.folder(name)), lines.map(this.#line));
    this.#retries.end(retries);
    this.#sessions += sessions;
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

  #count(
    recording: Counted<Key>,
    cells: DataView,
    folders: readonly Runs[],
    lines: readonly CountedLine[],
  ): void {
    const command = this.#command, { commands } = recording;
    for (
      let at = 0, wide = 0, narrow = commands * WIDE * 8;
      at < commands;
      at++, wide += WIDE * 8, narrow += NARROW * 4
    ) {
      command.duration = cells.getFloat64(wide, true);
      command.code = cells.getFloat64(wide + 8, true);
      command.minute = cells.getFloat64(wide + 16, true);
      command.confidence = cells.getUint32(narrow, true);
      const folder = cells.getUint32(narrow + 4, true), line = cells.getUint32(narrow + 8, true);
      this.#counter.add(command, folders[folder - 1], lines[line - 1]);
      if (this.#slowest.wants(command.duration)) this.#slowest.add({ of: recording, at }, command.duration);
    }
  }

  /** Where a command line's programs are counted: most lines of a recording run what others have run. */
  readonly #line = (shape: string): CountedLine => {
    let line = this.#lines.get(shape);
    if (!line) this.#lines.set(shape, line = this.#counter.line(lineOf(shape)));
    return line;
  };

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
