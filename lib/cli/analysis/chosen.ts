/**
 * Which recordings a command that analyses is about: those that are named, else those of the store that a query asks for, else stdin.
 * @module
 */

import { rowOf } from "../../analyze/commands/command_list.ts";
import type { CommandRow } from "../../analyze/commands/command_list.ts";
import type { CommandStatistics } from "../../models.ts";
import type { RecordingFilter } from "../../ports.ts";
import { isStoreChosen, openSharedStore } from "../source/chosen_store.ts";
import { tell } from "../source/stdio.ts";
import { type QueryFlags, queryOf } from "./sessions.ts";

/** The filter of the store's recordings that are meant; `undefined` where it is not the store that is. */
export function storeFilter(files: readonly string[], flags: QueryFlags): RecordingFilter | undefined {
  const query = queryOf(flags);
  return files.length === 0 && (isStoreChosen() || Object.keys(query).length > 0) ? query : undefined;
}

/** Names of the recordings, and the flags that are still to be heeded: what a store knows of its recordings is asked once. */
export async function chooseRecordings<Flags extends QueryFlags>(
  files: readonly string[],
  flags: Flags,
): Promise<{ files: readonly string[]; flags: Flags }> {
  const filter = storeFilter(files, flags);
  if (!filter) return { files: files.length > 0 ? files : ["-"], flags };
  const stored = (await storedNames(filter)).map(({ name }) => name);
  return {
    files: stored,
    flags: { ...flags, since: undefined, until: undefined, host: undefined, user: undefined, tag: undefined },
  };
}

/** The oldest first, as they happened. */
async function storedNames(filter: RecordingFilter): Promise<{ id: string; name: string }[]> {
  const storage = await openSharedStore();
  return (await storage.list(filter, Infinity)).reverse().map(({ id }) => ({ id, name: `store:${id}` }));
}

/** Commands of a recording that the catalog knows, or its name where it does not know them. */
export type StoredRows = { readonly rows: readonly CommandRow[] } | { readonly name: string };

/** What the store knows of the commands of its recordings, the oldest first; nothing is read but the catalog. */
export async function* storedRows(filter: RecordingFilter): AsyncGenerator<StoredRows, void, void> {
  const storage = await openSharedStore();
  const unknown = await storage.withoutCommands(filter);
  const missing = new Set(unknown);
  const known = storage.commands(filter)[Symbol.asyncIterator]();
  for (const { id, name } of await storedNames(filter)) {
    if (missing.has(id)) yield { name };
    else {
      const next = await known.next();
      if (next.done) return; // forgotten meanwhile
      const { host, commands } = next.value;
      yield { rows: commands.map((command) => rowOf(command, host)) };
    }
  }
}

/** Statistics of the commands of a store's recordings, from the catalog. Those that it does not know are told of. */
export async function storedStatistics(filter: RecordingFilter, minutesFromUtc: number): Promise<CommandStatistics> {
  const storage = await openSharedStore();
  const unknown = (await storage.withoutCommands(filter)).length;
  if (unknown > 0) {
    const what = unknown === 1 ? "1 recording does" : `${unknown} recordings do`;
    tell(`${what} not count, since the store does not know their commands: see term2ai store reindex\n`);
  }
  return await storage.commandStatistics(filter, { minutesFromUtc });
}
