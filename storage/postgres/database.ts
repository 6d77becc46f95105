/**
 * A PostgreSQL database with our tables in it, brought up to the version that this program knows.
 * @module
 */

import postgres from "postgres";
import { StorageError } from "../../lib/errors.ts";
import { MIGRATIONS } from "./migrations.ts";

/** Statements of one connection, or of a transaction. */
export type Sql = postgres.Sql;

/** Any number: who migrates at the same time as we do waits for it. */
const MIGRATION_LOCK = 7_312_026;
const CONNECT_SECONDS = 10;
/** How often a statement is tried whose connection broke, and the first pause. */
const TRIES = 5, FIRST_PAUSE_MS = 200;

/** The database. */
export class PostgresDatabase {
  /** Where it is, without the password. */
  readonly name: string;
  readonly #sql: postgres.Sql;
  #user = "";

  private constructor(url: string, sql: postgres.Sql) {
    this.#sql = sql;
    this.name = url.replace(/(\/\/[^/@:]*):[^/@]*@/, "$1@").replace(/([?&]password=)[^&]*/g, "$1…");
  }

  /**
   * Connects, and makes our tables if they are not there.
   *
   * @throws {StorageError} If it cannot be reached, or its tables are those of a later version.
   */
  static async open(url: string): Promise<PostgresDatabase> {
    let sql: postgres.Sql;
    try {
      sql = postgres(url, {
        max: 4,
        connect_timeout: CONNECT_SECONDS,
        max_lifetime: null, // its timer is left behind by a connection that comes about while all are being closed
        onnotice: () => {},
        connection: { application_name: "term2ai" },
        types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
      });
    } catch (error) {
      throw new StorageError(`Cannot use this PostgreSQL URL: ${(error as Error).message}`, "", { cause: error });
    }
    const database = new PostgresDatabase(url, sql);
    try {
      await database.#prepare();
      return database;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** Whose recordings it shows. */
  get user(): string {
    return this.#user;
  }

  /** Does something with a connection; once more, if that broke before. What is done must bear being done twice. */
  async use<Result>(action: string, body: (sql: Sql) => Promise<Result>): Promise<Result> {
    for (let attempt = 1;; attempt++) {
      try {
        return await body(this.#sql);
      } catch (error) {
        if (attempt === TRIES || !isPassing(error)) throw this.failure(action, error);
        await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
      }
    }
  }

  /**
   * Does all of `body` or nothing. Not with the driver's own `begin`: when the connection breaks that still sends a ROLLBACK, into
   * nothing, which ends the process.
   */
  async transaction<Result>(action: string, body: (sql: Sql) => Promise<Result>): Promise<Result> {
    return await this.use(action, async (sql) => {
      const own = await sql.reserve();
      try {
        await own`BEGIN`;
        const result = await body(own);
        await own`COMMIT`;
        own.release();
        return result;
      } catch (error) {
        if (!isBroken(error)) {
          await own`ROLLBACK`.catch(() => {});
          own.release();
        }
        throw error;
      }
    });
  }

  /** What went wrong, in our words. */
  failure(action: string, error: unknown): StorageError {
    if (error instanceof StorageError) return error;
    const { code = "", message = String(error) } = error as { code?: string; message?: string };
    const why = REASONS[code] ?? (code.startsWith("28") ? "the user or the password is wrong" : message);
    return new StorageError(`Cannot ${action} ${this.name}: ${why}`, this.name, { cause: error });
  }

  /** Lets go of all connections. */
  async close(): Promise<void> {
    await this.#sql.end({ timeout: 5 });
  }

  async #prepare(): Promise<void> {
    const [row] = await this.use("open", (sql) =>
      sql`SELECT current_user AS name,
        (SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = 'term2ai') AS allowed`);
    this.#user = row!.name;
    if (row!.allowed === false) {
      const grant = `GRANT USAGE ON SCHEMA term2ai TO ${JSON.stringify(this.#user)}`;
      throw new StorageError(
        `Cannot open ${this.name}: ${this.#user} may not use the schema term2ai\n  Ask its owner for: ${grant}`,
        this.name,
      );
    }
    const version = row!.allowed ? await this.use("open", versionIn) : 0;
    if (version > MIGRATIONS.length) throw this.#tooNew(version);
    if (version < MIGRATIONS.length) await this.#migrate();
  }

  async #migrate(): Promise<void> {
    await this.transaction("make tables in", async (sql) => {
      await sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`;
      await sql.unsafe(`CREATE SCHEMA IF NOT EXISTS term2ai;
        CREATE TABLE IF NOT EXISTS term2ai.version (version integer NOT NULL);
        CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA term2ai;`);
      const [extension] =
        await sql`SELECT extnamespace::regnamespace::text AS name FROM pg_extension WHERE extname = 'pg_trgm'`;
      const version = await versionIn(sql);
      for (const migration of MIGRATIONS.slice(version)) await sql.unsafe(migration(extension!.name));
      await sql`DELETE FROM term2ai.version`;
      await sql`INSERT INTO term2ai.version VALUES (${MIGRATIONS.length})`;
    });
  }

  #tooNew(version: number): StorageError {
    return new StorageError(
      `Cannot open ${this.name}: its tables have version ${version}, and this program knows ${MIGRATIONS.length}\n` +
        "  A later version of term2ai has made them; use that one",
      this.name,
    );
  }
}

async function versionIn(sql: Sql): Promise<number> {
  const [there] = await sql`SELECT 1 FROM pg_tables WHERE schemaname = 'term2ai' AND tablename = 'version'`;
  const [row] = there ? await sql`SELECT version FROM term2ai.version` : [];
  return row?.version ?? 0;
}

const REASONS: Readonly<Record<string, string>> = {
  "3D000": "there is no such database; make it first with createdb",
  "42501": "this user may not do that here",
  "53100": "the server's disk is full",
  "57P03": "the server is starting or stopping",
  ECONNREFUSED: "nobody answers there",
  ENOTFOUND: "there is no such host",
  CONNECT_TIMEOUT: `nobody has answered for ${CONNECT_SECONDS} seconds`,
  CONNECTION_CLOSED: "the connection was closed",
};

const BROKEN = ["CONNECTION_CLOSED", "CONNECTION_ENDED", "CONNECTION_DESTROYED", "ECONNRESET", "EPIPE", "57P01"];
const PASSING = ["ECONNREFUSED", "57P03", "40001", "40P01"];

/** Whether the connection is gone. */
function isBroken(error: unknown): boolean {
  return BROKEN.includes((error as { code?: string }).code ?? "");
}

/** Whether another try may work: the connection broke, the server starts, or another transaction was in the way. */
function isPassing(error: unknown): boolean {
  return isBroken(error) || PASSING.includes((error as { code?: string }).code ?? "");
}
