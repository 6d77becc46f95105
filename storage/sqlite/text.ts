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
  joinedPack,
  type KeptPack,
  PACK_WIDTH,
  packOf,
  type PackSource,
  type Place,
  placesIn,
  placesOf,
  type SpanBits,
  toJoin,
  withoutSpans,
} from "../../lib/search/pack.ts";
import { linesOf } from "../../lib/search/passages.ts";
import { keepCommon, SLICES, slicesFor } from "../../lib/search/signature.ts";
import { batchesOf, PASSAGES, type TextBatch } from "../../lib/search/text_batch.ts";
import type { Database } from "./database.ts";
import { conditionsFor } from "./filter.ts";

/** Bytes in each row of bits from which on a pack is made. */
const PACK = 512;
/** Recordings that are in no pack, at the most, and how much of them. */
const FRESH = 128, FRESH_WIDTH = 1024;
/** Rows that a pack has room for. */
const PACK_ROWS = 2048;
const INSERT_PACK = "INSERT INTO packs (width, low, high, spans) VALUES (?, ?, ?, ?)";
const SLICE = "SELECT bits FROM slices WHERE row = ?";
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
        this.#join();
      });
    }
  }

  async *passages(need: TextNeed, filter: RecordingFilter): AsyncGenerator<Passage, void, void> {
    const slices = slicesFor(need), patterns = need.parts.map(patternFor);
    const known = new Recordings(this.#database, filter);
    if (known.bases?.length === 0) return;
    if (slices.length === 0) return yield* this.#all(patterns, known);
    let limit = READ;
    for await (const places of placesOf(this.#source(slices, known.bases))) {
      const wanted = places.filter(({ base }) => known.has(base));
      for (let at = 0; at < wanted.length; limit = Math.min(2 * limit, READ_MOST)) {
        const some = wanted.slice(at, at + limit);
        at += some.length;
        yield* this.#database.reading(() => this.#read(some, patterns, known));
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
    const next = "SELECT pack, spans FROM packs WHERE pack > ? ORDER BY pack LIMIT 1";
    for (let pack = 0;;) {
      const row = this.#database.transaction(() => { // of each by itself: others may write in between
        const row = this.#database.one(next, pack);
        if (row) this.#empty(row.pack as number, row.spans as Uint8Array);
        return row;
      });
      if (!row) return;
      pack = row.pack as number;
    }
  }

  #empty(pack: number, spans: Uint8Array): void {
    const left = cleared(spans);
    if (!left) return;
    for (let row = pack * PACK_ROWS; row < pack * PACK_ROWS + SLICES; row++) {
      const bits = this.#database.one(SLICE, row)?.bits as Uint8Array | undefined;
      if (!bits) continue;
      keepCommon(bits, left.mask);
      this.#database.run("UPDATE slices SET bits = ? WHERE row = ?", bits, row);
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
    this.#database.run(INSERT_PACK, width, low, high, spans);
    const first = this.#database.lastRow * PACK_ROWS;
    for (let slice = 0; slice < SLICES; slice++) {
      const row = bits.subarray(slice * width, (slice + 1) * width);
      this.#database.run("INSERT INTO slices (row, bits) VALUES (?, ?)", first + slice, row);
    }
  }

  /** Makes a large pack of small ones, if there are enough. */
  #join(): void {
    const small = this.#database.all("SELECT * FROM packs WHERE width < ? ORDER BY pack", PACK_WIDTH / 2);
    const packs = toJoin(small as unknown as KeptPack[]);
    if (!packs) return;
    const { width, low, high, spans } = joinedPack(packs);
    this.#database.run(INSERT_PACK, width, low, high, spans);
    const first = this.#database.lastRow * PACK_ROWS;
    for (let slice = 0; slice < SLICES; slice++) {
      const bits = new Uint8Array(width);
      let before = 0;
      for (const { pack, width } of packs) {
        bits.set(this.#database.one(SLICE, pack * PACK_ROWS + slice)!.bits as Uint8Array, before);
        before += width;
      }
      this.#database.run("INSERT INTO slices (row, bits) VALUES (?, ?)", first + slice, bits);
    }
    for (const { pack } of packs) {
      this.#database.run("DELETE FROM packs WHERE pack = ?", pack);
      this.#database.run("DELETE FROM slices WHERE row >= ? AND row < ?", pack * PACK_ROWS, (pack + 1) * PACK_ROWS);
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
        return this.#database.reading(() => {
          const places: Place[] = [];
          for (const pack of packs) {
            const found = this.#inPack(pack, slices);
            if (!found) return undefined;
            places.push(...found);
          }
          return places;
        });
      },
    };
  }

  #inPack(pack: number, slices: readonly number[]): Place[] | undefined {
    let both: Uint8Array | undefined;
    for (const slice of slices) {
      const row = this.#database.one(SLICE, pack * PACK_ROWS + slice);
      if (!row) return undefined;
      both ??= row.bits as Uint8Array;
      if (!keepCommon(both, row.bits as Uint8Array)) return [];
    }
    const row = this.#database.one("SELECT spans FROM packs WHERE pack = ?", pack);
    return row && both ? placesIn(row.spans as Uint8Array, both) : [];
  }

  #read(places: readonly Place[], patterns: readonly string[], known: Recordings): Passage[] {
    const fits = patterns.map(() => "AND text LIKE ? ESCAPE '\\'").join(" ");
    const sql = `SELECT times, text FROM passages WHERE row = ? ${fits}`;
    return places.flatMap((place) => {
      const row = this.#database.one(sql, rowOf(place), ...patterns) as unknown as Row | undefined;
      const recording = row && known.at(place.base);
      return recording ? [passageOf(recording, row)] : [];
    });
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

function rowOf({ base, number }: Place): bigint {
  return BigInt(base) * BigInt(PASSAGES) + BigInt(number);
}

function placeAt(row: bigint): Place & { first: number } {
  const number = Number(row % BigInt(PASSAGES));
  return { base: Number(row / BigInt(PASSAGES)), number, first: number };
}

function freshPlaces(fresh: readonly SpanBits[], slices: readonly number[]): Place[] {
  const places: Place[] = [];
  for (const { base, first, width, bits } of fresh) {
    const both = new Uint8Array(width).fill(0xff);
    for (const slice of slices) keepCommon(both, bits.subarray(slice * width, (slice + 1) * width));
    addPlaces(places, base, first, both);
  }
  return places;
}

function passageOf(recording: StoredRecording, { times, text }: Row): Passage {
  return { recording, text, lines: () => linesOf(times, text) };
}
