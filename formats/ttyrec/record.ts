/**
 * The record of a ttyrec: who wrote it how, and whether these bytes can be one.
 *
 * A ttyrec has no magic number, no header and no checksum: it is records of time, length and bytes. What cannot be a record
 * is told by numbers that no recorder writes (a million microseconds, a length of gigabytes).
 *
 * This module is browser compatible.
 * @module
 */

/**
 * The three ways in which records are laid out: as `ttyrec` writes them; with a byte for the channel behind the length
 * (NLE's ttyrec3); and with big-endian numbers, by programs that took the machine's order on other machines.
 *
 * @example
 * ```ts
 * const usual: Layout = "classic";
 * ```
 */
export type Layout = "classic" | "nle" | "big-endian";

/**
 * What stands before the bytes of a record.
 *
 * @example
 * ```ts
 * const head: RecordHead = { seconds: 1_795_382_322, micros: 32_079, length: 4, channel: 0 };
 * ```
 */
export interface RecordHead {
  /** Seconds since 1970. */
  readonly seconds: number;
  /** And microseconds. */
  readonly micros: number;
  /** How many bytes follow. */
  readonly length: number;
  /** 0 output; NLE also has 1 for keys and 2 for the score. */
  readonly channel: number;
}

/**
 * The longest record that is read. Recorders write one for each read of at most 64 KiB; ovh-ttyrec allows as much as this.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAX_RECORD, 16 * 1024 * 1024);
 * ```
 */
export const MAX_RECORD = 16 << 20;

/** Records longer than this are read, but nothing is taken for a ttyrec because of one. */
const USUAL_RECORD = 65_536;
const MILLION = 1_000_000;

/**
 * Bytes before the data of a record.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(headLength("classic"), 12);
 * equal(headLength("nle"), 13);
 * ```
 */
export function headLength(layout: Layout): number {
  return layout === "nle" ? 13 : 12;
}

/**
 * The head of a record at the beginning of `bytes`.
 *
 * Bits 32 to 43 of the seconds stand in the upper 12 bits of the microseconds (ovh-ttyrec 1.2), which are 0 until 2106.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const head = readHead(Uint8Array.fromHex("00f2052a" + "01001000" + "01000000"), "classic");
 * equal(head.seconds, 5_000_000_000);
 * equal(head.micros, 1);
 * ```
 */
export function readHead(bytes: Uint8Array, layout: Layout): RecordHead {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = layout !== "big-endian";
  const second = view.getUint32(4, little);
  return {
    seconds: view.getUint32(0, little) + (second >>> 20) * 2 ** 32,
    micros: second & 0xfffff,
    length: view.getUint32(8, little),
    channel: layout === "nle" ? bytes[12]! : 0,
  };
}

/**
 * A record of the classic layout.
 *
 * @param micros Microseconds since 1970.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(writeRecord(1_000_005, Uint8Array.of(97)).toHex(), "01000000" + "05000000" + "01000000" + "61");
 * ```
 */
export function writeRecord(micros: number, data: Uint8Array): Uint8Array {
  const record = new Uint8Array(12 + data.length);
  const view = new DataView(record.buffer);
  const seconds = Math.floor(micros / MILLION);
  view.setUint32(0, seconds % 2 ** 32, true);
  view.setUint32(4, Math.floor(seconds / 2 ** 32) * 2 ** 20 + micros % MILLION, true);
  view.setUint32(8, data.length, true);
  record.set(data, 12);
  return record;
}

/**
 * Whether a recorder may have written this head. `strict` asks for a length that recorders do write.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isPlausible({ seconds: 1, micros: 1_000_000, length: 1, channel: 0 }), false);
 * ```
 */
export function isPlausible({ seconds, micros, length, channel }: RecordHead, strict = true): boolean {
  const isTime = micros < MILLION && seconds < 2 ** 36;
  return isTime && channel < 4 && length > 0 && length <= (strict ? USUAL_RECORD : MAX_RECORD);
}

/**
 * The layout of a recording that begins with these bytes; `undefined` if it is none, `"more"` if that takes more of them.
 *
 * @param isAll Whether there will not be more.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const record = "e8030000" + "05000000" + "01000000" + "61";
 * equal(layoutOf(Uint8Array.fromHex(record), true), "classic");
 * equal(layoutOf(Uint8Array.fromHex(record), false), "more");
 * equal(layoutOf(Uint8Array.fromHex("000003e8" + "00000005" + "00000001" + "61"), true), "big-endian");
 * equal(layoutOf(new TextEncoder().encode("$ echo hello\n"), true), undefined);
 * ```
 */
export function layoutOf(bytes: Uint8Array, isAll: boolean): Layout | "more" | undefined {
  const walks = (["classic", "nle", "big-endian"] as const).map((layout) => ({ layout, ...walk(bytes, layout) }));
  const sure = walks.find(({ records }) => records >= ENOUGH);
  if (sure) return sure.layout;
  if (!isAll && walks.some(({ broken }) => !broken)) return "more";
  const begun = walks.filter(({ records }) => records > 0);
  const unbroken = begun.filter(({ broken }) => !broken);
  return (unbroken.find(({ rest }) => rest === 0) ?? unbroken[0] ?? begun[0])?.layout;
}

/** So many heads in a row, each where the one before says, are no accident. */
const ENOUGH = 4;

/** How many heads in a row are plausible, whether the next one is not, and what is left behind the last record. */
function walk(bytes: Uint8Array, layout: Layout): { records: number; broken: boolean; rest: number } {
  const length = headLength(layout);
  let records = 0, at = 0;
  while (records < ENOUGH && at + length <= bytes.length) {
    const head = readHead(bytes.subarray(at), layout);
    if (!isPlausible(head)) return { records, broken: true, rest: bytes.length - at };
    at += length + head.length;
    records++;
  }
  return { records, broken: false, rest: bytes.length - at };
}
