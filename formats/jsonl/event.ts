/**
 * One event as one JSON object, and back.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { CommandConfidence, EventKind, GapReason, Json, SessionEvent } from "../../lib/event.ts";
import { headerFromJson, headerToJson } from "../../lib/text/header_json.ts";
import { fromBase64, isRecord, toBase64 } from "../../lib/text/json_value.ts";
import { formatJson } from "../../lib/text/json_writer.ts";
import { screenFromJson, screenToJson } from "../../lib/text/screen_json.ts";
import { invalidLength } from "../../lib/text/utf8.ts";

/**
 * Version of the format, told in each header.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(VERSION, 1);
 * ```
 */
export const VERSION = 1;

/** Before the kind in the code of a `custom` event that holds a line of a kind unknown to this version. */
const FOREIGN = "jsonl:";
const text = new TextDecoder("utf-8", { ignoreBOM: true });
const bytes = new TextEncoder();

type Members = Readonly<Record<string, unknown>>;

/**
 * The line for an event, without its line feed.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(writeEvent({ kind: "output", time: 5, data: Uint8Array.of(104, 105) }), '{"kind":"output","time":5,"text":"hi"}');
 * equal(writeEvent({ kind: "output", time: 5, data: Uint8Array.of(255) }), '{"kind":"output","time":5,"base64":"/w=="}');
 * ```
 */
export function writeEvent(event: SessionEvent): string {
  return formatJson(membersOf(event));
}

function membersOf(event: SessionEvent): Members {
  switch (event.kind) {
    case "header":
      return { term2ai: VERSION, ...event, header: headerToJson(event.header) };
    case "output":
    case "opaque":
      return withData(event);
    case "input":
      return withData(event);
    case "custom":
      return event.code.startsWith(FOREIGN) ? foreignMembers(event) : withData(event);
    case "screen":
    case "keyframe":
      return { ...event, state: screenToJson(event.state) };
    default:
      return { ...event };
  }
}

/** Bytes as text where they are that, else in base64. */
function withData<Event extends { readonly data: Uint8Array }>({ data, ...rest }: Event): Members {
  return invalidLength(data) === 0 ? { ...rest, text: text.decode(data) } : { ...rest, base64: toBase64(data) };
}

/** A line of an unknown kind goes back as it was, at the time that it has now. */
function foreignMembers(event: SessionEvent & { readonly kind: "custom" }): Members {
  try {
    const line: unknown = JSON.parse(text.decode(event.data));
    if (isRecord(line) && FOREIGN + line.kind === event.code) return { ...line, time: event.time };
  } catch {
    // it only looked like one
  }
  return withData(event);
}

/**
 * The event that a line stands for. One of a kind that this version does not know becomes a `custom` event that holds the line.
 *
 * @param line The line as it stands in the file.
 * @throws {FormatError} If it is no event.
 *
 * @example
 * ```ts
 * import { deepEqual, throws } from "node:assert/strict";
 * deepEqual(readEvent('{"kind":"marker","time":5,"label":"here"}'), { kind: "marker", time: 5, label: "here" });
 * throws(() => readEvent('{"kind":"marker","time":-1,"label":""}'), /time/);
 * ```
 */
export function readEvent(line: string): SessionEvent {
  const value = parse(line);
  const { kind, time } = value;
  if (typeof kind !== "string") throw new FormatError("its kind is missing");
  if (!isWhole(time)) throw new FormatError("its time is no whole number of nanoseconds from 0 on");
  if (!Object.hasOwn(READERS, kind)) return { kind: "custom", time, code: FOREIGN + kind, data: bytes.encode(line) };
  return READERS[kind as EventKind](value, time);
}

function parse(line: string): Members {
  try {
    const value: unknown = JSON.parse(line);
    if (isRecord(value)) return value;
  } catch {
    // told below
  }
  throw new FormatError("it is no JSON object");
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A member that has to be there, of the type it has to have. */
function member<Value>(value: Members, name: string, is: (value: unknown) => value is Value): Value {
  const found = value[name];
  if (is(found)) return found;
  throw new FormatError(`its member ${name} is missing or malformed`);
}

const isText = (value: unknown): value is string => typeof value === "string";
const isSize = (value: unknown): value is number => isWhole(value) && value >= 1 && value <= 65_535;
const isNumber = (value: unknown): value is number => Number.isSafeInteger(value);
const isThere = (value: unknown): value is Json => value !== undefined;
const isReason = (value: unknown): value is GapReason =>
  ["paused", "resumed", "overload", "storage", "damage", "slow-reader"].includes(value as string);
const isConfidence = (value: unknown): value is CommandConfidence => value === "reported" || value === "guessed";
const isPhase = (value: unknown): value is "prompt" | "input" | "output" | "done" =>
  ["prompt", "input", "output", "done"].includes(value as string);

/** A member that may be absent, as a record to spread. */
function optional<Value>(value: Members, name: string, is: (value: unknown) => value is Value): Record<string, Value> {
  return value[name] === undefined ? {} : { [name]: member(value, name, is) };
}

function dataOf(value: Members): Uint8Array {
  if (isText(value.base64)) return fromBase64(value.base64);
  return bytes.encode(member(value, "text", isText));
}

function statusOf(value: Members): { code: number } | { signal: string } {
  const { status } = value;
  if (isRecord(status) && isNumber(status.code)) return { code: status.code };
  if (isRecord(status) && isText(status.signal)) return { signal: status.signal };
  throw new FormatError("its member status has neither a code nor a signal");
}

/** What makes an event of each kind out of the members of a line. */
const READERS: { readonly [Kind in EventKind]: (value: Members, time: number) => SessionEvent } = {
  header: ({ header }) => ({ kind: "header", time: 0, header: headerFromJson(header) }),
  output: (value, time) => ({ kind: "output", time, data: dataOf(value) }),
  input: (value, time) => ({ kind: "input", time, data: dataOf(value), ...optional(value, "by", isText) }),
  resize: (value, time) => (
    { kind: "resize", time, cols: member(value, "cols", isSize), rows: member(value, "rows", isSize) }
  ),
  marker: (value, time) => ({ kind: "marker", time, label: member(value, "label", isText) }),
  signal: (value, time) => ({ kind: "signal", time, name: member(value, "name", isText) }),
  clock: (value, time) => ({ kind: "clock", time, drift: member(value, "drift", isNumber) }),
  screen: ({ state }, time) => ({ kind: "screen", time, state: screenFromJson(state) }),
  gap: (value, time) => (
    { kind: "gap", time, reason: member(value, "reason", isReason), ...optional(value, "bytes", isWhole) }
  ),
  note: (value, time) => (
    { kind: "note", time, topic: member(value, "topic", isText), data: member(value, "data", isThere) }
  ),
  custom: (value, time) => ({ kind: "custom", time, code: member(value, "code", isText), data: dataOf(value) }),
  opaque: (value, time) => ({ kind: "opaque", time, type: member(value, "type", isWhole), data: dataOf(value) }),
  exit: (value, time) => ({ kind: "exit", time, status: statusOf(value) }),
  keyframe: ({ state }, time) => ({ kind: "keyframe", time, state: screenFromJson(state) }),
  command: (value, time) => ({
    kind: "command",
    time,
    phase: member(value, "phase", isPhase),
    ...optional(value, "text", isText),
    ...optional(value, "code", isNumber),
    ...optional(value, "cwd", isText),
    ...optional(value, "confidence", isConfidence),
    ...(value.late === true && { late: true as const }),
    ...optional(value, "ago", isWhole),
    ...optional(value, "earlier", isWhole),
  }),
};
