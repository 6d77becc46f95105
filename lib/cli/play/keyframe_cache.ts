/**
 * Keeps the keyframes of recordings that have none of their own, so that they are computed once.
 *
 * They lie beside the recording where nobody else can look into its directory, else in the user's cache directory; each is a
 * recording of its own, in T2A, that only its owner can read. Where neither can be written, or little would be saved, they
 * stay in memory.
 * @module
 */

import { type BlockStore, type KeyframeCache, memoryStore } from "../../../formats/t2a_timeline.ts";
import { reason } from "../../host/file.ts";
import { harmless, openSource, tell } from "../source/stdio.ts";

/** Recordings that are read in a moment are not worth a file. */
const WORTH_KEEPING = 256 << 10;
/** All that may be kept in the cache directory, in bytes; what was made first goes first. */
const MOST_KEPT = 1 << 30;

/** The cache for a recording at `path`. */
export async function keyframeCache(path: string): Promise<KeyframeCache> {
  const place = await placeFor(path).catch(() => undefined); // whatever is wrong with it, it is no reason not to play
  return {
    found: async () => {
      if (!place) return undefined;
      const kept = await openSource(place).catch(() => undefined);
      return await kept?.ranges();
    },
    store: async () => place ? await FileStore.create(place).catch(() => memoryStore()) : memoryStore(),
  };
}

/** The file for a recording as it is now; another one when it has changed. */
async function placeFor(path: string): Promise<string | undefined> {
  if (path === "-") return undefined;
  const real = await Deno.realPath(path);
  const { size, mtime, isFile } = await Deno.stat(real);
  if (!isFile || size < WORTH_KEEPING) return undefined;
  const { folder, name } = partsOf(real);
  const version = (await digest(`${real}\n${size}\n${mtime?.getTime()}`)).slice(0, 12);
  if (await isPrivate(folder)) return `${folder}/.${name}.${version}.keyframes`;
  return `${await cacheFolder()}/${await digest(real)}.${version}.keyframes`;
}

function partsOf(real: string): { folder: string; name: string } {
  const at = real.lastIndexOf("/");
  return { folder: real.slice(0, at) || "/", name: real.slice(at + 1) };
}

/**
 * Removes all that is kept of a recording at `path`, as it is or was: it has been encrypted, redacted or removed, and what showed in it
 * is not to lie about elsewhere. What cannot be removed is told.
 */
export async function purgeKeyframes(path: string): Promise<void> {
  if (path === "-") return;
  const real = await Deno.realPath(path).catch(() => absolute(path));
  const { folder, name } = partsOf(real);
  await removeFrom(folder, `.${name}.`);
  const cache = cachePath();
  if (cache) await removeFrom(cache, `${await digest(real)}.`);
}

/** The user's cache directory, where we may look where it is. */
function cachePath(): string | undefined {
  try {
    return `${Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`}/term2ai/keyframes`;
  } catch {
    return undefined;
  }
}

/** The path of what is gone. */
async function absolute(path: string): Promise<string> {
  const { folder, name } = partsOf(path.includes("/") ? path : `./${path}`);
  return `${await Deno.realPath(folder).catch(() => folder)}/${name}`;
}

const KEPT = /^[0-9a-f]{12}\.keyframes(?:\.[0-9a-f]{8}\.new)?$/;

async function removeFrom(folder: string, prefix: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.startsWith(prefix) || !KEPT.test(name.slice(prefix.length))) continue;
      await Deno.remove(`${folder}/${name}`).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) {
          tell(`Cannot remove ${harmless(folder)}/${harmless(name)}: ${reason(error)}\n`);
        }
      });
    }
  } catch {
    // where nobody can look, nothing of ours is kept
  }
}

async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(hash).toHex().slice(0, 32);
}

/** Whether a directory is ours, and nobody else may look into it. */
async function isPrivate(folder: string): Promise<boolean> {
  const { mode, uid } = await Deno.stat(folder);
  return mode !== null && (mode & 0o077) === 0 && uid === Deno.uid();
}

async function cacheFolder(): Promise<string> {
  const base = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
  if (!base.startsWith("/")) throw new Error("there is no directory for caches");
  const folder = `${base}/term2ai/keyframes`;
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  if (!await isPrivate(folder)) throw new Error("others may look into the directory for caches");
  return folder;
}

/** A file that gets its name when it is whole. */
class FileStore implements BlockStore {
  size = 0;
  readonly #path: string;
  readonly #at: string;
  readonly #file: Deno.FsFile;
  #named = false;

  private constructor(path: string, at: string, file: Deno.FsFile) {
    this.#path = path;
    this.#at = at;
    this.#file = file;
  }

  static async create(path: string): Promise<FileStore> {
    const at = `${path}.${crypto.randomUUID().slice(0, 8)}.new`;
    return new FileStore(path, at, await Deno.open(at, { read: true, write: true, createNew: true, mode: 0o600 }));
  }

  append(bytes: Uint8Array): Promise<void> {
    this.#file.seekSync(this.size, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    this.size += bytes.length;
    return Promise.resolve();
  }

  read(start: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - start)));
    this.#file.seekSync(start, Deno.SeekMode.Start);
    let filled = 0;
    for (let read: number | null = 1; read && filled < bytes.length; filled += read ?? 0) {
      read = this.#file.readSync(bytes.subarray(filled));
    }
    return Promise.resolve(bytes.subarray(0, filled));
  }

  async finish(): Promise<void> {
    await Deno.rename(this.#at, this.#path);
    this.#named = true;
    await prune(this.#path.slice(0, this.#path.lastIndexOf("/")));
  }

  close(): void {
    this.#file.close();
    if (!this.#named) Deno.remove(this.#at).catch(() => {});
  }
}

/** Removes the oldest files of a cache directory that has grown too large, and what crashes have left in it. */
async function prune(folder: string): Promise<void> {
  if (!folder.endsWith("/term2ai/keyframes")) return;
  const DAY = 86_400_000;
  const files: { path: string; size: number; age: number }[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    const { size, mtime } = await Deno.stat(path).catch(() => ({ size: 0, mtime: null }));
    files.push({ path, size, age: Date.now() - (mtime?.getTime() ?? Date.now()) });
  }
  let kept = 0;
  for (const { path, size, age } of files.sort((a, b) => a.age - b.age)) {
    kept += size;
    if (kept > MOST_KEPT || (path.endsWith(".new") && age > DAY)) await Deno.remove(path).catch(() => {});
  }
}
