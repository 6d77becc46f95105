/**
 * Any moment of a recording: what shows then, and the events from there on.
 *
 * A moment is reached from the nearest keyframe before it, so it takes the same few milliseconds in a recording of ten hours
 * as in one of ten seconds. The screen is exactly the one that playing to that moment gives.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventOf, Nanos, ScreenState, SessionEvent, SessionHeader } from "../event.ts";
import type { EmulatorMaker } from "../ports.ts";
import { ScreenTracker } from "../terminal/screen_tracker.ts";
import { isSeen } from "../transform/seen.ts";
import { BlockCache } from "./block_cache.ts";
import { BlockReader, type Position } from "./block_reader.ts";
import type { EventBlocks, MarkerPoint } from "./event_blocks.ts";

/**
 * What a timeline needs beside the recording.
 *
 * @example
 * ```ts
 * import { loadEmulator } from "@term2ai/term2ai";
 * const options: TimelineOptions = { loadEmulator, cacheBytes: 4 << 20 };
 * ```
 */
export interface TimelineOptions {
  /** Gives the terminal that screens are computed with, when the first one is. */
  readonly loadEmulator: () => Promise<EmulatorMaker>;
  /** How much of the decoded recording is kept; 16 MiB if absent. */
  readonly cacheBytes?: number;
}

/** Output that is drawn in one go; 36 MB/s were measured, so nothing else waits for longer than 2 ms. */
const STRETCH = 64 << 10;

/**
 * A recording that can be entered anywhere.
 *
 * @example What shows after two seconds
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { loadEmulator, openTimeline, blobSource, screenText, SECOND } from "@term2ai/term2ai";
 *
 * const cast = '{"version":3,"term":{"cols":80,"rows":24}}\n[1,"o","one\\r\\n"]\n[1,"o","two"]\n[1,"o","three"]\n';
 * const timeline = await openTimeline(blobSource("demo.cast", new Blob([cast])), { loadEmulator });
 * const place = await timeline.at(2 * SECOND);
 * deepEqual(screenText(await timeline.screen(place)), ["one", "two"]);
 * timeline.close();
 * ```
 */
export class Timeline {
  readonly #blocks: EventBlocks;
  readonly #cache: BlockCache;
  readonly #load: () => Promise<EmulatorMaker>;
  #make: EmulatorMaker | undefined;

  /** Enters what `blocks` hold. */
  constructor(blocks: EventBlocks, { loadEmulator, cacheBytes = 16 << 20 }: TimelineOptions) {
    this.#blocks = blocks;
    this.#cache = new BlockCache((block) => blocks.read(block), cacheBytes);
    this.#load = loadEmulator;
  }

  /** What the session says about itself. */
  get header(): SessionHeader {
    return this.#blocks.header;
  }

  /** Session time of its last event, as far as it has been read. */
  get duration(): Nanos {
    return this.#blocks.duration;
  }

  /** Whether all of it has been read once, so that `duration` and `markers` are final. */
  get complete(): boolean {
    return this.#blocks.complete;
  }

  /** The markers, in order. */
  get markers(): readonly MarkerPoint[] {
    return this.#blocks.markers;
  }

  /** Before everything, the header too. */
  get beginning(): Position {
    return { block: 0, index: 0, time: 0 };
  }

  /** Reads the events from `place` on. */
  read(place: Position): BlockReader {
    return new BlockReader(this.#blocks, this.#cache, place);
  }

  /** Resolves when all of it has been read once. */
  async known(signal?: AbortSignal): Promise<void> {
    while (!this.#blocks.complete && !signal?.aborted) await this.#grown(signal);
  }

  /** Where `time` is: behind all events up to and at it. Behind the last one where the recording is shorter. */
  async at(time: Nanos, signal?: AbortSignal): Promise<Position> {
    while (!this.#blocks.complete && this.#blocks.duration <= time && !signal?.aborted) await this.#grown(signal);
    const wanted = Math.max(0, Math.min(time, this.#blocks.duration));
    const block = lastIndex(this.#blocks.times, (start) => start <= wanted);
    const events = await this.#events(block);
    return { block, index: lastIndex(events, (event) => event.time <= wanted) + 1, time: wanted };
  }

  /**
   * What shows at `place`.
   *
   * Drawing goes on in stretches, so that whoever shares the thread need not wait; it stops early when `signal` aborts.
   */
  async screen(place: Position, signal?: AbortSignal): Promise<ScreenState> {
    return (await this.track(place, signal)).state;
  }

  /** A terminal that shows what shows at `place`, to be driven on from there; `keepLines` has it keep the lines that scroll off. */
  async track(place: Position, signal?: AbortSignal, keepLines = false): Promise<ScreenTracker> {
    const tracker = new ScreenTracker(this.#make ??= await this.#load(), keepLines);
    const { cols, rows } = this.#blocks.header;
    tracker.push({ kind: "header", time: 0, header: { cols, rows } });
    const { from, state } = await this.#anchor(place);
    if (state) tracker.emulator.restore(state);
    let drawn = 0; // since somebody else had a turn
    for await (const { events, start, end } of this.#slices(from, place)) {
      for (let index = start; index < end; index++) {
        const event = events[index]!;
        tracker.push(event);
        if (event.kind === "output") drawn += event.data.length;
        if (drawn < STRETCH) continue;
        drawn = 0;
        await turn();
        if (signal?.aborted) return tracker;
      }
    }
    return tracker;
  }

  /** The events between two places; without the second, all that are known. */
  async *forward(from: Position, to?: Position): AsyncGenerator<SessionEvent, void, void> {
    for await (const { event } of this.places(from, to)) yield event;
  }

  /** The same, each with the place behind it. */
  async *places(from: Position, to?: Position): AsyncGenerator<{ event: SessionEvent; behind: Position }, void, void> {
    let { time } = from;
    for await (const { block, events, start, end } of this.#slices(from, to)) {
      for (let index = start; index < end; index++) {
        const event = events[index]!;
        time = Math.max(time, event.time);
        yield { event, behind: { block, index: index + 1, time } };
      }
    }
  }

  /** The events before a place, the last one first, each with its own place. */
  async *backward(from: Position): AsyncGenerator<{ event: SessionEvent; before: Position }, void, void> {
    for (let { block, index } = from; block >= 0; block--, index = Infinity) {
      const events = await this.#events(block);
      for (let at = Math.min(index, events.length) - 1; at >= 0; at--) {
        yield { event: events[at]!, before: { block, index: at, time: await this.#timeBefore(block, at) } };
      }
    }
  }

  /**
   * The place `count` events further on that a viewer sees, or as many back when it is negative; `undefined` where there are
   * not that many. Nothing is before the blank screen that a session begins with.
   */
  async step(from: Position, count: number): Promise<Position | undefined> {
    let left = Math.abs(count);
    if (left === 0) return from;
    if (count > 0) {
      for await (const { event, behind } of this.places(from)) if (isSeen(event) && --left === 0) return behind;
      return undefined;
    }
    for await (const { event, before } of this.backward(from)) {
      if (event.kind === "header") return undefined;
      if (isSeen(event) && --left === 0) return before;
    }
  }

  /** Whether recording was switched off at `place`: nothing was recorded between it and the end of a pause. */
  async isOff(place: Position): Promise<boolean> {
    for await (const { kind, ...event } of this.forward(place)) {
      if (kind === "gap") return "reason" in event && event.reason === "resumed";
      if (kind === "output" || kind === "input" || kind === "screen") return false;
    }
    return false;
  }

  /** The places of keyframes and screens up to `place`, the last one first, and the beginning at last. */
  async *anchors(place: Position): AsyncGenerator<{ from: Position; state?: ScreenState }, void, void> {
    for (const block of this.#anchorBlocks(place.block)) {
      const events = await this.#events(block);
      const end = block === place.block ? Math.min(place.index, events.length) : events.length;
      for (let index = end - 1; index >= 0; index--) {
        const event = events[index]!;
        if (!tellsScreen(event)) continue;
        yield { from: { block, index: index + 1, time: event.time }, state: event.state };
      }
    }
    yield { from: this.beginning };
  }

  /** Lets go of the recording. */
  close(): void {
    this.#blocks.close();
  }

  /** A block, and those before it that hold keyframes, the last one first. */
  *#anchorBlocks(last: number): Generator<number, void, void> {
    yield last;
    const { keyframes } = this.#blocks;
    for (let at = lastIndex(keyframes, ({ block }) => block < last), before = last; at >= 0; at--) {
      const { block } = keyframes[at]!;
      if (block < before) yield before = block;
    }
  }

  async #anchor(place: Position): Promise<{ from: Position; state?: ScreenState }> {
    for await (const anchor of this.anchors(place)) return anchor;
    return { from: this.beginning };
  }

  /** The parts of blocks between two places. */
  async *#slices(from: Position, to?: Position) {
    for (let block = from.block; block < this.#blocks.times.length && block <= (to?.block ?? Infinity); block++) {
      const events = await this.#events(block);
      const end = block === to?.block ? Math.min(to.index, events.length) : events.length;
      yield { block, events, start: block === from.block ? from.index : 0, end };
    }
  }

  async #events(block: number): Promise<EventBatch> {
    if (block < 0 || block >= this.#blocks.times.length) return [];
    return await this.#cache.get(block);
  }

  async #timeBefore(block: number, index: number): Promise<Nanos> {
    if (index > 0) return (await this.#events(block))[index - 1]!.time;
    return block > 0 ? (await this.#events(block - 1)).at(-1)?.time ?? this.#blocks.times[block - 1]! : 0;
  }

  async #grown(signal?: AbortSignal): Promise<void> {
    if (!signal) return await this.#blocks.grown();
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.race([this.#blocks.grown(), aborted]);
  }
}

function tellsScreen(event: SessionEvent): event is EventOf<"keyframe"> | EventOf<"screen"> {
  return event.kind === "keyframe" || event.kind === "screen";
}

/** Lets others have a turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** The last index of sorted values for which `isUpTo` holds, by halves; -1 if for none. */
function lastIndex<Value>(values: readonly Value[], isUpTo: (value: Value) => boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isUpTo(values[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
