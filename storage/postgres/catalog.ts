/**
 * What is known about recordings, and their text, in a PostgreSQL database.
 *
 * Rows are numbered as in SQLite: the millisecond in which a recording began, or the next one that is free.
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
import { PostgresCommands } from "./commands.ts";
import type { PostgresDatabase, Sql } from "./database.ts";
import { conditions } from "./filter.ts";
import { PostgresText } from "./text.ts";

/** The catalog. */
export class PostgresCatalog implements Catalog {
  readonly name: string;
  readonly #database: PostgresDatabase;
  readonly #commands: PostgresCommands;
  readonly #text: PostgresText;

  /** @param packWidth How large what is known of text becomes, in bytes of each row of bits. */
  constructor(database: PostgresDatabase, packWidth = PACK_WIDTH) {
    this.#database = database;
    this.#commands = new PostgresCommands(database);
    this.#text = new PostgresText(database, packWidth);
    this.name = database.name;
  }

  async put(recording: StoredRecording): Promise<void> {
    await this.#database.transaction("write to", (sql) => put(sql, recording));
  }

  async get(id: string): Promise<StoredRecording | undefined> {
    return await this.#database.use("read from", (sql) => get(sql, id));
  }

  async change(
    id: string,
    change: (recording: StoredRecording) => StoredRecording,
  ): Promise<StoredRecording | undefined> {
    return await this.#database.transaction("write to", async (sql) => {
      await sql`SELECT 1 FROM term2ai.recordings WHERE owner = current_user AND id = ${id} FOR UPDATE`;
      const before = await get(sql, id);
      if (!before) return undefined;
      const after = change(before);
      await put(sql, after);
      return after;
    });
  }

  async resolve(prefix: string, limit: number): Promise<string[]> {
    const rows = await this.#database.use("read from", (sql) =>
      sql`SELECT id FROM term2ai.recordings
        WHERE owner = current_user AND id >= ${prefix} AND id < ${prefix + "~"} ORDER BY id LIMIT ${limit}`);
    return rows.map(({ id }) => id);
  }

  async list(filter: RecordingFilter, limit: number): Promise<StoredRecording[]> {
    const rows = await this.#database.use(
      "read from",
      (sql) =>
        sql`SELECT meta FROM term2ai.recordings WHERE ${conditions(sql, filter)}
        ORDER BY base DESC LIMIT ${limit === Infinity ? null : limit}`,
    );
    return rows.map(({ meta }) => JSON.parse(meta));
  }

  async index(texts: AsyncIterable<TextOf>): Promise<void> {
    await this.#text.index(texts);
  }

  async unindexed(): Promise<string[]> {
    const rows = await this.#database.use(
      "read from",
      (sql) =>
        sql`SELECT id FROM term2ai.recordings WHERE owner = current_user AND passages IS NULL ORDER BY base DESC`,
    );
    return rows.map(({ id }) => id);
  }

  passages(need: TextNeed, filter: RecordingFilter): AsyncIterable<Passage> {
    return this.#text.passages(need, filter);
  }

  async best(need: TextNeed, filter: RecordingFilter, limit: number): Promise<StoredRecording[]> {
    const slices = slicesFor(need);
    return slices.length > 0 ? await this.#text.best(slices, filter, limit) : await this.list(filter, limit);
  }

  async putCommands(id: string, commands: SessionCommands): Promise<void> {
    await this.#commands.put(id, commands);
  }

  commands(filter: RecordingFilter): AsyncIterable<CommandsOf> {
    return this.#commands.all(filter);
  }

  async commandStatistics(filter: RecordingFilter, minutesFromUtc: number): Promise<CommandStatistics> {
    return await this.#commands.statistics(filter, minutesFromUtc);
  }

  async withoutCommands(filter: RecordingFilter): Promise<string[]> {
    return await this.#commands.without(filter);
  }

  async delete(id: string): Promise<boolean> {
    return await this.#database.transaction("write to", async (sql) => {
      await this.#text.remove(sql, [id]);
      return (await sql`DELETE FROM term2ai.recordings WHERE owner = current_user AND id = ${id}`).count > 0;
    });
  }

  async totals(): Promise<CatalogTotals> {
    const [row] = await this.#database.use(
      "read from",
      (sql) =>
        sql`SELECT count(*) AS recordings, coalesce(sum(bytes), 0)::bigint AS bytes,
          coalesce(sum(duration), 0)::bigint AS duration, coalesce(sum(text), 0)::bigint AS "textBytes",
          count(*) - count(passages) AS unindexed FROM term2ai.recordings WHERE owner = current_user`,
    );
    return { ...row } as CatalogTotals;
  }

  async clear(): Promise<void> {
    await this.#database.transaction("write to", async (sql) => {
      await this.#text.clear(sql);
      await sql`DELETE FROM term2ai.recordings WHERE owner = current_user`;
    });
  }

  /** Those who may not clean up the tables leave that to the server, which does it by itself in time. */
  async purge(): Promise<void> {
    await this.#text.purge();
  }

  close(): Promise<void> {
    return Promise.resolve(); // whoever opened the database closes it
  }
}

async function get(sql: Sql, id: string): Promise<StoredRecording | undefined> {
  const [row] = await sql`SELECT meta FROM term2ai.recordings WHERE owner = current_user AND id = ${id}`;
  return row && JSON.parse(row.meta);
}

async function put(sql: Sql, recording: StoredRecording): Promise<void> {
  const { id, startedAt, duration, bytes, exit, user = null, host = null, tags } = recording;
  const values = {
    ...{ id, started: Math.round(startedAt), duration: Math.round(duration), bytes, user, host, tags: clean(tags) },
    exit: exit && "code" in exit ? exit.code : null,
    about: aboutOf(recording),
    meta: JSON.stringify(recording), // which spells out what PostgreSQL cannot hold
  };
  const { count } = await sql`UPDATE term2ai.recordings SET ${sql(values)} WHERE owner = current_user AND id = ${id}`;
  if (count > 0) return;
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(current_user || '/base', 0))`;
  const base = await freeBase(sql, startedAt);
  await sql`INSERT INTO term2ai.recordings ${sql({ ...values, base })}`;
}

async function freeBase(sql: Sql, startedAt: number): Promise<string> {
  let base = BigInt(Math.min(Math.max(0, Math.floor(startedAt)), 2 ** 42));
  while (
    (await sql`SELECT 1 FROM term2ai.recordings WHERE owner = current_user AND base = ${String(base)}`).length > 0
  ) base++;
  return String(base);
}

function clean(texts: readonly string[]): string[] {
  return texts.map((text) => text.replaceAll("\0", ""));
}

/** What a filter's `about` is looked for in. */
function aboutOf({ title = "", command = "", tags, user = "", host = "" }: StoredRecording): string {
  return clean([title, command, ...tags, user, host]).join("\n").toLowerCase();
}
