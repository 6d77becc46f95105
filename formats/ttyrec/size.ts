/**
 * The size of the terminal, which a ttyrec has no place for: as the first thing printed, the way termrec writes it.
 *
 * This module is browser compatible.
 * @module
 */

const PATTERN = /^\x1b%G\x1b\[8;(\d{1,4});(\d{1,4})t$/;
const MAX_SIZE = 2048;

/**
 * Two sequences: use UTF-8, and be of this size.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(new TextDecoder().decode(writeSize(80, 24)), "\x1b%G\x1b[8;24;80t");
 * ```
 */
export function writeSize(cols: number, rows: number): Uint8Array {
  return new TextEncoder().encode(`\x1b%G\x1b[8;${rows};${cols}t`);
}

/**
 * The size that a first record tells, if it does nothing else.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(readSize(writeSize(80, 24)), { cols: 80, rows: 24 });
 * ```
 */
export function readSize(data: Uint8Array): { cols: number; rows: number } | undefined {
  if (data.length > 20) return undefined;
  const [, rows, cols] = PATTERN.exec(new TextDecoder().decode(data)) ?? [];
  const size = { cols: Number(cols), rows: Number(rows) };
  const isSize = size.cols > 0 && size.rows > 0 && size.cols <= MAX_SIZE && size.rows <= MAX_SIZE;
  return isSize ? size : undefined;
}
