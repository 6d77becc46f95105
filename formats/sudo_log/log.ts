/**
 * What a sudo I/O log says of its session as a whole: the file `log.json`, or `log` of older versions.
 *
 * `log.json` holds the whole environment of the command. Of that, only what decides how a terminal looks is taken over:
 * environments hold keys and tokens.
 *
 * This module is browser compatible.
 * @module
 */

import { type ExitStatus, type Json, type Nanos, SECOND, type SessionHeader } from "../../lib/event.ts";
import { quoteArgument, USUAL_ENV } from "../../lib/record/metadata_recorder.ts";

/**
 * The facts of a session.
 *
 * @example
 * ```ts
 * const ended: LogFacts = { header: { cols: 80, rows: 24 }, exit: { code: 1 }, duration: 5e9 };
 * ```
 */
export interface LogFacts {
  /** For the first event; a size that was not told is 0. */
  readonly header: SessionHeader;
  /** How the command ended, where that was noted. */
  readonly exit?: ExitStatus;
  /** How long it ran, where that was noted. */
  readonly duration?: Nanos;
}

type Fields = Readonly<Record<string, unknown>>;

// time:user:runas user:runas group:terminal:lines:columns
const FIRST_LINE = /^(\d{9,12}):([^:\n]*):([^:\n]*):([^:\n]*):([^:\n]*)(?::(\d+):(\d+))?\r?(?:\n|$)/;
const JSON_NAMES = ["submituser", "timestamp", "command"];

/**
 * Whether the log of a session begins with these bytes.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const encode = (text: string) => new TextEncoder().encode(text);
 * equal(beginsLog(encode("1795382254:ada:root::/dev/pts/0:24:80\n/home/ada\n/bin/ls\n")), true);
 * equal(beginsLog(encode('{"timestamp": {"seconds": 1}, "submituser": "ada", "command": "/bin/ls"}')), true);
 * equal(beginsLog(encode("10:30:ada:came:in\n")), false);
 * ```
 */
export function beginsLog(prefix: Uint8Array): boolean {
  const text = new TextDecoder().decode(prefix);
  if (!text.trimStart().startsWith("{")) return FIRST_LINE.exec(text)?.[6] !== undefined;
  return JSON_NAMES.every((name) => new RegExp(`"${name}"\\s*:`).test(text));
}

/**
 * Reads a log of either kind; `undefined` if it is none.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * deepEqual(readLog("1795382254:ada:root::/dev/pts/0:24:80\n/home/ada\n/bin/echo a\nb\n")?.header, {
 *   cols: 80,
 *   rows: 24,
 *   startedAt: 1795382254000,
 *   user: "ada",
 *   cwd: "/home/ada",
 *   command: "/bin/echo a\nb",
 *   extra: { runuser: "root", ttyname: "/dev/pts/0" },
 * });
 * ```
 */
export function readLog(text: string): LogFacts | undefined {
  const first = FIRST_LINE.exec(text);
  if (first) return { header: readLines(first, text.slice(first[0].length)) };
  const fields = parseObject(text);
  return fields && (isObject(fields.timestamp) || textOf(fields.submituser)) ? readFields(fields) : undefined;
}

/** The command goes on to the end: it may hold line feeds. */
function readLines(first: RegExpExecArray, rest: string): SessionHeader {
  const [, seconds, user, runuser, rungroup, ttyname, rows, cols] = first;
  const end = rest.indexOf("\n");
  return onlyTold({
    cols: Number(cols ?? 0),
    rows: Number(rows ?? 0),
    startedAt: Number(seconds) * 1000,
    user,
    cwd: end < 0 ? rest : rest.slice(0, end),
    command: end < 0 ? undefined : rest.slice(end + 1).trimEnd(),
    extra: extraOf({ runuser, rungroup, ttyname }),
  });
}

function readFields(fields: Fields): LogFacts {
  const env = environmentOf(fields.runenv);
  const header: SessionHeader = onlyTold({
    cols: countOf(fields.columns) ?? 0,
    rows: countOf(fields.lines) ?? 0,
    startedAt: startOf(fields.timestamp),
    user: textOf(fields.submituser),
    host: textOf(fields.submithost),
    cwd: textOf(fields.runcwd) ?? textOf(fields.submitcwd),
    command: commandOf(fields),
    shell: env?.SHELL,
    term: env?.TERM,
    env,
    extra: extraOf(fields),
  });
  const exit = exitOf(fields), duration = nanosOf(fields.run_time);
  return { header, ...(exit && { exit }), ...(duration !== undefined && { duration }) };
}

/** Who the command ran as, and where. */
function extraOf(fields: Fields): SessionHeader["extra"] {
  const told = ["runuser", "rungroup", "ttyname"].flatMap((name): [string, Json][] => {
    const text = textOf(fields[name]);
    return text === undefined ? [] : [[name, text]];
  });
  return told.length > 0 ? Object.fromEntries(told) : undefined;
}

/** The program by its path, then its arguments. */
function commandOf({ command, runargv }: Fields): string | undefined {
  const words = Array.isArray(runargv) ? runargv.filter((word) => typeof word === "string") : [];
  const program = textOf(command) ?? words[0];
  return program === undefined ? undefined : [program, ...words.slice(1)].map(quoteArgument).join(" ");
}

/** What of `NAME=value` is on the allow-list. */
function environmentOf(variables: unknown): Readonly<Record<string, string>> | undefined {
  const texts = Array.isArray(variables) ? variables.filter((text) => typeof text === "string") : [];
  const pairs = texts.map((text): [string, string] => {
    const at = text.indexOf("=");
    return [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  });
  const allowed = pairs.filter(([name]) => USUAL_ENV.includes(name));
  return allowed.length > 0 ? Object.fromEntries(allowed) : undefined;
}

function exitOf({ signal, exit_value: code }: Fields): ExitStatus | undefined {
  const name = textOf(signal);
  if (name !== undefined) return { signal: signalName(name) };
  return Number.isInteger(code) ? { code: code as number } : undefined;
}

/**
 * A signal's name as we write it: sudo leaves the `SIG` out.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(signalName("TSTP"), "SIGTSTP");
 * ```
 */
export function signalName(name: string): string {
  return /^\d/.test(name) || name.startsWith("SIG") ? name : `SIG${name}`;
}

/** Wall clock in milliseconds, to the microsecond. */
function startOf(timestamp: unknown): number | undefined {
  const { seconds, nanoseconds } = isObject(timestamp) ? timestamp : {};
  if (countOf(seconds) === undefined) return undefined;
  return countOf(seconds)! * 1000 + Math.round((countOf(nanoseconds) ?? 0) / 1000) / 1000;
}

function nanosOf(time: unknown): Nanos | undefined {
  const { seconds, nanoseconds } = isObject(time) ? time : {};
  return countOf(seconds) === undefined ? undefined : countOf(seconds)! * SECOND + (countOf(nanoseconds) ?? 0);
}

/** A whole number that is not beyond what a calendar has in seconds. */
function countOf(value: unknown): number | undefined {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 8.64e12
    ? value as number
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function onlyTold<Shape extends object>(fields: Shape): Shape {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== "")) as Shape;
}
