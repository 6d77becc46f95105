/**
 * The index: where in a recording everything is.
 *
 * It is a help, not a truth: a reader that finds none, or a damaged one, learns the same by reading the blocks.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { Nanos } from "../../lib/event.ts";
import type { Codec } from "../../lib/ports.ts";
import { concat } from "../../lib/stream/collect.ts";
import { MAX_RAW } from "./block.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { type Press, readColumns, writeColumns } from "./columns.ts";
import type { Encoded, PlainEvent } from "./payload.ts";
import { readTotals, type Totals, writeTotals } from "./seal.ts";

/**
 * A block as the index lists it.
 *
 * @example
 * ```ts
 * const first: IndexEntry = { offset: 140, type: 2, recorded: true, sequence: 1, time: 0, events: 12, outputBytes: 4096 };
 * ```
 */
export interface IndexEntry {
  /** Where its header starts, in bytes from the recording's magic. */
  readonly offset: number;
  /** See `BlockType`. */
  readonly type: number;
  /** Whether it is in the chain. */
  readonly recorded: boolean;
  /** Its number. */
  readonly sequence: number;
  /** Time of its first event. */
  readonly time: Nanos;
  /** Events in it. */
  readonly events: number;
  /** Bytes of output in all blocks before it. */
  readonly outputBytes: number;
}

/**
 * A marker or a keyframe as the index lists it.
 *
 * @example
 * ```ts
 * const place: IndexPoint = { time: 3e9, offset: 9000, label: "deploy" };
 * ```
 */
export interface IndexPoint {
  /** Time of the event. */
  readonly time: Nanos;
  /** Where its block starts, in bytes from the recording's magic. */
  readonly offset: number;
  /** Text of a marker, cut after 200 characters; empty for a keyframe. */
  readonly label: string;
}

/**
 * What an index says.
 *
 * @example
 * ```ts
 * const empty: IndexContent = {
 *   beside: 0, blocks: [], markers: [], keyframes: [], links: [], header: new Uint8Array(0), events: 0, outputBytes: 0, inputBytes: 0, duration: 0,
 * };
 * ```
 */
export interface IndexContent extends Totals {
  /** Blocks beside the chain. */
  readonly beside: number;
  /** Blocks with events; in long recordings only every second, fourth, … one. */
  readonly blocks: readonly IndexEntry[];
  /** Markers. */
  readonly markers: readonly IndexPoint[];
  /** Keyframes. */
  readonly keyframes: readonly IndexPoint[];
  /** For each block that is listed the first four bytes of the chain's head behind it, as a number; none in files of before. */
  readonly links: readonly number[];
  /** The header block's payload once more, should that one be damaged. */
  readonly header: Uint8Array;
}

/**
 * The payload of an index block: one column, compressed or not.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * const counts = { beside: 0, events: 1, outputBytes: 2, inputBytes: 3, duration: 4 };
 * const keyframes = [{ time: 1, offset: 40, label: "" }];
 * const index = { ...counts, blocks: [], markers: [], keyframes, links: [7], header: Uint8Array.of(5) };
 * deepEqual(readIndex(writeIndex(index).payload), index);
 * ```
 */
export function writeIndex(index: IndexContent, press?: Press): { payload: Uint8Array<ArrayBuffer>; pressed: boolean } {
  const raw = new ByteWriter();
  writeTotals(raw, index);
  raw.varint(index.beside).varint(index.header.length).bytes(index.header).varint(index.blocks.length);
  let before = { offset: 0, time: 0, outputBytes: 0 };
  for (const entry of index.blocks) {
    raw.varint(entry.offset - before.offset).byte(entry.type).byte(entry.recorded ? 1 : 0).varint(entry.sequence);
    raw.signed(entry.time - before.time).varint(entry.events).varint(entry.outputBytes - before.outputBytes);
    before = entry;
  }
  writePoints(raw, index.markers);
  writePoints(raw, index.keyframes);
  raw.varint(index.links.length);
  for (const link of index.links) raw.u32(link);
  const { pieces, pressed } = writeColumns([raw.finish()], press);
  return { payload: concat(pieces), pressed };
}

/**
 * Reads what {@linkcode writeIndex} wrote; what later versions put behind it is left alone.
 *
 * @throws {FormatError} If it is malformed.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => readIndex(new Uint8Array(0)), /ends/);
 * ```
 */
export function readIndex(payload: Uint8Array, codec?: Codec): IndexContent {
  const [column] = readColumns(new ByteReader(payload), 1, codec);
  const from = new ByteReader(column!);
  const totals = readTotals(from);
  const beside = from.varint();
  const header = from.take(from.varint());
  const blocks: IndexEntry[] = [];
  let before: Pick<IndexEntry, "offset" | "time" | "outputBytes"> = { offset: 0, time: 0, outputBytes: 0 };
  for (let left = bounded(from.varint()); left > 0; left--) {
    const offset = before.offset + from.varint();
    const type = from.byte();
    const recorded = from.byte() === 1;
    const sequence = from.varint();
    const time = before.time + from.signed();
    const events = from.varint();
    const outputBytes = before.outputBytes + from.varint();
    const entry = { offset, type, recorded, sequence, time, events, outputBytes };
    blocks.push(entry);
    before = entry;
  }
  return {
    ...totals,
    beside,
    header,
    blocks,
    markers: readPoints(from),
    keyframes: readPoints(from),
    links: readLinks(from),
  };
}

function readLinks(from: ByteReader): number[] {
  const bytes = from.take(from.left === 0 ? 0 : 4 * bounded(from.varint()));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, n) => view.getUint32(4 * n, true));
}

/** Most blocks, markers or keyframes that an index lists; of blocks, every second one is kept beyond that. */
const MAX_ENTRIES = 1 << 16;

/**
 * Gathers an index while blocks are written.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { encodeEvent } from "./payload.ts";
 *
 * const index = new IndexBuilder();
 * const events = [encodeEvent({ kind: "marker", time: 7, label: "here" })];
 * index.add({ offset: 80, type: 2, recorded: true, sequence: 1, time: 7, events: 1 }, events, new Uint8Array(32));
 * equal(index.content().markers[0]?.label, "here");
 * equal(index.totals.duration, 7);
 * ```
 */
export class IndexBuilder {
  #blocks: IndexEntry[] = [];
  #links: number[] = [];
  #stride = 1; // every how manyth block is listed
  #seen = 0;
  #markers: IndexPoint[] = [];
  #keyframes: IndexPoint[] = [];
  #totals = { events: 0, outputBytes: 0, inputBytes: 0, duration: 0 };

  /** What was counted so far. */
  get totals(): Totals {
    return this.#totals;
  }

  /** Counts a block and what is in it; `head` is the head of the chain behind it. */
  add(block: Omit<IndexEntry, "outputBytes">, events: readonly Encoded[], head: Uint8Array): void {
    const { offset, type, recorded, sequence, time } = block;
    if (this.#seen++ % this.#stride === 0) {
      const { outputBytes } = this.#totals;
      this.#blocks.push({ offset, type, recorded, sequence, time, events: block.events, outputBytes });
      this.#links.push(linkOf(head));
    }
    if (this.#blocks.length > MAX_ENTRIES) {
      this.#blocks = this.#blocks.filter((_, n) => n % 2 === 0);
      this.#links = this.#links.filter((_, n) => n % 2 === 0);
      this.#stride *= 2;
    }
    for (const { event } of events) this.#count(event, offset, recorded);
  }

  /** Everything that was gathered. */
  content(): Omit<IndexContent, "beside" | "header"> {
    return {
      ...this.#totals,
      blocks: this.#blocks,
      links: this.#links,
      markers: this.#markers,
      keyframes: this.#keyframes,
    };
  }

  #count(event: PlainEvent, offset: number, recorded: boolean): void {
    if (event.kind === "marker") list(this.#markers, { time: event.time, offset, label: event.label.slice(0, 200) });
    if (event.kind === "keyframe") list(this.#keyframes, { time: event.time, offset, label: "" });
    if (!recorded) return;
    this.#totals.events++;
    this.#totals.duration = event.time;
    if (event.kind === "output") this.#totals.outputBytes += event.data.length;
    if (event.kind === "input") this.#totals.inputBytes += event.data.length;
  }
}

/**
 * The first four bytes of a head as a number: what the index keeps of it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(linkOf(Uint8Array.of(1, 2, 0, 0, 9)), 513);
 * ```
 */
export function linkOf(head: Uint8Array): number {
  return new ByteReader(head).u32();
}

function list(points: IndexPoint[], point: IndexPoint): void {
  if (points.length < MAX_ENTRIES) points.push(point);
}

function writePoints(out: ByteWriter, points: readonly IndexPoint[]): void {
  out.varint(points.length);
  for (const { time, offset, label } of points) out.varint(time).varint(offset).text(label);
}

function readPoints(from: ByteReader): IndexPoint[] {
  const points: IndexPoint[] = [];
  for (let left = bounded(from.varint()); left > 0; left--) {
    points.push({ time: from.varint(), offset: from.varint(), label: from.text() });
  }
  return points;
}

function bounded(count: number): number {
  if (count <= MAX_RAW) return count;
  throw new FormatError(`Cannot read an index: it lists ${count} places`);
}
