/**
 * What is known about recordings, and their text, in a PostgreSQL database.
 *
 * Rows are numbered as in SQLite: the millisecond in which a recording began, or the next one that is free, and 20 bits for its
 * passages. The index gives all rows that match, in no order; the server sorts their numbers, and fetches the text of the highest.
 * @module
 */

import type { CommandStatistics, SessionCommands, StoredRecording, TextLine } from "../../lib/models.ts";
import type {
  Catalog,
  CatalogTotals,
  CommandsOf,
  Passage,
  RecordingFilter,
  TextNeed,
  TextOf,
} from "../../lib/ports.ts";
import { patternFor } from "../../lib/search/like_pattern.ts";
import { linesOf, passagesOf, plainText, timesOf } from "../../lib/search/passages.ts";
import { PostgresCommands } from "./commands.ts";
import type { PostgresDatabase, Sql } from "./database.ts";
import { conditions } from "./filter.ts";
import { gramsFor } from "./grams.ts";

/** Longer pieces than SQLite's: PostgreSQL's index has more to say about each. */
const LENGTH = 4096;
const PASSAGES = 1n << 20n;
/** Pieces that are sent together. */
const TOGETHER = 256;
/** So few recordings are looked through one by one. */
const FEW = 100;

/** A row of the index. */
interface FoundRow {
  readonly place: string;
  readonly times: string;
  readonly text: string;
}

/** The catalog. */
export class PostgresCatalog implements Catalog {
  readonly name: string;
  readonly #database: PostgresDatabase;
  readonly #commands: PostgresCommands;

  constructor(database: PostgresDatabase) {
    this.#database = database;
    this.#commands = new PostgresCommands(database);
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
    for await (const { id, lines } of texts) await this.#indexOne(id, lines);
  }

  async unindexed(): Promise<string[]> {
    const rows = await this.#database.use(
      "read from",
      (sql) =>
        sql`SELECT id FROM term2ai.recordings WHERE owner = current_user AND passages IS NULL ORDER BY base DESC`,
    );
    return rows.map(({ id }) => id);
  }

  async *passages(need: TextNeed, filter: RecordingFilter): AsyncGenerator<Passage, void, void> {
    const known = await this.#ids(filter);
    if (known.size <= FEW) {
      for (const [base, id] of known) {
        yield* this.#between(need, base << 20n, (base + 1n) << 20n, new Map([[base, id]]));
      }
      return;
    }
    yield* this.#between(need, 0n, 1n << 62n, known);
  }

  async best(need: TextNeed, filter: RecordingFilter, limit: number): Promise<string[]> {
    const grams = gramsFor(need);
    if (grams.length === 0) return (await this.list(filter, limit)).map(({ id }) => id);
    // As BM25 does: many hits count more, but ever less so, and less in a long recording.
    const rows = await this.#database.use(
      "search",
      (sql) =>
        sql`SELECT id FROM term2ai.count(${grams}) JOIN term2ai.recordings USING (base),
          (SELECT avg(passages) AS average FROM term2ai.recordings WHERE owner = current_user) AS a
        WHERE ${conditions(sql, filter)}
        ORDER BY hits / (hits + 1.2 * (0.25 + 0.75 * passages / average)) DESC, base DESC LIMIT ${limit}`,
    );
    return rows.map(({ id }) => id);
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
      await removeText(sql, id);
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
      await sql`DELETE FROM term2ai.passages WHERE owner = current_user`;
      await sql`DELETE FROM term2ai.recordings WHERE owner = current_user`;
    });
  }

  /** Those who may not clean up the tables leave that to the server, which does it by itself in time. */
  async purge(): Promise<void> {
    await this.#database.use("clean up", (sql) => sql`VACUUM term2ai.recordings, term2ai.passages`);
  }

  close(): Promise<void> {
    return Promise.resolve(); // whoever opened the database closes it
  }

  async #indexOne(id: string, lines: AsyncIterable<readonly TextLine[]>): Promise<void> {
    await this.#database.transaction("write to", (sql) => removeText(sql, id));
    let number = 0n;
    let batch: (readonly TextLine[])[] = [];
    const send = async () => {
      const [first, sent] = [number, batch];
      [number, batch] = [number + BigInt(sent.length), []];
      if (sent.length > 0) await this.#add(id, first, sent);
    };
    for await (const passage of passagesOf(lines, LENGTH)) {
      batch.push(passage);
      if (batch.length === TOGETHER) await send();
      if (number >= PASSAGES - 2n * BigInt(TOGETHER)) break; // gigabytes of text in one recording
    }
    await send();
    await this.#database.use(
      "write to",
      (sql) =>
        sql`UPDATE term2ai.recordings SET passages = ${Number(number)} WHERE owner = current_user AND id = ${id}`,
    );
  }

  async #add(id: string, number: bigint, passages: readonly (readonly TextLine[])[]): Promise<void> {
    const texts = passages.map((lines) => plainText(lines).replaceAll("\0", ""));
    const times = passages.map(timesOf);
    const numbers = passages.map((_, at) => String(number + BigInt(at)));
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    await this.#database.transaction("write to", async (sql) => {
      const { count } = await sql`UPDATE term2ai.recordings SET text = text + ${length}
        WHERE owner = current_user AND id = ${id}`;
      if (count === 0) return; // deleted meanwhile
      await sql`INSERT INTO term2ai.passages (place, times, text)
        SELECT (base << 20) + n::bigint, p.times, p.text
        FROM unnest(${numbers}::text[], ${times}::text[], ${texts}::text[]) AS p (n, times, text), term2ai.recordings
        WHERE owner = current_user AND id = ${id}`;
    });
  }

  /** The recordings that a filter lets through, newest first, by number. */
  async #ids(filter: RecordingFilter): Promise<Map<bigint, string>> {
    const rows = await this.#database.use(
      "search",
      (sql) => sql`SELECT base, id FROM term2ai.recordings WHERE ${conditions(sql, filter)} ORDER BY base DESC`,
    );
    return new Map(rows.map(({ base, id }) => [BigInt(base), id]));
  }

  /** What may match in rows from `low` to before `high`, from the highest down. */
  async *#between(
    need: TextNeed,
    low: bigint,
    high: bigint,
    ids: ReadonlyMap<bigint, string>,
  ): AsyncGenerator<Passage, void, void> {
    const grams = gramsFor(need), patterns = need.parts.map(patternFor);
    let above = high;
    for (let limit = 64;; limit = Math.min(limit * 8, 4096)) {
      const rows = await this.#database.use(
        "search",
        (sql) =>
          grams.length > 0
            ? sql<FoundRow[]>`SELECT place::text, times, text FROM term2ai.find(${grams}, ${patterns}, ${
              String(low)
            }, ${String(above)}, ${limit})`
            : sql<FoundRow[]>`SELECT place::text, times, text FROM term2ai.passages
            WHERE owner = current_user AND place >= ${String(low)} AND place < ${
              String(above)
            } AND text COLLATE "C" ILIKE ALL (${patterns}) ORDER BY passages.place DESC LIMIT ${limit}`,
      );
      for (const { place, times, text } of rows) {
        above = BigInt(place);
        const id = ids.get(above >> 20n);
        if (id !== undefined) yield { id, text, lines: () => linesOf(times, text) };
      }
      if (rows.length < limit) return;
    }
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

async function removeText(sql: Sql, id: string): Promise<void> {
  await sql`DELETE FROM term2ai.passages p USING term2ai.recordings r
    WHERE r.owner = current_user AND r.id = ${id} AND p.owner = current_user
      AND p.place >= r.base << 20 AND p.place < (r.base + 1) << 20`;
  await sql`UPDATE term2ai.recordings SET passages = NULL, text = 0 WHERE owner = current_user AND id = ${id}`;
}

function clean(texts: readonly string[]): string[] {
  return texts.map((text) => text.replaceAll("\0", ""));
}

/** What a filter's `about` is looked for in. */
function aboutOf({ title = "", command = "", tags, user = "", host = "" }: StoredRecording): string {
  return clean([title, command, ...tags, user, host]).join("\n").toLowerCase();
}
