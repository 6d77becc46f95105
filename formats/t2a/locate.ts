/**
 * Finds things in a recording without decoding it: its indexes, from the end, and where its whole part ends.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { SessionHeader } from "../../lib/event.ts";
import type { CodecLoader } from "../../lib/ports.ts";
import { BlockType, HEADER_BYTES, MAGIC, readHeader, startsWith, unveil } from "./block.ts";
import { crc32 } from "./crc32.ts";
import { END_BYTES, readEnd } from "./end.ts";
import { readSessionHeader } from "./header.ts";
import { type IndexContent, readIndex } from "./index.ts";
import { Scanner } from "./scanner.ts";

/**
 * Gives the bytes from `start` to `start + length` of something that is stored.
 *
 * @example
 * ```ts
 * const bytes = new Uint8Array(100);
 * const read: ReadRange = (start, length) => Promise.resolve(bytes.subarray(start, start + length));
 * ```
 */
export type ReadRange = (start: number, length: number) => Promise<Uint8Array>;

/**
 * The index of one recording in a file that may hold several.
 *
 * @example Where to start reading to see what happened at a time
 * ```ts
 * const startFor = ({ start, blocks }: T2aIndex, time: number) =>
 *   start + (blocks.findLast((block) => block.recorded && block.time <= time) ?? blocks[0]!).offset;
 * ```
 */
export interface T2aIndex extends Omit<IndexContent, "header"> {
  /** Where the recording's magic stands in the file; offsets inside the index count from there. */
  readonly start: number;
  /** How long the recording is, in bytes. */
  readonly length: number;
  /** What it says about itself. */
  readonly header: SessionHeader;
}

/**
 * The indexes of all recordings in a file, found from its end; `undefined` if the last one has no intact end or index, or
 * one before it has none. Reading the file as a stream then tells the same.
 *
 * @param size Length of the file in bytes.
 * @param loadCodec Finds the codec that an index was compressed with.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collectBytes, streamOf } from "../../lib/stream/collect.ts";
 * import { t2a } from "../t2a.ts";
 *
 * const events = streamOf({ kind: "header", time: 0, header: { cols: 80, rows: 24, title: "demo" } });
 * const bytes = await collectBytes(events.pipeThrough(t2a.encoder()));
 * const read = (start: number, length: number) => Promise.resolve(bytes.subarray(start, start + length));
 * const indexes = await readIndexes(read, bytes.length);
 * equal(indexes?.[0]?.header.title, "demo");
 * ```
 */
export async function readIndexes(
  read: ReadRange,
  size: number,
  loadCodec: CodecLoader = () => Promise.resolve(undefined),
): Promise<T2aIndex[] | undefined> {
  const indexes: T2aIndex[] = [];
  try {
    for (let end = size; end > 0 || indexes.length === 0; end = indexes[0]!.start) {
      indexes.unshift(await readIndexBefore(read, end, loadCodec));
    }
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
  return indexes;
}

async function readIndexBefore(read: ReadRange, end: number, loadCodec: CodecLoader): Promise<T2aIndex> {
  const last = readEnd((await readBlock(read, end - END_BYTES, END_BYTES, BlockType.end)).payload);
  const start = end - last.start;
  if (start < 0 || !startsWith(await read(start, MAGIC.length), MAGIC)) {
    throw new FormatError(`Cannot find the beginning of the recording that ends at byte ${end}`, { byte: end });
  }
  const bytes = last.index - END_BYTES;
  const { codec, payload } = await readBlock(read, end - last.index, bytes, BlockType.index);
  const { header, ...index } = readIndex(payload, codec === 0 ? undefined : await loadCodec(codec));
  return { ...index, start, length: last.start, header: readSessionHeader(header).header };
}

async function readBlock(
  read: ReadRange,
  start: number,
  length: number,
  type: number,
): Promise<{ codec: number; payload: Uint8Array }> {
  if (start < 0 || length < HEADER_BYTES) throw new FormatError("Cannot find a block: it would start before the file");
  const bytes = await read(start, length);
  const header = readHeader(bytes);
  const stored = bytes.subarray(HEADER_BYTES);
  if (header?.type !== type || header.length !== stored.length || header.checksum !== crc32(stored)) {
    throw new FormatError(`Cannot find a block of type ${type} at byte ${start}`, { byte: start });
  }
  return { codec: header.codec, payload: unveil(stored, header.veil) };
}

/**
 * How many bytes from the start are whole: up to the end of the last whole block, 0 if there is none. A recording that
 * a crash left torn is cut there before another one is written behind it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(await wholeBytes(new Blob(["hello"]).stream()), 0);
 * ```
 */
export async function wholeBytes(bytes: ReadableStream<Uint8Array>): Promise<number> {
  const scanner = new Scanner();
  let whole = 0;
  const scan = () => {
    for (let found = scanner.next(); found; found = scanner.next()) {
      if (found.kind === "block") whole = found.block.at + found.block.bytes.length;
    }
  };
  for await (const chunk of bytes) {
    scanner.push(chunk);
    scan();
  }
  scanner.end();
  scan();
  return whole;
}
