/**
 * Recordings that can be entered anywhere: T2A by its index, everything else made into it.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventStream } from "../lib/event.ts";
import type { CodecLoader, EmulatorMaker, Ranges, Source, UnwrapKey } from "../lib/ports.ts";
import { Timeline, type TimelineOptions } from "../lib/replay/timeline.ts";
import { Report } from "../lib/report.ts";
import type { EventBlocks } from "../lib/replay/event_blocks.ts";
import { compose } from "../lib/stream/compose.ts";
import { join } from "../lib/transform/join.ts";
import { keyframes } from "../lib/transform/keyframes.ts";
import { IndexedBlocks, longestStretch, noDigest } from "./t2a/blocks.ts";
import { type BlockStore, GrowingBlocks, memoryStore } from "./t2a/growing.ts";
import { webDigest } from "./t2a/chain.ts";
import { isEncrypted, readIndexes } from "./t2a/locate.ts";

export { type BlockStore, memoryStore } from "./t2a/growing.ts";

/**
 * Where keyframes are kept that were computed for a recording.
 *
 * @example Nowhere but in memory
 * ```ts
 * const forgetful: KeyframeCache = { found: () => Promise.resolve(undefined), store: () => Promise.resolve(memoryStore()) };
 * ```
 */
export interface KeyframeCache {
  /** The recording with its keyframes, if it was kept and is still the same; to be closed by whoever reads it. */
  found(): Promise<Ranges | undefined>;
  /** Where to write it. */
  store(): Promise<BlockStore>;
}

/** Output that may have to be drawn for one seek, in bytes: 60 ms. Recordings with less of it between keyframes stay as they are. */
const TOLERABLE = 2 << 20;

/**
 * The blocks of a T2A recording that can be entered as it is: one session, finished, with keyframes enough; else `undefined`.
 *
 * @param report Hears of damage in what is read.
 * Of a signed recording, keyframes are used only where its seal lists them.
 *
 * @param unwrap Opens the key of an encrypted recording.
 * @throws {FormatError} If it is encrypted and cannot be opened.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource, loadCodec } from "@term2ai/term2ai";
 *
 * const ranges = await blobSource("no.t2a", new Blob(["nothing of ours"])).ranges();
 * equal(await indexedBlocks(ranges!, loadCodec), undefined);
 * ```
 */
export async function indexedBlocks(
  ranges: Ranges,
  loadCodec: CodecLoader,
  report: Report = new Report(),
  unwrap?: UnwrapKey,
): Promise<EventBlocks | undefined> {
  const indexes = await readIndexes((start, length) => ranges.read(start, length), ranges.size, loadCodec, unwrap);
  const [index, second] = indexes ?? [];
  if (!index || second || longestStretch(index) > TOLERABLE) return undefined;
  const { header, start, cipher, trust } = index;
  return new IndexedBlocks({ header, start, part: index, complete: true }, ranges, {
    report,
    digest: noDigest,
    loadCodec,
    cipher,
    trust: () => Promise.resolve(trust),
  });
}

/**
 * How to enter a recording by its index.
 *
 * @example
 * ```ts
 * import { loadCodec, loadEmulator } from "@term2ai/term2ai";
 * const settings: IndexedSettings = { loadEmulator, loadCodec };
 * ```
 */
export interface IndexedSettings extends TimelineOptions {
  /** Finds the codec that a block was compressed with. */
  readonly loadCodec: CodecLoader;
  /** Where the recording may be kept with its keyframes. */
  readonly cache?: KeyframeCache;
  /** Hears of damage in what is read. */
  readonly report?: Report;
  /** Opens the key of an encrypted recording. */
  readonly unwrap?: UnwrapKey;
}

/**
 * A recording that can be entered as it is, or as it was kept with its keyframes: no other format is needed for it, and nothing of
 * it read before. `undefined` for all others.
 *
 * @throws {FormatError} If it is encrypted and cannot be opened.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource, loadCodec, loadEmulator } from "@term2ai/term2ai";
 * equal(await indexedTimeline(blobSource("no.t2a", new Blob(["nothing of ours"])), { loadEmulator, loadCodec }), undefined);
 * ```
 */
export async function indexedTimeline(source: Source, settings: IndexedSettings): Promise<Timeline | undefined> {
  const own = await enter(await source.ranges(), settings);
  if (own || !settings.cache || !await mayBeKept(source)) return own;
  return await enter(await settings.cache.found(), settings);
}

async function enter(ranges: Ranges | undefined, settings: IndexedSettings): Promise<Timeline | undefined> {
  if (!ranges) return undefined;
  let blocks: EventBlocks | undefined;
  try {
    blocks = await indexedBlocks(ranges, settings.loadCodec, settings.report, settings.unwrap);
  } finally {
    if (!blocks) ranges.close();
  }
  return blocks && new Timeline(blocks, settings);
}

/**
 * Whether something of a recording may be kept elsewhere: of an encrypted one nothing.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource } from "@term2ai/term2ai";
 * equal(await mayBeKept(blobSource("demo.cast", new Blob(["{}"]))), true);
 * ```
 */
export async function mayBeKept(source: Source): Promise<boolean> {
  const ranges = await source.ranges();
  try {
    return !ranges || !await isEncrypted((start, length) => ranges.read(start, length));
  } finally {
    ranges?.close();
  }
}

/**
 * The blocks of any other recording: its sessions joined to one, with keyframes, written to `store` as T2A while they are used.
 *
 * @throws {FormatError} If it holds no session.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { loadCodec, loadEmulator, streamOf } from "@term2ai/term2ai";
 *
 * const events = streamOf({ kind: "header", time: 0, header: { cols: 80, rows: 24 } }, { kind: "marker", time: 7, label: "end" });
 * const blocks = await growingBlocks(events, await loadEmulator(), loadCodec);
 * while (!blocks.complete) await blocks.grown();
 * equal(blocks.duration, 7);
 * ```
 */
export async function growingBlocks(
  events: EventStream,
  make: EmulatorMaker,
  loadCodec: CodecLoader,
  store: BlockStore = memoryStore(),
): Promise<EventBlocks> {
  const stages = compose(join(), keyframes(make));
  const tools = { report: new Report(), digest: webDigest, loadCodec };
  return await GrowingBlocks.begin(events.pipeThrough(stages), store, tools);
}
