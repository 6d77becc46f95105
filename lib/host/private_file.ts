/**
 * A file that only its owner can read, which appears under its name whole or not at all.
 *
 * Recordings hold what was on somebody's screen: they are created with mode 0600, never through a symbolic link, and
 * replacing one means writing a new file and renaming it over the old. While one is written it is locked (`flock`), so that
 * nobody adds to it or replaces it meanwhile. Everything goes to its end, wherever that is (`O_APPEND`): where somebody cuts it
 * all the same, no hole grows over the place, and its length tells.
 * @module
 */

import { UsageError } from "../errors.ts";
import { reason, writeAll } from "./file.ts";

/** What may happen to a file that is there already. */
export type IfExists = "refuse" | "replace" | "append";

/** Enough to tell our own beginning from another. */
const FIRST_BYTES = 64;

/** A file being written. */
export class PrivateFile {
  /** Where it will be found. */
  readonly path: string;
  #start: number;
  #length: number; // as far as we have written
  #first: Uint8Array = new Uint8Array(); // of what we have written; a file that was cut has zeros there
  readonly #file: Deno.FsFile;
  #at: string; // where it is until it is published
  #replaces = true; // what has its name by then
  #reader: Deno.FsFile | undefined; // a second position, so that reading does not move the end

  private constructor(path: string, file: Deno.FsFile, at: string, start: number) {
    this.path = path;
    this.#start = this.#length = start;
    this.#file = file;
    this.#at = at;
  }

  /**
   * Creates the file, or opens it to append.
   *
   * @param isHidden Whether it has another name until it is published, also where none is to be replaced: a part of it is of no use.
   * @throws {UsageError} If it exists and may not be touched, is no regular file, is being written, or cannot be created.
   */
  static async create(path: string, ifExists: IfExists, isHidden = false): Promise<PrivateFile> {
    const there = await lookAt(path);
    if (path === "") throw new UsageError("Cannot write a file without a name");
    if (there && !there.isFile) throw new UsageError(`Cannot write ${path}: it is ${whatIs(there)}`);
    if (there && ifExists === "refuse") {
      throw new UsageError(`Cannot write ${path}: it exists; --overwrite replaces it`);
    }
    if (!there && !isHidden) return await PrivateFile.#createAt(path, path);
    if (there && ifExists === "append") {
      const file = await locked(path, await open(path, { append: true }));
      return new PrivateFile(path, file, path, await file.seek(0, Deno.SeekMode.End));
    }
    const old = await Deno.open(path).catch(() => undefined); // one that we may not read, we cannot be writing
    if (old) (await locked(path, old)).close();
    const file = await PrivateFile.#createAt(newName(path), path);
    file.#replaces = ifExists === "replace";
    return file;
  }

  static async #createAt(at: string, path: string): Promise<PrivateFile> {
    const file = await open(at, { append: true, createNew: true, mode: 0o600 }, path);
    await file.tryLock(true);
    return new PrivateFile(path, file, at, 0);
  }

  /** Bytes that were there before, when appending. */
  get start(): number {
    return this.#start;
  }

  /** Cuts a torn tail off what was there before. It is kept in a new file beside this one, whose name is returned. */
  async cutTail(whole: number): Promise<string> {
    let torn = `${this.path}.torn`;
    for (let n = 2; await lookAt(torn); n++) torn = `${this.path}.torn${n}`;
    const side = await PrivateFile.create(torn, "refuse");
    await side.write(await this.read(whole, this.#start - whole));
    await side.publish();
    side.close();
    await this.truncate(whole);
    this.#start = whole;
    return torn;
  }

  /** How long it is. */
  async size(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  /** A second file beside this one, to take its place. */
  async sibling(): Promise<PrivateFile> {
    return await PrivateFile.#createAt(newName(this.path), this.path);
  }

  /**
   * What somebody else has done to it since it has its name: `undefined` if nothing.
   *
   * @param isWriting Whether something may be on its way into it, so that it may be longer than we know.
   */
  async tampering(isWriting = false): Promise<string | undefined> {
    const [length, first] = [this.#length, this.#first];
    const [ours, there] = [await this.#file.stat(), await Deno.lstat(this.path).catch(() => undefined)];
    if (!there) return "somebody has removed it, or renamed it";
    if (there.ino !== ours.ino || there.dev !== ours.dev) return "somebody has put another file in its place";
    const isAsLong = isWriting ? ours.size >= length : ours.size === length;
    return isAsLong && startsWith(await this.read(this.#start, FIRST_BYTES), first)
      ? undefined
      : "somebody else has written to it, or cut it";
  }

  /**
   * Gives it its name, over whatever has it now if that may be replaced.
   *
   * @throws {UsageError} If somebody has made a file of that name meanwhile, which may not be.
   */
  async publish(): Promise<void> {
    if (this.#at === this.path) return;
    if (!this.#replaces && await lookAt(this.path)) {
      throw new UsageError(`Cannot write ${this.path}: somebody has made a file of that name meanwhile`);
    }
    await Deno.rename(this.#at, this.path);
    this.#at = this.path;
  }

  /** Writes at the end. */
  async write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#file, bytes);
    if (this.#length === this.#start) this.#first = bytes.slice(0, FIRST_BYTES);
    this.#length += bytes.length;
  }

  /** Cuts the file to `length` bytes and goes on from there. One that somebody has cut before is not filled up with zeros. */
  async truncate(length: number): Promise<void> {
    await this.#file.truncate(Math.min(length, await this.size()));
    this.#length = length;
    this.#first = this.#first.subarray(0, Math.max(0, length - this.#start));
  }

  /** Waits until the data is on the disk. */
  async sync(): Promise<void> {
    await this.#file.syncData();
  }

  /** Some bytes from anywhere in the file; fewer where it ends. */
  async read(start: number, length: number): Promise<Uint8Array> {
    const file = this.#reader ??= await Deno.open(this.#at);
    await file.seek(start, Deno.SeekMode.Start);
    const bytes = new Uint8Array(length);
    let filled = 0;
    for (let got: number | null = 0; filled < length && got !== null; filled += got ?? 0) {
      got = await file.read(bytes.subarray(filled));
    }
    return bytes.subarray(0, filled);
  }

  /** Lets go of it. */
  close(): void {
    this.#file.close();
    this.#reader?.close();
  }

  /** Removes a file that has no name yet, for a process that ends right after. */
  abandon(): void {
    if (this.#at === this.path) return;
    try {
      Deno.removeSync(this.#at);
    } catch {
      // somebody else has
    }
  }

  /** Removes it, as if it had never been begun; what was there before an append stays. */
  async discard(): Promise<void> {
    if (this.#start > 0) await this.truncate(this.#start);
    this.close();
    if (this.#start === 0) await Deno.remove(this.#at).catch(() => {});
  }
}

/** The file, unless somebody else has it locked. */
async function locked(path: string, file: Deno.FsFile): Promise<Deno.FsFile> {
  if (await file.tryLock(true)) return file;
  file.close();
  throw new UsageError(`Cannot write ${path}: somebody is writing it at the moment, a recorder perhaps`);
}

function startsWith(bytes: Uint8Array, first: Uint8Array): boolean {
  return first.every((byte, at) => bytes[at] === byte);
}

function newName(path: string): string {
  return `${path}.${crypto.randomUUID().slice(0, 8)}.new`;
}

function whatIs({ isSymlink, isDirectory, isCharDevice, isBlockDevice, isFifo }: Deno.FileInfo): string {
  if (isSymlink) return "a symbolic link";
  if (isDirectory) return "a directory";
  if (isFifo) return "a named pipe; write to stdout (-) and redirect it there";
  if (isCharDevice || isBlockDevice) return "a device; write to stdout (-) and redirect it there";
  return "no regular file";
}

async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`Cannot write ${path}: ${reason(error)}`, { cause: error });
  }
}

async function open(path: string, options: Deno.OpenOptions, shown = path): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, options);
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? await whyNotThere(path) : reason(error);
    throw new UsageError(`Cannot write ${shown}: ${why}`, { cause: error });
  }
}

/** Why a file could not be created where the system says that there is nothing. */
async function whyNotThere(path: string): Promise<string> {
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".";
  const found = await Deno.stat(folder).catch(() => undefined);
  if (!found?.isDirectory) return "its directory does not exist";
  if (found.nlink === 0) return "its directory has been removed";
  return `files cannot be created in ${folder}, which is not on a disk`;
}
