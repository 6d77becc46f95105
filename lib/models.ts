/**
 * What the library tells about a recording or a replay as a whole.
 *
 * This module is browser compatible.
 * @module
 */

import type { ExitStatus, Nanos } from "./event.ts";

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
  /** When it showed. */
  readonly time: Nanos;
  /** What it is. */
  readonly kind: TextKind;
  /** The line, or the part of a long one around what was found. */
  readonly excerpt: string;
}
