/**
 * Events blocks: many events as columns.
 *
 * A block in the chain holds recorded events and says how much output stood before it, so that a reader that had to leave
 * some out can tell how much is missing. A block beside the chain holds derived events and says where each of them stands
 * among the recorded ones of the block that follows: so keyframes can be added to a signed recording, or taken away,
 * and no recorded block changes by a bit.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { Nanos } from "../../lib/event.ts";
import type { Codec } from "../../lib/ports.ts";
import { concat } from "../../lib/stream/collect.ts";
import { type Block, RECORDED } from "./block.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { joinNumbers, type Press, readColumns, readLengths, splitNumbers, writeColumns } from "./columns.ts";
import { decodePayload, type Encoded, EventCode, type PlainEvent } from "./payload.ts";

/** times, kinds, lengths; output, input, the rest; and, beside the chain, places. */
const COLUMNS = 6;

/** Most events that a reader accepts in one block: their objects weigh more than their bytes. */
const MAX_EVENTS = 1 << 20;

/**
 * Which of the payload columns a kind stands in: 0 output, 1 input, 2 the rest.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { EventCode } from "./payload.ts";
 * equal(columnOf(EventCode.inputBy), 1);
 * ```
 */
export function columnOf(code: number): 0 | 1 | 2 {
  return code === EventCode.output ? 0 : code === EventCode.input || code === EventCode.inputBy ? 1 : 2;
}

/**
 * What goes into an events block.
 *
 * @example
 * ```ts
 * const nothing: BlockContent = { events: [], before: 0 };
 * ```
 */
export interface BlockContent {
  /** In order of time, in whole time units. */
  readonly events: readonly Encoded[];
  /** In the chain: bytes of output in all blocks before this one. Beside it: number of the recorded block that this one belongs to. */
  readonly before: number;
  /** Only beside the chain: for each event, how many recorded events of that block stand before it. */
  readonly places?: readonly number[];
}

/**
 * The payload of an events block in pieces, and whether a codec had a part in it.
 *
 * @param unit Nanoseconds in one step of time; all times are multiples of it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { concat } from "@term2ai/term2ai";
 * import { encodeEvent } from "./payload.ts";
 *
 * const hello = encodeEvent({ kind: "output", time: 0, data: new TextEncoder().encode("hello") });
 * equal(concat(writeEvents({ events: [hello], before: 0 }, 1).pieces).length, 22);
 * ```
 */
export function writeEvents(
  { events, before, places }: BlockContent,
  unit: Nanos,
  press?: Press,
): { pieces: readonly Uint8Array[]; pressed: boolean } {
  const parts: Uint8Array[][] = [[], [], []];
  for (const { code, payload } of events) parts[columnOf(code)]!.push(payload);
  const columns = [
    splitNumbers(events.map(({ event }, n) => (event.time - events[Math.max(0, n - 1)]!.event.time) / unit)),
    splitNumbers(events.map(({ code }) => code)),
    splitNumbers(events.map(({ payload }) => payload.length)),
    ...parts.map(concat),
    ...(places ? [splitNumbers(places.map((place, n) => n === 0 ? place : place - places[n - 1]!))] : []),
  ];
  const counts = new ByteWriter().varint(events.length).varint(before).finish();
  const { pieces, pressed } = writeColumns(columns, press);
  return { pieces: [counts, ...pieces], pressed };
}

/**
 * What an events block held.
 *
 * @example
 * ```ts
 * const count = ({ events }: BlockEvents) => events.length;
 * ```
 */
export interface BlockEvents {
  /** In order of time. */
  readonly events: readonly PlainEvent[];
  /** As in {@linkcode BlockContent}. */
  readonly before: number;
  /** As in {@linkcode BlockContent}; empty in the chain. */
  readonly places: readonly number[];
}

/**
 * The events of a block. Their `data` are parts of the columns, not copies.
 *
 * @throws {FormatError} If the payload is not what an events block holds; its checksum says only that nothing happened to it.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 *
 * const header = { type: 2, flags: 1, codec: 0, unit: 0, sequence: 1, time: 0, length: 1, veil: 0, checksum: 0 };
 * throws(() => readEvents({ header, payload: Uint8Array.of(9), bytes: new Uint8Array(0), at: 0 }), /ends/);
 * ```
 */
export function readEvents({ header, payload }: Block, codec?: Codec): BlockEvents {
  const beside = (header.flags & RECORDED) === 0;
  const reader = new ByteReader(payload);
  const [count, before] = [reader.varint(), reader.varint()];
  if (count > MAX_EVENTS) {
    throw new FormatError(`Cannot read ${count} events: the most a block may hold is ${MAX_EVENTS}`);
  }
  const [times, kinds, lengths, output, input, rest, places] = readColumns(reader, COLUMNS + (beside ? 1 : 0), codec);
  const steps = joinNumbers(times!, count);
  const codes = joinNumbers(kinds!, count);
  const sizes = joinNumbers(lengths!, count);
  const columns = [new ByteReader(output!), new ByteReader(input!), new ByteReader(rest!)];
  const events: PlainEvent[] = [];
  const unit = 1000 ** (header.unit & 3);
  let time = header.time;
  for (let n = 0; n < count; n++) {
    time += steps[n]! * unit;
    const code = codes[n]!;
    events.push(decodePayload(code, time, columns[columnOf(code)]!.take(sizes[n]!)));
  }
  if (time > Number.MAX_SAFE_INTEGER) throw new FormatError("Cannot read events: their times go past 2^53 ns");
  const left = columns.reduce((sum, column) => sum + column.left, 0);
  if (left > 0) throw new FormatError(`Cannot read events: ${left} bytes belong to none of them`);
  return { events, before, places: places ? sums(joinNumbers(places, count)) : [] };
}

/**
 * How many bytes the columns of an events block decompress to, and its events, told without decompressing anything.
 *
 * @throws {FormatError} If the payload does not begin as that of an events block.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { concat } from "@term2ai/term2ai";
 * const { pieces } = writeEvents({ events: [], before: 0 }, 1);
 * deepEqual(measureEvents(concat(pieces), true), { events: 0, raw: 0, outputBytes: 0 });
 * ```
 */
export function measureEvents(
  payload: Uint8Array,
  recorded: boolean,
): { events: number; raw: number; outputBytes: number } {
  const reader = new ByteReader(payload);
  const [events] = [reader.varint(), reader.varint()];
  const lengths = readLengths(reader, COLUMNS + (recorded ? 0 : 1));
  return { events, raw: lengths.reduce((sum, { raw }) => sum + raw, 0), outputBytes: lengths[3]!.raw };
}

function sums(steps: Float64Array): number[] {
  let sum = 0;
  return Array.from(steps, (step) => sum += step);
}
