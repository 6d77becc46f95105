/**
 * Amounts as people write them in templates and on the command line: `512M`, `50%`, `10m`.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { SessionLimits } from "../limits.ts";

const BYTES: Readonly<Record<string, number>> = { "": 1, k: 1 << 10, m: 1 << 20, g: 1 << 30, t: 2 ** 40 };
const SECONDS: Readonly<Record<string, number>> = { "": 1, ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * A number of bytes: `65536`, `64k`, `512M`, `1.5G`; powers of 1,024.
 *
 * @throws {UsageError} If it is something else.
 */
export function parseBytes(value: string | number): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(String(value).trim()) ?? [];
  if (count === undefined) {
    throw new UsageError(`Cannot read ${JSON.stringify(value)} as an amount: expected 65536, 64k, 512M or 1.5G`);
  }
  return Math.round(Number(count) * BYTES[unit!.toLowerCase()]!);
}

/**
 * A number of seconds: `90`, `90s`, `10m`, `1h30m`.
 *
 * @throws {UsageError} If it is something else.
 */
export function parseSeconds(value: string | number): number {
  const text = String(value).trim();
  // All but the last have a unit: if none had to, a long row of digits could be taken apart in endlessly many ways.
  if (!/^(?=\d)(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))*(?:\d+(?:\.\d+)?)?$/.test(text)) {
    throw new UsageError(`Cannot read ${JSON.stringify(value)} as a time: expected 90, 90s, 10m or 1h30m`);
  }
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)?/g);
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * SECONDS[unit]!, 0);
}

function parseCount(value: string | number): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) {
    throw new UsageError(`Cannot read ${JSON.stringify(value)} as a number: expected 1 or more`);
  }
  return count;
}

/** A share of one processor, in percent: `50%`, or `0.5` for half of it. */
function parsePercent(value: string | number): number {
  const [, count, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(value).trim()) ?? [];
  const share = percent ? Number(count) : Number(count) * 100;
  if (!(share > 0 && share <= 102_400)) {
    throw new UsageError(`Cannot read ${JSON.stringify(value)} as a share of a processor: expected 50% or 0.5`);
  }
  return share;
}

/** The limits by the names that people type, and how each is read. */
export const LIMITS: Readonly<
  Record<string, { readonly key: keyof SessionLimits; readonly parse: (value: string | number) => number }>
> = {
  memory: { key: "memoryBytes", parse: parseBytes },
  cpu: { key: "cpuPercent", parse: parsePercent },
  "cpu-time": { key: "cpuSeconds", parse: parseSeconds },
  processes: { key: "processes", parse: parseCount },
  "open-files": { key: "openFiles", parse: parseCount },
  output: { key: "outputBytesPerSecond", parse: parseBytes },
  recording: { key: "recordingBytes", parse: parseBytes },
  idle: { key: "idleSeconds", parse: parseSeconds },
  lifetime: { key: "lifetimeSeconds", parse: parseSeconds },
};

/**
 * One limit: `memory=512M`.
 *
 * @throws {UsageError} If there is no such limit, or its value is not one; 0 is none for any of them.
 */
export function parseLimit(text: string): Partial<SessionLimits> {
  const at = text.indexOf("=");
  return limitOf(at < 0 ? text : text.slice(0, at), at < 0 ? "" : text.slice(at + 1));
}

/** The same from its two parts; `_` is as good as `-`. */
export function limitOf(name: string, value: string | number): Partial<SessionLimits> {
  const spelled = name.replaceAll("_", "-");
  const limit = Object.hasOwn(LIMITS, spelled) ? LIMITS[spelled]! : undefined;
  if (!limit) {
    throw new UsageError(`Cannot limit ${JSON.stringify(name)}: expected one of ${Object.keys(LIMITS).join(", ")}`);
  }
  const amount = limit.parse(value);
  if (!(amount > 0)) {
    throw new UsageError(`Cannot limit ${name} to ${JSON.stringify(value)}: expected more than nothing`);
  }
  return { [limit.key]: amount };
}
