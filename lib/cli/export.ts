/**
 * `term2ai export`: commands, events and measurements for other programs.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../errors.ts";
import { csvHead, csvRow } from "../analyze/export/csv.ts";
import { Transcript } from "../analyze/export/markdown.ts";
import { type OtlpTraces, SessionTracer } from "../analyze/export/otlp.ts";
import { ParquetTable } from "../analyze/export/parquet.ts";
import { type Cell, type TableKind, type TableName, TABLES } from "../analyze/export/tables.ts";
import { chooseRecordings } from "./analysis/chosen.ts";
import { eachRecording, QUERY_FLAGS, type QueryFlags, queryOf, readFile } from "./analysis/sessions.ts";
import { OVERWRITE_FILE } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { Exit, isBrokenPipe } from "./program/failure.ts";
import { writeAll } from "../host/file.ts";
import { PrivateFile } from "../host/private_file.ts";
import { chooseKeys, type ReadKeyFlags, readKeyFlags } from "./keys/key_sources.ts";
import { isDevice, openDevice } from "./output/output.ts";
import { refuseTerminal, tell } from "./source/stdio.ts";
import { exportAsciicast } from "./analysis/export_asciicast.ts";
import { VERSION } from "./program/version.ts";

interface ExportFlags extends QueryFlags, ReadKeyFlags {
  readonly table?: TableName;
  readonly output: string;
  readonly overwrite: boolean;
  readonly budget?: number;
  readonly endpoint?: string;
  readonly header?: readonly (readonly [string, string])[];
}

type Write = (data: Uint8Array | string) => Promise<void>;
type Format = (files: readonly string[], flags: ExportFlags, write: Write) => Promise<number>;

const FORMATS: Readonly<Record<string, Format>> = {
  json: exportJson,
  csv: exportCsv,
  parquet: exportParquet,
  otlp: exportOtlp,
  markdown: exportMarkdown,
  asciicast: (files, flags, write) => exportAsciicast(files, flags, write),
};

/** Characters of a transcript, where none are asked for. */
const BUDGET = 100_000;

function parseBudget(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kM]?)$/.exec(text) ?? [];
  const budget = Number(number) * ({ "": 1, k: 1e3, M: 1e6 } as Record<string, number>)[unit]!;
  if (budget >= 200 && budget <= 1e8) return Math.floor(budget);
  throw new UsageError(
    `Cannot use ${JSON.stringify(text)} as a budget: expected characters from 200 to 100M, such as 20k`,
  );
}

function parseHeader(text: string): readonly [string, string] {
  const [, name, value] = /^([\w-]+)\s*[:=]\s*(.*)$/.exec(text) ?? [];
  if (name === undefined) throw new UsageError(`Cannot use ${JSON.stringify(text)} for --header: expected NAME=VALUE`);
  return [name, value!];
}

export const command: Command<Context> = buildCommand({
  async func(flags: ExportFlags, format: string, ...files: string[]) {
    chooseKeys(flags);
    if (!Object.hasOwn(FORMATS, format)) {
      throw new UsageError(`Cannot export ${JSON.stringify(format)}: expected ${Object.keys(FORMATS).join(", ")}`);
    }
    checkFlags(format, flags);
    const chosen = await chooseRecordings(files, flags);
    const unreadable = await toOutput(flags, (write) => FORMATS[format]!(chosen.files, chosen.flags, write));
    if (unreadable > 0) throw new Exit(1);
  },
  parameters: {
    aliases: { o: "output" },
    flags: {
      output: { kind: "parsed", parse: String, brief: "where it goes; - is stdout", placeholder: "FILE", default: "-" },
      overwrite: OVERWRITE_FILE,
      table: {
        kind: "enum",
        values: ["commands", "events", "usage"],
        brief: "json, csv, parquet: what the rows are; commands if left out",
        optional: true,
      },
      budget: {
        kind: "parsed",
        parse: parseBudget,
        brief: "markdown: how many characters it may have; 100k if left out",
        placeholder: "SIZE",
        optional: true,
      },
      endpoint: {
        kind: "parsed",
        parse: String,
        brief: "otlp: send it there, e.g. http://localhost:4318/v1/traces",
        placeholder: "URL",
        optional: true,
      },
      header: {
        kind: "parsed",
        parse: parseHeader,
        brief: "otlp: sent along, for keys; may be given again",
        placeholder: "NAME=VALUE",
        variadic: true,
        optional: true,
      },
      ...QUERY_FLAGS,
      ...readKeyFlags,
    },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: {
        parse: String,
        brief: "json, csv, parquet, otlp, markdown or asciicast; then recordings, ids in the store, or - for stdin",
        placeholder: "FORMAT [FILE]",
      },
    },
  },
  docs: {
    brief: "commands and events for other programs",
    fullDescription: `Writes what sessions hold in a form that other programs read.

  json, csv, parquet   a table: commands, events, or usage (what was measured in live sessions)
  otlp                 OpenTelemetry traces, a span for each command; to a file or an endpoint
  markdown             commands and what they printed, within --budget, for an issue or a language model
  asciicast            the recording with a marker at each command, without our own marks

Without FILE, --store or a query such as --since means all recordings of the store that it fits; else stdin is read.

  term2ai export csv --since 30d -o commands.csv          of the store's recordings of a month
  term2ai export markdown --budget 20k build.t2a
  term2ai export otlp --endpoint http://localhost:4318 build.t2a
  term2ai export parquet --table events demo.t2a -o events.parquet`,
  },
});

/** Options that not all formats have, and the formats that do. */
const OWN: readonly (readonly [option: "table" | "budget" | "endpoint" | "header", formats: readonly string[]])[] = [
  ["table", ["json", "csv", "parquet"]],
  ["budget", ["markdown"]],
  ["endpoint", ["otlp"]],
  ["header", ["otlp"]],
];

function checkFlags(format: string, flags: ExportFlags): void {
  for (const [option, formats] of OWN) {
    if (flags[option] === undefined || formats.includes(format)) continue;
    throw new UsageError(`Cannot use --${option} with ${format}: it belongs to ${formats.join(", ")}`);
  }
  if (flags.endpoint === undefined && flags.header) throw new UsageError("Cannot use --header without --endpoint");
  if (flags.endpoint !== undefined && !/^https?:\/\//.test(flags.endpoint)) {
    throw new UsageError(`Cannot send to ${flags.endpoint}: expected http://… or https://…`);
  }
  if (format === "parquet" && flags.output === "-") refuseTerminal("a Parquet file");
}

/**
 * Stdout, a device, or a private file that appears under its name when it is whole.
 *
 * @param make Writes, and returns how many recordings could not be read whole. Where none could be read it writes nothing.
 */
async function toOutput({ output, overwrite }: ExportFlags, make: (write: Write) => Promise<number>): Promise<number> {
  const encode = (data: Uint8Array | string) => typeof data === "string" ? new TextEncoder().encode(data) : data;
  if (output === "-") {
    try {
      return await make((data) => writeAll(Deno.stdout, encode(data)));
    } catch (error) {
      if (isBrokenPipe(error)) return 0;
      throw error;
    }
  }
  if (await isDevice(output)) {
    using device = await openDevice(output);
    return await make((data) => device.write(encode(data)));
  }
  const file = await PrivateFile.create(output, overwrite ? "replace" : "refuse");
  try {
    let isEmpty = true;
    const unreadable = await make(async (data) => {
      isEmpty = false;
      await file.write(encode(data));
    });
    if (isEmpty && unreadable > 0) await file.discard();
    else {
      await file.publish();
      file.close();
    }
    return unreadable;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** The rows of all recordings, as they become whole; `take` is told of each recording that can be read, whether it has any or not. */
async function eachRow(
  files: readonly string[],
  flags: ExportFlags,
  take: (rows: readonly (readonly Cell[])[]) => Promise<void>,
): Promise<number> {
  return await eachRecording(files, async (file) => {
    const rows: (readonly Cell[])[] = [];
    const filler = TABLES[flags.table ?? "commands"].filler((row) => rows.push(row));
    const found = await readFile(file, queryOf(flags), (event) => filler.push(event), () => take(rows.splice(0)));
    filler.flush();
    await take(rows);
    return found;
  });
}

async function exportCsv(files: readonly string[], flags: ExportFlags, write: Write): Promise<number> {
  const table = TABLES[flags.table ?? "commands"];
  let head = csvHead(table);
  const unreadable = await eachRow(files, flags, async (rows) => {
    if (head !== "" || rows.length > 0) await write(head + rows.map((row) => csvRow(table, row)).join(""));
    head = "";
  });
  if (files.length === 0) await write(head);
  return unreadable;
}

async function exportJson(files: readonly string[], flags: ExportFlags, write: Write): Promise<number> {
  const table = TABLES[flags.table ?? "commands"];
  let lead = "[\n", isRead = files.length === 0;
  const unreadable = await eachRow(files, flags, async (rows) => {
    isRead = true;
    if (rows.length === 0) return;
    await write(lead + rows.map((row) => JSON.stringify(objectOf(table, row))).join(",\n"));
    lead = ",\n";
  });
  if (isRead) await write(lead === "[\n" ? "[]\n" : "\n]\n");
  return unreadable;
}

function objectOf({ columns }: TableKind, row: readonly Cell[]): Record<string, Cell> {
  const cell = (at: number): Cell => {
    const value = row[at] ?? null;
    if (columns[at]!.type !== "time" || value === null) return value;
    return Math.abs(Number(value)) <= 8.64e15 ? new Date(Number(value)).toISOString() : null;
  };
  return Object.fromEntries(columns.map(({ name }, at) => [name, cell(at)]));
}

async function exportParquet(files: readonly string[], flags: ExportFlags, write: Write): Promise<number> {
  const table = await ParquetTable.of(TABLES[flags.table ?? "commands"]);
  let isRead = files.length === 0;
  const unreadable = await eachRow(files, flags, (rows) => {
    isRead = true;
    for (const row of rows) table.add(row);
    return Promise.resolve();
  });
  if (isRead) await write(table.finish());
  return unreadable;
}

async function exportOtlp(files: readonly string[], flags: ExportFlags, write: Write): Promise<number> {
  const all: OtlpTraces["resourceSpans"][number][] = [];
  let isRead = files.length === 0;
  const unreadable = await eachRecording(files, async (file) => {
    const tracer = new SessionTracer({ version: VERSION });
    const found = await readFile(file, queryOf(flags), (event) => tracer.push(event));
    isRead = true;
    const traces = tracer.result();
    if (flags.endpoint === undefined) all.push(...traces.resourceSpans);
    else await send(traces, flags.endpoint, flags.header ?? []);
    return found;
  });
  if (flags.endpoint === undefined && isRead) await write(JSON.stringify({ resourceSpans: all }) + "\n");
  return unreadable;
}

/** `OTLP/HTTP`: an address without a path means the usual one. */
async function send(
  traces: OtlpTraces,
  endpoint: string,
  headers: readonly (readonly [string, string])[],
): Promise<void> {
  const url = new URL(endpoint);
  if (url.pathname === "/") url.pathname = "/v1/traces";
  const response = await fetch(url, {
    method: "POST",
    headers: new Headers([
      ["content-type", "application/json"],
      ...headers.map(([name, value]) => [name, value] as [string, string]),
    ]),
    body: JSON.stringify(traces),
    signal: AbortSignal.timeout(30_000),
  }).catch((error) => {
    throw new Error(`Cannot send traces to ${url.origin}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  });
  const answer = await response.text();
  if (!response.ok) {
    throw new Error(`Cannot send traces to ${url}: it answered ${response.status} ${answer.slice(0, 200)}`);
  }
  const rejected = Number(safeJson(answer)?.partialSuccess?.rejectedSpans ?? 0);
  if (rejected > 0) tell(`${url.host} took the traces but for ${rejected} spans\n`);
}

function safeJson(text: string): { partialSuccess?: { rejectedSpans?: string | number } } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function exportMarkdown(files: readonly string[], flags: ExportFlags, write: Write): Promise<number> {
  return await eachRecording(files, async (file) => {
    const transcript = new Transcript({ budget: Math.floor((flags.budget ?? BUDGET) / Math.max(1, files.length)) });
    const found = await readFile(file, queryOf(flags), (event) => transcript.push(event));
    await write(transcript.result());
    return found;
  });
}
