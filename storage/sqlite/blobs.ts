/**
 * Blobs as rows of an SQLite database.
 *
 * Each chunk is a transaction of its own, so that a slow upload holds nobody up; the last one makes the blob visible.
 * @module
 */

import { StorageError } from "../../lib/errors.ts";
import type { BlobInfo, BlobStore, Leftovers, Ranges } from "../../lib/ports.ts";
import { concat } from "../../lib/stream/collect.ts";
import { piecesOf } from "../../lib/stream/pieces.ts";
import type { Database, Row } from "./database.ts";

/** SQLite reads whole rows: a seek should not read more than it needs. */
const CHUNK = 256 << 10;

/** Blobs in a database. */
export class SqliteBlobs implements BlobStore {
  readonly name: string;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    this.name = database.path;
  }

  async put(key: string, bytes: ReadableStream<Uint8Array>, ifPresent: "refuse" | "replace"): Promise<BlobInfo> {
    let blob: number | undefined;
    try {
      blob = this.#begin(key);
      const size = await this.#write(blob, bytes);
      return this.#publish(blob, { key, size, modifiedAt: Date.now() }, ifPresent);
    } catch (error) {
      await bytes.cancel(error).catch(() => {});
      if (blob !== undefined) this.#drop(blob);
      if (error instanceof StorageError) throw error;
      throw new StorageError(`Cannot store ${key} in ${this.name}: ${(error as Error).message}`, key, { cause: error });
    }
  }

  get(key: string): Promise<ReadableStream<Uint8Array> | undefined> {
    const found = this.#find(key);
    if (!found) return Promise.resolve(undefined);
    let number = 0;
    const last = chunksIn(found.size as number);
    return Promise.resolve(
      new ReadableStream({
        pull: (controller) => {
          if (number < last) controller.enqueue(this.#chunk(found, number++));
          if (number >= last) controller.close();
        },
      }, { highWaterMark: 0 }),
    );
  }

  ranges(key: string): Promise<Ranges | undefined> {
    const found = this.#find(key);
    return Promise.resolve(
      found && {
        size: found.size as number,
        read: (start, length) => Promise.resolve(this.#read(found, start, length)),
        close: () => {},
      },
    );
  }

  stat(key: string): Promise<BlobInfo | undefined> {
    const found = this.#find(key);
    return Promise.resolve(found && infoOf(found));
  }

  async *list(prefix: string, after: string): AsyncGenerator<BlobInfo, void, void> {
    for (let from = after;;) {
      const page = this.#database.all(
        "SELECT key, size, modified FROM blobs WHERE whole AND key > ? AND key >= ? AND substr(key, 1, length(?)) = ? ORDER BY key LIMIT 1000",
        from,
        prefix,
        prefix,
        prefix,
      );
      for (const row of page) yield infoOf(row);
      if (page.length < 1000) return;
      from = page.at(-1)!.key as string;
    }
  }

  delete(key: string): Promise<boolean> {
    return Promise.resolve(this.#database.run("DELETE FROM blobs WHERE whole AND key = ?", key) > 0);
  }

  sweep(before: number, dryRun: boolean): Promise<Leftovers> {
    const torn = "FROM blobs WHERE NOT whole AND modified < ?";
    const count = this.#database.one(`SELECT count(*) AS count ${torn}`, before)!.count as number;
    const bytes = this.#database.one(
      `SELECT coalesce(sum(length(data)), 0) AS bytes FROM chunks WHERE blob IN (SELECT id ${torn})`,
      before,
    )!.bytes as number;
    if (!dryRun && count > 0) this.#database.run(`DELETE ${torn}`, before);
    return Promise.resolve({ count, bytes });
  }

  close(): Promise<void> {
    return Promise.resolve(); // whoever opened the database closes it
  }

  #begin(key: string): number {
    return this.#database.transaction(() => {
      this.#database.run("INSERT INTO blobs (key, size, modified, whole) VALUES (?, 0, ?, 0)", key, Date.now());
      return this.#database.lastRow;
    });
  }

  async #write(blob: number, bytes: ReadableStream<Uint8Array>): Promise<number> {
    let size = 0, number = 0;
    for await (const piece of piecesOf(bytes, CHUNK)) {
      const now = Date.now();
      this.#database.transaction(() => {
        this.#database.run("INSERT INTO chunks (blob, number, data) VALUES (?, ?, ?)", blob, number++, piece);
        this.#database.run("UPDATE blobs SET modified = ? WHERE id = ?", now, blob); // it is still alive
      });
      size += piece.length;
    }
    return size;
  }

  #publish(blob: number, info: BlobInfo, ifPresent: "refuse" | "replace"): BlobInfo {
    const { key, size, modifiedAt } = info;
    this.#database.transaction(() => {
      if (ifPresent === "replace") this.#database.run("DELETE FROM blobs WHERE whole AND key = ?", key);
      else if (this.#find(key)) {
        throw new StorageError(`Cannot store ${key} in ${this.name}: it is there already`, key);
      }
      const done = this.#database.run(
        "UPDATE blobs SET size = ?, modified = ?, whole = 1 WHERE id = ?",
        size,
        modifiedAt,
        blob,
      );
      if (done === 0) throw new StorageError(`Cannot store ${key} in ${this.name}: it was swept away unfinished`, key);
    });
    return info;
  }

  /** As much as is possible: what stays is swept later. */
  #drop(blob: number): void {
    try {
      this.#database.run("DELETE FROM blobs WHERE id = ?", blob);
    } catch {
      // the error that led here is the one to tell
    }
  }

  #find(key: string): Row | undefined {
    return this.#database.one("SELECT id, key, size, modified FROM blobs WHERE whole AND key = ?", key);
  }

  #chunk({ id, key }: Row, number: number): Uint8Array {
    const row = this.#database.one("SELECT data FROM chunks WHERE blob = ? AND number = ?", id!, number);
    if (row) return row.data as Uint8Array;
    throw new StorageError(`Cannot read ${key} in ${this.name}: it was deleted or replaced meanwhile`, String(key));
  }

  #read(blob: Row, start: number, length: number): Uint8Array {
    const end = Math.min(start + length, blob.size as number);
    const parts: Uint8Array[] = [];
    for (let at = start; at < end;) {
      const number = Math.floor(at / CHUNK), from = at - number * CHUNK;
      const part = this.#chunk(blob, number).subarray(from, from + end - at);
      parts.push(part);
      at += part.length;
    }
    return concat(parts);
  }
}

function chunksIn(size: number): number {
  return Math.ceil(size / CHUNK);
}

function infoOf({ key, size, modified }: Row): BlobInfo {
  return { key: key as string, size: size as number, modifiedAt: modified as number };
}
