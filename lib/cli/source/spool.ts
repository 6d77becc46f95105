/**
 * Recordings that have to be read twice, although they may come down a pipe.
 * @module
 */

import type { Ranges, Source } from "../../ports.ts";
import { rangesOf, writeAll } from "../../host/file.ts";
import { isFromStore } from "./chosen_store.ts";
import { openSource } from "./stdio.ts";

const CHUNK = 65_536;

/**
 * A recording that can be read again: a pipe is first copied, to its end, into a file that has no name and that nobody else
 * can open.
 *
 * @throws {UsageError} If there is no such file, or it may not be read.
 */
export async function openRereadable(path: string): Promise<Source> {
  const source = await openSource(path);
  return await isStored(source) ? source : await spool(source.name, source.bytes());
}

/** Bytes that have been made to the end, to be read as a recording. */
export async function spool(name: string, bytes: ReadableStream<Uint8Array>): Promise<Source> {
  return spooled(name, await copyOf(bytes));
}

const copies = new WeakSet<Source>();

/** Whether a recording can be read again, as one from a pipe cannot. */
export async function isStored(source: Source): Promise<boolean> {
  if (copies.has(source)) return true;
  const { name } = source;
  if (isFromStore(source)) return true;
  if (name === "stdin") return false;
  return await Deno.stat(name).then(({ isFile, isDirectory }) => isFile || isDirectory, () => false);
}

/** Mode 0600, and gone from the folder before anything is in it. */
async function copyOf(bytes: ReadableStream<Uint8Array>): Promise<Ranges> {
  const path = await Deno.makeTempFile({ prefix: "term2ai-" });
  const file = await Deno.open(path, { read: true, write: true });
  await Deno.remove(path);
  for await (const chunk of bytes) await writeAll(file, chunk); // pipeTo() loses what no file or socket sends (Deno 2.9.6)
  return await rangesOf(file);
}

function spooled(name: string, ranges: Ranges): Source {
  const bytes = () => {
    let at = 0;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const piece = await ranges.read(at, CHUNK);
        at += piece.length;
        if (piece.length > 0) controller.enqueue(piece);
        else controller.close();
      },
    }, { highWaterMark: 0 });
  };
  const source: Source = {
    name,
    bytes,
    ranges: () => Promise.resolve({ ...ranges, close: () => {} }),
    sibling: () => Promise.resolve(undefined),
  };
  copies.add(source);
  return source;
}
