/**
 * The text of recordings in a PostgreSQL database: passages, and signatures by which those are found.
 *
 * A passage's place is the number of its recording and 20 bits for its own. The server joins rows of bits, and tells only of packs
 * that have something; which passages that are is seen here. All of it is compared by operators that PostgreSQL trusts, so row-level
 * security does not keep an index from being used.
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
  type PackAt,
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
import { batchesOf, type PassageRow, type TextBatch } from "../../lib/search/text_batch.ts";
import type { PostgresDatabase, Sql } from "./database.ts";
import { conditions } from "./filter.ts";

/** Bytes in each row of bits from which on a pack is made. */
const PACK = 512;
/** Recordings that are in no pack, at the most, and how much of them. */
const FRESH = 128, FRESH_WIDTH = 1024;
/** Passages that are read at first, and at the most. */
const READ = 64, READ_MOST = 1024;
/** Rows that are sent together. */
const ROWS = 128;
/** So few recordings are looked for in packs that may have them. */
const FEW = 100;

/** Text as it is kept. */
interface FoundRow {
  readonly meta: string;
  readonly place: string;
  readonly times: string;
  readonly text: string;
}

/** A pack, and a recording that is in none. */
interface PackRow extends PackAt {
  readonly low: number;
}
interface FreshRow {
  readonly pack: null;
  readonly high: number;
  readonly first: number;
  readonly width: number;
  readonly bits: string;
}

/** The text. */
export class PostgresText {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
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
    const slices = slicesFor(need), patterns = need.parts.map(patternFor);
    const bases = Object.keys(filter).length > 0 ? await this.#bases(filter) : undefined;
    if (bases?.size === 0) return;
    if (slices.length === 0) return yield* this.#all(patterns, filter);
    let limit = READ;
    for await (const places of placesOf(this.#source(slices, bases))) {
      const wanted = bases ? places.filter(({ base }) => bases.has(base)) : places;
      for (let at = 0; at < wanted.length; limit = Math.min(2 * limit, READ_MOST)) {
        const some = wanted.slice(at, at + limit);
        at += some.length;
        yield* await this.#read(some, patterns);
      }
    }
  }

  /** As BM25 does: many hits count more, but ever less so, and less in a long recording. */
  async best(slices: readonly number[], filter: RecordingFilter, limit: number): Promise<StoredRecording[]> {
    const hits = [...await hitsIn(this.#source(slices, undefined))];
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
    await sql`DELETE FROM term2ai.fresh WHERE owner = ${owner} AND base = ANY (${bases}::bigint[])`;
    const packs = await sql`SELECT pack, encode(spans, 'base64') AS spans FROM term2ai.packs
      WHERE owner = ${owner} AND low <= ${Math.max(...bases)} AND high >= ${Math.min(...bases)} FOR UPDATE`;
    const gone = new Set(bases);
    for (const { pack, spans } of packs) {
      const others = withoutSpans(Uint8Array.fromBase64(spans), gone);
      if (others) await sql`UPDATE term2ai.packs SET spans = ${others} WHERE owner = ${owner} AND pack = ${pack}`;
    }
  }

  /** Forgets everything. */
  async clear(sql: Sql): Promise<void> {
    for (const table of ["passages", "packs", "slices", "fresh"]) {
      await sql`DELETE FROM ${sql(`term2ai.${table}`)} WHERE owner = ${this.#database.user}`;
    }
  }

  /** Empties the columns of what was forgotten. */
  async purge(): Promise<void> {
    const owner = this.#database.user;
    await this.#database.transaction("clean up", async (sql) => {
      const packs = await sql`SELECT pack, encode(spans, 'base64') AS spans FROM term2ai.packs
        WHERE owner = ${owner} ORDER BY pack FOR UPDATE`;
      for (const { pack, spans } of packs) {
        const left = cleared(Uint8Array.fromBase64(spans));
        if (!left) continue;
        await sql`UPDATE term2ai.slices SET bits = bits & ('x' || ${left.mask.toHex()}::text)::bit varying
          WHERE owner = ${owner} AND pack = ${pack}`;
        await sql`UPDATE term2ai.packs SET spans = ${left.spans} WHERE owner = ${owner} AND pack = ${pack}`;
      }
    });
    await this.#database.use(
      "clean up",
      (sql) => sql`VACUUM term2ai.recordings, term2ai.passages, term2ai.packs, term2ai.slices, term2ai.fresh`,
    );
  }

  async #take(batch: TextBatch): Promise<void> {
    await this.#database.transaction("write to", (sql) => this.#write(sql, batch));
    await this.#database.transaction("write to", (sql) => this.#gather(sql));
    await this.#database.transaction("write to", (sql) => this.#join(sql));
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
    if (batch.width >= PACK && parts.length > 0) await this.#addPack(sql, parts);
    else {for (const { base, first, width, bits } of parts) {
        await sql`INSERT INTO term2ai.fresh (base, first, width, bits) VALUES (${base}, ${first}, ${width}, ${bits})`;
      }}
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

  async #addPack(sql: Sql, parts: readonly SpanBits[]): Promise<void> {
    const { spans, signature: { width, bits }, low, high } = packOf(parts);
    const [row] = await sql`INSERT INTO term2ai.packs (width, low, high, spans)
      VALUES (${width}, ${low}, ${high}, ${spans})
      RETURNING pack`;
    await inPortions(SLICES, ROWS, (from, to) =>
      sql`INSERT INTO term2ai.slices (pack, slice, bits)
        SELECT ${
        row!.pack
      }, ${from} + n, ('x' || encode(substr(all_bits, n * ${width}::integer + 1, ${width}::integer), 'hex'))::bit varying
        FROM (SELECT decode(${bits.subarray(from * width, to * width).toBase64()}, 'base64') AS all_bits) AS b,
          generate_series(0, ${to - from - 1}) AS n`);
  }

  /** Makes a pack of what is fresh, if that is enough and nobody else does. */
  async #gather(sql: Sql): Promise<void> {
    const owner = this.#database.user;
    const [all] = await sql`SELECT count(*)::integer AS rows, coalesce(sum(width), 0)::integer AS width
      FROM term2ai.fresh WHERE owner = ${owner}`;
    if (all!.rows < FRESH && all!.width < FRESH_WIDTH) return;
    if (!await this.#isAlone(sql)) return;
    const rows = await sql`SELECT base, first, width, encode(bits, 'base64') AS bits FROM term2ai.fresh
      WHERE owner = ${owner} ORDER BY base, first FOR UPDATE`;
    const parts = rows.map(({ base, first, width, bits }) => ({
      base,
      first,
      width,
      bits: Uint8Array.fromBase64(bits),
    }));
    if (parts.length > 0) await this.#addPack(sql, parts);
    await sql`DELETE FROM term2ai.fresh WHERE owner = ${owner} AND (base, first) IN (
      SELECT * FROM unnest(${parts.map(({ base }) => base)}::bigint[], ${parts.map(({ first }) => first)}::integer[]))`;
  }

  /** Makes a large pack of small ones, if there are enough and nobody else does. The server lays their rows end to end. */
  async #join(sql: Sql): Promise<void> {
    const owner = this.#database.user;
    const small = await sql`SELECT width FROM term2ai.packs WHERE owner = ${owner} AND width < ${PACK_WIDTH / 2}`;
    if (!toJoin(small as unknown as { width: number }[]) || !await this.#isAlone(sql)) return;
    const rows = await sql`SELECT pack, width, low, high, encode(spans, 'base64') AS spans FROM term2ai.packs
      WHERE owner = ${owner} AND width < ${PACK_WIDTH / 2} ORDER BY pack FOR UPDATE`;
    const packs = toJoin(
      rows.map((row) => ({ ...row, spans: Uint8Array.fromBase64(row.spans) }) as unknown as KeptPack),
    );
    if (!packs) return;
    const { width, low, high, spans } = joinedPack(packs);
    const [row] = await sql`INSERT INTO term2ai.packs (width, low, high, spans)
      VALUES (${width}, ${low}, ${high}, ${spans}) RETURNING pack`;
    const bits = packs.map(({ pack }) =>
      sql`(SELECT bits FROM term2ai.slices WHERE owner = ${owner} AND slice = n AND pack = ${pack})`
    ).reduce((all, next) => sql`${all} || ${next}`);
    await sql`INSERT INTO term2ai.slices (pack, slice, bits)
      SELECT ${row!.pack}, n, ${bits} FROM generate_series(0, ${SLICES - 1}) AS n`;
    const joined = packs.map(({ pack }) => pack);
    await sql`DELETE FROM term2ai.packs WHERE owner = ${owner} AND pack = ANY (${joined}::bigint[])`;
    await sql`DELETE FROM term2ai.slices WHERE owner = ${owner} AND pack = ANY (${joined}::bigint[])`;
  }

  /** Whether nobody else of this owner is about to make packs, until the transaction ends. */
  async #isAlone(sql: Sql): Promise<boolean> {
    const [lock] = await sql`SELECT pg_try_advisory_xact_lock(hashtextextended(${
      this.#database.user + "/packs"
    }, 0)) AS ours`;
    return lock!.ours;
  }

  #source(slices: readonly number[], bases: ReadonlySet<number> | undefined): PackSource {
    const owner = this.#database.user;
    const all = [...bases ?? []];
    const [low, high] = bases ? [all.at(-1)!, all[0]!] : [0, Number.MAX_SAFE_INTEGER];
    return {
      open: async () => {
        const rows = await this.#open(slices, low, high);
        const isWanted = ({ low, high }: { low: number; high: number }) =>
          all.length === 0 || all.length > FEW || all.some((base) => base >= low && base <= high);
        return {
          packs: rows.filter((row): row is PackRow => row.pack !== null && isWanted(row)),
          fresh: rows.flatMap((row) => row.pack === null ? freshPlaces(row) : []),
        };
      },
      inPacks: async (packs) => {
        const rows = await this.#database.use(
          "search",
          (sql) =>
            sql`SELECT CASE WHEN found.bits IS NOT NULL THEN encode(spans, 'base64') END AS spans,
                encode(varbit_send(found.bits), 'base64') AS bits
              FROM term2ai.packs LEFT JOIN (
                SELECT pack, bit_and(bits) AS bits FROM term2ai.slices
                WHERE owner = ${owner} AND slice = ANY (${slices as number[]}::smallint[])
                  AND pack = ANY (${packs as number[]}::bigint[]) GROUP BY pack
              ) AS found ON found.pack = packs.pack AND bit_count(found.bits) > 0
              WHERE owner = ${owner} AND packs.pack = ANY (${packs as number[]}::bigint[])`,
        );
        if (rows.length < packs.length) return undefined;
        return rows.flatMap(({ spans, bits }) =>
          bits === null ? [] : placesIn(Uint8Array.fromBase64(spans), Uint8Array.fromBase64(bits).subarray(4)) // behind their number
        );
      },
    };
  }

  /** Packs, and the bits of what is fresh. */
  async #open(slices: readonly number[], low: number, high: number): Promise<(PackRow | FreshRow)[]> {
    const owner = this.#database.user;
    return await this.#database.use("search", (sql) =>
      sql<(PackRow | FreshRow)[]>`
        SELECT pack, low, high, NULL::integer AS first, NULL::integer AS width, NULL AS bits FROM term2ai.packs
        WHERE owner = ${owner} AND low <= ${high} AND high >= ${low}
        UNION ALL SELECT NULL, base, base, first, width, encode((
          SELECT string_agg(substr(bits, slice * width + 1, width), '')
          FROM unnest(${slices as number[]}::integer[]) AS slice
        ), 'base64') FROM term2ai.fresh WHERE owner = ${owner} AND base >= ${low} AND base <= ${high}
        ORDER BY high DESC`);
  }

  /** Recordings that a filter lets through, the newest first. */
  async #bases(filter: RecordingFilter): Promise<Set<number>> {
    const rows = await this.#database.use(
      "search",
      (sql) => sql`SELECT base FROM term2ai.recordings WHERE ${conditions(sql, filter)} ORDER BY base DESC`,
    );
    return new Set(rows.map(({ base }) => base));
  }

  async #read(places: readonly Place[], patterns: readonly string[]): Promise<Passage[]> {
    const rows = await this.#database.use(
      "search",
      (sql) =>
        sql<FoundRow[]>`SELECT meta, place::text, times, p.text FROM term2ai.passages p JOIN term2ai.recordings r
            ON r.owner = ${this.#database.user} AND r.base = p.place >> 20
          WHERE p.owner = ${this.#database.user} AND place = ANY (${places.map(placeOf)}::bigint[])
            AND p.text ILIKE ALL (${patterns as string[]}) ORDER BY p.place DESC`,
    );
    return rows.map(passageOf);
  }

  /** All passages of some recordings. */
  async *#all(patterns: readonly string[], filter: RecordingFilter): AsyncGenerator<Passage, void, void> {
    let above = String(1n << 62n);
    for (let limit = READ;; limit = Math.min(4 * limit, 4096)) {
      const rows = await this.#database.use(
        "search",
        (sql) =>
          sql<FoundRow[]>`SELECT meta, place::text, times, p.text FROM term2ai.passages p JOIN (
            SELECT base, meta FROM term2ai.recordings WHERE ${conditions(sql, filter)}
          ) AS r ON r.base = p.place >> 20
          WHERE p.owner = ${this.#database.user} AND place < ${above} AND p.text ILIKE ALL (${patterns as string[]})
          ORDER BY p.place DESC LIMIT ${limit}`,
      );
      yield* rows.map(passageOf);
      if (rows.length < limit) return;
      above = rows.at(-1)!.place;
    }
  }
}

function freshPlaces({ high, first, width, bits }: FreshRow): Place[] {
  const all = Uint8Array.fromBase64(bits), both = new Uint8Array(width).fill(0xff);
  for (let at = 0; at < all.length; at += width) keepCommon(both, all.subarray(at, at + width));
  const places: Place[] = [];
  addPlaces(places, high, first, both);
  return places;
}

/** Statements that the server works on while the next is written: long ones are copied several times on their way. */
async function inPortions(
  count: number,
  most: number,
  body: (from: number, to: number) => Promise<unknown>,
): Promise<void> {
  const all: Promise<unknown>[] = [];
  for (let from = 0; from < count; from += most) all.push(body(from, Math.min(count, from + most)));
  await Promise.all(all);
}

function placeOf({ base, number }: Place): string {
  return String((BigInt(base) << 20n) + BigInt(number));
}

function passageOf({ meta, times, text }: FoundRow): Passage {
  return { recording: JSON.parse(meta), text, lines: () => linesOf(times, text) };
}
