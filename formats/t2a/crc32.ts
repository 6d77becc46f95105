/**
 * CRC-32 as in gzip, PNG and Ethernet (polynomial 0xEDB88320, reflected).
 *
 * It finds every single-bit flip and every burst up to 32 bits. It is no protection against malice: that is the chain's part.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * Eight tables, so that eight bytes are taken in one step: 1.1 GB/s where one table gives 0.35. The last seven are made when
 * so many bytes come that they pay; all eight take 0.7 to 3 ms of a process that has just started.
 */
const tables = new Int32Array(8 * 256);
const MANY = 4096;

/**
 * The checksum of some bytes.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
 * ```
 */
export function crc32(bytes: Uint8Array): number {
  const t = tables;
  let crc = ~0;
  let at = 0;
  const end = bytes.length >= MANY || t[0x7ff] !== 0 ? bytes.length - 7 : 0;
  if (end > 0 && t[0x7ff] === 0) makeOtherTables();
  for (; at < end; at += 8) {
    crc ^= bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
    crc = t[0x700 | (crc & 0xff)]! ^ t[0x600 | (crc >>> 8 & 0xff)]! ^ t[0x500 | (crc >>> 16 & 0xff)]! ^
      t[0x400 | (crc >>> 24)]! ^ t[0x300 | bytes[at + 4]!]! ^ t[0x200 | bytes[at + 5]!]! ^
      t[0x100 | bytes[at + 6]!]! ^ t[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = t[(crc ^ bytes[at]!) & 0xff]! ^ crc >>> 8;
  return ~crc >>> 0;
}

/** The table of one byte: that of a sum is the sum of those of its bits. */
function makeFirstTable(): void {
  let crc = 1;
  for (let bit = 128; bit > 0; bit >>= 1) {
    crc = crc & 1 ? 0xedb88320 ^ crc >>> 1 : crc >>> 1;
    for (let low = 0; low < 256; low += 2 * bit) tables[low + bit] = tables[low]! ^ crc;
  }
}

function makeOtherTables(): void {
  for (let n = 256; n < tables.length; n++) tables[n] = tables[n - 256]! >>> 8 ^ tables[tables[n - 256]! & 0xff]!;
}

makeFirstTable();
