/**
 * A file that only its owner can read, which appears under its name whole or not at all.
 *
 * Recordings hold what was on somebody's screen: they are created with mode 0600, never through a symbolic link, and
 * replacing one means writing a new file and renaming it over the old.
 * @module
 */

import { UsageError } from "../errors.ts";
import { reason, writeAll } from "./file.ts";

/** What may happen to a file that is there already. */
export type IfExists = "refuse" | "replace" | "append";

/** A file being written. */
export class PrivateFile {
  /** Where it will be found. */
  readonly path: string;
  #start: number;
  readonly #file: Deno.FsFile;
  #at: string; // where it is until it is published
  #reader: Deno.FsFile | undefined; // a second position, so that reading does not move the end

  private constructor(path: string, file: Deno.FsFile, at: string, start: number) {
    this.path = path;
    this.#start = start;
    this.#file = file;
    this.#at = at;
  }

  /**
   * Creates the file, or opens it to append.
   *
   * @throws {UsageError} If it exists and may not be touched, is a symbolic link, or cannot be created.
   */
  static async create(path: string, ifExists: IfExists): Promise<PrivateFile> {
    const there = await lookAt(path);
    if (there?.isSymlink) throw new UsageError(`Cannot write ${path}: it is a symbolic link`);
    if (there?.isDirectory) throw new UsageError(`Cannot write ${path}: it is a directory`);
    if (there && ifExists === "refuse") {
      throw new UsageError(`Cannot write ${path}: it exists; --overwrite replaces it`);
    }
    if (there && ifExists === "append") {
      const file = await open(path, { write: true });
      await file.seek(there.size, Deno.SeekMode.Start);
      return new PrivateFile(path, file, path, there.size);
    }
    const at = there ? `${path}.${crypto.randomUUID().slice(0, 8)}.new` : path;
    return new PrivateFile(path, await open(at, { write: true, createNew: true, mode: 0o600 }, path), at, 0);
  }

  /** Bytes that were there before, when appending. */
  get start(): number {
    return this.#start;
  }

  /** Cuts a torn tail off what was there before. It is kept in a file beside this one, whose name is returned. */
  async cutTail(whole: number): Promise<string> {
    const torn = `${this.path}.torn`;
    const side = await PrivateFile.create(torn, "replace");
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
    const at = `${this.path}.${crypto.randomUUID().slice(0, 8)}.new`;
    return new PrivateFile(this.path, await open(at, { write: true, createNew: true, mode: 0o600 }, this.path), at, 0);
  }

  /** Gives it its name, over whatever has it now. */
  async publish(): Promise<void> {
    if (this.#at === this.path) return;
    await Deno.rename(this.#at, this.path);
    this.#at = this.path;
  }

  /** Writes at the end. */
  async write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#file, bytes);
  }

  /** Cuts the file to `length` bytes and goes on from there. */
  async truncate(length: number): Promise<void> {
    await this.#file.truncate(length);
    await this.#file.seek(length, Deno.SeekMode.Start);
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

  /** Removes it, as if it had never been begun; what was there before an append stays. */
  async discard(): Promise<void> {
    if (this.#start > 0) await this.truncate(this.#start);
    this.close();
    if (this.#start === 0) await Deno.remove(this.#at).catch(() => {});
  }
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
    const missing = error instanceof Deno.errors.NotFound ? "its directory does not exist" : reason(error);
    throw new UsageError(`Cannot write ${shown}: ${missing}`, { cause: error });
  }
}
