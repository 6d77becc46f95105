/**
 * What a benchmark has found, as a Markdown table or as JSON.
 * @module
 */

import type { Json } from "../../lib/event.ts";
import type { Ratio } from "./ratios.ts";

/** How much to measure. */
export interface BenchOptions {
  /** Long enough for figures to be quoted, instead of quick. */
  readonly full: boolean;
}

/** The figures of one benchmark. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** What was measured and how, in a line below the table. */
  readonly note: string;
  /** Every single figure, for `--json`. */
  readonly runs: Json;
  /** What is compared with earlier versions. */
  readonly ratios?: readonly Ratio[];
}

/** A benchmark. */
export type Bench = (options: BenchOptions) => Promise<Table>;

/** As Markdown. */
export function markdown({ title, columns, rows, note }: Table): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |\n`;
  return `### ${title}\n\n${row(columns)}${row(columns.map(() => "---"))}${rows.map(row).join("")}\n${note}\n\n`;
}

/** Runs one benchmark for its own sake: `--full`, `--json`. */
export async function runAlone(bench: Bench): Promise<void> {
  const table = await bench({ full: Deno.args.includes("--full") });
  console.log(Deno.args.includes("--json") ? JSON.stringify(table, null, 1) : markdown(table).trimEnd());
}
