/**
 * Writes a recording once more, in the place of what was stored.
 * @module
 */

import type { EventBatch, EventStream } from "../../event.ts";
import { reason } from "../../host/file.ts";
import type { PrivateFile } from "../../host/private_file.ts";
import type { Source } from "../../ports.ts";
import { Report } from "../../report.ts";
import { streamSource } from "../../stream/source.ts";
import type { Revision } from "./recording_sink.ts";

const PIECE = 1 << 20;

/** How a file is read and written once more. */
export interface Rewriter {
  open(source: Source, report: Report): EventStream;
  encoder(): TransformStream<EventBatch, Uint8Array>;
}

/**
 * Writes what was recorded once more; what stands before it in the file stays as it is.
 *
 * @returns Why it could not be done, if it could not; `"good as it is"` where nothing was to be done.
 */
export async function revised(
  file: PrivateFile,
  { open, encoder }: Rewriter,
  revise: Revision,
): Promise<string | "good as it is" | undefined> {
  const read = () => open(streamSource(file.path, bytesOf(file, file.start)), new Report());
  try {
    const stage = await revise(read);
    if (!stage) return "good as it is";
    await replace(file, async (to) => {
      for await (const chunk of read().pipeThrough(stage).pipeThrough(encoder())) await to.write(chunk);
    });
    return undefined;
  } catch (error) {
    return reason(error);
  }
}

/** Puts another file in the place of one, once it is whole and on the disk; what an earlier recording left stays first. */
export async function replace(old: PrivateFile, write: (to: PrivateFile) => Promise<unknown>): Promise<void> {
  const file = await old.sibling();
  try {
    await copy(old, old.start, file);
    await write(file);
    await file.sync();
    await file.publish();
    file.close();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** What stands in a file between two places, read when it is asked for. */
export function bytesOf(file: PrivateFile, from: number, to = Infinity): ReadableStream<Uint8Array> {
  let at = from;
  return new ReadableStream({
    async pull(controller) {
      const bytes = await file.read(at, Math.min(PIECE, to - at));
      at += bytes.length;
      if (bytes.length === 0) controller.close();
      else controller.enqueue(bytes);
    },
  }, { highWaterMark: 0 });
}

async function copy(from: PrivateFile, length: number, to: PrivateFile): Promise<void> {
  for (let at = 0; at < length; at += PIECE) await to.write(await from.read(at, Math.min(PIECE, length - at)));
}
