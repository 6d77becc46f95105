/**
 * The seal: what must have been recorded, told once nothing more will be.
 *
 * It holds the head of the chain over all recorded blocks, so that nothing can be changed, cut or exchanged unseen. Where it
 * is signed, it also lists the blocks of derived events: keyframes that are not on the list were put there by somebody else.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../../lib/event.ts";
import { concat } from "../../lib/stream/collect.ts";
import { ByteReader, ByteWriter, utf8 } from "./bytes.ts";

/**
 * What was counted in a session.
 *
 * @example
 * ```ts
 * const nothing: Totals = { events: 0, outputBytes: 0, inputBytes: 0, duration: 0 };
 * ```
 */
export interface Totals {
  /** Recorded events, the header not among them. */
  readonly events: number;
  /** Bytes of output. */
  readonly outputBytes: number;
  /** Bytes that were typed and kept. */
  readonly inputBytes: number;
  /** Time of the last recorded event. */
  readonly duration: Nanos;
}

/**
 * What a seal says.
 *
 * @example
 * ```ts
 * const seal: Seal = {
 *   head: new Uint8Array(32), blocks: 1, exited: false, events: 0, outputBytes: 0, inputBytes: 0, duration: 0,
 *   signature: new Uint8Array(0), derived: [],
 * };
 * ```
 */
export interface Seal extends Totals {
  /** Head of the chain after the last recorded block. */
  readonly head: Uint8Array;
  /** Blocks in the chain, the header block among them. */
  readonly blocks: number;
  /** Whether an `exit` event was recorded. */
  readonly exited: boolean;
  /** SSHSIG of {@linkcode sealContent}; empty when it is not signed. */
  readonly signature: Uint8Array;
  /** Hashes of the blocks with derived events, see `derivedHash`; empty when it is not signed. */
  readonly derived: readonly Uint8Array[];
}

/**
 * The payload of a seal block.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * const seal = {
 *   head: new Uint8Array(32), blocks: 2, exited: true, events: 9, outputBytes: 8, inputBytes: 7, duration: 6,
 *   signature: Uint8Array.of(5), derived: [new Uint8Array(32)],
 * };
 * deepEqual(readSeal(writeSeal(seal)), seal);
 * ```
 */
export function writeSeal(seal: Seal): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter().bytes(seal.head).varint(seal.blocks).byte(seal.exited ? 1 : 0);
  writeTotals(out, seal);
  out.varint(seal.signature.length).bytes(seal.signature).varint(seal.derived.length);
  for (const hash of seal.derived) out.bytes(hash);
  return out.finish();
}

/**
 * What is signed: a line that tells it from anything else, and the payload without its signature.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * const totals = { events: 9, outputBytes: 8, inputBytes: 7, duration: 6 };
 * const seal = { ...totals, head: new Uint8Array(32), blocks: 2, exited: true, signature: Uint8Array.of(5), derived: [] };
 * equal(new TextDecoder().decode(sealContent(seal).subarray(0, 9)), "T2A seal\n");
 * ```
 */
export function sealContent(seal: Seal): Uint8Array<ArrayBuffer> {
  return concat([utf8("T2A seal\n"), writeSeal({ ...seal, signature: new Uint8Array(0) })]);
}

/**
 * Reads what {@linkcode writeSeal} wrote; what later versions put behind it is left alone.
 *
 * @throws {FormatError} If it is too short.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => readSeal(new Uint8Array(3)), /32 bytes/);
 * ```
 */
export function readSeal(payload: Uint8Array): Seal {
  const from = new ByteReader(payload);
  const [head, blocks, exited] = [from.take(32).slice(), from.varint(), (from.byte() & 1) === 1];
  const totals = readTotals(from);
  const signature = from.take(from.varint()).slice();
  const derived: Uint8Array[] = [];
  for (let left = from.varint(); left > 0; left--) derived.push(from.take(32).slice());
  return { head, blocks, exited, ...totals, signature, derived };
}

/**
 * Writes totals.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { ByteWriter } from "./bytes.ts";
 *
 * const out = new ByteWriter();
 * writeTotals(out, { events: 1, outputBytes: 2, inputBytes: 3, duration: 4 });
 * equal(out.length, 4);
 * ```
 */
export function writeTotals(out: ByteWriter, totals: Totals): void {
  out.varint(totals.events).varint(totals.outputBytes).varint(totals.inputBytes).varint(totals.duration);
}

/**
 * Reads what {@linkcode writeTotals} wrote.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { ByteReader } from "./bytes.ts";
 * equal(readTotals(new ByteReader(Uint8Array.of(1, 2, 3, 4))).duration, 4);
 * ```
 */
export function readTotals(from: ByteReader): Totals {
  return { events: from.varint(), outputBytes: from.varint(), inputBytes: from.varint(), duration: from.varint() };
}
