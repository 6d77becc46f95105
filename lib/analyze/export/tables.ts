/**
 * Sessions as tables for other programs: commands, events, and what was measured.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionEvent, SessionHeader } from "../../event.ts";
import type { CommandRecord } from "../../models.ts";
import { CommandCollector } from "../commands/command_record.ts";
import { parseCommandLine } from "../commands/command_line.ts";

/**
 * What a column holds; a cell may also be `null`.
 *
 * @example
 * ```ts
 * const types: ColumnType[] = ["text", "integer", "number", "time"];
 * ```
 */
export type ColumnType = "text" | "integer" | "number" | "time";

/**
 * A cell: times are in milliseconds since 1970.
 *
 * @example
 * ```ts
 * const cells: Cell[] = ["make", 2, null];
 * ```
 */
export type Cell = string | number | null;

/**
 * A table that is filled from events.
 *
 * @example
 * ```ts
 * const wide = ({ columns }: TableKind) => columns.length > 10;
 * ```
 */
export interface TableKind {
  /** The name users type. */
  readonly name: TableName;
  /** In order. */
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  /** Makes what turns events into rows, each handed to `row` when it is whole. */
  filler(row: (cells: readonly Cell[]) => void): { push(event: SessionEvent): void; flush(): void };
}

/**
 * Which tables there are.
 *
 * @example
 * ```ts
 * const names: TableName[] = ["commands", "events", "usage"];
 * ```
 */
export type TableName = "commands" | "events" | "usage";

type Columns = TableKind["columns"];

const SESSION: Columns = [{ name: "session", type: "text" }, { name: "host", type: "text" }, {
  name: "user",
  type: "text",
}];

const COMMANDS: Columns = [
  ...SESSION,
  { name: "index", type: "integer" },
  { name: "text", type: "text" },
  { name: "program", type: "text" },
  { name: "exitCode", type: "integer" },
  { name: "cwd", type: "text" },
  { name: "time", type: "number" },
  { name: "durationSeconds", type: "number" },
  { name: "firstOutputSeconds", type: "number" },
  { name: "outputBytes", type: "integer" },
  { name: "confidence", type: "text" },
  { name: "startedAt", type: "time" },
];

const EVENTS: Columns = [
  ...SESSION,
  { name: "time", type: "number" },
  { name: "kind", type: "text" },
  { name: "bytes", type: "integer" },
  { name: "text", type: "text" },
];

const USAGE: Columns = [
  ...SESSION,
  { name: "time", type: "number" },
  { name: "name", type: "text" },
  { name: "value", type: "number" },
];

/**
 * All tables by name.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const rows: unknown[] = [];
 * const filler = TABLES.usage.filler((row) => rows.push(row.slice(3)));
 * filler.push({ kind: "note", time: 1e9, topic: "usage", data: { cpu: 0.5 } });
 * deepEqual(rows, [[1, "cpu", 0.5]]);
 * ```
 */
export const TABLES: Readonly<Record<TableName, TableKind>> = {
  commands: { name: "commands", columns: COMMANDS, filler: fillCommands },
  events: {
    name: "events",
    columns: EVENTS,
    filler: (row) =>
      perEvent((event, session) => row([...session, seconds(event.time), event.kind, ...detailsOf(event)])),
  },
  usage: {
    name: "usage",
    columns: USAGE,
    filler: (row) => perEvent((event, session) => measured(event, session, row)),
  },
};

function fillCommands(row: (cells: readonly Cell[]) => void) {
  let session: readonly Cell[] = [null, null, null];
  const end = (command: CommandRecord) => {
    const { index, text, code, cwd, start, end, firstOutput, outputBytes, confidence, startedAt } = command;
    row([
      ...session,
      index,
      text ?? null,
      (text === undefined ? undefined : parseCommandLine(text).programs[0]?.program) ?? null,
      code ?? null,
      cwd ?? null,
      seconds(start),
      end === undefined ? null : seconds(end - start),
      firstOutput === undefined ? null : seconds(firstOutput - start),
      outputBytes,
      confidence,
      startedAt ?? null,
    ]);
  };
  const collector = new CommandCollector({ begin: () => {}, output: () => {}, end });
  return {
    push(event: SessionEvent) {
      collector.push(event); // a header ends what the session before it left open
      if (event.kind === "header") session = sessionCells(event.header);
    },
    flush: () => collector.flush(),
  };
}

function perEvent(take: (event: SessionEvent, session: readonly Cell[]) => void) {
  let session: readonly Cell[] = [null, null, null];
  return {
    push(event: SessionEvent) {
      if (event.kind === "header") session = sessionCells(event.header);
      take(event, session);
    },
    flush: () => {},
  };
}

const sessionCells = ({ id, host, user }: SessionHeader): Cell[] => [id ?? null, host ?? null, user ?? null];
const seconds = (nanos: number) => Number((nanos / 1e9).toFixed(9));

/** Bytes, and what there is to read. */
function detailsOf(event: SessionEvent): [Cell, Cell] {
  switch (event.kind) {
    case "output":
    case "input":
    case "custom":
    case "opaque":
      return [event.data.length, event.kind === "opaque" ? null : new TextDecoder().decode(event.data)];
    case "header":
      return [null, event.header.command ?? null];
    case "resize":
      return [null, `${event.cols}x${event.rows}`];
    case "marker":
      return [null, event.label];
    case "signal":
      return [null, event.name];
    case "clock":
      return [null, `${event.drift} ns`];
    case "gap":
      return [event.bytes ?? null, event.reason];
    case "note":
      return [null, `${event.topic} ${JSON.stringify(event.data)}`];
    case "exit":
      return [null, "code" in event.status ? String(event.status.code) : event.status.signal];
    case "command":
      return [null, [event.phase, event.text ?? event.code ?? ""].join(" ").trim()];
    default:
      return [null, null];
  }
}

function measured(event: SessionEvent, session: readonly Cell[], row: (cells: readonly Cell[]) => void): void {
  if (event.kind !== "note" || event.topic !== "usage" || typeof event.data !== "object" || event.data === null) return;
  for (const [name, value] of Object.entries(event.data)) {
    if (typeof value === "number") row([...session, seconds(event.time), name, value]);
  }
}
