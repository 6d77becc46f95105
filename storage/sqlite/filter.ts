/**
 * Filters as conditions of SQL.
 * @module
 */

import type { RecordingFilter } from "../../lib/ports.ts";
import type { SqlValue } from "./database.ts";

/** The columns of `recordings` that a filter looks at; a value stands for each `?`. */
export function conditionsFor(filter: RecordingFilter): { where: string; values: SqlValue[] } {
  const conditions: string[] = [], values: SqlValue[] = [];
  const add = (condition: string, value: SqlValue | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add("user = ?", filter.user);
  add("host = ?", filter.host);
  for (const tag of filter.tags ?? []) add("instr(tags, ?)", `\n${tag}\n`);
  add("exit = ?", filter.exitCode);
  add("started >= ?", filter.since);
  add("started < ?", filter.until);
  add("duration >= ?", filter.minDuration);
  add("duration <= ?", filter.maxDuration);
  add("bytes >= ?", filter.minBytes);
  add("bytes <= ?", filter.maxBytes);
  add("instr(about, ?)", filter.about?.toLowerCase());
  return { where: conditions.join(" AND ") || "1", values };
}
