/**
 * The end block: of fixed size, it tells from the end of a recording where it began.
 *
 * Recordings that stand one behind the other in a file are found from the last to the first.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import { HEADER_BYTES } from "./block.ts";
import { ByteReader, ByteWriter, hex } from "./bytes.ts";

/**
 * Length of the whole end block, header included, in bytes.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { HEADER_BYTES } from "./block.ts";
 * equal(END_BYTES, HEADER_BYTES + writeEnd(0, 0).length);
 * ```
 */
export const END_BYTES: number = HEADER_BYTES + 24;

/**
 * The eight bytes that a finished recording ends with: the magic backwards.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(END_MAGIC[7], 0x89);
 * ```
 */
export const END_MAGIC: Uint8Array = Uint8Array.of(0x0a, 0x1a, 0x0a, 0x0d, 0x41, 0x32, 0x54, 0x89);

/**
 * The payload of an end block.
 *
 * @param start Bytes from the recording's magic to the end of this block: how long the recording is.
 * @param index Bytes from the header of the index block to the end of this block.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(readEnd(writeEnd(5000, 300)), { start: 5000, index: 300 });
 * ```
 */
export function writeEnd(start: number, index: number): Uint8Array<ArrayBuffer> {
  return new ByteWriter().u64(start).u64(index).bytes(END_MAGIC).finish();
}

/**
 * Reads what {@linkcode writeEnd} wrote.
 *
 * @throws {FormatError} If it does not end with {@linkcode END_MAGIC}.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => readEnd(new Uint8Array(24)), /end magic/);
 * ```
 */
export function readEnd(payload: Uint8Array): { start: number; index: number } {
  const from = new ByteReader(payload);
  const [start, index, magic] = [from.u64(), from.u64(), hex(from.rest())];
  if (magic === hex(END_MAGIC)) return { start, index };
  throw new FormatError(`Cannot read an end block: its end magic is ${magic}, expected ${hex(END_MAGIC)}`);
}
