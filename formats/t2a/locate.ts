/**
 * Finds things in a recording without decoding it: its indexes, from the end, and where its whole part ends.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { SessionHeader } from "../../lib/event.ts";
import type { CodecLoader, UnwrapKey } from "../../lib/ports.ts";
import {
  type Block,
  BlockType,
  findSync,
  HEADER_BYTES,
  MAGIC,
  MAX_STORED,
  readHeader,
  startsWith,
  SYNC,
  unveil,
} from "./block.ts";
import { Cipher } from "./cipher.ts";
import { crc32 } from "./crc32.ts";
import { END_BYTES, readEnd } from "./end.ts";
import { readSessionHeader } from "./header.ts";
import { type IndexContent, readIndex } from "./index.ts";
import { closed } from "./opener.ts";
import { Scanner } from "./scanner.ts";
import { readSeal } from "./seal.ts";
import { DerivedTrust } from "./trust.ts";

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
  /** What offsets inside the index count from: where the recording's magic stands, or would stand without the recipients. */
  readonly start: number;
  /** How long the recording is from there on, in bytes. */
  readonly length: number;
  /** The key of an encrypted recording. */
  readonly cipher: Cipher | undefined;
  /** Which derived events of a signed recording may be used; without it all of them. */
  readonly trust: DerivedTrust | undefined;
  /** What it says about itself. */
  readonly header: SessionHeader;
}

/**
 * The indexes of all recordings in a file, found from its end; `undefined` if the last one has no intact end or index, or
 * one before it has none. Reading the file as a stream then tells the same.
 *
 * @param size Length of the file in bytes.
 * @param loadCodec Finds the codec that an index was compressed with.
 * @param unwrap Opens the keys of encrypted recordings.
 * @throws {FormatError} If one is encrypted and cannot be opened.
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
  unwrap?: UnwrapKey,
): Promise<T2aIndex[] | undefined> {
  const indexes: T2aIndex[] = [];
  try {
    for (let end = size; end > 0 || indexes.length === 0;) {
      const { magic, ...index } = await readIndexBefore(read, end, { loadCodec, unwrap });
      indexes.unshift(index);
      end = magic;
    }
  } catch (error) {
    if (error instanceof ClosedError) throw closed("the recording");
    if (error instanceof FormatError) return undefined;
    throw error;
  }
  return indexes;
}

interface Tools {
  readonly loadCodec: CodecLoader;
  readonly unwrap: UnwrapKey | undefined;
}

async function readIndexBefore(read: ReadRange, end: number, tools: Tools): Promise<T2aIndex & { magic: number }> {
  const last = readEnd((await readBlock(read, end - END_BYTES, END_BYTES, BlockType.end)).payload);
  const magic = end - last.start;
  if (magic < 0 || !startsWith(await read(magic, MAGIC.length), MAGIC)) {
    throw new FormatError(`Cannot find the beginning of the recording that ends at byte ${end}`, { byte: end });
  }
  const { cipher, frame } = await readFrame(read, magic + MAGIC.length, tools.unwrap);
  const at = end - last.index;
  const { header: { codec }, payload } = await readBlock(read, at, last.index - END_BYTES, BlockType.index, cipher);
  const { header, ...index } = readIndex(payload, codec === 0 ? undefined : await tools.loadCodec(codec));
  const trust = await readTrust(read, magic, at, cipher);
  const place = { magic, start: magic + frame, length: last.start - frame };
  return { ...index, ...place, header: readSessionHeader(header).header, cipher, trust };
}

/** The recipients block behind the magic, and the key in it; neither where the recording is not encrypted. */
async function readFrame(
  read: ReadRange,
  at: number,
  unwrap: UnwrapKey | undefined,
): Promise<{ cipher: Cipher | undefined; frame: number }> {
  const header = readHeader(await read(at, HEADER_BYTES));
  if (header?.type !== BlockType.recipients) return { cipher: undefined, frame: 0 };
  const frame = HEADER_BYTES + header.length;
  const { payload } = await readBlock(read, at, frame, BlockType.recipients);
  const cipher = unwrap && await Cipher.of(payload, unwrap);
  if (!cipher) throw new ClosedError();
  return { cipher, frame };
}

/** Not a fault of the file, so it is told rather than passed over. */
class ClosedError extends Error {}

/** The seal is the block before the index; what is no seal vouches for nothing. */
async function readTrust(
  read: ReadRange,
  start: number,
  end: number,
  cipher: Cipher | undefined,
): Promise<DerivedTrust | undefined> {
  const at = await lastSync(read, start, end);
  try {
    const { payload } = await readBlock(read, at, end - at, BlockType.seal, cipher);
    return await DerivedTrust.of(readSeal(payload));
  } catch (error) {
    if (error instanceof FormatError) return new DerivedTrust([]);
    throw error;
  }
}

/** Where the last block before `end` begins: no payload holds a sync word. */
async function lastSync(read: ReadRange, start: number, end: number): Promise<number> {
  for (let length = 4096; length < 2 * MAX_STORED; length *= 8) {
    const from = Math.max(start, end - length);
    const bytes = await read(from, end - from);
    let last = -1;
    for (let at = findSync(bytes, 0); at >= 0; at = findSync(bytes, at + SYNC.length)) last = at;
    if (last >= 0) return from + last;
    if (from === start) break;
  }
  return start;
}

async function readBlock(
  read: ReadRange,
  start: number,
  length: number,
  type: number,
  cipher?: Cipher,
): Promise<Block> {
  if (start < 0 || length < HEADER_BYTES) throw new FormatError("Cannot find a block: it would start before the file");
  const bytes = await read(start, length);
  const header = readHeader(bytes);
  const stored = bytes.subarray(HEADER_BYTES);
  const isWhole = header?.length === stored.length && header.checksum === crc32(stored);
  const block = isWhole ? { header, payload: unveil(stored, header.veil), bytes, at: start } : undefined;
  const found = block && cipher && block.header.type === BlockType.box ? await cipher.open(block) : block;
  if (found?.header.type === type) return found;
  throw new FormatError(`Cannot find a block of type ${type} at byte ${start}`, { byte: start });
}

/**
 * Whether what is stored begins with an encrypted recording: then nothing of it may be kept elsewhere unasked.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(await isEncrypted(() => Promise.resolve(new Uint8Array(0))), false);
 * ```
 */
export async function isEncrypted(read: ReadRange): Promise<boolean> {
  const type = readHeader(await read(MAGIC.length, HEADER_BYTES))?.type;
  return type === BlockType.recipients || type === BlockType.box;
}

/**
 * The payload of the first recipients block from byte `from` on; `undefined` if there is none.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(await findRecipients(() => Promise.resolve(new Uint8Array(0)), 0, 0), undefined);
 * ```
 */
export async function findRecipients(read: ReadRange, size: number, from: number): Promise<Uint8Array | undefined> {
  const scanner = new Scanner();
  for (let at = from; at < size; at += WINDOW) {
    scanner.push(await read(at, Math.min(WINDOW, size - at)));
    if (at + WINDOW >= size) scanner.end();
    for (let found = scanner.next(); found; found = scanner.next()) {
      if (found.kind === "block" && found.block.header.type === BlockType.recipients) return found.block.payload;
    }
  }
  return undefined;
}

/** How much is read at a time. */
const WINDOW = 1 << 20;

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
