/**
 * The commands of a recording in so few words that those of ten thousand recordings can be counted while somebody waits.
 *
 * A catalog keeps a digest of each recording. All digests together give what `CommandAnalyzer` says of the recordings, without
 * a command line being taken apart again: 200,000 commands in a tenth to a fifth of a second from SQLite (bench/catalog_stats.ts).
 *
 * This module is browser compatible.
 * @module
 */

import type { CommandRecord, CommandStatistics, Retry, SessionCommands } from "../../models.ts";
import {
  CommandCounter,
  CONFIDENCE,
  type CountedCommand,
  countedCommand,
  type CountedLine,
  HISTORY,
  Longest,
  Retries,
} from "./command_counter.ts";
import { type CommandLine, parseCommandLine } from "./command_line.ts";

/**
 * What the numbers of a digest stand for.
 *
 * A digest begins with three 32-bit numbers: how many commands it has, how long its small numbers are, and how long this is as JSON. How
 * long each command took follows, in 64 bits (`NaN` where that is not known); then for each the small numbers, in sevens of bits: its
 * minute, its exit code with how sure it is, its folder, its line; then this. All in little-endian order.
 */
interface Words {
  /** How many sessions. */
  readonly sessions: number;
  /** Exit codes, each once; 0 stands for none, else the place from 1. So it is with the others. */
  readonly codes: readonly number[];
  /** Folders. */
  readonly folders: readonly string[];
  /** What command lines run: see {@linkcode shapeOf}. */
  readonly lines: readonly string[];
  /** Retries that are over: the session's end ends them all. */
  readonly retries: readonly Retry[];
}

const HEAD = 12;

/** The digest of a recording's commands. */
export function digestOf({ sessions, commands }: SessionCommands): Uint8Array<ArrayBuffer> {
  const codes = new Places<number>(), folders = new Places<string>(), lines = new Places<string>();
  const durations = new Float64Array(commands.length), small = new SmallNumbers();
  let before = 0;
  for (const [at, command] of commands.entries()) {
    const { confidence, code, duration, minute } = countedCommand(command);
    durations[at] = duration;
    small.push(Number.isFinite(minute) ? 1 + folded(minute - before) : 0);
    if (Number.isFinite(minute)) before = minute;
    small.push(codes.of(Number.isNaN(code) ? undefined : code) * CONFIDENCE.length + confidence);
    small.push(folders.of(command.cwd));
    small.push(lines.of(command.text === undefined ? undefined : shapeOf(parseCommandLine(command.text))));
  }
  const words: Words = {
    ...{ sessions, codes: codes.all, folders: folders.all, lines: lines.all },
    retries: retriesOf(commands),
  };
  return joined(durations, Uint8Array.from(small.bytes), new TextEncoder().encode(JSON.stringify(words)));
}

function joined(durations: Float64Array, small: Uint8Array, words: Uint8Array): Uint8Array<ArrayBuffer> {
  const digest = new Uint8Array(HEAD + durations.byteLength + small.length + words.length);
  const view = new DataView(digest.buffer);
  for (const [at, length] of [durations.length, small.length, words.length].entries()) {
    view.setUint32(at * 4, length, true);
  }
  for (const [at, duration] of durations.entries()) view.setFloat64(HEAD + at * 8, duration, true);
  digest.set(small, HEAD + durations.byteLength);
  digest.set(words, HEAD + durations.byteLength + small.length);
  return digest;
}

/** A whole number of either sign as one that is not negative: 0, -1, 1, -2 … */
function folded(number: number): number {
  return number < 0 ? -2 * number - 1 : 2 * number;
}

function unfolded(number: number): number {
  return number % 2 === 1 ? -(number + 1) / 2 : number / 2;
}

/** Whole numbers, seven bits to a byte, the lowest first; the last byte of each is below 128. */
class SmallNumbers {
  readonly bytes: number[] = [];

  push(number: number): void {
    for (; number >= 128; number = Math.floor(number / 128)) this.bytes.push(128 + number % 128);
    this.bytes.push(number);
  }
}

/** Between the names in a shape. JSON does not spell it out, and no name has one. */
const BETWEEN = "\x7f";

/** What a command line runs, as a text that is the same for lines that run the same. */
function shapeOf({ programs, longestPipeline, answers }: CommandLine): string {
  const names = programs.flatMap(({ program, subcommand = "" }) => [program, subcommand]);
  return [[longestPipeline, ...answers], ...names.map((name) => name.replaceAll(BETWEEN, " "))].join(BETWEEN);
}

function lineOf(shape: string): CommandLine {
  const [numbers, ...names] = shape.split(BETWEEN);
  const [longestPipeline, ...answers] = numbers!.split(",").map(Number);
  const programs = [];
  for (let at = 0; at < names.length; at += 2) {
    const program = names[at]!, subcommand = names[at + 1]!;
    programs.push(subcommand === "" ? { program } : { program, subcommand });
  }
  return { programs, longestPipeline: longestPipeline!, answers };
}

function retriesOf(commands: readonly CommandRecord[]): Retry[] {
  const retries = new Retries();
  for (const [at, { session, text, code }] of commands.entries()) {
    if (session !== (commands[at - 1]?.session ?? session)) retries.forget();
    if (text !== undefined) retries.add(text, code);
  }
  return retries.result();
}

/** Things, each once, and the place of each, from 1; 0 is that of nothing. */
class Places<Thing> {
  readonly all: Thing[] = [];
  readonly #places = new Map<Thing, number>();

  of(thing: Thing | undefined): number {
    if (thing === undefined) return 0;
    let place = this.#places.get(thing);
    if (place === undefined) this.#places.set(thing, place = this.all.push(thing));
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
 * counter.add(["one"], digestOf({ sessions: 1, commands }));
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

  /** Counts the commands of recordings, whose digests follow each other. */
  add(keys: readonly Key[], digests: Uint8Array): void {
    const view = new DataView(digests.buffer, digests.byteOffset, digests.byteLength);
    let start = 0;
    for (const key of keys) {
      const [commands, small, words] = [0, 4, 8].map((at) => view.getUint32(start + at, true));
      const durations = start + HEAD, rest = durations + commands! * 8, text = rest + small!;
      const recording = { key, sessions: this.#sessions, commands: commands! };
      this.#addOne(
        recording,
        view,
        durations,
        rest,
        JSON.parse(this.#decoder.decode(digests.subarray(text, text + words!))),
      );
      start = text + words!;
    }
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

  #addOne(recording: Counted<Key>, view: DataView, durations: number, small: number, words: Words): void {
    const folders = words.folders.map((name) => this.#counter.folder(name)), lines = words.lines.map(this.#line);
    const command = this.#command;
    let place = small, minute = 0;
    const next = () => {
      let byte = view.getUint8(place++), number = byte & 127;
      for (let unit = 128; byte >= 128; unit *= 128) number += ((byte = view.getUint8(place++)) & 127) * unit;
      return number;
    };
    for (let at = 0; at < recording.commands; at++) {
      const moved = next(), code = next(), folder = next(), line = next();
      command.duration = view.getFloat64(durations + at * 8, true);
      command.minute = moved === 0 ? NaN : minute += unfolded(moved - 1);
      command.confidence = code % CONFIDENCE.length;
      command.code = words.codes[Math.floor(code / CONFIDENCE.length) - 1] ?? NaN;
      this.#counter.add(command, folders[folder - 1], lines[line - 1]);
      if (this.#slowest.wants(command.duration)) this.#slowest.add({ of: recording, at }, command.duration);
    }
    this.#retries.end(words.retries);
    this.#sessions += words.sessions;
    this.#remember(recording);
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
