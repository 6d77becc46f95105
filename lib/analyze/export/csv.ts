/**
 * Tables as comma-separated values (RFC 4180), which spreadsheets may open without running anything.
 *
 * A cell of text that a spreadsheet would take for a formula begins with an apostrophe, as OWASP advises; a command line such as
 * `=cmd|…` could otherwise be run by whoever opens the file.
 *
 * Control characters but tabs and line feeds are spelled out, as everywhere where text of a recording may be shown; JSON and Parquet have
 * them as they are.
 *
 * This module is browser compatible.
 * @module
 */

import { harmless } from "../../text/harmless.ts";
import type { Cell, ColumnType, TableKind } from "./tables.ts";

/**
 * The first line.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(csvHead({ columns: [{ name: "text", type: "text" }, { name: "code", type: "integer" }] }), "text,code\r\n");
 * ```
 */
export function csvHead({ columns }: Pick<TableKind, "columns">): string {
  return columns.map(({ name }) => name).join(",") + "\r\n";
}

/**
 * A row.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const columns = [{ name: "text", type: "text" }, { name: "drift", type: "number" }] as const;
 * equal(csvRow({ columns }, ['=HYPERLINK("x")', -1.5]), `"'=HYPERLINK(""x"")",-1.5\r\n`);
 * ```
 */
export function csvRow({ columns }: Pick<TableKind, "columns">, cells: readonly Cell[]): string {
  return cells.map((cell, at) => csvCell(cell, columns[at]?.type ?? "text")).join(",") + "\r\n";
}

function csvCell(cell: Cell, type: ColumnType): string {
  if (cell === null) return "";
  if (type === "time") return typeof cell === "number" && Math.abs(cell) <= 8.64e15 ? new Date(cell).toISOString() : "";
  if (typeof cell === "number") return String(cell);
  const text = safe(harmless(cell, "\n\t"));
  return /[",\r\n;\t']/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

function safe(text: string): string {
  return /^[\s\0]*[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text;
}
