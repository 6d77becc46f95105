/**
 * Times as people type and read them.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../../errors.ts";
import { type Nanos, SECOND } from "../../event.ts";

const UNITS: Readonly<Record<string, Nanos>> = {
  ms: 1e6,
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
  d: 86_400 * SECOND,
};

/**
 * Reads `90`, `90s`, `1m30s`, `01:30`, `1:02:03.5` or `250ms`.
 *
 * @throws {UsageError} If it is none of these.
 */
export function parseTime(text: string): Nanos {
  const time = parseClock(text) ?? parseUnits(text);
  if (time === undefined) {
    throw new UsageError(`Cannot read ${JSON.stringify(text)} as a time: expected 90, 90s, 1m30s, 01:30 or 250ms`);
  }
  return time;
}

function parseClock(text: string): Nanos | undefined {
  const match = /^(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text);
  if (!match) return undefined;
  const [, hours = "0", minutes, seconds] = match;
  return (Number(hours) * 3600 + Number(minutes) * 60) * SECOND + times(seconds!, SECOND);
}

function parseUnits(text: string): Nanos | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return times(text, SECOND);
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
  return parts.reduce((sum, [, count, unit]) => sum + times(count!, UNITS[unit!]!), 0);
}

/** A decimal number of units. The whole ones apart, so that the nanosecond is kept behind the longest session. */
function times(count: string, unit: Nanos): Nanos {
  const [whole, part = "0"] = count.split(".");
  return Number(whole) * unit + Math.round(Number(`0.${part}`) * unit);
}

/** A moment to be given back to us, as `12.000345`: exact, so that what happened then has happened there. */
export function exactTime(time: Nanos): string {
  const part = String(time % SECOND).padStart(9, "0").replace(/0+$/, "");
  return `${(time - time % SECOND) / SECOND}${part && `.${part}`}`;
}

/** `01:30` or `1:02:03`; with the milliseconds when there are less than ten seconds. */
export function formatTime(time: Nanos): string {
  const seconds = Math.floor(time / SECOND);
  const two = (value: number) => String(value).padStart(2, "0");
  if (time < 10 * SECOND) return `${(time / SECOND).toFixed(3)} s`;
  const clock = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3600 ? clock : `${Math.floor(seconds / 3600)}:${clock}`;
}

/** Nanoseconds as seconds for JSON: a number with up to nine decimals. */
export function toSeconds(time: Nanos): number {
  return Number((time / SECOND).toFixed(9));
}

/** `1.5 MB`: powers of ten, as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  if (bytes < 1000) return `${bytes} ${units[0]}`;
  let power = 1;
  while (power < units.length - 1 && bytes / 1000 ** power >= 999.95) power++; // that would be shown as 1000.0
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/**
 * Reads `COLSxROWS`.
 *
 * @throws {UsageError} If it is something else, or not between 1x1 and 2048x2048.
 */
export function parseSize(text: string): { cols: number; rows: number } {
  const match = /^(\d{1,4})x(\d{1,4})$/i.exec(text);
  const [cols, rows] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (cols < 1 || rows < 1 || cols > 2048 || rows > 2048) {
    throw new UsageError(
      `Cannot use ${JSON.stringify(text)} as a size: expected COLSxROWS between 1x1 and 2048x2048, such as 80x24`,
    );
  }
  return { cols, rows };
}
