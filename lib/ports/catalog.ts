/**
 * What is known about stored recordings, and how they are found.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../event.ts";
import type { CommandStatistics, SessionCommands, StoredRecording, TextLine } from "../models.ts";

/**
 * Which recordings are meant: those for which all that is given holds.
 *
 * @example Those that failed last night on one machine
 * ```ts
 * const filter: RecordingFilter = { host: "build7", exitCode: 1, since: Date.UTC(2026, 0, 1, 20) };
 * ```
 */
export interface RecordingFilter {
  /** Login name. */
  readonly user?: string;
  /** Name of the machine. */
  readonly host?: string;
  /** All of these tags. */
  readonly tags?: readonly string[];
  /** How it ended. */
  readonly exitCode?: number;
  /** Began at this time or later, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly since?: number;
  /** Began before this time. */
  readonly until?: number;
  /** Took at least so long. */
  readonly minDuration?: Nanos;
  /** Took at most so long. */
  readonly maxDuration?: Nanos;
  /** Is at least so large. */
  readonly minBytes?: number;
  /** Is at most so large. */
  readonly maxBytes?: number;
  /** Title, command, tags, user or host hold this text, in capitals or not. */
  readonly about?: string;
}

/**
 * What a text must hold for a search to be worth looking at it.
 *
 * @example
 * ```ts
 * const need: TextNeed = { words: ["permission", "denied"], parts: [] };
 * ```
 */
export interface TextNeed {
  /** Whole words: letters, digits and `_`, in small letters. */
  readonly words: readonly string[];
  /** Parts of lines, in small letters. */
  readonly parts: readonly string[];
}

/**
 * Neighbouring lines of a recording, as a catalog keeps them.
 *
 * @example
 * ```ts
 * const size = ({ text }: Passage) => text.length;
 * ```
 */
export interface Passage {
  /** Whose. */
  readonly recording: StoredRecording;
  /** Its lines, with a line feed between them. */
  readonly text: string;
  /** The same with their times, in order of time. */
  lines(): readonly TextLine[];
}

/**
 * What a {@linkcode Catalog} holds.
 *
 * @example
 * ```ts
 * const nothing: CatalogTotals = { recordings: 0, bytes: 0, duration: 0, textBytes: 0, unindexed: 0 };
 * ```
 */
export interface CatalogTotals {
  /** How many. */
  readonly recordings: number;
  /** Their bytes together. */
  readonly bytes: number;
  /** Their durations together. */
  readonly duration: Nanos;
  /** Text that can be searched. */
  readonly textBytes: number;
  /** Recordings whose text is not in it. */
  readonly unindexed: number;
}

/**
 * The text of one recording, for {@linkcode Catalog.index}.
 *
 * @example
 * ```ts
 * const silent = (id: string): TextOf => ({ id, lines: (async function* () {})() });
 * ```
 */
export interface TextOf {
  /** Whose. */
  readonly id: string;
  /** In order of time, in batches. */
  readonly lines: AsyncIterable<readonly TextLine[]>;
}

/**
 * The commands of one recording, from {@linkcode Catalog.commands}.
 *
 * @example
 * ```ts
 * const failures = ({ commands }: CommandsOf) => commands.filter(({ code }) => code !== 0);
 * ```
 */
export interface CommandsOf extends SessionCommands {
  /** Whose. */
  readonly id: string;
  /** Name of the machine. */
  readonly host?: string;
}

/**
 * Keeps what is known about recordings, and finds them. All of it can be built again from the sidecars of a {@linkcode BlobStore}.
 *
 * @example
 * ```ts
 * const newest = async (catalog: Catalog) => (await catalog.list({}, 1))[0];
 * ```
 */
export interface Catalog {
  /** Where it is, for messages; holds no secrets. */
  readonly name: string;
  /** Takes what is known about a recording, new or changed. Its text stays as it is. */
  put(recording: StoredRecording): Promise<void>;
  /** What is known; `undefined` when there is no such recording. */
  get(id: string): Promise<StoredRecording | undefined>;
  /** Changes what is known while nobody else can; returns it, or `undefined` when there is no such recording. */
  change(id: string, change: (recording: StoredRecording) => StoredRecording): Promise<StoredRecording | undefined>;
  /** The first ids that begin with `prefix`, at most `limit`. */
  resolve(prefix: string, limit: number): Promise<string[]>;
  /** The newest that `filter` lets through, by when they began, newest first. */
  list(filter: RecordingFilter, limit: number): Promise<StoredRecording[]>;
  /** Takes the text of recordings, in the place of what was known of it before; one without a recording is left out. */
  index(texts: AsyncIterable<TextOf>): Promise<void>;
  /** The ids of recordings whose text is not here. */
  unindexed(): Promise<string[]>;
  /**
   * Text that may hold what is needed, newest recordings first, and in each the latest first. With nothing needed all text there
   * is. What it gives may hold less than what is needed, never the other way round.
   */
  passages(need: TextNeed, filter: RecordingFilter): AsyncIterable<Passage>;
  /** Those recordings that hold most of what is needed for their length, best first. */
  best(need: TextNeed, filter: RecordingFilter, limit: number): Promise<StoredRecording[]>;
  /** Takes the commands of a recording, in the place of those known before; where there is no such recording, nothing. */
  putCommands(id: string, commands: SessionCommands): Promise<void>;
  /** The commands of the recordings that `filter` lets through, the oldest recording first; those that are not known are left out. */
  commands(filter: RecordingFilter): AsyncIterable<CommandsOf>;
  /**
   * What a `CommandAnalyzer` says that is given the same commands in the same order.
   *
   * @param minutesFromUtc What the clock on the wall shows more than UTC, for the hours of the day.
   */
  commandStatistics(filter: RecordingFilter, minutesFromUtc: number): Promise<CommandStatistics>;
  /** The ids of those recordings whose commands are not here. */
  withoutCommands(filter: RecordingFilter): Promise<string[]>;
  /** Forgets a recording, its text and its commands; says whether there was one. */
  delete(id: string): Promise<boolean>;
  /** What it holds. */
  totals(): Promise<CatalogTotals>;
  /** Forgets everything. */
  clear(): Promise<void>;
  /** Takes what was deleted or replaced out of the catalog's files too, where it may still lie unused. */
  purge(): Promise<void>;
  /** Lets go of files and connections. */
  close(): Promise<void>;
}
