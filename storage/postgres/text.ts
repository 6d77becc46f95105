/**
 * The text of recordings in a PostgreSQL database: passages, whose places are the number of their recording and 20 bits for their own.
 * @module
 */

import type { StoredRecording } from "../../lib/models.ts";
import type { Passage, RecordingFilter, TextNeed, TextOf } from "../../lib/ports.ts";
import { hitsIn, type Place, placesOf } from "../../lib/search/pack.ts";
import { linesOf } from "../../lib/search/passages.ts";
import { slicesFor } from "../../lib/search/signature.ts";
import { batchesOf, type PassageRow, type TextBatch } from "../../lib/search/text_batch.ts";
import type { PostgresDatabase, Sql } from "./database.ts";
import { conditions } from "./filter.ts";
import { inPortions, PostgresPacks } from "./packs.ts";

/** Passages that are read at first, and at the most. */
const READ = 64, READ_MOST = 1024;
/** Rows that are sent together. */
const ROWS = 128;
/** Text as it is kept. */
interface FoundRow {
  readonly meta: string;
  readonly place: string;
  readonly times: string;
  readonly text: string;
}

/** The text. */
export class PostgresText {
  readonly #database: PostgresDatabase;
  readonly #packs: PostgresPacks;

  constructor(database: PostgresDatabase, packWidth: number) {
    this.#database = database;
    this.#packs = new PostgresPacks(database, packWidth);
  }

  async index(texts: AsyncIterable<TextOf>): Promise<void> {
    let writing = Promise.resolve(); // while the next portion is cut
    try {
      for await (const batch of batchesOf(texts)) {
        await writing;
        writing = this.#take(batch);
        writing.catch(() => {}); // what went wrong is told when it is waited for
      }
    } finally {
      await writing;
    }
  }

  async *passages(need: TextNeed, filter: RecordingFilter): AsyncGenerator<Passage, void, void> {
    const slices = slicesFor(need);
    const bases = Object.keys(filter).length > 0 ? await this.#bases(filter) : undefined;
    if (bases?.size === 0) return;
    if (slices.length === 0) return yield* this.#all(filter);
    let limit = READ;
    for await (const places of placesOf(this.#packs.source(slices, bases))) {
      const wanted = bases ? places.filter(({ base }) => bases.has(base)) : places;
      for (let at = 0; at < wanted.length; limit = Math.min(2 * limit, READ_MOST)) {
        const some = wanted.slice(at, at + limit);
        at += some.length;
        yield* await this.#read(some);
      }
    }
  }

  /** As BM25 does: many hits count more, but ever less so, and less in a long recording. */
  async best(slices: readonly number[], filter: RecordingFilter, limit: number): Promise<StoredRecording[]> {
    const hits = [...await hitsIn(this.#packs.source(slices, undefined))];
    const rows = await this.#database.use(
      "search",
      (sql) =>
        sql`SELECT meta FROM unnest(${hits.map(([base]) => base)}::bigint[], ${
          hits.map(([, hits]) => hits)
        }::integer[]) AS found (base, hits) JOIN term2ai.recordings USING (base),
          (SELECT avg(passages) AS average FROM term2ai.recordings WHERE owner = ${this.#database.user}) AS a
        WHERE ${conditions(sql, filter)}
        ORDER BY hits / (hits + 1.2 * (0.25 + 0.75 * passages / average)) DESC, base DESC LIMIT ${limit}`,
    );
    return rows.map(({ meta }) => JSON.parse(meta));
  }

  /** Forgets the text of recordings. */
  async remove(sql: Sql, ids: readonly string[]): Promise<void> {
    const owner = this.#database.user;
    const rows = await sql`UPDATE term2ai.recordings SET passages = NULL, text = 0
      WHERE owner = ${owner} AND id = ANY (${ids as string[]}) RETURNING base`;
    const bases = rows.map(({ base }) => base as number);
    if (bases.length === 0) return;
    const { count } = await sql`DELETE FROM term2ai.passages p USING unnest(${bases}::bigint[]) AS r (base)
      WHERE p.owner = ${owner} AND p.place >= r.base << 20 AND p.place < (r.base + 1) << 20`;
    if (count === 0) return;
    await this.#packs.drop(sql, bases);
  }

  /** Forgets everything. */
  async clear(sql: Sql): Promise<void> {
    for (const table of ["passages", "packs", "slices", "fresh"]) {
      await sql`DELETE FROM ${sql(`term2ai.${table}`)} WHERE owner = ${this.#database.user}`;
    }
  }

  /** Empties the columns of what was forgotten. */
  async purge(): Promise<void> {
    await this.#database.transaction("clean up", (sql) => this.#packs.purge(sql));
    await this.#database.use(
      "clean up",
      (sql) => sql`VACUUM term2ai.recordings, term2ai.passages, term2ai.packs, term2ai.slices, term2ai.fresh`,
    );
  }

  async #take(batch: TextBatch): Promise<void> {
    await this.#database.transaction("write to", (sql) => this.#write(sql, batch));
    await this.#packs.tidy();
  }

  async #write(sql: Sql, batch: TextBatch): Promise<void> {
    const owner = this.#database.user;
    await this.remove(sql, [...batch.begun]);
    const ids = [...new Set([...batch.begun, ...batch.signatures.map(({ id }) => id), ...batch.ended.keys()])];
    const rows = await sql`SELECT id, base FROM term2ai.recordings WHERE owner = ${owner} AND id = ANY (${ids})
      ORDER BY base FOR UPDATE`;
    const bases = new Map(rows.map(({ id, base }) => [id as string, base as number])); // without those deleted meanwhile
    await this.#addPassages(sql, batch.rows.filter(({ id }) => bases.has(id)), bases);
    await this.#count(sql, batch, bases);
    const parts = batch.signatures.flatMap(({ id, ...part }) => {
      const base = bases.get(id);
      return base === undefined ? [] : [{ ...part, base }];
    });
    if (parts.length > 0) await this.#packs.add(sql, parts);
  }

  async #addPassages(sql: Sql, rows: readonly PassageRow[], bases: ReadonlyMap<string, number>): Promise<void> {
    await inPortions(rows.length, ROWS, (from, to) => {
      const some = rows.slice(from, to),
        places = some.map(({ id, number }) => placeOf({ base: bases.get(id)!, number }));
      return sql`INSERT INTO term2ai.passages (place, times, text) SELECT * FROM unnest(
        ${places}::bigint[], ${some.map(({ times }) => times)}::text[], ${some.map(({ text }) => text)}::text[])`;
    });
  }

  /** Tells recordings how much text they have, and those that are whole, how many passages. */
  async #count(sql: Sql, batch: TextBatch, bases: ReadonlyMap<string, number>): Promise<void> {
    const lengths = new Map<string, number>();
    for (const { id, text } of batch.rows) lengths.set(id, (lengths.get(id) ?? 0) + text.length);
    const ids = [...bases.keys()];
    await sql`UPDATE term2ai.recordings r SET text = r.text + n.text, passages = coalesce(n.passages, r.passages)
      FROM unnest(${[...bases.values()]}::bigint[], ${ids.map((id) => lengths.get(id) ?? 0)}::bigint[],
        ${ids.map((id) => batch.ended.get(id) ?? null)}::integer[]) AS n (base, text, passages)
      WHERE r.owner = ${this.#database.user} AND r.base = n.base`;
  }

  /** Recordings that a filter lets through, the newest first. */
  async #bases(filter: RecordingFilter): Promise<Set<number>> {
    const rows = await this.#database.use(
      "search",
      (sql) => sql`SELECT base FROM term2ai.recordings WHERE ${conditions(sql, filter)} ORDER BY base DESC`,
    );
    return new Set(rows.map(({ base }) => base));
  }

  /** One by one: of an owner of whom PostgreSQL has counted nothing yet, it would rather look through all. */
  async #read(places: readonly Place[]): Promise<Passage[]> {
    const owner = this.#database.user;
    const rows = await this.#database.use(
      "search",
      (sql) =>
        sql<FoundRow[]>`SELECT meta, wanted::text AS place, times, text
          FROM unnest(${places.map(placeOf)}::bigint[]) AS wanted
          CROSS JOIN LATERAL (
            SELECT times, text FROM term2ai.passages WHERE owner = ${owner} AND place = wanted OFFSET 0
          ) AS passage
          CROSS JOIN LATERAL (
            SELECT meta FROM term2ai.recordings WHERE owner = ${owner} AND base = wanted >> 20 OFFSET 0
          ) AS recording ORDER BY wanted DESC`,
    );
    return rows.map(passageOf);
  }

  /** All passages of some recordings. */
  async *#all(filter: RecordingFilter): AsyncGenerator<Passage, void, void> {
    let above = String(1n << 62n);
    for (let limit = READ;; limit = Math.min(4 * limit, 4096)) {
      const rows = await this.#database.use(
        "search",
        (sql) =>
          sql<FoundRow[]>`SELECT meta, place::text, times, p.text FROM term2ai.passages p JOIN (
            SELECT base, meta FROM term2ai.recordings WHERE ${conditions(sql, filter)}
          ) AS r ON r.base = p.place >> 20
          WHERE p.owner = ${this.#database.user} AND place < ${above}
          ORDER BY p.place DESC LIMIT ${limit}`,
      );
      yield* rows.map(passageOf);
      if (rows.length < limit) return;
      above = rows.at(-1)!.place;
    }
  }
}

function placeOf({ base, number }: Place): string {
  return String((BigInt(base) << 20n) + BigInt(number));
}

function passageOf({ meta, times, text }: FoundRow): Passage {
  return { recording: JSON.parse(meta), text, lines: () => linesOf(times, text) };
}
