/**
 * What happened in a session: which commands ran, how long they took, where the time went, what failed and why; two sessions
 * compared; and all of it for other programs.
 *
 * Commands and times come from the marks that shells leave, or from guesses that say that they are guesses. Analyzers are given
 * the events of sessions, from any format, and nothing here opens a file.
 *
 * This module is browser compatible.
 *
 * @example What a session did
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { streamOf } from "@term2ai/term2ai";
 * import { analyze, CommandAnalyzer } from "./mod.ts";
 *
 * const header = { kind: "header", time: 0, header: { cols: 80, rows: 24, command: "make test" } } as const;
 * const commands = new CommandAnalyzer();
 * await analyze(streamOf(header, { kind: "exit", time: 3e9, status: { code: 2 } }), [commands]);
 * equal(commands.result().failed, 1);
 * ```
 *
 * @module
 */

export * from "./commands/command_record.ts";
export * from "./commands/command_line.ts";
export * from "./commands/durations.ts";
export * from "./performance/output_rate.ts";
export * from "./commands/command_analyzer.ts";
export * from "./performance/performance_analyzer.ts";
export * from "./errors/error_shapes.ts";
export type { FoundError } from "./errors/error_causes.ts";
export * from "./errors/error_analyzer.ts";
export * from "./commands/command_list.ts";
export * from "./session_filter.ts";
export * from "./export/tables.ts";
export * from "./export/csv.ts";
export * from "./export/parquet.ts";
export * from "./export/otlp.ts";
export * from "./export/markdown.ts";
export * from "./session_digest.ts";
export * from "./compare.ts";
export * from "./analyze.ts";
