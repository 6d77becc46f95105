/**
 * A T2A file as `rec` leaves it: written in small blocks while the session runs, merged when it has ended.
 * @module
 */

import { mergeBlocks, T2aWriter } from "../../formats/t2a.ts";
import { MILLISECOND, type SessionEvent } from "../../lib/event.ts";
import { loadCodec } from "../../lib/host/codec.ts";
import { concat } from "../../lib/stream/collect.ts";

/** A block for every 20 ms in which something happens, then the merge; the bytes of the finished file. */
export async function closedRecording(
  events: readonly SessionEvent[],
  timeUnit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const live = await liveRecording(events, timeUnit);
  const merged: Uint8Array[] = [];
  await mergeBlocks({
    read: (from, length) => Promise.resolve(live.slice(from, from + length)),
    size: live.length,
    write: (bytes) => Promise.resolve(void merged.push(bytes.slice())),
    loadCodec,
  });
  return concat(merged);
}

/** The bytes of the file at the last moment before the merge. */
export async function liveRecording(
  events: readonly SessionEvent[],
  timeUnit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new T2aWriter({ loadCodec, timeUnit });
  const blocks: Uint8Array[] = [];
  let opened = 0;
  for (const event of events) {
    if (writer.openBytes > 0 && event.time - opened >= 20 * MILLISECOND) writer.closeBlock();
    if (writer.openBytes === 0) opened = event.time;
    writer.push([event]);
  }
  writer.finish();
  for (let block = await writer.take(); block; block = await writer.take()) {
    blocks.push(block.slice());
    writer.commit();
  }
  return concat(blocks);
}
