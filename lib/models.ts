/**
 * What the library tells about a recording or a replay as a whole.
 *
 * This module is browser compatible.
 * @module
 */

import type { CommandConfidence, ExitStatus, Nanos } from "./event.ts";

/**
 * What a recording holds, counted from its events.
 *
 * @example
 * ```ts
 * const perSecond = (stats: RecordingStats) => stats.outputBytes / (stats.duration / 1e9);
 * ```
 */
export interface RecordingStats {
  /** Sessions in the stream: recordings may stand one behind the other. */
  readonly sessions: number;
  /** Events of every kind, headers included. */
  readonly events: number;
  /** Bytes that the terminal was sent. */
  readonly outputBytes: number;
  /** Bytes that were typed and kept. */
  readonly inputBytes: number;
  /** Events of kind `marker`. */
  readonly markers: number;
  /** Events of kind `resize`. */
  readonly resizes: number;
  /** Events of kind `gap`. */
  readonly gaps: number;
  /** Bytes that the gaps say are missing, where they say it. */
  readonly missingBytes: number;
  /** Time of the last event, summed over the sessions. */
  readonly duration: Nanos;
  /** How far wall clock and session clock went apart in the last session. */
  readonly drift: Nanos;
  /** How the last session ended; absent while none of its events says so. */
  readonly exit?: ExitStatus;
}

/**
 * Where a replay stands.
 *
 * @example
 * ```ts
 * const label = ({ phase, position, speed }: PlaybackState) => `${phase} at ${position / 1e9} s, ${speed}x`;
 * label({ phase: "paused", position: 0, speed: 1 });
 * ```
 */
export interface PlaybackState {
  /** What it is doing. */
  readonly phase: "playing" | "paused" | "ended";
  /** Session time that has been shown; while a seek is under way, where it leads, as far as that is known. */
  readonly position: Nanos;
  /** Session seconds per second of the clock on the wall. */
  readonly speed: number;
  /** A seek is under way: what shows is still what showed before it. */
  readonly seeking?: true;
}

/**
 * What a store knows about one of its recordings: the contents of `ID.meta.json`.
 *
 * Title, tags and owner may change; all else tells of the bytes that are stored, or was read from them.
 *
 * @example
 * ```ts
 * const label = ({ id, title, command }: StoredRecording) => `${id}  ${title ?? command ?? "untitled"}`;
 * ```
 */
export interface StoredRecording {
  /** Its name in the store: 26 characters that sort by time and cannot be guessed. */
  readonly id: string;
  /** Who may see and change it. */
  readonly owner: string;
  /** The key of its bytes. */
  readonly blob: string;
  /** The name of its format, such as `t2a`. */
  readonly format: string;
  /** Length of what is stored. */
  readonly bytes: number;
  /** SHA-256 of what is stored, in hexadecimal. */
  readonly sha256: string;
  /** When it was stored, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly storedAt: number;
  /** When the session began, in the same unit. */
  readonly startedAt: number;
  /** How long it took, all sessions of the recording together. */
  readonly duration: Nanos;
  /** Bytes that the terminal was sent. */
  readonly outputBytes: number;
  /** Whether the recording has its end. */
  readonly isComplete: boolean;
  /** A name for people. */
  readonly title?: string;
  /** The command line that ran. */
  readonly command?: string;
  /** Login name of whoever recorded. */
  readonly user?: string;
  /** Name of the machine. */
  readonly host?: string;
  /** How the last session ended. */
  readonly exit?: ExitStatus;
  /** Words to find it by. */
  readonly tags: readonly string[];
  /** SHA-256 of what was stored under this name before, oldest first. */
  readonly superseded?: readonly string[];
}

/**
 * What a found text is: a line that a program `output`, a line of a full-`screen` program, a `command`, a window `title` or the
 * recording's own, the label of a `marker`, a `tag`, or what else is known of the recording (`about`).
 *
 * @example
 * ```ts
 * const kind: TextKind = "output";
 * ```
 */
export type TextKind = "output" | "screen" | "command" | "title" | "marker" | "tag" | "about";

/**
 * A line of text that could be read in a session.
 *
 * @example
 * ```ts
 * const line: TextLine = { time: 1_500_000_000, until: 9_000_000_000, kind: "output", text: "make: *** [all] Error 2" };
 * ```
 */
export interface TextLine {
  /** When it began to show, from the start of the recording. */
  readonly time: Nanos;
  /** When it last changed. */
  readonly until: Nanos;
  /** What it is. */
  readonly kind: TextKind;
  /** Without colours, and without blanks at its end. */
  readonly text: string;
}

/**
 * What a search has found.
 *
 * @example
 * ```ts
 * const target = ({ recording, time }: SearchHit) => `term2ai play ${recording.id}@${time / 1e9}`;
 * ```
 */
export interface SearchHit {
  /** Where. */
  readonly recording: StoredRecording;
  /** When it showed, all of it: from when the line last changed on. */
  readonly time: Nanos;
  /** What it is. */
  readonly kind: TextKind;
  /** The line, or the part of a long one around what was found. */
  readonly excerpt: string;
}

/**
 * A command of a session. What is not known is absent.
 *
 * @example
 * ```ts
 * const record: CommandRecord = {
 *   session: 0, index: 0, start: 2e9, end: 5e9, text: "make test", code: 2, cwd: "/src", outputBytes: 1200, confidence: "exact",
 * };
 * ```
 */
export interface CommandRecord {
  /** Which session of the stream, from 0. */
  readonly session: number;
  /** Which command of that session, from 0. */
  readonly index: number;
  /** When it began, since the session's start. */
  readonly start: Nanos;
  /** When it ended; absent where that is not known, or where it is not known when it began. */
  readonly end?: Nanos;
  /** When it printed something first. */
  readonly firstOutput?: Nanos;
  /** The command line. */
  readonly text?: string;
  /** Exit code. */
  readonly code?: number;
  /** The folder it ran in. */
  readonly cwd?: string;
  /**
   * What was printed while it ran, in bytes: jobs in the background and the title that fish sets count, but not the echo of what was
   * typed, where the recording has the input. Where it has not, the echo of what is typed ahead counts.
   */
  readonly outputBytes: number;
  /** How sure all this is. */
  readonly confidence: "exact" | CommandConfidence;
  /** Wall clock at its start, in milliseconds since 1970, where the recording tells. */
  readonly startedAt?: number;
}

/**
 * All commands of a recording.
 *
 * @example
 * ```ts
 * const silent: SessionCommands = { sessions: 1, commands: [] };
 * ```
 */
export interface SessionCommands {
  /** How many sessions it holds. */
  readonly sessions: number;
  /** In the order in which they began. */
  readonly commands: readonly CommandRecord[];
}

/**
 * What is known about many durations. Quantiles are by nearest rank: exact up to 1,000 durations, within 1 % beyond.
 *
 * @example
 * ```ts
 * const spread = ({ p50, p95 }: DurationSummary) => p95 / p50;
 * ```
 */
export interface DurationSummary {
  /** How many. */
  readonly count: number;
  /** All of them together. */
  readonly total: Nanos;
  /** On average. */
  readonly mean: Nanos;
  /** The shortest. */
  readonly min: Nanos;
  /** Half of them are no longer. */
  readonly p50: Nanos;
  /** 95 % of them are no longer. */
  readonly p95: Nanos;
  /** The longest. */
  readonly max: Nanos;
}

/**
 * Something that was run, and how that went.
 *
 * @example
 * ```ts
 * const make: RunSummary = { name: "make", count: 3, failed: 1 };
 * ```
 */
export interface RunSummary {
  /** A program, a subcommand, a folder. */
  readonly name: string;
  /** How often. */
  readonly count: number;
  /** How often it failed: see {@linkcode CommandStatistics.failed}. */
  readonly failed: number;
  /** How long it took, where that is known. */
  readonly duration?: DurationSummary;
}

/**
 * A command that failed and was run again.
 *
 * @example
 * ```ts
 * const stubborn: Retry = { text: "make test", attempts: 3, succeeded: true };
 * ```
 */
export interface Retry {
  /** The command line, the same each time. */
  readonly text: string;
  /** How often it was run, the first time included. */
  readonly attempts: number;
  /** Whether the last attempt ended with 0. */
  readonly succeeded: boolean;
}

/**
 * What there is to know about the commands of sessions.
 *
 * @example
 * ```ts
 * const rate = ({ failed, commands }: CommandStatistics) => failed / commands;
 * ```
 */
export interface CommandStatistics {
  /** Sessions that were looked at. */
  readonly sessions: number;
  /** Commands that were found. */
  readonly commands: number;
  /** How many of them are exact, reported and guessed. */
  readonly confidence: Readonly<Record<CommandRecord["confidence"], number>>;
  /**
   * Commands that failed: their exit code is neither 0, nor that of Ctrl-C (130), nor an answer such as the 1 of `grep`, `diff` and
   * `test`, and they did not leave the shell.
   */
  readonly failed: number;
  /** Commands whose exit code is not known. */
  readonly unknownExit: number;
  /** By exit code, the most frequent first. */
  readonly exitCodes: readonly { readonly code: number; readonly count: number }[];
  /** How long they took; absent when none is known to have ended. */
  readonly duration?: DurationSummary;
  /** The ten that took longest. */
  readonly slowest: readonly CommandRecord[];
  /** By program, the most frequent first. */
  readonly programs: readonly RunSummary[];
  /** By program and subcommand, `git status` for one. */
  readonly subcommands: readonly RunSummary[];
  /** Command lines with a pipe, and how long the longest is. */
  readonly pipelines: { readonly count: number; readonly longest: number };
  /** By the folder they ran in. */
  readonly directories: readonly RunSummary[];
  /** Those that failed and were run again, in the order in which that ended. */
  readonly retries: readonly Retry[];
  /** How many began in each hour of the day, where the wall clock is known. */
  readonly hours: readonly number[];
  /** The last thousand. */
  readonly history: readonly CommandRecord[];
}
