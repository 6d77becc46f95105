/**
 * Files as bytes: in pieces, from anywhere, written to the last byte; and what the system says when it refuses.
 * @module
 */

import type { Ranges } from "../ports.ts";

/** Big enough that a pipe moves gigabytes a second; an async loop over small chunks takes three times as long. */
const CHUNK = 65_536;

/** Why the system refused, in words. */
export function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "permission denied";
  }
  if (error instanceof Deno.errors.NotADirectory) return "a part of the path is not a directory";
  if (error instanceof Deno.errors.FilesystemLoop) return "too many symbolic links";
  return error instanceof Error ? error.message.replace(/ \(os error \d+\).*$/s, "") : String(error);
}

/** Writes all of `bytes`, however few the system takes at once. */
export async function writeAll(to: { write(bytes: Uint8Array): Promise<number> }, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** A file's bytes from anywhere. */
export async function rangesOf(file: Deno.FsFile): Promise<Ranges> {
  const { size } = await file.stat();
  return { size, read: (start, length) => Promise.resolve(readAt(file, start, length)), close: () => file.close() };
}

/** Synchronously, so that no other read moves the file's position in between. */
function readAt(file: Deno.FsFile, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, length));
  file.seekSync(start, Deno.SeekMode.Start);
  let filled = 0;
  for (let read: number | null = 1; read && filled < bytes.length; filled += read ?? 0) {
    read = file.readSync(bytes.subarray(filled));
  }
  return bytes.subarray(0, filled);
}

/** A file's bytes in pieces that suit a disk. */
export function chunked(file: Deno.FsFile): ReadableStream<Uint8Array> {
  let isPlain: boolean | undefined; // no pipe, which somebody may fill slowly
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: CHUNK,
    async pull(controller) {
      const view = controller.byobRequest!.view as Uint8Array<ArrayBuffer>;
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      isPlain ??= (await file.stat()).isFile;
      const read = isPlain ? file.readSync(bytes) : await file.read(bytes);
      if (read === null) {
        file.close();
        controller.close();
      }
      controller.byobRequest?.respond(read ?? 0);
    },
    cancel: () => file.close(),
  });
}
