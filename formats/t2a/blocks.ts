/**
 * A recording in blocks, by its index: any stretch of it is read and decoded without the rest.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { EventBatch, Nanos, SessionHeader } from "../../lib/event.ts";
import type { Digest, Ranges } from "../../lib/ports.ts";
import type { BlockPoint, EventBlocks, MarkerPoint } from "../../lib/replay/event_blocks.ts";
import { Report } from "../../lib/report.ts";
import type { ReadTools } from "./session_reader.ts";
import type { IndexContent, IndexEntry } from "./index.ts";
import { T2aReader } from "./reader.ts";

/** A recorded block with the derived ones before it that belong to it, or, at the end, these alone. */
interface Group {
  readonly start: number;
  readonly time: Nanos;
}

/**
 * Puts the blocks of an index into groups that can be read alone.
 *
 * @param isAll Whether no more blocks will come; before that, derived ones at the end wait for theirs.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * const one = { offset: 100, type: 2, recorded: false, sequence: 0, time: 5, events: 1, outputBytes: 0 };
 * equal(groupsOf([one, { ...one, offset: 200, recorded: true }], true).length, 1);
 * equal(groupsOf([one], false).length, 0);
 * ```
 */
export function groupsOf(entries: readonly IndexEntry[], isAll: boolean): Group[] {
  const groups: Group[] = [];
  let start: number | undefined;
  for (const { offset, recorded, time } of entries) {
    start ??= offset;
    if (!recorded) continue;
    groups.push({ start, time });
    start = undefined;
  }
  const last = entries.at(-1);
  if (isAll && start !== undefined && last) groups.push({ start, time: last.time });
  return groups;
}

/** What an index says at the moment, and how long the recording is as far as it goes. */
export interface IndexedPart extends Pick<IndexContent, "blocks" | "keyframes" | "markers" | "duration"> {
  readonly length: number;
}

/**
 * The longest stretch of output without a keyframe, in bytes: what a seek has to draw at the most.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(longestStretch({ blocks: [], keyframes: [], outputBytes: 70 }), 70);
 * ```
 */
export function longestStretch(index: Pick<IndexContent, "blocks" | "keyframes" | "outputBytes">): number {
  let [longest, last, at] = [0, 0, 0];
  for (const { offset } of index.keyframes) {
    while (at + 1 < index.blocks.length && index.blocks[at + 1]!.offset <= offset) at++;
    const outputBytes = index.blocks[at]?.outputBytes ?? 0;
    longest = Math.max(longest, outputBytes - last);
    last = outputBytes;
  }
  return Math.max(longest, index.outputBytes - last);
}

/** Blocks that are read by their index. */
export class IndexedBlocks implements EventBlocks {
  readonly header: SessionHeader;
  #part: IndexedPart;
  #groups: readonly Group[];
  #times: readonly Nanos[];
  #keyframes: readonly BlockPoint[];
  #complete: boolean;
  readonly #start: number;
  readonly #ranges: Ranges;
  readonly #tools: ReadTools;

  /** The session whose magic stands at byte `start` of `ranges`. */
  constructor(
    { header, start, part, complete }: {
      readonly header: SessionHeader;
      readonly start: number;
      readonly part: IndexedPart;
      readonly complete: boolean;
    },
    ranges: Ranges,
    tools: ReadTools,
  ) {
    this.header = header;
    this.#start = start;
    this.#ranges = ranges;
    this.#tools = tools;
    this.#complete = complete;
    this.#part = part;
    this.#groups = groupsOf(part.blocks, complete);
    this.#times = this.#groups.map(({ time }) => time);
    this.#keyframes = this.#pointsOf(part);
  }

  get duration(): Nanos {
    return this.#part.duration;
  }

  get times(): readonly Nanos[] {
    return this.#times;
  }

  get keyframes(): readonly BlockPoint[] {
    return this.#keyframes;
  }

  get markers(): readonly MarkerPoint[] {
    return this.#part.markers;
  }

  get complete(): boolean {
    return this.#complete;
  }

  grown(): Promise<void> {
    return Promise.resolve();
  }

  async read(block: number): Promise<EventBatch> {
    const group = this.#groups[block];
    if (!group) return [];
    const end = this.#groups[block + 1]?.start ?? this.#part.length;
    const bytes = await this.#ranges.read(this.#start + group.start, end - group.start);
    const header = block === 0 ? [{ kind: "header", time: 0, header: this.header } as const] : [];
    const report = new Report(); // its places count from the stretch
    const events = await decodeAll(bytes, group.time, { ...this.#tools, report });
    const byte = this.#start + group.start;
    if (report.warnings.length > 0) {
      this.#tools.report.warn("damaged-block", `the ${bytes.length} bytes from byte ${byte} on are damaged`, { byte });
    }
    return [...header, ...events];
  }

  close(): void {
    this.#ranges.close();
  }

  /** The group that begins last before a keyframe's block. */
  #pointsOf({ keyframes }: IndexedPart): BlockPoint[] {
    let block = 0;
    return keyframes.map(({ time, offset }) => {
      while (block + 1 < this.#groups.length && this.#groups[block + 1]!.start <= offset) block++;
      return { time, block };
    });
  }
}

/** What can be read of a stretch; one that is damaged from end to end is a gap, and no reason to leave the rest. */
async function decodeAll(bytes: Uint8Array, time: Nanos, tools: ReadTools): Promise<EventBatch> {
  const reader = new T2aReader("the recording", tools, true);
  reader.push(bytes);
  reader.end();
  const batches: EventBatch[] = [];
  try {
    for (let batch = await reader.next(); batch; batch = await reader.next()) batches.push(batch);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    batches.push([{ kind: "gap", time, reason: "damage" }]);
  }
  return batches.flat();
}

/** The chain is not looked at when a stretch is read alone. */
export const noDigest: Digest = () => Promise.resolve(new Uint8Array(32));
