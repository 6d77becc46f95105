/**
 * Stores of recordings, opened by URL: in files, in a database, in the cloud. The same commands and the same methods work on each.
 *
 * | URL | recordings | what is known about them |
 * |---|---|---|
 * | `file:///folder` | files | SQLite beside them |
 * | `sqlite:///file` | rows of a database | the same database |
 * | `postgres://…` | rows of a database | the same database |
 * | `s3://bucket/prefix?endpoint=…` | objects | `catalog=postgres://…`, or SQLite on this machine, built from the bucket |
 * | `memory:` | memory | memory |
 *
 * Each may have `quota=5GB`: what all recordings together may take.
 * @module
 */

import { openRecording, WRITERS } from "../formats/mod.ts";
import { StorageError } from "../lib/errors.ts";
import { cacheFolder, defaultStore } from "../lib/host/user_folders.ts";
import type { StoredRecording } from "../lib/models.ts";
import type { Catalog } from "../lib/ports.ts";
import { isId } from "../lib/search/id.ts";
import { FileBlobs, makePrivateFolder } from "./file.ts";
import { type Arrival, ARRIVALS, arrivals, whileNobodyTakes } from "./file/arrivals.ts";
import { MemoryBlobs } from "./memory.ts";
import type { SessionFormats, StorageParts } from "./sessions/parts.ts";
import { readFacts } from "./sessions/reindex.ts";
import { SessionStorage } from "./sessions/session_storage.ts";
import { parseStorageUrl, type StorageUrl } from "./sessions/url.ts";

export { FileBlobs, makePrivateFolder } from "./file.ts";
export { MemoryBlobs } from "./memory.ts";
export { exportArchive, importArchive, type ImportResult } from "./sessions/archive.ts";
export type { CleanUp, CleanUpPolicy } from "./sessions/clean_up.ts";
export { migrate, type MigrateOptions, type MigrateProgress, type MigrateResult } from "./sessions/migrate.ts";
export type { SessionFormats, StorageParts } from "./sessions/parts.ts";
export type { ReindexOptions, ReindexResult } from "./sessions/reindex.ts";
export { SessionStorage, type StoreOptions } from "./sessions/session_storage.ts";
export type { StorageUrl } from "./sessions/url.ts";

const formats: SessionFormats = {
  open: (source, report, unwrap) => openRecording(source, { report, ...(unwrap && { unwrap }) }),
  writers: WRITERS,
};

/**
 * Opens a store.
 *
 * @param url See above; the user's own store, if left out: `TERM2AI_STORE`, what the configuration file says, or a folder in the data
 * directory.
 * @throws {UsageError} If the URL is none.
 * @throws {StorageError} If the store cannot be opened.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const storage = await openStorage(`file://${await Deno.makeTempDir()}/recordings`);
 * equal((await storage.list()).length, 0);
 * await storage.close();
 * ```
 */
export async function openStorage(url: string = defaultStore()): Promise<SessionStorage> {
  const parsed = parseStorageUrl(url);
  switch (parsed.scheme) {
    case "memory":
      return await DatabaseStorage.inMemory(parsed.quota);
    case "file":
      return await FileStorage.open(parsed.place, parsed.quota);
    case "sqlite":
      return await DatabaseStorage.openSqlite(parsed.place, parsed.quota);
    case "postgres":
      return await DatabaseStorage.openPostgres(parsed.place, parsed.quota);
    case "s3":
      return await CloudStorage.open(parsed);
  }
}

/** Who owns what this process stores. */
function userName(): string {
  return Deno.env.get("USER") || Deno.env.get("LOGNAME") || `uid-${Deno.uid() ?? 0}`;
}

/**
 * A store in a folder: recordings as files that other programs can read too, mode 0600 in a folder with mode 0700.
 *
 * @example
 * ```ts
 * const storage = await FileStorage.open(await Deno.makeTempDir());
 * await storage.close();
 * ```
 */
export class FileStorage extends SessionStorage {
  readonly #folder: string;

  private constructor(folder: string, parts: StorageParts) {
    super(parts);
    this.#folder = folder;
  }

  /**
   * Opens a folder, or makes it, and takes in what recorders have left there. A damaged catalog is set aside and built again.
   *
   * @param quota Bytes that all recordings together may take.
   * @throws {StorageError} If it cannot be used, or belongs to somebody else.
   */
  static async open(folder: string, quota = Infinity): Promise<FileStorage> {
    const blobs = await FileBlobs.open(folder);
    const { catalog, isNew, close } = await openLocalCatalog(`${blobs.name}/.catalog`);
    const storage = new FileStorage(blobs.name, { blobs, catalog, owner: userName(), formats, quota, onClose: close });
    if (isNew) await storage.reindex();
    await storage.takeArrivals();
    return storage;
  }

  /** Takes in recordings whose recorder has ended; returns them. One that cannot be read is set aside, in a folder `broken`. */
  async takeArrivals(): Promise<StoredRecording[]> {
    const taken: StoredRecording[] = [];
    await whileNobodyTakes(`${this.#folder}/.catalog/arrivals.lock`, async () => {
      for (let seen = -1; seen < taken.length;) {
        seen = taken.length;
        for await (const arrival of arrivals(this.#folder)) taken.push(...await this.#take(arrival));
      }
    });
    return taken;
  }

  async #take(arrival: Arrival): Promise<StoredRecording[]> {
    const { name, path } = arrival;
    const id = name.slice(0, name.indexOf("."));
    const size = await Deno.lstat(path).then(({ isFile, size }) => isFile ? size : 0, () => undefined);
    try {
      if (size === undefined || !isId(id)) return []; // thrown away, or taken in and not ticked off
      await Deno.rename(path, `${this.#folder}/${name}`);
      const recording = await readFacts(this.parts, id, name);
      if (recording) await this.parts.catalog.put(recording);
      await this.reindex({ ids: [id] });
      return recording ? [recording] : [];
    } catch {
      const broken = `${this.#folder}/${ARRIVALS}/broken`;
      await makePrivateFolder(broken);
      await Deno.rename(`${this.#folder}/${name}`, `${broken}/${name}`).catch(() => {});
      return [];
    } finally {
      await arrival.done();
    }
  }
}

/** SQLite on this machine. One that is damaged is set aside: all that was in it can be found out again. */
async function openLocalCatalog(
  folder: string,
): Promise<{ catalog: Catalog; isNew: boolean; close: () => Promise<void> }> {
  const { Database, isDamage } = await import("./sqlite/database.ts");
  const { SqliteCatalog } = await import("./sqlite/catalog.ts");
  await makePrivateFolder(folder);
  const path = `${folder}/catalog.db`;
  const isNew = await Deno.lstat(path).then(() => false, () => true);
  const open = () => {
    const database = Database.open(path);
    const close = () => Promise.resolve(database.close());
    return { catalog: new SqliteCatalog(database), close };
  };
  try {
    return { ...open(), isNew };
  } catch (error) {
    if (!isDamage(error)) throw error;
    for (const end of ["-wal", "-shm"]) await Deno.remove(path + end).catch(() => {});
    await Deno.rename(path, `${path}.damaged-${Date.now()}`);
    return { ...open(), isNew: true };
  }
}

/**
 * A store in a database: SQLite in one file, or a PostgreSQL that many share, where everybody sees only what is theirs.
 *
 * @example
 * ```ts
 * const storage = await DatabaseStorage.openSqlite(await Deno.makeTempDir() + "/sessions.db");
 * await storage.close();
 * ```
 */
export class DatabaseStorage extends SessionStorage {
  private constructor(parts: StorageParts) {
    super(parts);
  }

  /**
   * Opens a file of SQLite, or makes it with mode 0600.
   *
   * @param quota Bytes that all recordings together may take.
   * @throws {StorageError} If it cannot be opened.
   */
  static async openSqlite(path: string, quota = Infinity): Promise<DatabaseStorage> {
    const { Database } = await import("./sqlite/database.ts");
    const { SqliteBlobs } = await import("./sqlite/blobs.ts");
    const { SqliteCatalog } = await import("./sqlite/catalog.ts");
    const database = Database.open(path);
    const [blobs, catalog] = [new SqliteBlobs(database), new SqliteCatalog(database)];
    const onClose = () => Promise.resolve(database.close());
    return new DatabaseStorage({ blobs, catalog, owner: userName(), formats, quota, onClose });
  }

  /**
   * Opens a database of PostgreSQL, and makes our tables in it if they are not there.
   *
   * @param url As PostgreSQL's own programs take it.
   * @param quota Bytes that all recordings of this user together may take.
   * @throws {StorageError} If it cannot be reached or used.
   */
  static async openPostgres(url: string, quota = Infinity): Promise<DatabaseStorage> {
    const { PostgresDatabase } = await import("./postgres/database.ts");
    const { PostgresBlobs } = await import("./postgres/blobs.ts");
    const { PostgresCatalog } = await import("./postgres/catalog.ts");
    const database = await PostgresDatabase.open(url);
    const [blobs, catalog] = [new PostgresBlobs(database), new PostgresCatalog(database)];
    const onClose = () => database.close();
    return new DatabaseStorage({ blobs, catalog, owner: database.user, formats, quota, onClose });
  }

  /** A store that is gone when the process is. */
  static async inMemory(quota = Infinity): Promise<DatabaseStorage> {
    const { Database } = await import("./sqlite/database.ts");
    const { SqliteCatalog } = await import("./sqlite/catalog.ts");
    const database = Database.open(":memory:");
    const onClose = () => Promise.resolve(database.close());
    const catalog = new SqliteCatalog(database);
    return new DatabaseStorage({ blobs: new MemoryBlobs(), catalog, owner: userName(), formats, quota, onClose });
  }
}

/**
 * A store in an S3-compatible object storage, with a prefix for each user.
 *
 * Credentials come from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, or from the profile `AWS_PROFILE` in
 * `~/.aws/credentials`.
 *
 * @example
 * ```ts
 * const archive = () => openStorage("s3://recordings/team?endpoint=https://s3.example.org&region=eu-1");
 * ```
 */
export class CloudStorage extends SessionStorage {
  private constructor(parts: StorageParts) {
    super(parts);
  }

  /**
   * Opens a bucket, and brings the catalog up to what came to the bucket since it was used last.
   *
   * @throws {UsageError} If the URL names no bucket, or there are no credentials.
   * @throws {StorageError} If the bucket cannot be reached or used.
   */
  static async open({ place, settings, quota }: StorageUrl): Promise<CloudStorage> {
    const { S3Blobs } = await import("./s3.ts");
    const owner = settings.get("owner") ?? userName();
    const blobs = await S3Blobs.open({ place, settings, owner });
    const shared = settings.get("catalog");
    const known = shared === null
      ? await openLocalCatalog(await cacheFor(blobs.name))
      : await openSharedCatalog(shared);
    const { catalog, close } = known;
    const storage = new CloudStorage({ blobs, catalog, owner, formats, quota, onClose: close });
    await storage.reindex({ ids: await storage.#newIds() });
    return storage;
  }

  /** Ids in the bucket that the catalog does not know: all, or those that came later than a day before its newest. */
  async #newIds(): Promise<string[]> {
    const { blobs, catalog } = this.parts;
    const known = new Set((await catalog.list({}, Infinity)).map(({ id }) => id));
    const newest = [...known].sort().at(-1);
    const after = newest === undefined ? "" : dayBefore(newest);
    const ids: string[] = [];
    for await (const { key } of blobs.list("", after)) {
      const id = key.slice(0, key.indexOf("."));
      if (key === `${id}.meta.json` && isId(id) && !known.has(id)) ids.push(id);
    }
    return ids;
  }
}

/** The beginning of ids that were made a day before this one: 10 digits of base 32 are its milliseconds. */
function dayBefore(id: string): string {
  const digits = "0123456789abcdefghjkmnpqrstvwxyz";
  let time = [...id.slice(0, 10)].reduce((sum, digit) => sum * 32 + digits.indexOf(digit), 0) - 86_400_000;
  let text = "";
  for (let digit = 0; digit < 10; digit++, time = Math.floor(time / 32)) text = digits[Math.max(0, time % 32)]! + text;
  return text;
}

async function cacheFor(name: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name)));
  return `${cacheFolder()}/catalogs/${digest.toHex().slice(0, 32)}`;
}

async function openSharedCatalog(url: string): Promise<{ catalog: Catalog; close: () => Promise<void> }> {
  const { scheme, place } = parseStorageUrl(url);
  if (scheme !== "postgres") {
    throw new StorageError(`Cannot use ${url} as a catalog: expected catalog=postgres://…`, url);
  }
  const { PostgresDatabase } = await import("./postgres/database.ts");
  const { PostgresCatalog } = await import("./postgres/catalog.ts");
  const database = await PostgresDatabase.open(place);
  return { catalog: new PostgresCatalog(database), close: () => database.close() };
}
