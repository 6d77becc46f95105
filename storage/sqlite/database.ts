/**
 * An SQLite database file of ours: private, shared by processes, and brought up to the version that this program knows.
 * @module
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { StorageError } from "../../lib/errors.ts";
import { reason } from "../../lib/host/file.ts";
import { MIGRATIONS } from "./migrations.ts";

/** How long to wait for another process that writes. */
const PATIENCE_MS = 10_000;

/** How much of a file is given back in one step, in pages of 4 KiB: a few milliseconds. */
const PAGES_AT_ONCE = 256;
/** What SQLite calls that mode. */
const INCREMENTAL = 2;

/** Between two tries where SQLite itself does not wait. */
const RETRY_MS = 5;

const PRAGMAS = [
  `busy_timeout = ${PATIENCE_MS}`,
  "auto_vacuum = INCREMENTAL", // of a new file; an older one gets it when it is compacted
  "journal_mode = WAL", // two that make a file at once are both told at once that it is locked, whatever the timeout
  "synchronous = NORMAL",
  "foreign_keys = ON",
  "cache_size = -32768",
  "secure_delete = ON", // what was deleted is overwritten: it was on somebody's screen
];

/** Values that go in and come out. */
export type SqlValue = null | number | bigint | string | Uint8Array;
/** A row by the names of its columns. */
export type Row = Record<string, SqlValue>;

/** A database. Statements are prepared once. */
export class Database {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(path: string, database: DatabaseSync) {
    this.path = path;
    this.#database = database;
  }

  /**
   * Opens a file, or makes it with mode 0600; `:memory:` is none.
   *
   * @throws {StorageError} If it cannot be opened, is no database, or was made by a later version.
   */
  static open(path: string): Database {
    let opened: DatabaseSync | undefined;
    try {
      if (path !== ":memory:") createPrivately(path);
      opened = new DatabaseSync(path);
      const database = new Database(path, opened);
      database.#prepareUse();
      return database;
    } catch (error) {
      opened?.close();
      throw failure(path, "open", error);
    }
  }

  /** Runs a statement; returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#try(() => Number(this.#prepare(sql).run(...values).changes));
  }

  /** The number of the row that was inserted last. */
  get lastRow(): number {
    return this.one("SELECT last_insert_rowid() AS row")!.row as number;
  }

  /** All rows. */
  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#try(() => this.#prepare(sql).all(...values) as Row[]);
  }

  /** The first row, if there is one. */
  one(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#try(() => this.#prepare(sql).get(...values) as Row | undefined);
  }

  /** Does all of `body` or nothing, while nobody else writes. */
  transaction<Result>(body: () => Result): Result {
    this.run("BEGIN IMMEDIATE");
    try {
      const result = body();
      this.run("COMMIT");
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** Does several reads as one: each by itself takes longer to begin and to end than to read a row. */
  reading<Result>(body: () => Result): Result {
    this.run("BEGIN");
    try {
      return body();
    } finally {
      this.run("COMMIT");
    }
  }

  /**
   * Gives back what is unused in the file, and empties the log, which has everything that was written lately. Others can read and
   * write in between; for a file of an earlier version they wait once until it is written anew.
   */
  compact(): void {
    const free = () => Number(this.one("PRAGMA freelist_count")!.freelist_count);
    if (free() > 0 && Number(this.one("PRAGMA auto_vacuum")!.auto_vacuum) !== INCREMENTAL) this.#rewrite();
    for (let before = free(); before > 0; before = free()) {
      this.all(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
      if (free() >= before) break; // somebody else frees as fast
    }
    this.all("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  #rewrite(): void {
    try {
      this.run("PRAGMA auto_vacuum = INCREMENTAL");
      this.run("VACUUM");
    } catch {
      // it takes as much room again, or somebody reads for long: what is unused has been overwritten, and stays
    }
  }

  /** Lets go of the file. */
  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // the error that led here has ended it
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, statement = this.#database.prepare(sql));
    return statement;
  }

  #try<Result>(body: () => Result): Result {
    try {
      return body();
    } catch (error) {
      throw failure(this.path, "use", error);
    }
  }

  #prepareUse(): void {
    for (const pragma of PRAGMAS) withPatience(() => this.all(`PRAGMA ${pragma}`));
    const version = () => Number(this.one("PRAGMA user_version")!.user_version);
    if (version() > MIGRATIONS.length) {
      throw new StorageError(
        `Cannot open ${this.path}: it has version ${version()}, and this program knows ${MIGRATIONS.length}\n` +
          "  A later version of term2ai has made it; use that one",
        this.path,
      );
    }
    if (version() === MIGRATIONS.length) return;
    this.run("BEGIN IMMEDIATE");
    for (const migration of MIGRATIONS.slice(version())) this.#database.exec(migration); // another may have been first
    this.run(`PRAGMA user_version = ${MIGRATIONS.length}`);
    this.run("COMMIT");
  }
}

/** So that nobody else can read it from its first moment on; SQLite gives the files beside it the same mode. */
function createPrivately(path: string): void {
  try {
    if (Deno.lstatSync(path).isSymlink) throw new StorageError(`Cannot open ${path}: it is a symbolic link`, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
  }
}

/** Does it again as long as another process is in the way, and has not been for too long. */
function withPatience(body: () => void): void {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof StorageError) || codeOf(error.cause) !== BUSY || Date.now() >= until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

/** Whether the file is damaged, or no database at all. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error instanceof StorageError ? error.cause : error);
  return code === CORRUPT || code === NOT_A_DATABASE;
}

const BUSY = 5, CORRUPT = 11, FULL = 13, CANTOPEN = 14, NOT_A_DATABASE = 26, READONLY = 8;

const REASONS: Readonly<Record<number, string>> = {
  [BUSY]: `another process has been writing to it for ${PATIENCE_MS / 1000} seconds; try again when that has ended`,
  [CORRUPT]: "it is damaged",
  [FULL]: "the disk is full",
  [CANTOPEN]: "it cannot be opened; is its folder there?",
  [READONLY]: "it may only be read",
  [NOT_A_DATABASE]: "it is no SQLite database",
};

/** The primary code of an error of SQLite. */
function codeOf(error: unknown): number {
  return (Number((error as { errcode?: number })?.errcode) || 0) & 255;
}

function failure(path: string, action: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const why = REASONS[codeOf(error)] ?? reason(error);
  return new StorageError(`Cannot ${action} ${path}: ${why}`, path, { cause: error });
}
