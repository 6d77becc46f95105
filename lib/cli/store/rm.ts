/**
 * `term2ai store rm`: forgets recordings.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../../errors.ts";
import { findRecording, withStore } from "../source/chosen_store.ts";
import type { Context } from "../program/context.ts";
import { purgeCaches } from "./replace.ts";

export const rm: Command<Context> = buildCommand({
  async func(_flags: Record<never, never>, ...ids: string[]) {
    if (ids.length === 0) throw new UsageError("Cannot remove nothing: give the ids of recordings");
    await withStore(async (storage) => {
      // All are found before any is removed: a wrong one should not leave half of the work done.
      const recordings = [];
      for (const id of ids) recordings.push(await findRecording(storage, id));
      for (const { id } of recordings) await storage.delete(id);
      await storage.purge();
      await purgeCaches(storage, recordings);
    });
  },
  parameters: {
    positional: { kind: "array", parameter: { parse: String, brief: "stored recordings", placeholder: "ID" } },
  },
  docs: {
    brief: "remove recordings",
    fullDescription:
      "Removes recordings, with their text, also from the files of the catalog and from what players have kept. There is no way back.",
  },
});
