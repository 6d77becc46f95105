/**
 * The first and last line of script's logs: what was recorded, and how it ended.
 *
 * Their words are in the user's language, so nothing is told from them; what is in the brackets is not.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionHeader } from "../../lib/event.ts";

/**
 * The longest line that is searched for what it tells. A command line may be long.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAX_LOG_LINE, 65_536);
 * ```
 */
export const MAX_LOG_LINE = 65_536;

const LAST_NAMED = /^(.*) (?:(TERM|TTY|COLUMNS|LINES)="([^"]*)"|<[^<>"]*>)$/s;
const DATE = /(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:[.,]\d{1,6})?)([+-]\d\d):?(\d\d)/;

/**
 * Whether a first line is one of script's, as far as it can be told.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isFirstLine('Skript gestartet am 2026-11-22 [COMMAND="sh" <not executed on terminal>]'), true);
 * equal(isFirstLine("Script started on Sun Nov 22 21:12:52 2026"), true);
 * equal(isFirstLine("$ echo hello"), false);
 * ```
 */
export function isFirstLine(line: string): boolean {
  return /\S \[(COMMAND="|TERM="|TTY="|COLUMNS="|<)/.test(line) || line.startsWith("Script started on ");
}

/**
 * What a first line tells of a session.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(readFirstLine('… 2026-11-22 21:12:52+00:00 [COMMAND="ls -l" TERM="xterm" COLUMNS="100" LINES="30"]'), {
 *   startedAt: Date.UTC(2026, 10, 22, 21, 12, 52), command: "ls -l", term: "xterm", cols: 100, rows: 30,
 * });
 * ```
 */
export function readFirstLine(line: string): Partial<SessionHeader> {
  const startedAt = readDate(line);
  const { command, named } = readBracket(line.slice(line.indexOf(" [") + 1, line.lastIndexOf("]")));
  const cols = sizeOf(named.COLUMNS), rows = sizeOf(named.LINES), term = named.TERM;
  return Object.fromEntries(
    Object.entries({ startedAt, command, term, cols, rows }).filter(([, value]) => value !== undefined && value !== ""),
  );
}

/** The quotes in a command are as they were typed, so names are taken off from the end. */
function readBracket(text: string): { command: string | undefined; named: Record<string, string> } {
  const named: Record<string, string> = {};
  let rest = " " + text.slice(1);
  for (let match = LAST_NAMED.exec(rest); match; match = LAST_NAMED.exec(rest)) {
    rest = match[1]!;
    if (match[2] !== undefined) named[match[2]] ??= match[3]!;
  }
  return { command: /^ COMMAND="(.*)"$/s.exec(rest)?.[1], named };
}

/**
 * A first line in the words of script.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(
 *   writeFirstLine({ cols: 80, rows: 24, startedAt: 0, command: "sh" }),
 *   'Script started on 1970-01-01 00:00:00+00:00 [COMMAND="sh" COLUMNS="80" LINES="24"]\n',
 * );
 * ```
 */
export function writeFirstLine({ cols, rows, startedAt, command, term }: SessionHeader): string {
  const names = Object.entries({ COMMAND: command, TERM: term, COLUMNS: cols, LINES: rows });
  const told = names.flatMap(([name, value]) => value === undefined ? [] : [`${name}="${value}"`]);
  const date = startedAt === undefined ? "an unknown date" : writeDate(startedAt);
  return `Script started on ${date} [${told.join(" ")}]\n`;
}

/**
 * A last line in the words of script, which begins with a line feed.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(writeLastLine(0, 3), '\nScript done on 1970-01-01 00:00:00+00:00 [COMMAND_EXIT_CODE="3"]\n');
 * ```
 */
export function writeLastLine(endedAt: number, code: number): string {
  return `\nScript done on ${writeDate(endedAt)} [COMMAND_EXIT_CODE="${code}"]\n`;
}

/**
 * What a last line tells: the exit code, or that the log had grown as large as it may. `undefined` if it is none.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 * deepEqual(readLastLine('\nScript terminé sur 2026-11-22 [COMMAND_EXIT_CODE="143"]\n'), { code: 143, isFull: false });
 * equal(readLastLine("\nbye\n"), undefined);
 * ```
 */
export function readLastLine(line: string): { code: number | undefined; isFull: boolean } | undefined {
  const [, told] = /^\n[^\n]*\S \[(COMMAND_EXIT_CODE="-?\d+"|<[^>\n]*>)\]\r?\n$/.exec(line) ?? [];
  if (told === undefined) {
    return /^\nScript done on [^\n]*\n$/.test(line) ? { code: undefined, isFull: false } : undefined;
  }
  const code = /-?\d+/.exec(told)?.[0];
  return { code: code === undefined ? undefined : Number(code), isFull: /exceeded/.test(told) };
}

/**
 * A size in cells, 1 to 2,048, where that is what the text says.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(sizeOf("80"), 80);
 * equal(sizeOf("0"), undefined);
 * equal(sizeOf("99999"), 2048);
 * ```
 */
export function sizeOf(text: string | undefined): number | undefined {
  const size = /^\d{1,9}$/.test(text ?? "") ? Math.min(Number(text), 2048) : 0;
  return size > 0 ? size : undefined;
}

/**
 * Milliseconds since 1970 of a date as script writes it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(readDate("2026-11-22 21:12:52+01:00"), Date.UTC(2026, 10, 22, 20, 12, 52));
 * equal(readDate("Sun Nov 22 2026"), undefined);
 * ```
 */
export function readDate(text: string): number | undefined {
  const [, day, time, hours, minutes] = DATE.exec(text) ?? [];
  const [whole = "", fraction = ""] = time?.split(/[.,]/) ?? [];
  const date = Date.parse(`${day}T${whole}${hours}:${minutes}`) + Number(fraction.padEnd(6, "0")) / 1000;
  return Number.isFinite(date) ? date : undefined;
}

/**
 * A date as script writes it, with microseconds where there are any.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(writeDate(1500), "1970-01-01 00:00:01.500000+00:00");
 * ```
 */
export function writeDate(millis: number): string {
  const micros = Math.round(Math.min(Math.max(0, millis), 8e15) * 1000);
  const [day, time] = new Date(Math.floor(micros / 1e6) * 1000).toISOString().split(/[T.]/);
  const fraction = micros % 1e6 === 0 ? "" : "." + String(micros % 1e6).padStart(6, "0");
  return `${day} ${time}${fraction}+00:00`;
}
