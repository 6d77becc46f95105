/**
 * Runs analyzers over sessions, all of them in one pass.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventStream } from "../event.ts";
import type { SessionAnalyzer } from "../ports.ts";
import { deriveCommands, type DeriveCommandsOptions } from "../transform/commands.ts";

/**
 * Gives events to analyzers, commands derived and output cut at their marks. Ask the analyzers for their results, then or in
 * between; give them the next session when there are several.
 *
 * @param options Where a terminal comes from that reads command lines which no mark tells.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { CommandAnalyzer, streamOf } from "@term2ai/term2ai";
 *
 * const header = { kind: "header", time: 0, header: { cols: 80, rows: 24, command: "make test" } } as const;
 * const commands = new CommandAnalyzer();
 * await analyze(streamOf(header, { kind: "exit", time: 3e9, status: { code: 2 } }), [commands]);
 * equal(commands.result().failed, 1);
 * ```
 */
export async function analyze(
  events: EventStream,
  analyzers: readonly SessionAnalyzer<unknown>[],
  options: Pick<DeriveCommandsOptions, "emulator"> = {},
): Promise<void> {
  for await (const batch of events.pipeThrough(deriveCommands({ ...options, cut: true }))) {
    for (const event of batch) for (const analyzer of analyzers) analyzer.push(event);
  }
}
