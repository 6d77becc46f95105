/**
 * Tables as Apache Parquet.
 *
 * This module is browser compatible.
 * @module
 */

import type { Cell, ColumnType, TableKind } from "./tables.ts";

/** Rows that are held before they are packed. */
const GROUP = 50_000;

// deno-fmt-ignore
const TYPES = { text: "STRING", integer: "INT64", number: "DOUBLE", time: "TIMESTAMP" } as const;

/**
 * Rows in, a file out.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const table = await ParquetTable.of({ columns: [{ name: "text", type: "text" }] });
 * table.add(["make"]);
 * equal(new TextDecoder().decode(table.finish().subarray(0, 4)), "PAR1");
 * ```
 */
export class ParquetTable {
  readonly #columns: TableKind["columns"];
  readonly #writer: { write(options: { columnData: unknown[] }): void; finish(): void };
  readonly #bytes: { getBuffer(): ArrayBuffer };
  #rows: (readonly Cell[])[] = [];

  private constructor(columns: TableKind["columns"], { ByteWriter, ParquetWriter }: typeof import("hyparquet-writer")) {
    const writer = new ByteWriter();
    this.#columns = columns;
    this.#bytes = writer;
    const schema = [
      { name: "root", num_children: columns.length },
      ...columns.map(({ name, type }) => element(name, type)),
    ];
    this.#writer = new ParquetWriter({ writer, schema } as never) as never;
  }

  /** A table of these columns; the package that packs it is loaded now. */
  static async of({ columns }: Pick<TableKind, "columns">): Promise<ParquetTable> {
    return new ParquetTable(columns, await import("hyparquet-writer"));
  }

  /** Adds a row. */
  add(row: readonly Cell[]): void {
    this.#rows.push(row);
    if (this.#rows.length >= GROUP) this.#pack();
  }

  /** The whole file. */
  finish(): Uint8Array {
    this.#pack();
    this.#writer.finish();
    return new Uint8Array(this.#bytes.getBuffer());
  }

  #pack(): void {
    const columnData = this.#columns.map(({ name, type }, at) => ({
      name,
      type: TYPES[type],
      data: this.#rows.map((row) => valueOf(row[at] ?? null, type)),
    }));
    if (this.#rows.length > 0) this.#writer.write({ columnData });
    this.#rows = [];
  }
}

function element(name: string, type: ColumnType) {
  const optional = { name, repetition_type: "OPTIONAL" };
  switch (type) {
    case "text":
      return { ...optional, type: "BYTE_ARRAY", converted_type: "UTF8" };
    case "integer":
      return { ...optional, type: "INT64" };
    case "number":
      return { ...optional, type: "DOUBLE" };
    case "time":
      return { ...optional, type: "INT64", converted_type: "TIMESTAMP_MILLIS" };
  }
}

function valueOf(cell: Cell, type: ColumnType): string | number | bigint | Date | null {
  if (cell === null) return null;
  if (type === "integer") return BigInt(Math.trunc(Number(cell)));
  if (type === "time") return Math.abs(Number(cell)) <= 8.64e15 ? new Date(Number(cell)) : null;
  return cell;
}
