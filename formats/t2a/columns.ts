/**
 * Columns: what many events have in common stands together, and each column is compressed on its own.
 *
 * Columns of numbers are split: the first bytes of all varints, then the second bytes of those that have one, and so on.
 * Lowest bytes of times are noise and highest ones alike; apart, they compress better (nanosecond times of an interactive
 * session: 6.4 KB where varints one behind the other take 6.9).
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { Codec } from "../../lib/ports.ts";
import { MAX_RAW } from "./block.ts";
import { type ByteReader, ByteWriter } from "./bytes.ts";

/**
 * A codec and how hard it is to try.
 *
 * @example
 * ```ts
 * const none: Press = { codec: { id: 0, name: "none", compress: (data) => data, decompress: (data) => data }, level: 0 };
 * ```
 */
export interface Press {
  /** What compresses. */
  readonly codec: Codec;
  /** As that codec counts them. */
  readonly level: number;
}

/** Columns under this many bytes stay as they are: no codec gains anything on them. */
const MIN_COLUMN = 48;

/**
 * Whole numbers from 0 to 2^53 - 1 as a split column.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(splitNumbers([1, 300, 2]), Uint8Array.of(1, 0xac, 2, 2));
 * ```
 */
export function splitNumbers(numbers: readonly number[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  let left = numbers;
  while (left.length > 0) {
    const longer: number[] = [];
    for (const value of left) {
      if (value < 0x80) out.byte(value);
      else {
        out.byte((value % 0x80) | 0x80);
        longer.push(Math.floor(value / 0x80));
      }
    }
    left = longer;
  }
  return out.finish();
}

/**
 * The numbers of a split column.
 *
 * @throws {FormatError} If the column does not hold exactly `count` numbers.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...joinNumbers(Uint8Array.of(1, 0xac, 2, 2), 3)], [1, 300, 2]);
 * ```
 */
export function joinNumbers(column: Uint8Array, count: number): Float64Array {
  if (count > column.length) throw tooShort(count);
  const numbers = new Float64Array(count);
  let at = count;
  let longer: number[] = [];
  for (let n = 0; n < count; n++) {
    const byte = column[n]!;
    numbers[n] = byte & 0x7f;
    if (byte >= 0x80) longer.push(n);
  }
  for (let scale = 0x80; longer.length > 0; scale *= 0x80) {
    if (scale > 2 ** 49 || at + longer.length > column.length) throw tooShort(count);
    const next: number[] = [];
    for (const n of longer) {
      const byte = column[at++]!;
      numbers[n]! += (byte & 0x7f) * scale;
      if (byte >= 0x80) next.push(n);
    }
    longer = next;
  }
  if (at !== column.length) throw new FormatError(`Cannot read a column: ${column.length - at} bytes are left over`);
  return numbers;
}

function tooShort(count: number): FormatError {
  return new FormatError(`Cannot read a column: it does not hold ${count} numbers`);
}

/**
 * Columns as pieces of a payload: first the lengths of all, raw and stored (0 for "as it is"), then the columns themselves.
 * Says whether the codec did anything.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const { pieces, pressed } = writeColumns([Uint8Array.of(7), new Uint8Array(0)]);
 * deepEqual(pieces.map((piece) => [...piece]), [[1, 0, 0, 0], [7], []]);
 * deepEqual(pressed, false);
 * ```
 */
export function writeColumns(
  columns: readonly Uint8Array[],
  press?: Press,
): { pieces: readonly Uint8Array[]; pressed: boolean } {
  const stored = columns.map((column) => pressed(column, press));
  const lengths = new ByteWriter();
  columns.forEach((column, n) => lengths.varint(column.length).varint(stored[n]?.length ?? 0));
  const pieces = [lengths.finish(), ...columns.map((column, n) => stored[n] ?? column)];
  return { pieces, pressed: stored.some((column) => column !== undefined) };
}

/** A column compressed, or `undefined` where that is no gain. */
function pressed(column: Uint8Array, press: Press | undefined): Uint8Array | undefined {
  if (!press || column.length < MIN_COLUMN || looksRandom(column)) return undefined;
  const smaller = press.codec.compress(column, press.level);
  return smaller.length < column.length ? smaller : undefined;
}

/** A column shorter than this is not worth the look. */
const MIN_SAMPLED = 16_384;
const SAMPLES = 4_096;
/** Bits a byte. Random and already compressed bytes have 7.95 by so many samples; text in any script stays under 7.5. */
const RANDOM_ENTROPY = 7.9;

/** Whether no codec could make a column smaller, judged by how often each byte value occurs in a sample. */
function looksRandom(column: Uint8Array): boolean {
  if (column.length < MIN_SAMPLED) return false;
  const counts = new Uint16Array(256);
  const stride = column.length / SAMPLES;
  for (let sample = 0; sample < SAMPLES; sample++) counts[column[Math.floor(sample * stride)]!]!++;
  const bits = counts.reduce((sum, count) => count === 0 ? sum : sum + count * Math.log2(SAMPLES / count), 0);
  return bits / SAMPLES >= RANDOM_ENTROPY;
}

/**
 * The lengths of columns, before they are read.
 *
 * @example
 * ```ts
 * const raw = (lengths: ColumnLengths[]) => lengths.reduce((sum, { raw }) => sum + raw, 0);
 * ```
 */
export interface ColumnLengths {
  /** Bytes once decompressed. */
  readonly raw: number;
  /** Bytes as compressed; 0 where the column is stored as it is. */
  readonly stored: number;
}

/**
 * The lengths of `count` columns.
 *
 * @throws {FormatError} If they claim more than {@linkcode MAX_RAW} together, or other than what is there.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { ByteReader } from "./bytes.ts";
 * deepEqual(readLengths(new ByteReader(Uint8Array.of(1, 0, 7)), 1), [{ raw: 1, stored: 0 }]);
 * ```
 */
export function readLengths(reader: ByteReader, count: number): ColumnLengths[] {
  const lengths: ColumnLengths[] = [];
  let raw = 0;
  let here = 0;
  for (let n = 0; n < count; n++) {
    const column = { raw: reader.varint(), stored: reader.varint() };
    lengths.push(column);
    raw += column.raw;
    here += column.stored || column.raw;
  }
  if (raw > MAX_RAW) {
    throw new FormatError(`Cannot read columns of ${raw} bytes: the most a block may hold is ${MAX_RAW}`);
  }
  if (here !== reader.left) throw new FormatError(`Cannot read columns of ${here} bytes: there are ${reader.left}`);
  return lengths;
}

/**
 * Reads columns that {@linkcode writeColumns} wrote; those that were not compressed are not copied.
 *
 * @throws {FormatError} If a column does not decompress to exactly the length that it claims.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { ByteReader } from "./bytes.ts";
 * deepEqual(readColumns(new ByteReader(Uint8Array.of(1, 0, 7)), 1), [Uint8Array.of(7)]);
 * ```
 */
export function readColumns(reader: ByteReader, count: number, codec?: Codec): Uint8Array[] {
  return readLengths(reader, count).map(({ raw, stored }) => {
    if (stored === 0) return reader.take(raw);
    if (!codec) throw new FormatError("Cannot read a compressed column: its block names no codec");
    return decompress(codec, reader.take(stored), raw);
  });
}

/**
 * Decompresses to exactly `length` bytes.
 *
 * @throws {FormatError} If that is not what comes out.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 *
 * const none = { id: 0, name: "none", compress: (data: Uint8Array) => data, decompress: (data: Uint8Array) => data };
 * throws(() => decompress(none, new Uint8Array(2), 3), /expected 3/);
 * ```
 */
export function decompress(codec: Codec, data: Uint8Array, length: number): Uint8Array {
  let raw: Uint8Array;
  try {
    raw = codec.decompress(data, length);
  } catch (error) {
    throw new FormatError(`Cannot decompress ${data.length} bytes with ${codec.name}`, {}, { cause: error });
  }
  if (raw.length === length) return raw;
  throw new FormatError(`Cannot decompress with ${codec.name}: it gave ${raw.length} bytes, expected ${length}`);
}
