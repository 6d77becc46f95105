/**
 * Sizes as people type them.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../errors.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/**
 * Reads a size such as `500`, `20MB` or `1.5G`; powers of ten, as disks are sold.
 *
 * @throws {UsageError} If it is none.
 */
export function parseSizeInBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(text.trim());
  if (match) return Math.round(Number(match[1]) * UNITS[match[2]!.toLowerCase()]!);
  throw new UsageError(`Cannot read ${JSON.stringify(text)} as a size: expected 500, 20MB or 1.5G`);
}
