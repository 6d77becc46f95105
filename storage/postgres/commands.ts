/**
 * The commands of recordings in a PostgreSQL database: of each recording a digest, which statistics are made of, and the commands
 * themselves.
 *
 * Digests of many recordings come as one, in Base64: ten thousand rows, or three megabytes in hexadecimal digits, take the driver longer
 * than counting what is in them.
 * @module
 */

import { DigestCounter, digestOf } from "../../lib/analyze/commands/command_digest.ts";
import type { CommandStatistics, SessionCommands } from "../../lib/models.ts";
import type { CommandsOf, RecordingFilter } from "../../lib/ports.ts";
import type { PostgresDatabase } from "./database.ts";
import { conditions } from "./filter.ts";

/** Recordings whose digests come together, and whose commands do. */
const DIGESTS = 2000, RECORDS = 100;

/** The commands. They go with their recordings. */
export class PostgresCommands {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async put(id: string, found: SessionCommands): Promise<void> {
    const digest = digestOf(found), records = JSON.stringify(found);
    await this.#database.use("write to", (sql) =>
      sql`INSERT INTO term2ai.commands (base, digest, records)
        SELECT base, ${digest}, ${records} FROM term2ai.recordings WHERE owner = current_user AND id = ${id}
        ON CONFLICT (owner, base) DO UPDATE SET digest = excluded.digest, records = excluded.records`);
  }

  async *all(filter: RecordingFilter): AsyncGenerator<CommandsOf, void, void> {
    for (let after = "-1";;) {
      const rows = await this.#database.use(
        "read from",
        (sql) =>
          sql`SELECT base::text, id, host, records FROM term2ai.recordings JOIN term2ai.commands USING (owner, base)
          WHERE ${conditions(sql, filter)} AND base > ${after} ORDER BY base LIMIT ${RECORDS}`,
      );
      for (const { id, host, records } of rows) yield { id, ...(host !== null && { host }), ...JSON.parse(records) };
      if (rows.length < RECORDS) return;
      after = rows.at(-1)!.base;
    }
  }

  async statistics(filter: RecordingFilter, minutesFromUtc: number): Promise<CommandStatistics> {
    const counter = new DigestCounter<string>({ minutesFromUtc });
    for (let next = this.#page(filter, "-1");;) {
      const { bases, digests } = await next;
      const isLast = bases.length < DIGESTS;
      if (!isLast) next = this.#page(filter, bases.at(-1)!); // is on its way while this one is counted
      next.catch(() => {}); // what went wrong is told when it is waited for
      if (bases.length > 0) counter.add(bases, digests);
      if (isLast) break;
    }
    const needed = await this.#recordsAt(counter.needed());
    return counter.result((base) => needed.get(base)?.commands ?? []);
  }

  async without(filter: RecordingFilter): Promise<string[]> {
    const rows = await this.#database.use(
      "read from",
      (sql) =>
        sql`SELECT id FROM term2ai.recordings WHERE ${conditions(sql, filter)} AND NOT EXISTS (
          SELECT 1 FROM term2ai.commands c WHERE c.owner = recordings.owner AND c.base = recordings.base
        ) ORDER BY base DESC`,
    );
    return rows.map(({ id }) => id);
  }

  /** Digests behind a number, and whose. The owner is named: `current_user` has another collation than the index, and would not use it. */
  async #page(filter: RecordingFilter, after: string): Promise<{ bases: string[]; digests: Uint8Array }> {
    const [page] = await this.#database.use("read from", (sql) => {
      const tables = Object.keys(filter).length > 0
        ? sql`term2ai.recordings JOIN term2ai.commands USING (owner, base) WHERE ${conditions(sql, filter)} AND`
        : sql`term2ai.commands WHERE`;
      return sql`SELECT string_agg(base::text, ' ') AS bases, encode(string_agg(digest, ''), 'base64') AS digests
        FROM (SELECT base, digest FROM ${tables} owner = ${this.#database.user} AND base > ${after}
          ORDER BY base LIMIT ${DIGESTS}) AS page`;
    });
    return { bases: page!.bases?.split(" ") ?? [], digests: Uint8Array.fromBase64(page!.digests ?? "") };
  }

  async #recordsAt(bases: string[]): Promise<Map<string, SessionCommands>> {
    const rows = await this.#database.use("read from", (sql) =>
      sql`SELECT base::text, records FROM term2ai.commands
        WHERE owner = current_user AND base = ANY (${bases}::bigint[])`);
    return new Map(rows.map(({ base, records }) => [base, JSON.parse(records)]));
  }
}
