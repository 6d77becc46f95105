/**
 * Signatures of text in a PostgreSQL database, in packs.
 *
 * The server joins rows of bits, and tells only of packs that have something; which passages that are is seen here. All of it is
 * compared by operators that PostgreSQL trusts, so row-level security does not keep an index from being used.
 * @module
 */

import {
  addPlaces,
  cleared,
  fillPack,
  inPacks,
  isEnough,
  joinedPack,
  type KeptPack,
  type PackAt,
  packOf,
  type PackSource,
  type Place,
  placesIn,
  type SpanBits,
  toJoin,
  withoutSpans,
} from "../../lib/search/pack.ts";
import { keepCommon, SLICES } from "../../lib/search/signature.ts";
import type { PostgresDatabase, Sql } from "./database.ts";

/** Rows that are sent together. */
const ROWS = 128;
/** So few recordings are looked for in packs that may have them. */
const FEW = 100;

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

/** The packs. */
export class PostgresPacks {
  readonly #database: PostgresDatabase;
  readonly #most: number;

  /** @param most Bytes in each row of bits that small packs become together. */
  constructor(database: PostgresDatabase, most: number) {
    this.#database = database;
    this.#most = most;
  }

  /** Takes signatures of recordings: as a pack, or as fresh. */
  async add(sql: Sql, parts: readonly SpanBits[]): Promise<void> {
    if (fillPack(parts)) return await this.#addPacks(sql, parts);
    for (const { base, first, width, bits } of parts) {
      await sql`INSERT INTO term2ai.fresh (base, first, width, bits) VALUES (${base}, ${first}, ${width}, ${bits})`;
    }
  }

  /** Makes packs of what is fresh, and large ones of small ones. */
  async tidy(): Promise<void> {
    await this.#database.transaction("write to", (sql) => this.#gather(sql));
    await this.#database.transaction("write to", (sql) => this.#join(sql));
  }

  /** Forgets recordings; their bits stay, and tell nothing. */
  async drop(sql: Sql, bases: readonly number[]): Promise<void> {
    const owner = this.#database.user;
    await sql`DELETE FROM term2ai.fresh WHERE owner = ${owner} AND base = ANY (${bases as number[]}::bigint[])`;
    const packs = await sql`SELECT pack, encode(spans, 'base64') AS spans FROM term2ai.packs
      WHERE owner = ${owner} AND low <= ${Math.max(...bases)} AND high >= ${
      Math.min(...bases)
    } ORDER BY pack FOR UPDATE`;
    const gone = new Set(bases);
    for (const { pack, spans } of packs) {
      const others = withoutSpans(Uint8Array.fromBase64(spans), gone);
      if (others) await sql`UPDATE term2ai.packs SET spans = ${others} WHERE owner = ${owner} AND pack = ${pack}`;
    }
  }

  /** Empties the bits of what was forgotten. */
  async purge(sql: Sql): Promise<void> {
    const owner = this.#database.user;
    const packs = await sql`SELECT pack, encode(spans, 'base64') AS spans FROM term2ai.packs
      WHERE owner = ${owner} ORDER BY pack FOR UPDATE`;
    for (const { pack, spans } of packs) {
      const left = cleared(Uint8Array.fromBase64(spans));
      if (!left) continue;
      await sql`UPDATE term2ai.slices SET bits = bits & ('x' || ${left.mask.toHex()}::text)::bit varying
        WHERE owner = ${owner} AND pack = ${pack}`;
      await sql`UPDATE term2ai.packs SET spans = ${left.spans} WHERE owner = ${owner} AND pack = ${pack}`;
    }
  }

  /** Where passages are found that have all of these rows; of these recordings, the highest first, or of all. */
  source(slices: readonly number[], bases: ReadonlySet<number> | undefined): PackSource {
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
            sql`SELECT encode(CASE WHEN bit_count(bits) > 0 THEN spans END, 'base64') AS spans,
                encode(CASE WHEN bit_count(bits) > 0 THEN varbit_send(bits) END, 'base64') AS bits
              FROM term2ai.packs CROSS JOIN LATERAL ( -- grouped, all bits would be sorted by pack first
                SELECT bit_and(bits) AS bits FROM unnest(${slices as number[]}::smallint[]) AS wanted CROSS JOIN LATERAL (
                  SELECT bits FROM term2ai.slices
                  WHERE owner = ${owner} AND slices.pack = packs.pack AND slice = wanted OFFSET 0
                ) AS row
              ) AS found WHERE owner = ${owner} AND pack = ANY (${packs as number[]}::bigint[])`,
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

  async #addPacks(sql: Sql, parts: readonly SpanBits[]): Promise<void> {
    for (const some of inPacks(parts, this.#most)) await this.#addPack(sql, some);
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
    if (!isEnough(all as unknown as { rows: number; width: number })) return;
    if (!await this.#isAlone(sql)) return;
    const rows = await sql`SELECT base, first, width, encode(bits, 'base64') AS bits FROM term2ai.fresh
      WHERE owner = ${owner} ORDER BY base, first FOR UPDATE`;
    const parts = rows.map(({ base, first, width, bits }) => ({
      base,
      first,
      width,
      bits: Uint8Array.fromBase64(bits),
    }));
    if (parts.length > 0) await this.#addPacks(sql, parts);
    await sql`DELETE FROM term2ai.fresh WHERE owner = ${owner} AND (base, first) IN (
      SELECT * FROM unnest(${parts.map(({ base }) => base)}::bigint[], ${parts.map(({ first }) => first)}::integer[]))`;
  }

  /** Makes a large pack of small ones, if there are enough and nobody else does. The server lays their rows end to end. */
  async #join(sql: Sql): Promise<void> {
    const owner = this.#database.user;
    const small = await sql`SELECT width FROM term2ai.packs WHERE owner = ${owner} AND width < ${this.#most / 2}`;
    if (!toJoin(small as unknown as { width: number }[], this.#most) || !await this.#isAlone(sql)) return;
    const rows = await sql`SELECT pack, width, low, high, encode(spans, 'base64') AS spans FROM term2ai.packs
      WHERE owner = ${owner} AND width < ${this.#most / 2} ORDER BY pack FOR UPDATE`;
    const packs = toJoin(
      rows.map((row) => ({ ...row, spans: Uint8Array.fromBase64(row.spans) }) as unknown as KeptPack),
      this.#most,
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
}

function freshPlaces({ high, first, width, bits }: FreshRow): Place[] {
  const all = Uint8Array.fromBase64(bits), both = new Uint8Array(width).fill(0xff);
  for (let at = 0; at < all.length; at += width) keepCommon(both, all.subarray(at, at + width));
  const places: Place[] = [];
  addPlaces(places, high, first, both);
  return places;
}

/** Statements that the server works on while the next is written: long ones are copied several times on their way. */
export async function inPortions(
  count: number,
  most: number,
  body: (from: number, to: number) => Promise<unknown>,
): Promise<void> {
  const all: Promise<unknown>[] = [];
  for (let from = 0; from < count; from += most) all.push(body(from, Math.min(count, from + most)));
  await Promise.all(all);
}
