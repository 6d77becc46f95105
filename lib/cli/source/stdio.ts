/**
 * Files, pipes and standard streams as the commands see them: `-` is stdin or stdout, and every refusal says why.
 * @module
 */

import { StorageError, UsageError } from "../../errors.ts";
import { chunked, rangesOf, reason, writeAll } from "../../host/file.ts";
import type { Source } from "../../ports.ts";
import { CONTROLS, harmless as spelledOut } from "../../text/harmless.ts";
import { streamSource } from "../../stream/source.ts";
import { mayBeStored, openStored } from "./chosen_store.ts";
import { EXPECTED, notFound, partsOfMoment } from "./recording_name.ts";

/**
 * A recording to read: a file, a directory of sudo's, stdin for `-`, or one in the store by its id, `store:ID` where a file is
 * called like it.
 *
 * @throws {UsageError} If there is no such file, or it may not be read.
 */
export async function openSource(path: string): Promise<Source> {
  if (path === "-") return openStdin();
  if (!await exists(path)) return await openNoFile(path);
  if (await isDirectory(path)) return await openDirectory(path);
  return fileSource(path, await openForReading(path, EXPECTED));
}

async function openNoFile(name: string): Promise<Source> {
  const base = partsOfMoment(name)?.file;
  const hasMoment = base !== undefined && (mayBeStored(base) || await exists(base));
  if (!hasMoment && mayBeStored(name)) return await openStored(name);
  throw notFound(name, "", hasMoment);
}

function openStdin(): Source {
  if (!Deno.stdin.isTerminal()) return streamSource("stdin", Deno.stdin.readable);
  throw new UsageError("Cannot read a recording from the terminal: name a file, or send one down a pipe");
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
  throw new UsageError(
    `Cannot read ${path}: it is a directory, and none in which sudo has logged a session${EXPECTED}`,
  );
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

/** Whether there is anything of that name. */
export async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, (error) => !(error instanceof Deno.errors.NotFound));
}

async function isDirectory(path: string): Promise<boolean> {
  return await Deno.stat(path).then((found) => found.isDirectory, () => false);
}

/**
 * Opens a file to read from.
 *
 * @param expected What to say of what was expected, where there is no file.
 * @throws {UsageError} If it cannot be opened, with the reason.
 */
export async function openForReading(path: string, expected = ""): Promise<Deno.FsFile> {
  try {
    const file = await Deno.open(path);
    if (!(await file.stat()).isDirectory) return file;
    file.close();
  } catch (error) {
    const isDenied = error instanceof Deno.errors.PermissionDenied;
    const next = isDenied ? `\n  Recordings are private: ls -l tells whose it is` : expected;
    throw new UsageError(`Cannot read ${path}: ${reason(error)}${next}`, { cause: error });
  }
  throw new UsageError(`Cannot read ${path}: it is a directory${expected}`);
}

/** Stdout, which stays open when the stream is closed. */
export function stdoutSink(): WritableStream<Uint8Array> {
  return new WritableStream({ write: (bytes) => writeOut(bytes) });
}

/** Writes to stdout; a pipe that nobody reads throws what it is, everything else a message. */
async function writeOut(bytes: Uint8Array): Promise<void> {
  try {
    await writeAll(Deno.stdout, bytes);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw error;
    throw new StorageError(`Cannot write to stdout: ${reason(error)}`, "stdout", { cause: error });
  }
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
  await writeOut(new TextEncoder().encode(text));
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

/** Text from a recording, safe to show: control characters are spelled out, and those that turn text around. */
export function harmless(text: string): string {
  return spelledOut(text);
}

/** A message of ours with names of others in it: the same, but for the ends of lines. */
export function harmlessLines(text: string): string {
  return text.split("\n").map(harmless).join("\n");
}

/** JSON that is safe to show: what would do something to a terminal is escaped inside its strings. */
export function harmlessJson(value: unknown, indent?: number): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, indent).replace(
    CONTROLS,
    (character) => character === "\n" ? "\n" : escaped(character),
  );
}
