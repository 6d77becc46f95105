/**
 * Where commands put a recording: stdout, a device, or a file, with those beside it that belong to its format.
 * @module
 */

import { StorageError, UsageError } from "../../errors.ts";
import { reason, writeAll } from "../../host/file.ts";
import type { SessionWriter, WriteSettings } from "../../ports.ts";
import { PrivateFile } from "../../host/private_file.ts";
import { exitCodeOf } from "../../text/signals.ts";
import { refuseTerminal, stdoutSink } from "../source/stdio.ts";

/** Opens the files beside the first. */
export type Sibling = WriteSettings["sibling"];

/** Where a recording goes. */
export interface Output {
  /** A path, of a device too, or `-` for stdout. */
  readonly path: string;
  /** Whether a file that is there may be replaced. */
  readonly overwrite: boolean;
}

/**
 * Refuses to write what cannot be written there, before anything is read for it.
 *
 * @throws {UsageError} If it is binary, and stdout a terminal.
 */
export function checkOutput(path: string, writer: SessionWriter): void {
  if (path === "-" && writer.binary) refuseTerminal(`a recording in ${writer.name}`);
}

/**
 * Writes what `make` makes. Old files are replaced when all of the new ones are whole; whoever closes our stdout early ends
 * this without a word.
 *
 * @throws {UsageError} If a file is there and may not be replaced, or stdout cannot hold the format.
 */
export async function writeRecording(
  output: Output,
  writer: SessionWriter,
  make: (sibling: Sibling) => ReadableStream<Uint8Array>,
): Promise<void> {
  const { path } = output;
  if (path !== "-" && !await isDevice(path)) return await toFiles(output, make);
  const bytes = make((suffix) => Promise.reject(needsFiles(writer, path, suffix)));
  await (path === "-" ? toStdout(bytes) : toDevice(path, bytes));
}

/**
 * Whether it is a character device, such as `/dev/null`: it is written to as it is, like stdout, and neither replaced nor
 * removed. Links to one are none.
 */
export async function isDevice(path: string): Promise<boolean> {
  return path !== "-" && await Deno.lstat(path).then(({ isCharDevice }) => isCharDevice === true, () => false);
}

/** A character device that is open. */
export interface Device extends Disposable {
  /** Writes all of `bytes`. */
  write(bytes: Uint8Array): Promise<void>;
}

/**
 * Opens a character device to write to.
 *
 * @throws {UsageError} If it may not be written, or is a terminal.
 */
export async function openDevice(path: string): Promise<Device> {
  const file = await Deno.open(path, { write: true }).catch((error) => {
    throw new UsageError(`Cannot write ${path}: ${reason(error)}`, { cause: error });
  });
  const failed = (error: unknown) =>
    Promise.reject(new StorageError(`Cannot write ${path}: ${reason(error)}`, path, { cause: error }));
  if (!file.isTerminal()) {
    return { write: (bytes) => writeAll(file, bytes).catch(failed), [Symbol.dispose]: () => file.close() };
  }
  file.close();
  throw new UsageError(`Cannot write ${path}: it is a terminal; name a file, or send it down a pipe with -`);
}

async function toDevice(path: string, bytes: ReadableStream<Uint8Array>): Promise<void> {
  using device = await openDevice(path);
  await pipe(bytes, (chunk) => device.write(chunk));
}

/**
 * Writes bytes that are one file, of which a part is of no use: nothing is left of it either when a signal ends this.
 *
 * @throws {UsageError} If the file is there and may not be replaced.
 */
export async function writeBytes({ path, overwrite }: Output, bytes: ReadableStream<Uint8Array>): Promise<void> {
  if (path === "-") return await toStdout(bytes);
  if (await isDevice(path)) return await toDevice(path, bytes);
  const opened = Promise.withResolvers<PrivateFile>();
  const stopListening = onSignal((status) => {
    opened.promise.then((file) => file.abandon()).catch(() => {}).finally(() => Deno.exit(status));
  });
  try {
    opened.resolve(PrivateFile.create(path, overwrite ? "replace" : "refuse", true));
    await writeWhole(await opened.promise, bytes, overwrite);
  } finally {
    stopListening();
  }
}

async function writeWhole(file: PrivateFile, bytes: ReadableStream<Uint8Array>, overwrite: boolean): Promise<void> {
  const write = (chunk: Uint8Array) =>
    file.write(chunk).catch((error) => Promise.reject(unwritten(file.path, error, overwrite)));
  try {
    await pipe(bytes, write);
    await file.publish();
    file.close();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/** Calls `act` with the status to end with when a signal asks us to end; returns what undoes that. */
function onSignal(act: (status: number) => void): () => void {
  const listeners = SIGNALS.map((signal) => {
    const listener = () => act(exitCodeOf({ signal }));
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  return () => listeners.forEach((stop) => stop());
}

/** Whoever closes our stdout early ends the command without a word: nothing is to be said of a recording that was not read. */
async function toStdout(bytes: ReadableStream<Uint8Array>): Promise<void> {
  const writer = stdoutSink().getWriter();
  await pipe(bytes, (chunk) => writer.write(chunk));
}

/** What could not be written is told, and not what went wrong when reading stopped because of that. */
async function pipe(bytes: ReadableStream<Uint8Array>, write: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  let failure: { error: unknown } | undefined;
  const sink = new WritableStream<Uint8Array>({
    write: (chunk) =>
      write(chunk).catch((error) => {
        failure ??= { error };
        throw error;
      }),
  });
  await bytes.pipeTo(sink).catch((error) => {
    throw failure ? failure.error : error;
  });
}

function needsFiles({ name }: SessionWriter, path: string, suffix: string): UsageError {
  const where = path === "-" ? "stdout" : path;
  return new UsageError(`Cannot write ${name} to ${where}: it has a second file, OUT${suffix}; name a file instead`);
}

async function toFiles({ path, overwrite }: Output, make: (sibling: Sibling) => ReadableStream<Uint8Array>) {
  const files: PrivateFile[] = [];
  const open = async (name: string) => {
    const file = await PrivateFile.create(name, overwrite ? "replace" : "refuse");
    files.push(file);
    return (chunk: Uint8Array) => file.write(chunk).catch((error) => Promise.reject(unwritten(name, error, overwrite)));
  };
  try {
    const first = await open(path);
    await pipe(make(async (suffix) => new WritableStream({ write: await open(path + suffix) })), first);
    for (const file of files) await file.publish();
    for (const file of files) file.close();
  } catch (error) {
    for (const file of files) await file.discard();
    throw error;
  }
}

/**
 * Writes bytes to a file that appears when it is whole.
 *
 * @param beside What belongs beside it, by the ends of the names: all appear together, or none.
 * @throws {UsageError} If one is there and may not be replaced.
 */
export async function writeToFile(
  path: string,
  bytes: ReadableStream<Uint8Array>,
  overwrite: boolean,
  beside: Readonly<Record<string, Uint8Array>> = {},
): Promise<void> {
  await toFiles({ path, overwrite }, (sibling) =>
    bytes.pipeThrough(
      new TransformStream({
        async flush() {
          for (const [suffix, data] of Object.entries(beside)) {
            await new Blob([data as Uint8Array<ArrayBuffer>]).stream().pipeTo(await sibling(suffix));
          }
        },
      }),
    ));
}

function unwritten(path: string, error: unknown, overwrite: boolean): StorageError {
  const old = overwrite ? ", and a file that was there is as it was" : "";
  return new StorageError(`Cannot write ${path}: ${reason(error)}\n  Nothing of it is kept${old}`, path, {
    cause: error,
  });
}
