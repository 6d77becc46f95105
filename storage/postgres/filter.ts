/**
 * Filters as conditions of PostgreSQL.
 * @module
 */

import type { RecordingFilter } from "../../lib/ports.ts";
import type { Sql } from "./database.ts";

/** The columns of `recordings` that a filter looks at, and whose rows they are. */
export function conditions(sql: Sql, filter: RecordingFilter) {
  const { user, host, tags = [], exitCode, since, until, minDuration, maxDuration, minBytes, maxBytes, about } = filter;
  const all = [
    sql`owner = current_user::text`, // as it is, it has another collation than the index, which is not used then
    user === undefined ? undefined : sql`"user" = ${user}`,
    host === undefined ? undefined : sql`host = ${host}`,
    tags.length === 0 ? undefined : sql`tags @> ${tags as string[]}`,
    exitCode === undefined ? undefined : sql`exit = ${exitCode}`,
    since === undefined ? undefined : sql`started >= ${Math.ceil(since)}`,
    until === undefined ? undefined : sql`started < ${Math.ceil(until)}`,
    minDuration === undefined ? undefined : sql`duration >= ${Math.ceil(minDuration)}`,
    maxDuration === undefined ? undefined : sql`duration <= ${Math.floor(maxDuration)}`,
    minBytes === undefined ? undefined : sql`bytes >= ${minBytes}`,
    maxBytes === undefined ? undefined : sql`bytes <= ${maxBytes}`,
    about === undefined ? undefined : sql`position(${about.toLowerCase().replaceAll("\0", "")} in about) > 0`,
  ].filter((condition) => condition !== undefined);
  return all.reduce((whole, condition) => sql`${whole} AND ${condition}`);
}
