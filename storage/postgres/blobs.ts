/**
 * Blobs as rows of a PostgreSQL database, each visible to its owner alone.
 * @module
 */

import { StorageError } from "../../lib/errors.ts";
import type { BlobInfo, BlobStore, Leftovers, Ranges } from "../../lib/ports.ts";
import { concat } from "../../lib/stream/collect.ts";
import { piecesOf } from "../../lib/stream/pieces.ts";
import type { PostgresDatabase } from "./database.ts";

const CHUNK = 1 << 20;
const UNIQUE_VIOLATION = "23505";

/** A blob as a row. */
interface BlobRow {
  readonly id: number;
  readonly key: string;
  readonly size: number;
  readonly modified: number;
}

/** Blobs in a database. */
export class PostgresBlobs implements BlobStore {
  readonly name: string;
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
    this.name = database.name;
  }

  async put(key: string, bytes: ReadableStream<Uint8Array>, ifPresent: "refuse" | "replace"): Promise<BlobInfo> {
    let blob: number | undefined;
    const pieces = piecesOf(bytes, CHUNK);
    try {
      if (ifPresent === "refuse" && await this.#find(key)) throw this.#taken(key);
      blob = await this.#begin(key);
      const size = await this.#write(blob, pieces);
      const info = { key, size, modifiedAt: Date.now() };
      await this.#publish(blob, info, ifPresent);
      return info;
    } catch (error) {
      await pieces.return();
      if (!bytes.locked) await bytes.cancel(error).catch(() => {});
      if (blob !== undefined) await this.#drop(blob).catch(() => {});
      if (error instanceof StorageError) throw error;
      throw new StorageError(`Cannot store ${key} in ${this.name}: ${(error as Error).message}`, key, { cause: error });
    }
  }

  async get(key: string): Promise<ReadableStream<Uint8Array> | undefined> {
    const found = await this.#find(key);
    if (!found) return undefined;
    const last = Math.ceil(found.size / CHUNK);
    let number = 0;
    return new ReadableStream({
      pull: async (controller) => {
        if (number < last) controller.enqueue(await this.#part(found, number++, 0, CHUNK));
        if (number >= last) controller.close();
      },
    }, { highWaterMark: 0 });
  }

  async ranges(key: string): Promise<Ranges | undefined> {
    const found = await this.#find(key);
    return found && {
      size: found.size,
      read: (start, length) => this.#read(found, start, length),
      close: () => {},
    };
  }

  async stat(key: string): Promise<BlobInfo | undefined> {
    const found = await this.#find(key);
    return found && infoOf(found);
  }

  async *list(prefix: string, after: string): AsyncGenerator<BlobInfo, void, void> {
    for (let from = after;;) {
      const page = await this.#database.use(
        "list",
        (sql) =>
          sql<BlobRow[]>`SELECT id, key, size, modified FROM term2ai.blobs
          WHERE owner = current_user AND whole AND key > ${from} AND key >= ${prefix} AND starts_with(key, ${prefix})
          ORDER BY key LIMIT 1000`,
      );
      for (const row of page) yield infoOf(row);
      if (page.length < 1000) return;
      from = page.at(-1)!.key;
    }
  }

  async delete(key: string): Promise<boolean> {
    const { count } = await this.#database.use(
      "delete from",
      (sql) => sql`DELETE FROM term2ai.blobs WHERE owner = current_user AND whole AND key = ${key}`,
    );
    return count > 0;
  }

  async sweep(before: number, dryRun: boolean): Promise<Leftovers> {
    return await this.#database.transaction("clean up", async (sql) => {
      const [found] = await sql`
        SELECT count(DISTINCT b.id) AS count, coalesce(sum(length(c.data)), 0)::bigint AS bytes
        FROM term2ai.blobs b LEFT JOIN term2ai.chunks c ON c.blob = b.id
        WHERE b.owner = current_user AND NOT b.whole AND b.modified < ${before}`;
      if (!dryRun) {
        await sql`DELETE FROM term2ai.blobs WHERE owner = current_user AND NOT whole AND modified < ${before}`;
      }
      return { count: found!.count, bytes: found!.bytes };
    });
  }

  close(): Promise<void> {
    return Promise.resolve(); // whoever opened the database closes it
  }

  async #begin(key: string): Promise<number> {
    const [row] = await this.#database.use(
      "write to",
      (sql) => sql`INSERT INTO term2ai.blobs (key, modified) VALUES (${key}, ${Date.now()}) RETURNING id`,
    );
    return row!.id;
  }

  /** Each chunk by itself: a connection that breaks costs one of them, which is sent again. */
  async #write(blob: number, pieces: AsyncIterable<Uint8Array>): Promise<number> {
    let size = 0, number = 0;
    for await (const piece of pieces) {
      const data = piece.slice(), at = number++;
      await this.#database.transaction("write to", async (sql) => {
        await sql`INSERT INTO term2ai.chunks (blob, number, data) VALUES (${blob}, ${at}, ${data}) ON CONFLICT DO NOTHING`;
        await sql`UPDATE term2ai.blobs SET modified = ${Date.now()} WHERE id = ${blob}`; // it is still alive
      });
      size += data.length;
    }
    return size;
  }

  async #publish(blob: number, { key, size, modifiedAt }: BlobInfo, ifPresent: "refuse" | "replace"): Promise<void> {
    const publish = () =>
      this.#database.transaction("write to", async (sql) => {
        // Those who replace the same blob do so one after the other.
        await sql`SELECT pg_advisory_xact_lock(hashtextextended(current_user || '/' || ${key}, 0))`;
        if (ifPresent === "replace") {
          await sql`DELETE FROM term2ai.blobs WHERE owner = current_user AND whole AND key = ${key} AND id <> ${blob}`;
        }
        const { count } = await sql`
          UPDATE term2ai.blobs SET size = ${size}, modified = ${modifiedAt}, whole = true WHERE id = ${blob}`;
        if (count === 0) {
          throw new StorageError(`Cannot store ${key} in ${this.name}: it was swept away unfinished`, key);
        }
      });
    await publish().catch((error) => {
      const { code } = (error as { cause?: { code?: string } }).cause ?? {};
      throw code === UNIQUE_VIOLATION ? this.#taken(key) : error;
    });
  }

  async #drop(blob: number): Promise<void> {
    await this.#database.use("write to", (sql) => sql`DELETE FROM term2ai.blobs WHERE id = ${blob} AND NOT whole`);
  }

  async #find(key: string): Promise<BlobRow | undefined> {
    const [row] = await this.#database.use(
      "read from",
      (sql) =>
        sql<BlobRow[]>`SELECT id, key, size, modified FROM term2ai.blobs
        WHERE owner = current_user AND whole AND key = ${key}`,
    );
    return row;
  }

  async #read(blob: BlobRow, start: number, length: number): Promise<Uint8Array> {
    const end = Math.min(start + length, blob.size);
    const parts: Uint8Array[] = [];
    for (let at = start; at < end; at += parts.at(-1)!.length) {
      const number = Math.floor(at / CHUNK), from = at - number * CHUNK;
      parts.push(await this.#part(blob, number, from, Math.min(end - at, CHUNK - from)));
    }
    return concat(parts);
  }

  /** A part of a chunk, cut out by the server. */
  async #part({ id, key }: BlobRow, number: number, from: number, length: number): Promise<Uint8Array> {
    const [row] = await this.#database.use(
      "read from",
      (sql) =>
        sql`SELECT substring(data FROM ${from + 1}::integer FOR ${length}::integer) AS data FROM term2ai.chunks
        WHERE blob = ${id} AND number = ${number} AND owner = current_user`,
    );
    if (row) return new Uint8Array(row.data);
    throw new StorageError(`Cannot read ${key} in ${this.name}: it was deleted or replaced meanwhile`, key);
  }

  #taken(key: string): StorageError {
    return new StorageError(`Cannot store ${key} in ${this.name}: it is there already`, key);
  }
}

function infoOf({ key, size, modified }: BlobRow): BlobInfo {
  return { key, size, modifiedAt: modified };
}
