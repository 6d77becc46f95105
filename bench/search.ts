/**
 * How quickly stored text is found: 10,000 recordings with 1 GB of text with `--full`, 200 with 20 MB without.
 *
 *     deno run -A bench/search.ts [--full] [--json] [--store sqlite|postgres]
 *
 * PostgreSQL is the one that `TERM2AI_TEST_POSTGRES` names; `tests/servers/postgres.sh` starts one.
 *
 * @module
 */

import { SECOND } from "../lib/event.ts";
import type { StoredRecording, TextLine } from "../lib/models.ts";
import type { Catalog } from "../lib/ports.ts";
import { newId } from "../lib/search/id.ts";
import { parseQuery } from "../lib/search/query.ts";
import { search } from "../lib/search/search.ts";
import { PostgresCatalog } from "../storage/postgres/catalog.ts";
import { PostgresDatabase } from "../storage/postgres/database.ts";
import { SqliteCatalog } from "../storage/sqlite/catalog.ts";
import { Database } from "../storage/sqlite/database.ts";
import { seeded } from "./support/corpora.ts";
import { median, quantile, withFolder } from "./support/measure.ts";
import { vocabulary } from "./support/vocabulary.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

const TEXT_OF_ONE = 100_000;

/** Text like that of builds and logs: 20,000 words, few of them often; times, paths, numbers, addresses, hashes. */
class Logs {
  readonly #random = seeded(5);
  readonly words: readonly string[];

  constructor() {
    this.words = vocabulary(20_000, this.#random);
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  word(): string {
    return this.words[Math.floor(this.#random() ** 4 * this.words.length)]!;
  }

  line(): string {
    const kind = this.#random();
    const number = this.#below(100_000);
    if (kind < 0.2) {
      return `2026-01-${10 + this.#below(20)} 12:${10 + this.#below(50)}:${
        10 + this.#below(50)
      } ${this.word()}[${number}]: ${this.#some(6)}`;
    }
    if (kind < 0.4) {
      return `  Compiling ${this.word()}-${this.word()} v${this.#below(9)}.${this.#below(30)}.${
        this.#below(9)
      } (/home/ada/${this.word()}/${this.word()})`;
    }
    if (kind < 0.5) {
      return `GET /${this.word()}/${this.word()}/${number} 10.${this.#below(255)}.${this.#below(255)}.7 ${
        this.#below(900)
      } ms`;
    }
    if (kind < 0.52) {
      return `${this.#below(2 ** 32).toString(16).padStart(8, "0").repeat(5)}  ${this.word()}.${this.word()}`;
    }
    if (kind < 0.57) return `src/${this.word()}/${this.word()}.ts:${this.#below(900)}: error: ${this.#some(8)}`;
    return this.#some(12);
  }

  #some(most: number): string {
    return Array.from({ length: 3 + this.#below(most) }, () => this.word()).join(" ");
  }

  text(): TextLine[] {
    const lines: TextLine[] = [];
    for (let length = 0; length < TEXT_OF_ONE; length += lines.at(-1)!.text.length + 1) {
      const time = lines.length * 40_000_000;
      lines.push({ time, until: time, kind: "output", text: this.line() });
    }
    return lines;
  }
}

/** A catalog to measure. */
export interface Subject {
  readonly name: string;
  readonly catalog: Catalog;
  /** Bytes of the text as it is kept, and of the index. */
  size(): Promise<{ readonly text: number; readonly index: number }>;
  /** After everything was written. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** A catalog in a folder. */
export function sqlite(folder: string): Subject {
  const path = `${folder}/catalog.db`;
  const database = Database.open(path);
  return {
    name: "SQLite",
    catalog: new SqliteCatalog(database),
    settle: () => Promise.resolve(void database.all("PRAGMA wal_checkpoint(TRUNCATE)")),
    size: async () => {
      const sum = (column: string, table: string) =>
        Number(database.one(`SELECT coalesce(sum(length(${column})), 0) AS bytes FROM ${table}`)!.bytes);
      const index = sum("bits", "slices") + sum("bits", "fresh") + sum("spans", "packs");
      return { index, text: (await Deno.stat(path)).size - index };
    },
    close: () => Promise.resolve(database.close()),
  };
}

/** One on the server for tests; `undefined` where there is none. */
export async function postgresql(): Promise<Subject | undefined> {
  const server = Deno.env.get("TERM2AI_TEST_POSTGRES");
  if (!server) return undefined;
  const name = `bench${Date.now()}`;
  const { default: postgres } = await import("postgres");
  const sql = postgres(server, { max: 1, onnotice: () => {} });
  await sql.unsafe(`CREATE DATABASE ${name}`);
  const own = postgres(server.replace(/\/[^/]*$/, `/${name}`), { max: 1, onnotice: () => {} });
  const database = await PostgresDatabase.open(server.replace(/\/[^/]*$/, `/${name}`));
  return {
    name: "PostgreSQL",
    catalog: new PostgresCatalog(database),
    settle: async () => void await own.unsafe("VACUUM ANALYZE"),
    size: async () => {
      const sizes = own`SELECT pg_table_size('term2ai.passages')::text AS text, (pg_indexes_size('term2ai.passages') +
          pg_total_relation_size('term2ai.packs') + pg_total_relation_size('term2ai.slices') + pg_total_relation_size('term2ai.fresh'))::text AS index`;
      const [{ text, index }] = await sizes as unknown as [{ text: string; index: string }];
      return { text: Number(text), index: Number(index) };
    },
    async close() {
      await database.close();
      await own.end();
      await sql.unsafe(`DROP DATABASE ${name} WITH (FORCE)`);
      await sql.end();
    },
  };
}

/** Seconds that `body` took. */
export async function timed(body: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await body();
  return (performance.now() - start) / 1000;
}

async function fill(catalog: Catalog, recordings: number): Promise<{ bytes: number; seconds: number }> {
  const logs = new Logs();
  let bytes = 0, seconds = 0;
  for (let at = 0; at < recordings;) {
    const texts = new Map<string, TextLine[]>();
    for (let some = 0; some < 50 && at < recordings; some++, at++) {
      const recording = describe(at);
      const lines = logs.text();
      bytes += lines.reduce((sum, { text }) => sum + text.length + 1, 0);
      texts.set(recording.id, lines);
      await catalog.put(recording);
    }
    seconds += await timed(() =>
      catalog.index((async function* () {
        for (const [id, lines] of texts) {
          yield {
            id,
            lines: (async function* () {
              yield lines;
            })(),
          };
        }
      })())
    );
  }
  return { bytes, seconds };
}

/** A recording, ten minutes after the one before. */
export function describe(at: number): StoredRecording {
  const startedAt = Date.UTC(2026, 0, 1) + at * 600_000;
  const id = newId(startedAt);
  return {
    ...{
      id,
      owner: "ada",
      blob: `${id}.t2a`,
      format: "t2a",
      bytes: 50_000,
      sha256: "",
      storedAt: startedAt,
      startedAt,
    },
    ...{
      duration: 300 * SECOND,
      outputBytes: TEXT_OF_ONE,
      isComplete: true,
      tags: ["ci"],
      title: `build ${at}`,
      command: "make",
    },
  };
}

type Kind = "word" | "phrase" | "part of a word" | "regular expression" | "best first";

/** Queries of a kind, for words that are everywhere and words that are hardly anywhere. */
function queries(kind: Kind, count: number): string[] {
  const logs = new Logs();
  const random = seeded(11);
  const pick = () => logs.words[Math.floor(random() ** 2 * logs.words.length)]!;
  const long = () => {
    for (;;) {
      const word = pick();
      if (word.length >= 6) return word;
    }
  };
  const make: Record<Kind, () => string> = {
    "word": pick,
    "phrase": () => `"error: ${logs.word()}"`,
    "part of a word": () => `*${long().slice(1, 6)}*`,
    "regular expression": () => `/${long()}.ts:[0-9]+: err(or)?/`,
    "best first": pick,
  };
  return Array.from({ length: count }, make[kind]);
}

async function ask(catalog: Catalog, kind: Kind, count: number): Promise<number[]> {
  const times: number[] = [];
  for (const text of queries(kind, count)) {
    const order = kind === "best first" ? "best" : "newest";
    times.push(1000 * await timed(() => Array.fromAsync(search(catalog, parseQuery(text), { limit: 50, order }))));
  }
  return times;
}

async function measure(subject: Subject, full: boolean) {
  const { catalog } = subject;
  const { bytes, seconds } = await fill(catalog, full ? 10_000 : 200);
  await subject.settle();
  const size = await subject.size();
  const rows: (string | number)[][] = [];
  const runs: Record<string, number[]> = {};
  await ask(catalog, "word", 5); // pages that everybody needs
  for (const kind of ["word", "phrase", "part of a word", "regular expression", "best first"] as const) {
    const times = runs[kind] = await ask(catalog, kind, full ? 100 : 20);
    rows.push([
      subject.name,
      kind,
      median(times).toFixed(1),
      quantile(times, 0.95).toFixed(1),
      Math.max(...times).toFixed(1),
    ]);
  }
  const lists: number[] = [];
  for (let round = 0; round < 20; round++) lists.push(1000 * await timed(() => catalog.list({}, 50)));
  rows.push([
    subject.name,
    "the last 50",
    median(lists).toFixed(1),
    quantile(lists, 0.95).toFixed(1),
    Math.max(...lists).toFixed(1),
  ]);
  const note =
    `${subject.name}: ${(bytes / 1e6).toFixed(0)} MB of text indexed at ${(bytes / 1e6 / seconds).toFixed(1)} MB/s; ` +
    `the index takes ${(size.index / bytes).toFixed(2)} times the text, the text itself ${
      (size.text / bytes).toFixed(2)
    }.`;
  return { rows, note, runs };
}

/** Fills catalogs, and asks them. */
export async function searching({ full }: BenchOptions): Promise<Table> {
  const wanted = Deno.args.includes("--store") ? Deno.args[Deno.args.indexOf("--store") + 1] : undefined;
  return await withFolder(async (folder) => {
    const results = [];
    for (
      const open of [
        wanted === "postgres" ? undefined : () => Promise.resolve(sqlite(folder)),
        wanted === "sqlite" ? undefined : postgresql,
      ]
    ) {
      const subject = await open?.();
      if (!subject) continue;
      results.push(await measure(subject, full));
      await subject.close();
    }
    return {
      title: `Search, ${full ? "10,000 recordings" : "200 recordings"}`,
      columns: ["catalog", "the newest 50 of", "median ms", "95th percentile ms", "most ms"],
      rows: results.flatMap(({ rows }) => rows),
      note: results.map(({ note }) => note).join(" "),
      runs: results.map(({ runs }) => runs),
    };
  });
}

if (import.meta.main) await runAlone(searching);
