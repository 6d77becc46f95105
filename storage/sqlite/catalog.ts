/**
 * What is known about recordings, and their text, in an SQLite database.
 *
 * A recording's number is the millisecond in which it began, or the next one that is free; its passages follow in the 20 bits below
 * that. So the newest hits are those with the highest row numbers, and the index gives them in that order.
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
import { SqliteCommands } from "./commands.ts";
import type { Database, SqlValue } from "./database.ts";
import { matchFor } from "./match.ts";
import { conditionsFor } from "./filter.ts";

const PASSAGES = 1 << 20;
/** Text that is written in one transaction: small ones cost twice the time, large ones hold others up. */
const TOGETHER = 8 << 20;
/** So few recordings are looked through one by one. */
const FEW = 200;

/** The catalog. */
export class SqliteCatalog implements Catalog {
  readonly name: string;
  readonly #database: Database;
  readonly #commands: SqliteCommands;

  constructor(database: Database) {
    this.#database = database;
    this.#commands = new SqliteCommands(database);
    this.name = database.path;
  }

  put(recording: StoredRecording): Promise<void> {
    this.#database.transaction(() => this.#put(recording));
    return Promise.resolve();
  }

  get(id: string): Promise<StoredRecording | undefined> {
    return Promise.resolve(this.#get(id));
  }

  change(id: string, change: (recording: StoredRecording) => StoredRecording): Promise<StoredRecording | undefined> {
    return Promise.resolve(this.#database.transaction(() => {
      const before = this.#get(id);
      if (!before) return undefined;
      const after = change(before);
      this.#put(after);
      return after;
    }));
  }

  resolve(prefix: string, limit: number): Promise<string[]> {
    const sql = "SELECT id FROM recordings WHERE id >= ? AND id < ? ORDER BY id LIMIT ?";
    return Promise.resolve(this.#database.all(sql, prefix, prefix + "~", limit).map(({ id }) => id as string));
  }

  list(filter: RecordingFilter, limit: number): Promise<StoredRecording[]> {
    const { where, values } = conditionsFor(filter);
    const sql = `SELECT meta FROM recordings WHERE ${where} ORDER BY base DESC LIMIT ?`;
    const rows = this.#database.all(sql, ...values, limit === Infinity ? -1 : limit);
    return Promise.resolve(rows.map(({ meta }) => JSON.parse(meta as string)));
  }

  async index(texts: AsyncIterable<TextOf>): Promise<void> {
    const batch = new Batch();
    for await (const { id, lines } of texts) {
      batch.push(() => this.#removeText(id));
      let passages = 0;
      for await (const passage of passagesOf(lines)) {
        batch.push(this.#adder(id, passages++, passage));
        if (batch.isFull) this.#write(batch);
        if (passages >= PASSAGES) break; // a gigabyte of text in one recording
      }
      batch.push(() => this.#setPassages(id, passages));
    }
    this.#write(batch);
  }

  unindexed(): Promise<string[]> {
    const rows = this.#database.all("SELECT id FROM recordings WHERE passages IS NULL ORDER BY base DESC");
    return Promise.resolve(rows.map(({ id }) => id as string));
  }

  async *passages(need: TextNeed, filter: RecordingFilter): AsyncGenerator<Passage, void, void> {
    const allowed = this.#allowed(filter);
    if (allowed?.size === 0) return;
    const spans = allowed && allowed.size <= FEW ? [...allowed.keys()] : [undefined];
    for (const base of spans) yield* this.#passagesIn(need, base, allowed);
  }

  best(need: TextNeed, filter: RecordingFilter, limit: number): Promise<StoredRecording[]> {
    const match = matchFor(need);
    if (!match) return this.list(filter, limit);
    const { where, values } = conditionsFor(filter);
    // As BM25 does: many hits count more, but ever less so, and less in a long recording.
    const rows = this.#database.all(
      `WITH found AS MATERIALIZED (
         SELECT rowid >> 20 AS base, count(*) AS hits FROM ${match.table} WHERE ${match.table} MATCH ? GROUP BY 1
       ), average AS (SELECT avg(passages) AS passages FROM recordings)
       SELECT meta FROM found JOIN recordings USING (base) JOIN average WHERE ${where}
       ORDER BY hits / (hits + 1.2 * (0.25 + 0.75 * recordings.passages / average.passages)) DESC, base DESC LIMIT ?`,
      match.expression,
      ...values,
      limit,
    );
    return Promise.resolve(rows.map(({ meta }) => JSON.parse(meta as string)));
  }

  putCommands(id: string, commands: SessionCommands): Promise<void> {
    return Promise.resolve(this.#commands.put(id, commands));
  }

  commands(filter: RecordingFilter): AsyncIterable<CommandsOf> {
    return this.#commands.all(filter);
  }

  commandStatistics(filter: RecordingFilter, minutesFromUtc: number): Promise<CommandStatistics> {
    return Promise.resolve(this.#commands.statistics(filter, minutesFromUtc));
  }

  withoutCommands(filter: RecordingFilter): Promise<string[]> {
    return Promise.resolve(this.#commands.without(filter));
  }

  delete(id: string): Promise<boolean> {
    return Promise.resolve(this.#database.transaction(() => {
      this.#removeText(id);
      return this.#database.run("DELETE FROM recordings WHERE id = ?", id) > 0;
    }));
  }

  totals(): Promise<CatalogTotals> {
    const row = this.#database.one(
      `SELECT count(*) AS recordings, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(duration), 0) AS duration,
         coalesce(sum(text), 0) AS textBytes, count(*) - count(passages) AS unindexed FROM recordings`,
    )!;
    return Promise.resolve({ ...row } as unknown as CatalogTotals);
  }

  clear(): Promise<void> {
    this.#database.transaction(() => {
      this.#database.run("INSERT INTO trigrams (trigrams) VALUES ('delete-all')");
      this.#database.run("INSERT INTO words (words) VALUES ('delete-all')");
      this.#database.run("DELETE FROM passages");
      this.#database.run("DELETE FROM recordings");
    });
    return Promise.resolve();
  }

  /** The indexes keep what they were told to forget until they are written anew; the file gives back what is unused then. */
  purge(): Promise<void> {
    for (const table of ["trigrams", "words"]) {
      this.#database.run(`INSERT INTO ${table} (${table}) VALUES ('optimize')`);
    }
    this.#database.compact();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve(); // whoever opened the database closes it
  }

  #get(id: string): StoredRecording | undefined {
    const row = this.#database.one("SELECT meta FROM recordings WHERE id = ?", id);
    return row && JSON.parse(row.meta as string);
  }

  #put(recording: StoredRecording): void {
    const { id, startedAt, duration, bytes, exit, user = null, host = null, tags } = recording;
    const values: SqlValue[] = [
      id,
      Math.round(startedAt),
      duration,
      bytes,
      exit && "code" in exit ? exit.code : null,
      user,
      host,
      `\n${tags.join("\n")}\n`,
      aboutOf(recording),
      JSON.stringify(recording),
    ];
    const changed = this.#database.run(
      `UPDATE recordings SET id = ?1, started = ?2, duration = ?3, bytes = ?4, exit = ?5, user = ?6, host = ?7, tags = ?8,
         about = ?9, meta = ?10 WHERE id = ?1`,
      ...values,
    );
    if (changed > 0) return;
    this.#database.run(
      `INSERT INTO recordings (id, started, duration, bytes, exit, user, host, tags, about, meta, base)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
      ...values,
      this.#freeBase(startedAt),
    );
  }

  #freeBase(startedAt: number): bigint {
    let base = BigInt(Math.min(Math.max(0, Math.floor(startedAt)), 2 ** 42));
    while (this.#database.one("SELECT 1 FROM recordings WHERE base = ?", base)) base++;
    return base;
  }

  /** What to do in a transaction, and how much text that writes. */
  #adder(id: string, number: number, lines: readonly TextLine[]): Work {
    const text = plainText(lines).replaceAll("\0", ""), times = timesOf(lines);
    const add = () => {
      const base = this.#baseOf(id);
      if (base === undefined) return; // deleted meanwhile
      const row = base * BigInt(PASSAGES) + BigInt(number);
      this.#database.run("INSERT INTO passages (row, times, text) VALUES (?, ?, ?)", row, times, text);
      this.#database.run("INSERT INTO trigrams (rowid, text) VALUES (?, ?)", row, text);
      this.#database.run("INSERT INTO words (rowid, text) VALUES (?, ?)", row, text);
      this.#database.run("UPDATE recordings SET text = text + ? WHERE id = ?", text.length, id);
    };
    return Object.assign(add, { bytes: text.length });
  }

  #write(batch: Batch): void {
    const all = batch.take();
    if (all.length > 0) this.#database.transaction(() => all.forEach((work) => work()));
  }

  #setPassages(id: string, passages: number): void {
    this.#database.run("UPDATE recordings SET passages = ? WHERE id = ?", passages, id);
  }

  /** An index without the text is told what to forget. */
  #removeText(id: string): void {
    const base = this.#baseOf(id);
    if (base === undefined) return;
    const span = [base * BigInt(PASSAGES), (base + 1n) * BigInt(PASSAGES)];
    for (const table of ["trigrams", "words"]) {
      const sql = `INSERT INTO ${table} (${table}, rowid, text)
        SELECT 'delete', row, text FROM passages WHERE row >= ? AND row < ?`;
      this.#database.run(sql, ...span);
    }
    this.#database.run("DELETE FROM passages WHERE row >= ? AND row < ?", ...span);
    this.#database.run("UPDATE recordings SET passages = NULL, text = 0 WHERE id = ?", id);
  }

  #baseOf(id: string): bigint | undefined {
    const row = this.#database.one("SELECT base FROM recordings WHERE id = ?", id);
    return row && BigInt(row.base as number);
  }

  /** The recordings that a filter lets through, newest first; `undefined` for all. */
  #allowed(filter: RecordingFilter): Map<number, StoredRecording> | undefined {
    const { where, values } = conditionsFor(filter);
    if (values.length === 0) return undefined;
    const rows = this.#database.all(`SELECT base, meta FROM recordings WHERE ${where} ORDER BY base DESC`, ...values);
    return new Map(rows.map(({ base, meta }) => [base as number, JSON.parse(meta as string)]));
  }

  async *#passagesIn(
    need: TextNeed,
    base: number | undefined,
    allowed: Map<number, StoredRecording> | undefined,
  ): AsyncGenerator<Passage, void, void> {
    const known = new Map(allowed);
    for await (const { row, times, text } of this.#rows(need, base)) {
      const of = Number(row >> 20n);
      const recording = known.get(of) ?? (allowed ? undefined : this.#recordingAt(of, known));
      if (recording) yield { recording, text, lines: () => linesOf(times, text) };
    }
  }

  #recordingAt(base: number, known: Map<number, StoredRecording>): StoredRecording | undefined {
    const row = this.#database.one("SELECT meta FROM recordings WHERE base = ?", base);
    if (row) known.set(base, JSON.parse(row.meta as string));
    return known.get(base);
  }

  /** Passages that may hold what is needed, from the highest down. */
  async *#rows(need: TextNeed, base: number | undefined): AsyncGenerator<Row, void, void> {
    const match = matchFor(need), patterns = need.parts.map(patternFor);
    const lowest = base === undefined ? 0n : BigInt(base) << 20n;
    let below = base === undefined ? 1n << 62n : BigInt(base + 1) << 20n;
    const from = match ? `${match.table} AS i CROSS JOIN passages AS p ON p.row = i.rowid` : "passages AS p";
    const [row, matches] = match ? ["i.rowid", `${match.table} MATCH ? AND`] : ["p.row", ""];
    const fits = patterns.map(() => "AND p.text LIKE ? ESCAPE '\\'").join(" ");
    const sql = `SELECT CAST(${row} AS TEXT) AS row, p.times, p.text FROM ${from}
      WHERE ${matches} ${row} >= ? AND ${row} < ? ${fits} ORDER BY ${row} DESC LIMIT ?`;
    for (let limit = 64;; limit = Math.min(limit * 4, 4096)) {
      const rows = this.#database.all(sql, ...(match ? [match.expression] : []), lowest, below, ...patterns, limit);
      for (const { row, times, text } of rows) {
        below = BigInt(row as string);
        yield { row: below, times: times as string, text: text as string };
      }
      if (rows.length < limit) return;
      if (limit === 4096) await new Promise((resolve) => setTimeout(resolve)); // a long scan lets others have a turn
    }
  }
}

/** A passage as it is kept. */
interface Row {
  readonly row: bigint;
  readonly times: string;
  readonly text: string;
}

/** Something to do in a transaction. */
type Work = (() => void) & { readonly bytes?: number };

/** What is written together. */
class Batch {
  #work: Work[] = [];
  #bytes = 0;

  push(work: Work): void {
    this.#work.push(work);
    this.#bytes += work.bytes ?? 0;
  }

  get isFull(): boolean {
    return this.#bytes >= TOGETHER;
  }

  take(): Work[] {
    this.#bytes = 0;
    return this.#work.splice(0);
  }
}

/** What a filter's `about` is looked for in. */
function aboutOf({ title = "", command = "", tags, user = "", host = "" }: StoredRecording): string {
  return [title, command, ...tags, user, host].join("\n").toLowerCase();
}
