/**
 * The text of recordings in an SQLite database: passages, whose rows are the number of their recording and 20 bits for their own.
 * @module
 */

import type { StoredRecording } from "../../lib/models.ts";
import type { Passage, RecordingFilter, TextNeed, TextOf } from "../../lib/ports.ts";
import { hitsIn, type Place, placesOf } from "../../lib/search/pack.ts";
import { linesOf } from "../../lib/search/passages.ts";
import { slicesFor } from "../../lib/search/signature.ts";
import { batchesOf, type TextBatch } from "../../lib/search/text_batch.ts";
import type { Database } from "./database.ts";
import { conditionsFor } from "./filter.ts";
import { END, placeAt, rowOf, SqlitePacks } from "./packs.ts";

/** Passages that are read at first, and at the most. */
const READ = 64, READ_MOST = 4096;

/** The text. */
export class SqliteText {
  readonly #database: Database;
  readonly #packs: SqlitePacks;

  constructor(database: Database, packWidth: number) {
    this.#database = database;
    this.#packs = new SqlitePacks(database, packWidth);
  }

  async index(texts: AsyncIterable<TextOf>): Promise<void> {
    for await (const batch of batchesOf(texts)) {
      this.#database.transaction(() => {
        this.#write(batch);
        this.#packs.tidy();
      });
    }
  }

  async *passages(need: TextNeed, filter: RecordingFilter): AsyncGenerator<Passage, void, void> {
    const slices = slicesFor(need);
    const known = new Recordings(this.#database, filter);
    if (known.bases?.length === 0) return;
    if (slices.length === 0) return yield* this.#all(known);
    let limit = READ;
    for await (const places of placesOf(this.#packs.source(slices, known.bases))) {
      const wanted = places.filter(({ base }) => known.has(base));
      for (let at = 0; at < wanted.length; limit = Math.min(2 * limit, READ_MOST)) {
        const some = wanted.slice(at, at + limit);
        at += some.length;
        yield* this.#database.reading(() => this.#read(some, known));
      }
    }
  }

  /** As BM25 does: many hits count more, but ever less so, and less in a long recording. */
  async best(slices: readonly number[], filter: RecordingFilter, limit: number): Promise<StoredRecording[]> {
    const hits = await hitsIn(this.#packs.source(slices, undefined));
    const { where, values } = conditionsFor(filter);
    const rows = this.#database.all(
      `WITH found AS MATERIALIZED (SELECT key AS base, value AS hits FROM json_each(?)),
         average AS (SELECT avg(passages) AS passages FROM recordings)
       SELECT meta FROM found CROSS JOIN recordings ON recordings.base = CAST(found.base AS INTEGER) JOIN average WHERE ${where}
       ORDER BY hits / (hits + 1.2 * (0.25 + 0.75 * recordings.passages / average.passages)) DESC, recordings.base DESC
       LIMIT ?`,
      JSON.stringify(Object.fromEntries(hits)),
      ...values,
      limit,
    );
    return rows.map(({ meta }) => JSON.parse(meta as string));
  }

  /** Forgets the text of a recording, within a transaction. */
  remove(id: string): void {
    const base = this.#baseOf(id);
    if (base === undefined) return;
    const span = [rowOf({ base, number: 0 }), rowOf({ base: base + 1, number: 0 })];
    this.#database.run("UPDATE recordings SET passages = NULL, text = 0 WHERE id = ?", id);
    if (this.#database.run("DELETE FROM passages WHERE row >= ? AND row < ?", ...span) === 0) return;
    this.#packs.drop(base);
  }

  /** Forgets everything, within a transaction. */
  clear(): void {
    for (const table of ["passages", "packs", "slices", "fresh"]) this.#database.run(`DELETE FROM ${table}`);
  }

  /** Empties the bits of what was forgotten. */
  purge(): void {
    for (let after: number | undefined = 0; after !== undefined;) {
      const pack: number = after; // each by itself: others may write in between
      after = this.#database.transaction(() => this.#packs.purgeNext(pack));
    }
  }

  #write(batch: TextBatch): void {
    for (const id of batch.begun) this.remove(id);
    const bases = new Map<string, number | undefined>(); // those deleted meanwhile have none
    const baseOf = (id: string) => {
      if (!bases.has(id)) bases.set(id, this.#baseOf(id));
      return bases.get(id);
    };
    const lengths = new Map<string, number>();
    for (const { id, number, times, text } of batch.rows) {
      const base = baseOf(id);
      if (base === undefined) continue;
      const row = rowOf({ base, number });
      this.#database.run("INSERT INTO passages (row, times, text) VALUES (?, ?, ?)", row, times, text);
      lengths.set(id, (lengths.get(id) ?? 0) + text.length);
    }
    for (const [id, length] of lengths) {
      this.#database.run("UPDATE recordings SET text = text + ? WHERE id = ?", length, id);
    }
    for (const [id, passages] of batch.ended) {
      this.#database.run("UPDATE recordings SET passages = ? WHERE id = ?", passages, id);
    }
    this.#addSignatures(batch, baseOf);
  }

  #addSignatures(batch: TextBatch, baseOf: (id: string) => number | undefined): void {
    const parts = batch.signatures.flatMap(({ id, ...part }) => {
      const base = baseOf(id);
      return base === undefined ? [] : [{ ...part, base }];
    });
    if (parts.length > 0) this.#packs.add(parts);
  }

  #baseOf(id: string): number | undefined {
    return this.#database.one("SELECT base FROM recordings WHERE id = ?", id)?.base as number | undefined;
  }

  #read(places: readonly Place[], known: Recordings): Passage[] {
    const sql = "SELECT times, text FROM passages WHERE row = ?";
    return places.flatMap((place) => {
      const row = this.#database.one(sql, rowOf(place)) as unknown as Row | undefined;
      const recording = row && known.at(place.base);
      return recording ? [passageOf(recording, row)] : [];
    });
  }

  /** All passages, from the highest down. */
  async *#all(known: Recordings): AsyncGenerator<Passage, void, void> {
    const sql = `SELECT CAST(row AS TEXT) AS row, times, text FROM passages
      WHERE row >= ? AND row < ? ORDER BY row DESC LIMIT ?`;
    for (const [low, high] of known.spans()) {
      let below = high;
      for (let limit = READ;; limit = Math.min(limit * 4, READ_MOST)) {
        const rows = this.#database.all(sql, low, below, limit) as unknown as (Row & { row: string })[];
        for (const row of rows) {
          below = BigInt(row.row);
          const recording = known.at(placeAt(below).base);
          if (recording) yield passageOf(recording, row);
        }
        if (rows.length < limit) break;
        if (limit === READ_MOST) await new Promise((resolve) => setTimeout(resolve)); // a long scan lets others have a turn
      }
    }
  }
}

/** A passage as it is kept. */
interface Row {
  readonly times: string;
  readonly text: string;
}

/** So few recordings are looked through one by one. */
const FEW = 200;

/** The recordings that a filter lets through, which are read when they are needed. */
class Recordings {
  /** Their numbers, the highest first; `undefined` for all. */
  readonly bases: readonly number[] | undefined;
  readonly #database: Database;
  readonly #known = new Map<number, StoredRecording | undefined>();
  readonly #allowed: ReadonlySet<number> | undefined;

  constructor(database: Database, filter: RecordingFilter) {
    this.#database = database;
    const { where, values } = conditionsFor(filter);
    if (values.length === 0) return;
    const rows = database.all(`SELECT base FROM recordings WHERE ${where} ORDER BY base DESC`, ...values);
    this.bases = rows.map(({ base }) => base as number);
    this.#allowed = new Set(this.bases);
  }

  has(base: number): boolean {
    return this.#allowed?.has(base) ?? true;
  }

  at(base: number): StoredRecording | undefined {
    if (!this.has(base)) return undefined;
    if (!this.#known.has(base)) {
      const row = this.#database.one("SELECT meta FROM recordings WHERE base = ?", base);
      this.#known.set(base, row && JSON.parse(row.meta as string));
    }
    return this.#known.get(base);
  }

  /** From which row on to before which their passages are. */
  spans(): (readonly [bigint, bigint])[] {
    if (!this.bases || this.bases.length > FEW) return [[0n, END]];
    return this.bases.map((base) => [rowOf({ base, number: 0 }), rowOf({ base: base + 1, number: 0 })]);
  }
}

function passageOf(recording: StoredRecording, { times, text }: Row): Passage {
  return { recording, text, lines: () => linesOf(times, text) };
}
