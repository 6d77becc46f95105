/**
 * Blocks that this version does not know, or cannot open: they pass through as `opaque` events and come out unchanged.
 *
 * The `type` of such an event is what the block's header has in bytes 4 to 7, lowest first: type, flags, codec, unit and
 * dictionary. So all of them survive.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { EventOf, Nanos } from "../../lib/event.ts";
import { type Block, type BlockFields, BlockType, isFrame, RECORDED } from "./block.ts";
import { measureEvents } from "./events.ts";
import { FOREIGN_EVENT } from "./payload.ts";

/**
 * Whether a block is one that this version understands, given a codec that can open it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isKnown({ type: 2, flags: 1, codec: 1, unit: 0, sequence: 1, time: 0 }), true);
 * equal(isKnown({ type: 6, flags: 0, codec: 0, unit: 0, sequence: 0, time: 0 }), false);
 * ```
 */
export function isKnown({ type, flags, unit }: BlockFields): boolean {
  const plain = (flags & ~RECORDED) === 0 && (unit & 3) < 3 && unit >> 2 === 0;
  const recorded = (flags & RECORDED) !== 0;
  if (type === BlockType.events) return plain;
  if (type === BlockType.header || type === BlockType.checkpoint) return plain && recorded;
  return plain && !recorded && (type === BlockType.seal || type === BlockType.index || type === BlockType.end);
}

/**
 * The event that stands for a block.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const header = { type: 200, flags: 1, codec: 0, unit: 0, sequence: 3, time: 5, length: 0, veil: 0, checksum: 0 };
 * equal(opaqueOf({ header, payload: new Uint8Array(0), bytes: new Uint8Array(0), at: 0 }).type, 200 + 256);
 * ```
 */
export function opaqueOf({ header, payload }: Block): EventOf<"opaque"> {
  const type = header.type + header.flags * 0x100 + header.codec * 0x1_0000 + header.unit * 0x100_0000;
  return { kind: "opaque", time: header.time, type, data: payload };
}

/**
 * The header of the block that an `opaque` event stands for; `undefined` when it stands for none and must become an
 * event of a block instead.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const data = new Uint8Array(0);
 * equal(blockOf({ kind: "opaque", time: 0, type: 200 + 256, data }, 0)?.type, 200);
 * equal(blockOf({ kind: "opaque", time: 0, type: 2, data }, 0), undefined);
 * ```
 */
export function blockOf({ type, data }: EventOf<"opaque">, time: Nanos): Omit<BlockFields, "sequence"> | undefined {
  if (!Number.isInteger(type) || type < 1 || type >= FOREIGN_EVENT) return undefined;
  const [kind, flags, codec, unit] = [type % 256, (type >>> 8) % 256, (type >>> 16) % 256, type >>> 24];
  const fields = { type: kind, flags, codec, unit, time };
  const ours = kind === 0 || kind === 13 || isFrame(fields) || isKnown({ ...fields, sequence: 0 });
  return !ours || isSealedEvents(fields, data) ? fields : undefined;
}

/** Whether this is a whole events block that a reader passed on because it had no codec for it. */
function isSealedEvents({ type, flags, codec }: Omit<BlockFields, "sequence">, payload: Uint8Array): boolean {
  if (type !== BlockType.events || codec === 0) return false;
  try {
    return measureEvents(payload, (flags & RECORDED) !== 0).events > 0;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}
