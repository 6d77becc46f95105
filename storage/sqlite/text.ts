/**
 * The text of recordings in an SQLite database: passages, and signatures by which those are found.
 *
 * A passage's row is the number of its recording and 20 bits for its own; that of a slice, the number of its pack and 11 bits. So what
 * is written together lies together, and a search takes only those rows of bits that it needs, until none is left.
 * @module
 */

import type { StoredRecording } from "../../lib/models.ts";
import type { Passage, RecordingFilter, TextNeed, TextOf } from "../../lib/ports.ts";
import { patternFor } from "../../lib/search/like_pattern.ts";
import {
  addPlaces,
  cleared,
  hitsIn,
  packOf,
  type PackSource,
  type Place,
  placesIn,
  placesOf,
  type SpanBits,
  withoutSpans,
} from "../../lib/search/pack.ts";
import { linesOf } from "../../lib/search/passages.ts";
import { SLICES, slicesFor } from "../../lib/search/signature.ts";
import { batchesOf, PASSAGES, type TextBatch } from "../../lib/search/text_batch.ts";
import type { Database } from "./database.ts";
import { conditionsFor } from "./filter.ts";

/** Bytes in each row of bits from which on a pack is made. */
const PACK = 512;
/** Recordings that are in no pack, at the most, and how much of them. */
const FRESH = 128, FRESH_WIDTH = 1024;
/** Rows that a pack has room for. */
const PACK_ROWS = 2048;
/** Passages that are read at first, and at the most. */
const READ = 64, READ_MOST = 4096;
/** Behind all passages. */
const END = 1n << 62n;

/** The text. */
export class SqliteText {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async index(texts: AsyncIterable<TextOf>): Promise<void> {
    for await (const batch of batchesOf(texts)) {
      this.#database.transaction(() => {
        this.#write(batch);
        this.#gather();
      });
    }
  }

  async *passages(need: TextNeed, filter: RecordingFilter): AsyncGenerator<Passage, void, void> {
    const slices = slicesFor(need), patterns = need.parts.map(patternFor);
    const known = new Recordings(this.#database, filter);
    if (known.bases?.length === 0) return;
    if (slices.length === 0) return yield* this.#all(patterns, known);
    const read = this.#reader(patterns);
    for await (const places of placesOf(this.#source(slices, known.bases))) {
      for (const place of places) {
        const recording = known.at(place.base);
        const row = recording && read(place);
        if (row) yield passageOf(recording, row);
      }
    }
  }

  /** As BM25 does: many hits count more, but ever less so, and less in a long recording. */
  async best(slices: readonly number[], filter: RecordingFilter, limit: number): Promise<StoredRecording[]> {
    const hits = await hitsIn(this.#source(slices, undefined));
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
    this.#database.run("DELETE FROM fresh WHERE row >= ? AND row < ?", ...span);
    const packs = this.#database.all("SELECT pack, spans FROM packs WHERE low <= ? AND high >= ?", base, base);
    for (const { pack, spans } of packs) {
      const others = withoutSpans(spans as Uint8Array, new Set([base]));
      if (others) this.#database.run("UPDATE packs SET spans = ? WHERE pack = ?", others, pack!);
    }
  }

  /** Forgets everything, within a transaction. */
  clear(): void {
    for (const table of ["passages", "packs", "slices", "fresh"]) this.#database.run(`DELETE FROM ${table}`);
  }

  /** Empties the columns of what was forgotten. */
  purge(): void {
    for (const { pack } of this.#database.all("SELECT pack FROM packs ORDER BY pack")) {
      this.#database.transaction(() => this.#purgePack(pack as number)); // others may write in between
    }
  }

  #purgePack(pack: number): void {
    const left = cleared(this.#database.one("SELECT spans FROM packs WHERE pack = ?", pack)!.spans as Uint8Array);
    if (!left) return;
    for (let row = pack * PACK_ROWS; row < pack * PACK_ROWS + SLICES; row++) {
      const bits = this.#database.one("SELECT bits FROM slices WHERE row = ?", row)?.bits as Uint8Array | undefined;
      if (bits) this.#database.run("UPDATE slices SET bits = ? WHERE row = ?", joinedBits(bits, left.mask), row);
    }
    this.#database.run("UPDATE packs SET spans = ? WHERE pack = ?", left.spans, pack);
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
    if (batch.width >= PACK && parts.length > 0) return this.#addPack(parts);
    for (const { base, first, width, bits } of parts) {
      const row = rowOf({ base, number: first });
      this.#database.run("INSERT INTO fresh (row, width, bits) VALUES (?, ?, ?)", row, width, bits);
    }
  }

  #addPack(parts: readonly SpanBits[]): void {
    const { spans, signature: { width, bits }, low, high } = packOf(parts);
    this.#database.run("INSERT INTO packs (low, high, spans) VALUES (?, ?, ?)", low, high, spans);
    const first = this.#database.lastRow * PACK_ROWS;
    for (let slice = 0; slice < SLICES; slice++) {
      const row = bits.subarray(slice * width, (slice + 1) * width);
      this.#database.run("INSERT INTO slices (row, bits) VALUES (?, ?)", first + slice, row);
    }
  }

  /** Makes a pack of what is fresh, if that is enough. */
  #gather(): void {
    const { rows, width } = this.#database.one(
      "SELECT count(*) AS rows, coalesce(sum(width), 0) AS width FROM fresh",
    ) as { rows: number; width: number };
    if (rows < FRESH && width < FRESH_WIDTH) return;
    this.#addPack(this.#fresh(0n, END));
    this.#database.run("DELETE FROM fresh");
  }

  #fresh(low: bigint, high: bigint): SpanBits[] {
    const rows = this.#database.all(
      "SELECT CAST(row AS TEXT) AS row, width, bits FROM fresh WHERE row >= ? AND row < ? ORDER BY row",
      low,
      high,
    );
    return rows.map(({ row, width, bits }) => ({
      ...placeAt(BigInt(row as string)),
      width: width as number,
      bits: bits as Uint8Array<ArrayBuffer>,
    }));
  }

  #baseOf(id: string): number | undefined {
    return this.#database.one("SELECT base FROM recordings WHERE id = ?", id)?.base as number | undefined;
  }

  #source(slices: readonly number[], bases: readonly number[] | undefined): PackSource {
    const [low, high] = [bases?.at(-1) ?? 0, bases?.[0] ?? Number.MAX_SAFE_INTEGER];
    return {
      open: () => {
        const packs = this.#database.all(
          "SELECT pack, low, high FROM packs WHERE low <= ? AND high >= ? ORDER BY high DESC, pack DESC",
          high,
          low,
        ) as unknown as { pack: number; low: number; high: number }[];
        const span = bases ? [rowOf({ base: low, number: 0 }), rowOf({ base: high + 1, number: 0 })] : [0n, END];
        return Promise.resolve({ packs, fresh: freshPlaces(this.#fresh(span[0]!, span[1]!), slices) });
      },
      inPacks: async (packs) => {
        if (packs.length > READ) await new Promise((resolve) => setTimeout(resolve)); // lets others have a turn
        return packs.flatMap((pack) => this.#inPack(pack, slices));
      },
    };
  }

  #inPack(pack: number, slices: readonly number[]): Place[] {
    let both: Uint8Array | undefined;
    for (const slice of slices) {
      const row = this.#database.one("SELECT bits FROM slices WHERE row = ?", pack * PACK_ROWS + slice);
      if (!row) return []; // forgotten meanwhile
      const bits = row.bits as Uint8Array;
      both = both ? joinedBits(bits, both) : bits;
      if (both.every((eight) => eight === 0)) return [];
    }
    const row = this.#database.one("SELECT spans FROM packs WHERE pack = ?", pack);
    return row && both ? placesIn(row.spans as Uint8Array, both) : [];
  }

  #reader(patterns: readonly string[]): (place: Place) => Row | undefined {
    const fits = patterns.map(() => "AND text LIKE ? ESCAPE '\\'").join(" ");
    const sql = `SELECT times, text FROM passages WHERE row = ? ${fits}`;
    return (place) => this.#database.one(sql, rowOf(place), ...patterns) as unknown as Row | undefined;
  }

  /** All passages, from the highest down. */
  async *#all(patterns: readonly string[], known: Recordings): AsyncGenerator<Passage, void, void> {
    const fits = patterns.map(() => "AND text LIKE ? ESCAPE '\\'").join(" ");
    const sql = `SELECT CAST(row AS TEXT) AS row, times, text FROM passages
      WHERE row >= ? AND row < ? ${fits} ORDER BY row DESC LIMIT ?`;
    for (const [low, high] of known.spans()) {
      let below = high;
      for (let limit = READ;; limit = Math.min(limit * 4, READ_MOST)) {
        const rows = this.#database.all(sql, low, below, ...patterns, limit) as unknown as (Row & { row: string })[];
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

  at(base: number): StoredRecording | undefined {
    if (this.#allowed && !this.#allowed.has(base)) return undefined;
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

function rowOf({ base, number }: Place): bigint {
  return BigInt(base) * BigInt(PASSAGES) + BigInt(number);
}

function placeAt(row: bigint): Place & { first: number } {
  const number = Number(row % BigInt(PASSAGES));
  return { base: Number(row / BigInt(PASSAGES)), number, first: number };
}

function joinedBits(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(one, (eight, at) => eight & other[at]!);
}

function freshPlaces(fresh: readonly SpanBits[], slices: readonly number[]): Place[] {
  const places: Place[] = [];
  for (const { base, first, width, bits } of fresh) {
    const rows = slices.map((slice) => bits.subarray(slice * width, (slice + 1) * width));
    addPlaces(places, base, first, rows.reduce(joinedBits));
  }
  return places;
}

function passageOf(recording: StoredRecording, { times, text }: Row): Passage {
  return { recording, text, lines: () => linesOf(times, text) };
}
