/**
 * The flags that say which stored recordings are meant.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { Nanos } from "../../event.ts";
import type { RecordingFilter } from "../../ports.ts";
import { parseTime } from "../program/time.ts";
import { parseSizeInBytes } from "../../text/size.ts";

/** What they say. */
export interface FilterFlags {
  readonly user?: string;
  readonly host?: string;
  readonly tag?: readonly string[];
  readonly exit?: number;
  readonly since?: number;
  readonly until?: number;
  readonly minDuration?: Nanos;
  readonly maxDuration?: Nanos;
  readonly minSize?: number;
  readonly maxSize?: number;
}

/**
 * Reads a date, or how long ago: `2026-01-31`, `2026-01-31T08:00`, `2d`.
 *
 * @returns Milliseconds since 1970-01-01T00:00:00Z.
 * @throws {UsageError} If it is neither.
 */
export function parseDate(text: string): number {
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const date = new Date(text.length === 10 ? `${text}T00:00` : text).getTime();
    if (!Number.isNaN(date)) return date;
  } else if (/^[\d.]+[a-z]/.test(text)) return Date.now() - parseTime(text) / 1e6;
  throw new UsageError(
    `Cannot read ${JSON.stringify(text)} as a date: expected 2026-01-31, 2026-01-31T08:00, or how long ago, such as 2d`,
  );
}

function parseExit(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot read ${JSON.stringify(text)} as an exit code: expected 0 to 255`);
}

const flag = <Value>(parse: (text: string) => Value, brief: string, placeholder: string) =>
  ({ kind: "parsed", parse, brief, placeholder, optional: true }) as const;

/** As the argument parser wants them. */
export const FILTER_FLAGS = {
  user: flag(String, "recorded by this user", "NAME"),
  host: flag(String, "recorded on this machine", "NAME"),
  tag: { ...flag(String, "has this tag; may be given again", "WORD"), variadic: true },
  exit: flag(parseExit, "ended with this exit code", "CODE"),
  since: flag(parseDate, "began then or later: 2026-01-31, or 2d for two days ago", "DATE"),
  until: flag(parseDate, "began before then", "DATE"),
  minDuration: flag(parseTime, "took at least so long", "TIME"),
  maxDuration: flag(parseTime, "took at most so long", "TIME"),
  minSize: flag(parseSizeInBytes, "is at least so large, e.g. 5MB", "SIZE"),
  maxSize: flag(parseSizeInBytes, "is at most so large", "SIZE"),
} as const;

/** The filter that they mean. */
export function filterOf(flags: FilterFlags): RecordingFilter {
  const { user, host, tag, exit, since, until, minDuration, maxDuration, minSize, maxSize } = flags;
  const all = {
    ...{ user, host, tags: tag, exitCode: exit, since, until },
    ...{ minDuration, maxDuration, minBytes: minSize, maxBytes: maxSize },
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/**
 * Reads how many are wanted.
 *
 * @throws {UsageError} If it is no number.
 */
export function parseLimit(text: string): number {
  if (text === "all") return Infinity;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot read ${JSON.stringify(text)} as a number: expected 1, 50 or all`);
}
