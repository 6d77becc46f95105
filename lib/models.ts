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
