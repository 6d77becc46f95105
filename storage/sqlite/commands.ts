/**
 * The commands of recordings in an SQLite database: of each recording a digest, which statistics are made of, and the commands
 * themselves, packed.
 *
 * Quantiles by program are beyond what SQLite does while somebody waits, so a digest is read whole and counted here.
 * @module
 */

import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { DigestCounter, digestOf } from "../../lib/analyze/commands/command_digest.ts";
import { StorageError } from "../../lib/errors.ts";
import type { CommandStatistics, SessionCommands } from "../../lib/models.ts";
import type { CommandsOf, RecordingFilter } from "../../lib/ports.ts";
import type { Database, Row } from "./database.ts";
import { conditionsFor } from "./filter.ts";

/** Recordings that are read at once. */
const PAGE = 1000;

/** The commands. They go with their recordings. */
export class SqliteCommands {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  put(id: string, found: SessionCommands): void {
    const records = zstdCompressSync(JSON.stringify(found));
    const digest = digestOf(found);
    this.#database.transaction(() => {
      const base = this.#database.one("SELECT base FROM recordings WHERE id = ?", id)?.base;
      if (base === undefined) return;
      this.#database.run("INSERT OR REPLACE INTO commands (base, digest) VALUES (?, ?)", base, digest);
      this.#database.run("INSERT OR REPLACE INTO command_records (base, records) VALUES (?, ?)", base, records);
    });
  }

  async *all(filter: RecordingFilter): AsyncGenerator<CommandsOf, void, void> {
    for (const { base, id, host } of this.#rows("id, host", filter)) {
      const found = this.#recordsAt(base as number);
      if (found) yield { id: id as string, ...(host !== null && { host: host as string }), ...found };
    }
  }

  statistics(filter: RecordingFilter, minutesFromUtc: number): CommandStatistics {
    const counter = new DigestCounter<number>({ minutesFromUtc });
    for (const { base, digest } of this.#rows("digest", filter)) counter.add([base as number], digest as Uint8Array);
    const records = new Map(counter.needed().map((base) => [base, this.#recordsAt(base)?.commands ?? []]));
    return counter.result((base) => records.get(base)!);
  }

  without(filter: RecordingFilter): string[] {
    const { where, values } = conditionsFor(filter);
    const rows = this.#database.all(
      `SELECT id FROM recordings WHERE ${where} AND base NOT IN (SELECT base FROM commands) ORDER BY base DESC`,
      ...values,
    );
    return rows.map(({ id }) => id as string);
  }

  /** Rows of recordings whose commands are known, the oldest first. */
  *#rows(columns: string, filter: RecordingFilter): Generator<Row, void, void> {
    const { where, values } = conditionsFor(filter);
    // Most of a recording's row is of no use here: without a condition it is not looked at.
    const tables = values.length > 0 || columns !== "digest" ? "commands JOIN recordings USING (base)" : "commands";
    const sql = `SELECT base, ${columns} FROM ${tables} WHERE ${where} AND base > ? ORDER BY base LIMIT ${PAGE}`;
    for (let after = -1;;) {
      const page = this.#database.all(sql, ...values, after);
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)!.base as number;
    }
  }

  #recordsAt(base: number): SessionCommands | undefined {
    const row = this.#database.one("SELECT records FROM command_records WHERE base = ?", base);
    if (!row) return undefined; // forgotten meanwhile
    try {
      return JSON.parse(new TextDecoder().decode(zstdDecompressSync(row.records as Uint8Array)));
    } catch (error) {
      const { path } = this.#database;
      const advice = "build it anew with: term2ai store reindex --all";
      throw new StorageError(`Cannot read commands in ${path}: they are damaged; ${advice}`, path, { cause: error });
    }
  }
}
