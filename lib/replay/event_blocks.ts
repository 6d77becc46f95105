/**
 * A recording whose events can be read from anywhere, a block at a time.
 *
 * Seeking needs no more of a recording than this: where its blocks are in time, which of them hold a keyframe, and the events
 * of any one of them. What is not known yet, because it is still being read for the first time, comes later.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, Nanos, SessionHeader } from "../event.ts";

/**
 * Where something is in a recording that can be read by blocks.
 *
 * @example
 * ```ts
 * const first: BlockPoint = { time: 0, block: 0 };
 * ```
 */
export interface BlockPoint {
  /** When it happened. */
  readonly time: Nanos;
  /** The block that it stands in, or the one after it. */
  readonly block: number;
}

/**
 * A point with a name.
 *
 * @example
 * ```ts
 * const deploy: MarkerPoint = { time: 3e9, label: "deploy" };
 * ```
 */
export interface MarkerPoint {
  /** When it was set. */
  readonly time: Nanos;
  /** Its text. */
  readonly label: string;
}

/**
 * One session, in blocks.
 *
 * @example A session that is held in memory as one block
 * ```ts
 * import type { EventBatch } from "@term2ai/term2ai";
 *
 * const blocksOf = (events: EventBatch): EventBlocks => ({
 *   header: { cols: 80, rows: 24 },
 *   duration: events.at(-1)!.time,
 *   times: [0],
 *   keyframes: [],
 *   markers: [],
 *   complete: true,
 *   grown: () => Promise.resolve(),
 *   read: () => Promise.resolve(events),
 *   close: () => {},
 * });
 * ```
 */
export interface EventBlocks {
  /** What the session says about itself. */
  readonly header: SessionHeader;
  /** Time of the last event, as far as it is known. */
  readonly duration: Nanos;
  /** Time of the first event of each block, as far as they are known. */
  readonly times: readonly Nanos[];
  /** Keyframes, in order. */
  readonly keyframes: readonly BlockPoint[];
  /** Markers, in order. */
  readonly markers: readonly MarkerPoint[];
  /** Whether all of it is known. */
  readonly complete: boolean;
  /** Resolves when more is known than now; rejects when the rest cannot be read. */
  grown(): Promise<void>;
  /** The events of a block, those of the first with the `header` before them. */
  read(block: number): Promise<EventBatch>;
  /** Lets go of it. */
  close(): void;
}
