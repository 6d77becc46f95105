/**
 * Checkpoints: what was recorded up to here, signed while the recording still grows.
 *
 * The seal comes last, and a recorder that is killed, or a file whose end somebody cut off, has none. Checkpoints stand in the
 * chain every few seconds, so that all but the last of it can be proved.
 *
 * This module is browser compatible.
 * @module
 */

import { concat } from "../../lib/stream/collect.ts";
import { ByteReader, ByteWriter, utf8 } from "./bytes.ts";

/**
 * What a checkpoint says.
 *
 * @example
 * ```ts
 * const date = ({ wall }: Checkpoint) => new Date(wall).toISOString();
 * ```
 */
export interface Checkpoint {
  /** Head of the chain before this block. */
  readonly head: Uint8Array;
  /** Blocks in the chain before this one. */
  readonly blocks: number;
  /** When it was made, by the recorder's wall clock, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly wall: number;
  /** SSHSIG of {@linkcode checkpointContent}. */
  readonly signature: Uint8Array;
}

/**
 * The payload of a checkpoint block.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * const checkpoint = { head: new Uint8Array(32), blocks: 4, wall: 1.7e12, signature: Uint8Array.of(1) };
 * deepEqual(readCheckpoint(writeCheckpoint(checkpoint)), checkpoint);
 * ```
 */
export function writeCheckpoint({ head, blocks, wall, signature }: Checkpoint): Uint8Array<ArrayBuffer> {
  return new ByteWriter().bytes(head).varint(blocks).u64(wall).varint(signature.length).bytes(signature).finish();
}

/**
 * Reads what {@linkcode writeCheckpoint} wrote.
 *
 * @throws {FormatError} If it is too short.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => readCheckpoint(new Uint8Array(3)), /32 bytes/);
 * ```
 */
export function readCheckpoint(payload: Uint8Array): Checkpoint {
  const from = new ByteReader(payload);
  const [head, blocks, wall] = [from.take(32).slice(), from.varint(), from.u64()];
  return { head, blocks, wall, signature: from.take(from.varint()).slice() };
}

/**
 * What is signed: a line that tells it from anything else, and the payload without its signature.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * const content = checkpointContent({ head: new Uint8Array(32), blocks: 4, wall: 1.7e12, signature: Uint8Array.of(1) });
 * equal(new TextDecoder().decode(content.subarray(0, 15)), "T2A checkpoint\n");
 * ```
 */
export function checkpointContent(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  return concat([utf8("T2A checkpoint\n"), writeCheckpoint({ ...checkpoint, signature: new Uint8Array(0) })]);
}
