/**
 * Signatures of text in an SQLite database, in packs.
 *
 * A slice's row is the number of its pack and 11 bits. So what is written together lies together, and a search takes only those rows of
 * bits that it needs, until none is left.
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
  packOf,
  type PackSource,
  type Place,
  placesIn,
  type SpanBits,
  toJoin,
  withoutSpans,
} from "../../lib/search/pack.ts";
import { keepCommon, SLICES } from "../../lib/search/signature.ts";
import { PASSAGES } from "../../lib/search/text_batch.ts";
import type { Database } from "./database.ts";

/** Rows that a pack has room for. */
const PACK_ROWS = 2048;
/** Packs that are looked through without a pause. */
const AT_ONCE = 64;
/** Behind all passages. */
export const END = 1n << 62n;

const INSERT_PACK = "INSERT INTO packs (width, low, high, spans) VALUES (?, ?, ?, ?)";
const SLICE = "SELECT bits FROM slices WHERE row = ?";

/** The packs. All but `source` is called within a transaction. */
export class SqlitePacks {
  readonly #database: Database;
  readonly #most: number;

  /** @param most Bytes in each row of bits that small packs become together. */
  constructor(database: Database, most: number) {
    this.#database = database;
    this.#most = most;
  }

  /** Takes signatures of recordings: as a pack, or as fresh. */
  add(parts: readonly SpanBits[]): void {
    if (fillPack(parts)) return this.#addPacks(parts);
    for (const { base, first, width, bits } of parts) {
      const row = rowOf({ base, number: first });
      this.#database.run("INSERT INTO fresh (row, width, bits) VALUES (?, ?, ?)", row, width, bits);
    }
  }

  /** Makes packs of what is fresh, and large ones of small ones. */
  tidy(): void {
    this.#gather();
    this.#join();
  }

  /** Forgets a recording; its bits stay, and tell nothing. */
  drop(base: number): void {
    const span = [rowOf({ base, number: 0 }), rowOf({ base: base + 1, number: 0 })];
    this.#database.run("DELETE FROM fresh WHERE row >= ? AND row < ?", ...span);
    const packs = this.#database.all("SELECT pack, spans FROM packs WHERE low <= ? AND high >= ?", base, base);
    for (const { pack, spans } of packs) {
      const others = withoutSpans(spans as Uint8Array, new Set([base]));
      if (others) this.#database.run("UPDATE packs SET spans = ? WHERE pack = ?", others, pack!);
    }
  }

  /** Empties the bits of what was forgotten in the first pack behind one; returns its number, if there is one. */
  purgeNext(after: number): number | undefined {
    const row = this.#database.one("SELECT pack, spans FROM packs WHERE pack > ? ORDER BY pack LIMIT 1", after);
    if (row) this.#empty(row.pack as number, row.spans as Uint8Array);
    return row?.pack as number | undefined;
  }

  /** Where passages are found that have all of these rows; of these recordings, the highest first, or of all. */
  source(slices: readonly number[], bases: readonly number[] | undefined): PackSource {
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
        if (packs.length > AT_ONCE) await new Promise((resolve) => setTimeout(resolve)); // lets others have a turn
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

  #addPacks(parts: readonly SpanBits[]): void {
    for (const some of inPacks(parts, this.#most)) this.#addPack(some);
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
    const small = this.#database.all("SELECT * FROM packs WHERE width < ? ORDER BY pack", this.#most / 2);
    const packs = toJoin(small as unknown as KeptPack[], this.#most);
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
    const all = this.#database.one("SELECT count(*) AS rows, coalesce(sum(width), 0) AS width FROM fresh");
    if (!isEnough(all as { rows: number; width: number })) return;
    this.#addPacks(this.#fresh(0n, END));
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

/** The row of a passage. */
export function rowOf({ base, number }: Place): bigint {
  return BigInt(base) * BigInt(PASSAGES) + BigInt(number);
}

/** The passage of a row. */
export function placeAt(row: bigint): Place & { first: number } {
  const number = Number(row % BigInt(PASSAGES));
  return { base: Number(row / BigInt(PASSAGES)), number, first: number };
}
