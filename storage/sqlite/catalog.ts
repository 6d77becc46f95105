/**
 * What is known about recordings, and their text, in an SQLite database.
 *
 * A recording's number is the millisecond in which it began, or the next one that is free. So the newest have the highest.
 * @module
 */

import type { CommandStatistics, SessionCommands, StoredRecording } from "../../lib/models.ts";
import type {
  Catalog,
  CatalogTotals,
  CommandsOf,
  Passage,
  RecordingFilter,
  TextNeed,
  TextOf,
} from "../../lib/ports.ts";
import { PACK_WIDTH } from "../../lib/search/pack.ts";
import { slicesFor } from "../../lib/search/signature.ts";
import { SqliteCommands } from "./commands.ts";
import type { Database, SqlValue } from "./database.ts";
import { conditionsFor } from "./filter.ts";
import { SqliteText } from "./text.ts";

/** The catalog. */
export class SqliteCatalog implements Catalog {
  readonly name: string;
  readonly #database: Database;
  readonly #commands: SqliteCommands;
  readonly #text: SqliteText;

  /** @param packWidth How large what is known of text becomes, in bytes of each row of bits. */
  constructor(database: Database, packWidth = PACK_WIDTH) {
    this.#database = database;
    this.#commands = new SqliteCommands(database);
    this.#text = new SqliteText(database, packWidth);
    this.name = database.path;
  }

  put(recording: StoredRecording): Promise<void> {
    this.#database.transaction(() => this.#put(recording));
    return Promise.resolve();
  }

  get(id: string): Promise<StoredRecording | undefined> {
    return Promise.resolve(this.#get(id));
  }

  change(id: string, change: (recording: StoredRecording) => StoredRecording): Promise<StoredRecording | undefined> {
    return Promise.resolve(this.#database.transaction(() => {
      const before = this.#get(id);
      if (!before) return undefined;
      const after = change(before);
      this.#put(after);
      return after;
    }));
  }

  resolve(prefix: string, limit: number): Promise<string[]> {
    const sql = "SELECT id FROM recordings WHERE id >= ? AND id < ? ORDER BY id LIMIT ?";
    return Promise.resolve(this.#database.all(sql, prefix, prefix + "~", limit).map(({ id }) => id as string));
  }

  list(filter: RecordingFilter, limit: number): Promise<StoredRecording[]> {
    const { where, values } = conditionsFor(filter);
    const sql = `SELECT meta FROM recordings WHERE ${where} ORDER BY base DESC LIMIT ?`;
    const rows = this.#database.all(sql, ...values, limit === Infinity ? -1 : limit);
    return Promise.resolve(rows.map(({ meta }) => JSON.parse(meta as string)));
  }

  async index(texts: AsyncIterable<TextOf>): Promise<void> {
    await this.#text.index(texts);
  }

  unindexed(): Promise<string[]> {
    const rows = this.#database.all("SELECT id FROM recordings WHERE passages IS NULL ORDER BY base DESC");
    return Promise.resolve(rows.map(({ id }) => id as string));
  }

  passages(need: TextNeed, filter: RecordingFilter): AsyncIterable<Passage> {
    return this.#text.passages(need, filter);
  }

  async best(need: TextNeed, filter: RecordingFilter, limit: number): Promise<StoredRecording[]> {
    const slices = slicesFor(need);
    return slices.length > 0 ? await this.#text.best(slices, filter, limit) : await this.list(filter, limit);
  }

  putCommands(id: string, commands: SessionCommands): Promise<void> {
    return Promise.resolve(this.#commands.put(id, commands));
  }

  commands(filter: RecordingFilter): AsyncIterable<CommandsOf> {
    return this.#commands.all(filter);
  }

  commandStatistics(filter: RecordingFilter, minutesFromUtc: number): Promise<CommandStatistics> {
    return Promise.resolve(this.#commands.statistics(filter, minutesFromUtc));
  }

  withoutCommands(filter: RecordingFilter): Promise<string[]> {
    return Promise.resolve(this.#commands.without(filter));
  }

  delete(id: string): Promise<boolean> {
    return Promise.resolve(this.#database.transaction(() => {
      this.#text.remove(id);
      return this.#database.run("DELETE FROM recordings WHERE id = ?", id) > 0;
    }));
  }

  totals(): Promise<CatalogTotals> {
    const row = this.#database.one(
      `SELECT count(*) AS recordings, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(duration), 0) AS duration,
         coalesce(sum(text), 0) AS textBytes, count(*) - count(passages) AS unindexed FROM recordings`,
    )!;
    return Promise.resolve({ ...row } as unknown as CatalogTotals);
  }

  clear(): Promise<void> {
    this.#database.transaction(() => {
      this.#text.clear();
      this.#database.run("DELETE FROM recordings");
    });
    return Promise.resolve();
  }

  /** The bits of what was forgotten stay until they are emptied; the file gives back what is unused then. */
  purge(): Promise<void> {
    this.#text.purge();
    this.#database.compact();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve(); // whoever opened the database closes it
  }

  #get(id: string): StoredRecording | undefined {
    const row = this.#database.one("SELECT meta FROM recordings WHERE id = ?", id);
    return row && JSON.parse(row.meta as string);
  }

  #put(recording: StoredRecording): void {
    const { id, startedAt, duration, bytes, exit, user = null, host = null, tags } = recording;
    const values: SqlValue[] = [
      id,
      Math.round(startedAt),
      duration,
      bytes,
      exit && "code" in exit ? exit.code : null,
      user,
      host,
      `\n${tags.join("\n")}\n`,
      aboutOf(recording),
      JSON.stringify(recording),
    ];
    const changed = this.#database.run(
      `UPDATE recordings SET id = ?1, started = ?2, duration = ?3, bytes = ?4, exit = ?5, user = ?6, host = ?7, tags = ?8,
         about = ?9, meta = ?10 WHERE id = ?1`,
      ...values,
    );
    if (changed > 0) return;
    this.#database.run(
      `INSERT INTO recordings (id, started, duration, bytes, exit, user, host, tags, about, meta, base)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
      ...values,
      this.#freeBase(startedAt),
    );
  }

  #freeBase(startedAt: number): bigint {
    let base = BigInt(Math.min(Math.max(0, Math.floor(startedAt)), 2 ** 42));
    while (this.#database.one("SELECT 1 FROM recordings WHERE base = ?", base)) base++;
    return base;
  }
}

/** What a filter's `about` is looked for in. */
function aboutOf({ title = "", command = "", tags, user = "", host = "" }: StoredRecording): string {
  return [title, command, ...tags, user, host].join("\n").toLowerCase();
}
