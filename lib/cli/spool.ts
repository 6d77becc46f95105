/**
 * Recordings that have to be read twice, although they may come down a pipe.
 * @module
 */

import type { Ranges, Source } from "../ports.ts";
import { rangesOf } from "../host/file.ts";
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
  return await isStored(source) ? source : spooled(source.name, await copyOf(source));
}

/** Whether a recording can be read again, as one from a pipe cannot. */
export async function isStored({ name }: Source): Promise<boolean> {
  if (name === "stdin") return false;
  return await Deno.stat(name).then(({ isFile, isDirectory }) => isFile || isDirectory, () => false);
}

/** Mode 0600, and gone from the folder before anything is in it. */
async function copyOf(source: Source): Promise<Ranges> {
  const path = await Deno.makeTempFile({ prefix: "term2ai-" });
  const file = await Deno.open(path, { read: true, write: true });
  await Deno.remove(path);
  await source.bytes().pipeTo(file.writable, { preventClose: true });
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
  return {
    name,
    bytes,
    ranges: () => Promise.resolve({ ...ranges, close: () => {} }),
    sibling: () => Promise.resolve(undefined),
  };
}
