/**
 * Files, pipes and standard streams as the commands see them: `-` is stdin or stdout, and every refusal says why.
 * @module
 */

import { UsageError } from "../errors.ts";
import type { Ranges, Source } from "../ports.ts";
import { streamSource } from "../stream/source.ts";

/** Big enough that a pipe moves gigabytes a second; an async loop over small chunks takes three times as long. */
const CHUNK = 65_536;

/**
 * A recording to read: a file, a directory of sudo's, or stdin for `-`.
 *
 * @throws {UsageError} If there is no such file, or it may not be read.
 */
export async function openSource(path: string): Promise<Source> {
  if (path === "-") return streamSource("stdin", Deno.stdin.readable);
  if (await isDirectory(path)) return await openDirectory(path);
  return fileSource(path, await openForReading(path));
}

/** A file that is open for whoever reads it first; who reads it again has it opened again. */
function fileSource(path: string, file: Deno.FsFile): Source {
  let first: Deno.FsFile | undefined = file;
  const open = () => {
    const file = first ?? Deno.openSync(path);
    first = undefined;
    return file;
  };
  return {
    name: path,
    bytes: () => chunked(open()),
    ranges: () => rangesOf(open()),
    sibling: (name) => openBeside(path.slice(0, path.lastIndexOf("/") + 1), name),
  };
}

/** sudo keeps a session in a directory; what it was is in one file of it, what happened in the others. */
async function openDirectory(path: string): Promise<Source> {
  const folder = path.endsWith("/") ? path : path + "/";
  const log = await openBeside(folder, "log.json") ?? await openBeside(folder, "log");
  if (log) return { ...log, name: path };
  throw new UsageError(`Cannot read ${path}: it is a directory, and none in which sudo has logged a session`);
}

/** A file of a folder by its plain name: a recording must not choose any other. */
async function openBeside(folder: string, name: string): Promise<Source | undefined> {
  const path = folder + name;
  if (name === "" || name.includes("/") || await isDirectory(path)) return undefined;
  try {
    return await openSource(path);
  } catch {
    return undefined;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return await Deno.stat(path).then((found) => found.isDirectory, () => false);
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
function chunked(file: Deno.FsFile): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: CHUNK,
    async pull(controller) {
      const view = controller.byobRequest!.view as Uint8Array<ArrayBuffer>;
      const read = await file.read(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
      if (read === null) {
        file.close();
        controller.close();
      }
      controller.byobRequest?.respond(read ?? 0);
    },
    cancel: () => file.close(),
  });
}

/**
 * Opens a file to read from.
 *
 * @throws {UsageError} If it cannot be opened, with the reason.
 */
export async function openForReading(path: string): Promise<Deno.FsFile> {
  try {
    const file = await Deno.open(path);
    if (!(await file.stat()).isDirectory) return file;
    file.close();
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${reason(error)}`, { cause: error });
  }
  throw new UsageError(`Cannot read ${path}: it is a directory`);
}

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

/** Stdout, which stays open when the stream is closed. */
export function stdoutSink(): WritableStream<Uint8Array> {
  return new WritableStream({ write: (bytes) => writeAll(Deno.stdout, bytes) });
}

/** Writes all of `bytes`, however few the system takes at once. */
export async function writeAll(to: { write(bytes: Uint8Array): Promise<number> }, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/**
 * Refuses to send bytes that are no text to a terminal.
 *
 * @throws {UsageError} If stdout is one.
 */
export function refuseTerminal(what: string): void {
  if (Deno.stdout.isTerminal()) {
    throw new UsageError(`Cannot write ${what} to a terminal: name a file, or send it down a pipe`);
  }
}

/** Prints lines of text for people. */
export async function print(text: string): Promise<void> {
  await writeAll(Deno.stdout, new TextEncoder().encode(text));
}

/** Words that are no data: warnings, summaries. */
export function tell(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    Deno.stderr.writeSync(bytes);
  } catch {
    // nobody is there to read it
  }
}

/** Text from a recording, safe to show: control characters are spelled out. */
export function harmless(text: string): string {
  return text.replace(
    /[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
