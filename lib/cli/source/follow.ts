/**
 * Reads a recording that is still being written.
 * @module
 */

import type { EventBatch } from "../../event.ts";
import type { Source } from "../../ports.ts";
import { streamSource } from "../../stream/source.ts";
import { UsageError } from "../../errors.ts";
import { mayBeStored } from "./chosen_store.ts";
import { EXPECTED } from "./recording_name.ts";
import { exists, openForReading } from "./stdio.ts";

const LOOK_AGAIN_MS = 30;
const CHUNK = 65_536;

/**
 * A file whose end is not believed: what is added to it later is read as well, until the stream is cancelled.
 *
 * The recorder writes whole blocks or lines in one piece, so no event is ever torn; when it replaces the file at the end,
 * the old one, which is the one open here, has its end by then.
 *
 * @throws {UsageError} If there is no such file, or it may not be read.
 */
export async function followSource(path: string): Promise<Source> {
  if (mayBeStored(path) && !await exists(path)) {
    throw new UsageError(
      `Cannot follow ${path}: there is no such file, and what is in a store does not grow\n  Expected a file that is being recorded; without --follow, play takes ids`,
    );
  }
  const file = await openForReading(path, EXPECTED);
  const cancelled = Promise.withResolvers<void>();
  let wait: ReturnType<typeof setTimeout> | undefined;
  const bytes = new ReadableStream<Uint8Array>({
    async pull(controller) {
      while (true) {
        const chunk = new Uint8Array(CHUNK);
        const read = await file.read(chunk);
        if (read !== null) return controller.enqueue(chunk.subarray(0, read));
        const more = new Promise<void>((resolve) => wait = setTimeout(resolve, LOOK_AGAIN_MS));
        await Promise.race([more, cancelled.promise]);
      }
    },
    cancel() {
      clearTimeout(wait);
      file.close(); // a pull that reads from now on fails, and nobody hears of it
      cancelled.resolve();
    },
  }, { highWaterMark: 0 });
  return streamSource(path, bytes);
}

/** Ends a stream with its first `exit`: nothing comes behind it that would be worth waiting for. */
export function untilExit(): TransformStream<EventBatch, EventBatch> {
  return new TransformStream({
    transform(batch, controller) {
      const end = batch.findIndex((event) => event.kind === "exit");
      controller.enqueue(end < 0 ? batch : batch.slice(0, end + 1));
      if (end >= 0) controller.terminate();
    },
  });
}
