/**
 * The frame around every piece of a T2A recording: 32 bytes that say what follows, how long it is and how to check it.
 *
 * A reader that lost its place looks for the next sync word and a header whose checksum is right. So that it can never
 * find one inside a payload (people do record `cat demo.t2a`), a payload that holds the sync word is veiled: each of its
 * bytes is XORed with one mask, which the header tells.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { Nanos } from "../../lib/event.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { crc32 } from "./crc32.ts";

/**
 * The four bytes that every block and the magic start with, and that no payload holds.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(String.fromCharCode(...SYNC.subarray(1)), "T2A");
 * ```
 */
export const SYNC: Uint8Array<ArrayBuffer> = Uint8Array.of(0x89, 0x54, 0x32, 0x41);

/**
 * The eight bytes that every recording starts with. Line ends and Ctrl-Z tell what a text-mode transfer did to it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAGIC.length, 8);
 * ```
 */
export const MAGIC: Uint8Array<ArrayBuffer> = Uint8Array.of(...SYNC, 0x0d, 0x0a, 0x1a, 0x0a);

/**
 * Length of a block header in bytes.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(HEADER_BYTES, 32);
 * ```
 */
export const HEADER_BYTES = 32;

/**
 * The longest payload that a block can hold, in bytes. A length is three bytes, so no claim can make a reader wait for more.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAX_STORED, 16 * 1024 * 1024 - 1);
 * ```
 */
export const MAX_STORED = 0xff_ffff;

/**
 * Most bytes that the columns of one block may decompress to.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAX_RAW, 64 * 1024 * 1024);
 * ```
 */
export const MAX_RAW = 0x400_0000;

/**
 * What a block is. Number 7 is reserved; 13 is the fifth byte of the magic and never a type.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(BlockType.end, 5);
 * ```
 */
export const BlockType = {
  header: 1,
  events: 2,
  seal: 3,
  index: 4,
  end: 5,
  recipients: 6,
  checkpoint: 8,
  box: 9,
} as const;

/**
 * Bit of `flags`: the block is part of the chain, it holds what happened and not what was computed from it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(RECORDED, 1);
 * ```
 */
export const RECORDED = 1;

/**
 * Bit of a box's flags: it holds the index, no box comes behind it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(LAST, 2);
 * ```
 */
export const LAST = 2;

/**
 * What the header of a block says, but for the checksums.
 *
 * @example
 * ```ts
 * const fields: BlockFields = { type: BlockType.events, flags: RECORDED, codec: 0, unit: 0, sequence: 1, time: 0 };
 * ```
 */
export interface BlockFields {
  /** See {@linkcode BlockType}. */
  readonly type: number;
  /** Bit 0 is {@linkcode RECORDED}; the others are reserved and 0. */
  readonly flags: number;
  /** Which codec compressed (parts of) the payload; 0 for none. */
  readonly codec: number;
  /** Bits 0 and 1: the time unit, 1000 to that power in nanoseconds; bits 2 to 7: a dictionary, 0 for none. */
  readonly unit: number;
  /** Counts the blocks of the chain and the closing ones from 0; blocks beside the chain are counted apart. */
  readonly sequence: number;
  /** Time of the first event, or of the moment at which the block was written. */
  readonly time: Nanos;
}

/**
 * A header as it was read.
 *
 * @example
 * ```ts
 * const end = (header: BlockHeader) => HEADER_BYTES + header.length;
 * ```
 */
export interface BlockHeader extends BlockFields {
  /** Bytes of payload that follow. */
  readonly length: number;
  /** Every byte of the payload was XORed with this. */
  readonly veil: number;
  /** CRC-32 of the payload as it is stored. */
  readonly checksum: number;
}

/**
 * A whole block as it was read, its checksums found right.
 *
 * @example
 * ```ts
 * const inChain = (block: Block) => (block.header.flags & RECORDED) !== 0;
 * ```
 */
export interface Block {
  /** What it says about itself. */
  readonly header: BlockHeader;
  /** The payload without its veil. */
  readonly payload: Uint8Array;
  /** Header and payload as they are stored: what the chain hashes. */
  readonly bytes: Uint8Array;
  /** Where it stood in the stream. */
  readonly at: number;
  /** The box that it was in, if it was encrypted. */
  readonly box?: Block;
}

/**
 * Whether `bytes` start with `start`.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(startsWith(MAGIC, SYNC), true);
 * ```
 */
export function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, at) => bytes[at] === byte);
}

/**
 * Whether a block is numbered with those of the chain: it is in it, or it closes it. Others have numbers of their own.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isCounted({ type: BlockType.seal, flags: 0, codec: 0, unit: 0, time: 0 }), true);
 * ```
 */
export function isCounted({ type, flags }: Omit<BlockFields, "sequence">): boolean {
  if ((flags & RECORDED) !== 0) return true;
  return flags === 0 && (type === BlockType.seal || type === BlockType.index || type === BlockType.end);
}

/**
 * Whether a block is part of what makes a recording an encrypted one: its recipients, or a box.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isFrame({ type: BlockType.recipients, flags: 0, codec: 0, unit: 0, time: 0 }), true);
 * equal(isFrame({ type: BlockType.events, flags: RECORDED, codec: 0, unit: 0, time: 0 }), false);
 * ```
 */
export function isFrame({ type, flags, codec, unit }: Omit<BlockFields, "sequence">): boolean {
  if (codec !== 0 || unit !== 0) return false;
  return type === BlockType.recipients ? flags === 0 : type === BlockType.box && (flags & ~LAST) === 0;
}

/**
 * Where the sync word stands in some bytes, from `from` on; -1 where it does not.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(findSync(Uint8Array.of(0x89, 0, ...SYNC), 0), 2);
 * equal(findSync(SYNC, 1), -1);
 * ```
 */
export function findSync(bytes: Uint8Array, from: number): number {
  let at = from - 1;
  do at = bytes.indexOf(SYNC[0]!, at + 1); while (
    at >= 0 && !(bytes[at + 1] === SYNC[1] && bytes[at + 2] === SYNC[2] && bytes[at + 3] === SYNC[3])
  );
  return at;
}

/**
 * A block, ready to be written.
 *
 * @throws {FormatError} If the payload is longer than {@linkcode MAX_STORED}.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const fields = { type: BlockType.events, flags: RECORDED, codec: 0, unit: 0, sequence: 7, time: 5e9 };
 * const bytes = writeBlock(fields, Uint8Array.of(1, 2, 3));
 * const header = readHeader(bytes.subarray(0, HEADER_BYTES));
 * deepEqual({ ...header }, { ...fields, length: 3, veil: 0, checksum: 0x55bc801d });
 * ```
 */
export function writeBlock(fields: BlockFields, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return layBlock(fields, [payload], 0);
}

/**
 * A block whose payload comes in pieces, behind `room` bytes that are free for something else.
 *
 * Each byte is copied once, so that a flood leaves as little garbage as can be.
 *
 * @throws {FormatError} If the payload is longer than {@linkcode MAX_STORED}.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const fields = { type: BlockType.events, flags: RECORDED, codec: 0, unit: 0, sequence: 7, time: 5e9 };
 * const laid = layBlock(fields, [Uint8Array.of(1, 2), Uint8Array.of(3)], 32);
 * deepEqual(laid.slice(32), writeBlock(fields, Uint8Array.of(1, 2, 3)));
 * ```
 */
export function layBlock(
  fields: BlockFields,
  pieces: readonly Uint8Array[],
  room: number,
): Uint8Array<ArrayBuffer> {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length > MAX_STORED) {
    throw new FormatError(`Cannot write a block of ${length} bytes: the most it can hold is ${MAX_STORED}`);
  }
  const laid = new Uint8Array(room + HEADER_BYTES + length);
  const bytes = laid.subarray(room);
  const payload = bytes.subarray(HEADER_BYTES);
  let at = 0;
  for (const piece of pieces) {
    payload.set(piece, at);
    at += piece.length;
  }
  const veil = chooseVeil(payload);
  if (veil !== 0) payload.set(unveil(payload, veil));
  const head = new ByteWriter().bytes(SYNC).byte(fields.type).byte(fields.flags).byte(fields.codec).byte(fields.unit);
  bytes.set(head.finish());
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(8, fields.sequence, true);
  view.setUint32(12, length, true);
  view.setUint8(15, veil);
  bytes.set(new ByteWriter().u64(fields.time).finish(), 16);
  view.setUint32(24, crc32(payload), true);
  view.setUint32(28, crc32(bytes.subarray(0, 28)), true);
  return laid;
}

/**
 * What 32 bytes say as a block header; `undefined` if they are none or damaged.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(readHeader(new Uint8Array(HEADER_BYTES)), undefined);
 * ```
 */
export function readHeader(bytes: Uint8Array): BlockHeader | undefined {
  if (!startsWith(bytes, SYNC) || bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (view.getUint32(28, true) !== crc32(bytes.subarray(0, 28))) return undefined;
  if (view.getUint32(20, true) >= 0x20_0000) return undefined; // a time past 2^53
  return {
    type: bytes[4]!,
    flags: bytes[5]!,
    codec: bytes[6]!,
    unit: bytes[7]!,
    sequence: view.getUint32(8, true),
    length: view.getUint32(12, true) & MAX_STORED,
    veil: bytes[15]!,
    time: new ByteReader(bytes.subarray(16, 24)).u64(),
    checksum: view.getUint32(24, true),
  };
}

/**
 * Takes a veil off, or puts it on: the same bytes when there is none.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(unveil(Uint8Array.of(1, 2), 3), Uint8Array.of(2, 1));
 * ```
 */
export function unveil(bytes: Uint8Array, veil: number): Uint8Array {
  return veil === 0 ? bytes : bytes.map((byte) => byte ^ veil);
}

/** The first mask under which the sync word does not show. */
function chooseVeil(payload: Uint8Array): number {
  if (findSync(payload, 0) < 0) return 0;
  for (let veil = 1; veil < 256; veil++) {
    if (findSync(unveil(payload, veil), 0) < 0) return veil;
  }
  return 0; // All 256 disguises of the word in one payload: only malice does that, and it gains only where there is damage.
}
