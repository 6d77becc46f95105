/**
 * What a single event holds beside its time, as bytes.
 *
 * Every kind has a number and its payload a length, so a reader can pass on kinds that it does not know. A payload that is
 * not what its kind should hold is passed on in the same way, not refused: its block's checksum was right, so whoever
 * wrote it meant something by it.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { EventOf, GapReason, Json, Nanos, SessionEvent } from "../../lib/event.ts";
import { ByteReader, ByteWriter, textOf, utf8 } from "./bytes.ts";
import { isRecord, parseJson } from "../../lib/text/json_value.ts";
import { readScreen, writeScreen } from "./screen.ts";

/**
 * The numbers of the kinds of event. Those of one stand in the same column: output, input, or the rest.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(EventCode.output, 1);
 * ```
 */
export const EventCode = {
  output: 1,
  input: 2,
  inputBy: 3,
  resize: 4,
  marker: 5,
  signal: 6,
  clock: 7,
  screen: 8,
  gap: 9,
  note: 10,
  custom: 11,
  opaque: 12,
  exit: 13,
  keyframe: 14,
  command: 15,
} as const;

/**
 * An `opaque` event whose `type` is this or more is an event of kind `type - FOREIGN_EVENT`; below it stands a whole block.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(decodePayload(99, 0, new Uint8Array(0)).kind === "opaque" && FOREIGN_EVENT + 99, 4294967395);
 * ```
 */
export const FOREIGN_EVENT = 2 ** 32;

/**
 * An event, ready to be put into a block.
 *
 * @example
 * ```ts
 * const data = new TextEncoder().encode("hello");
 * const hello: Encoded = { code: EventCode.output, payload: data, event: { kind: "output", time: 0, data } };
 * ```
 */
export interface Encoded {
  /** See {@linkcode EventCode}. */
  readonly code: number;
  /** What the kind holds. */
  readonly payload: Uint8Array;
  /** The event itself. */
  readonly event: PlainEvent;
}

/**
 * Any event that is no `header`: that one has a block of its own.
 *
 * @example
 * ```ts
 * const event: PlainEvent = { kind: "signal", time: 0, name: "SIGINT" };
 * ```
 */
export type PlainEvent = Exclude<SessionEvent, { kind: "header" }>;

/**
 * An event as bytes.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const { code, payload } = encodeEvent({ kind: "resize", time: 5, cols: 132, rows: 43 });
 * deepEqual(decodePayload(code, 5, payload), { kind: "resize", time: 5, cols: 132, rows: 43 });
 * ```
 */
export function encodeEvent(event: PlainEvent): Encoded {
  if (event.kind === "opaque") return encodeOpaque(event);
  const named = event.kind === "input" && event.by !== undefined;
  const write = writers[event.kind] as (event: SessionEvent) => Uint8Array;
  return { code: named ? EventCode.inputBy : EventCode[event.kind], payload: write(event), event };
}

const writers: { [Kind in Exclude<PlainEvent["kind"], "opaque">]: (event: EventOf<Kind>) => Uint8Array } = {
  output: ({ data }) => data,
  input: ({ data, by }) => by === undefined ? data : new ByteWriter().text(by).bytes(data).finish(),
  resize: ({ cols, rows }) => new ByteWriter().varint(cols).varint(rows).finish(),
  marker: ({ label }) => utf8(label),
  signal: ({ name }) => utf8(name),
  clock: ({ drift }) => new ByteWriter().signed(drift).finish(),
  screen: ({ state }) => writeScreen(state),
  gap({ reason, bytes }) {
    const out = new ByteWriter().text(reason);
    return bytes === undefined ? out.finish() : out.varint(bytes).finish();
  },
  note: ({ topic, data }) => new ByteWriter().text(topic).bytes(utf8(JSON.stringify(data))).finish(),
  custom: ({ code, data }) => new ByteWriter().text(code).bytes(data).finish(),
  exit({ status }) {
    const out = new ByteWriter();
    return "code" in status
      ? out.byte(0).signed(status.code).finish()
      : out.byte(1).bytes(utf8(status.signal)).finish();
  },
  keyframe: ({ state }) => writeScreen(state),
  command: ({ kind: _kind, time: _time, ...rest }) => utf8(JSON.stringify(rest)),
};

/** A kind that some version knew goes back under its own number, unless it would be taken for one of ours. */
function encodeOpaque(event: EventOf<"opaque">): Encoded {
  const { time, type, data } = event;
  const code = type - FOREIGN_EVENT;
  const foreign = code >= 0 && decodePayload(code, time, data).kind === "opaque" && code !== EventCode.opaque;
  if (foreign) return { code, payload: data, event };
  return { code: EventCode.opaque, payload: new ByteWriter().signed(type).bytes(data).finish(), event };
}

/**
 * The event that some payload stands for; an `opaque` one where the kind is unknown or the payload not of its kind.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * const foreign = decodePayload(200, 7, Uint8Array.of(1));
 * deepEqual(foreign, { kind: "opaque", time: 7, type: FOREIGN_EVENT + 200, data: Uint8Array.of(1) });
 * ```
 */
export function decodePayload(code: number, time: Nanos, payload: Uint8Array): PlainEvent {
  if (code === EventCode.output) return { kind: "output", time, data: payload };
  if (code === EventCode.input) return { kind: "input", time, data: payload };
  try {
    const reader = new ByteReader(payload);
    const event = readers[code]?.(time, reader);
    if (event && reader.left === 0) return event;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  return { kind: "opaque", time, type: FOREIGN_EVENT + code, data: payload };
}

const readers: Record<number, (time: Nanos, from: ByteReader) => PlainEvent> = {
  [EventCode.inputBy]: (time, from) => ({ kind: "input", time, by: from.text(), data: from.rest() }),
  [EventCode.resize]: (time, from) => ({ kind: "resize", time, cols: from.varint(), rows: from.varint() }),
  [EventCode.marker]: (time, from) => ({ kind: "marker", time, label: textOf(from.rest()) }),
  [EventCode.signal]: (time, from) => ({ kind: "signal", time, name: textOf(from.rest()) }),
  [EventCode.clock]: (time, from) => ({ kind: "clock", time, drift: from.signed() }),
  [EventCode.screen]: (time, from) => ({ kind: "screen", time, state: readScreen(from.rest()) }),
  [EventCode.gap](time, from) {
    const reason = from.text() as GapReason;
    return from.left === 0 ? { kind: "gap", time, reason } : { kind: "gap", time, reason, bytes: from.varint() };
  },
  [EventCode.note]: (time, from) => ({
    kind: "note",
    time,
    topic: from.text(),
    data: parseJson(textOf(from.rest())) as Json,
  }),
  [EventCode.custom]: (time, from) => ({ kind: "custom", time, code: from.text(), data: from.rest() }),
  [EventCode.opaque]: (time, from) => ({ kind: "opaque", time, type: from.signed(), data: from.rest() }),
  [EventCode.exit](time, from) {
    const killed = from.byte();
    if (killed > 1) throw new FormatError(`Cannot read how the session ended: ${killed} is neither 0 nor 1`);
    return { kind: "exit", time, status: killed ? { signal: textOf(from.rest()) } : { code: from.signed() } };
  },
  [EventCode.keyframe]: (time, from) => ({ kind: "keyframe", time, state: readScreen(from.rest()) }),
  [EventCode.command](time, from) {
    const command = parseJson(textOf(from.rest()));
    if (!isRecord(command) || typeof command.phase !== "string") {
      throw new FormatError("Cannot read a command: it names no phase");
    }
    return { ...command, kind: "command", time } as EventOf<"command">;
  },
};
