/**
 * Blobs as files of one folder, which only their owner can read.
 *
 * A blob is written under another name, told to the disk, and then given its own: whoever looks sees all of it or nothing.
 * Nothing is read or written through a symbolic link.
 * @module
 */

import { StorageError } from "../lib/errors.ts";
import { chunked, rangesOf, reason, writeAll } from "../lib/host/file.ts";
import type { BlobInfo, BlobStore, Leftovers, Ranges } from "../lib/ports.ts";

const PARTIAL = /^\..*\.part$/;

/**
 * A folder of blobs.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const blobs = await FileBlobs.open(await Deno.makeTempDir() + "/recordings");
 * await blobs.put("hello", new Blob(["hello"]).stream(), "refuse");
 * equal((await blobs.stat("hello"))?.size, 5);
 * ```
 */
export class FileBlobs implements BlobStore {
  readonly name: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.name = folder;
  }

  /**
   * Opens a folder, or makes it with mode 0700.
   *
   * @throws {StorageError} If it cannot be made, is no folder, or belongs to somebody else.
   */
  static async open(folder: string): Promise<FileBlobs> {
    const path = folder.length > 1 ? folder.replace(/\/+$/, "") : folder;
    await makePrivateFolder(path);
    return new FileBlobs(path);
  }

  async put(key: string, bytes: ReadableStream<Uint8Array>, ifPresent: "refuse" | "replace"): Promise<BlobInfo> {
    const path = this.#pathOf(key);
    const partial = `${this.#folder}/.${key}.${crypto.randomUUID().slice(0, 8)}.part`;
    try {
      await writeWhole(partial, bytes);
      if (ifPresent === "replace") await Deno.rename(partial, path);
      else {
        await Deno.link(partial, path); // fails where there is such a name, whoever comes first
        await Deno.remove(partial);
      }
      await syncFolder(this.#folder);
    } catch (error) {
      await Deno.remove(partial).catch(() => {});
      const why = error instanceof Deno.errors.AlreadyExists ? "it is there already" : reason(error);
      throw new StorageError(`Cannot store ${key} in ${this.name}: ${why}`, key, { cause: error });
    }
    return (await this.stat(key))!;
  }

  async get(key: string): Promise<ReadableStream<Uint8Array> | undefined> {
    const file = await this.#open(key);
    return file && chunked(file);
  }

  async ranges(key: string): Promise<Ranges | undefined> {
    const file = await this.#open(key);
    return file && await rangesOf(file);
  }

  async stat(key: string): Promise<BlobInfo | undefined> {
    const found = await this.#look(key);
    return found && infoOf(key, found);
  }

  async *list(prefix: string, after: string): AsyncGenerator<BlobInfo, void, void> {
    const keys: string[] = [];
    for await (const { name, isFile } of Deno.readDir(this.#folder)) {
      if (isFile && !name.startsWith(".") && name.startsWith(prefix) && name > after) keys.push(name);
    }
    for (const key of keys.sort()) {
      const found = await this.#look(key);
      if (found) yield infoOf(key, found);
    }
  }

  async delete(key: string): Promise<boolean> {
    try {
      await Deno.remove(this.#pathOf(key));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw new StorageError(`Cannot delete ${key} in ${this.name}: ${reason(error)}`, key, { cause: error });
    }
  }

  async sweep(before: number, dryRun: boolean): Promise<Leftovers> {
    let count = 0, bytes = 0;
    for await (const { name, isFile } of Deno.readDir(this.#folder)) {
      if (!isFile || !PARTIAL.test(name)) continue;
      const found = await Deno.lstat(`${this.#folder}/${name}`).catch(() => undefined);
      if (!found || (found.mtime?.getTime() ?? 0) >= before) continue;
      count++;
      bytes += found.size;
      if (!dryRun) await Deno.remove(`${this.#folder}/${name}`).catch(() => {});
    }
    return { count, bytes };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #pathOf(key: string): string {
    if (/^[A-Za-z0-9][\w.-]*$/.test(key)) return `${this.#folder}/${key}`;
    throw new StorageError(`Cannot use ${JSON.stringify(key)} as a name in ${this.name}`, key);
  }

  async #look(key: string): Promise<Deno.FileInfo | undefined> {
    try {
      const found = await Deno.lstat(this.#pathOf(key));
      if (!found.isSymlink) return found.isFile ? found : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw this.#unreadable(key, reason(error), error);
    }
    throw this.#unreadable(key, "it is a symbolic link");
  }

  async #open(key: string): Promise<Deno.FsFile | undefined> {
    const looked = await this.#look(key);
    if (!looked) return undefined;
    try {
      const file = await Deno.open(this.#pathOf(key));
      const opened = await file.stat();
      if (opened.ino === looked.ino && opened.dev === looked.dev) return file;
      file.close();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw this.#unreadable(key, reason(error), error);
    }
    return await this.#open(key); // another has taken its place in between
  }

  #unreadable(key: string, why: string, cause?: unknown): StorageError {
    return new StorageError(`Cannot read ${key} in ${this.name}: ${why}`, key, { cause });
  }
}

/**
 * Makes a folder that only its owner can enter, with those above it where they are missing.
 *
 * @throws {StorageError} If it cannot be made, is no folder, or belongs to somebody else.
 *
 * @example
 * ```ts
 * await makePrivateFolder(await Deno.makeTempDir() + "/private");
 * ```
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const { isDirectory, uid } = await Deno.stat(folder);
    if (!isDirectory) throw new StorageError(`Cannot use ${folder} as a store: it is no folder`, folder);
    const own = Deno.uid();
    if (uid === null || own === null || uid === own || own === 0) return;
  } catch (error) {
    if (error instanceof StorageError) throw error;
    const why = error instanceof Deno.errors.AlreadyExists ? "it is no folder" : reason(error);
    throw new StorageError(`Cannot use ${folder} as a store: ${why}`, folder, { cause: error });
  }
  throw new StorageError(
    `Cannot use ${folder} as a store: it belongs to somebody else, who could read what is put there\n` +
      "  Name a folder of your own with --store, or with TERM2AI_STORE",
    folder,
  );
}

async function writeWhole(path: string, bytes: ReadableStream<Uint8Array>): Promise<void> {
  const file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 }).catch(async (error) => {
    await bytes.cancel(error).catch(() => {});
    throw error;
  });
  try {
    for await (const chunk of bytes) await writeAll(file, chunk);
    await file.syncData();
  } finally {
    file.close();
  }
}

/** So that a new name survives a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const file = await Deno.open(folder);
  await file.sync().catch(() => {}); // not every file system can
  file.close();
}

function infoOf(key: string, { size, mtime }: Deno.FileInfo): BlobInfo {
  return { key, size, modifiedAt: mtime?.getTime() ?? 0 };
}
