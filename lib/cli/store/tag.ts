/**
 * `term2ai store tag` and `untag`: words to find recordings by.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../../errors.ts";
import { findRecording, withStore } from "../source/chosen_store.ts";
import type { Context } from "../program/context.ts";

function tagCommand(
  name: string,
  brief: string,
  change: (tags: readonly string[], words: readonly string[]) => readonly string[],
): Command<Context> {
  return buildCommand({
    async func(_flags: Record<never, never>, id: string, ...words: string[]) {
      if (words.length === 0) throw new UsageError(`Cannot ${name} ${id}: a tag is expected behind the id`);
      for (const word of words) {
        if (word.trim() === "" || /[\0-\x1f\x7f]/.test(word)) {
          throw new UsageError(`Cannot use ${JSON.stringify(word)} as a tag: expected a word`);
        }
      }
      await withStore(async (storage) => {
        const recording = await findRecording(storage, id);
        await storage.change(recording.id, ({ tags, ...rest }) => ({ ...rest, tags: change(tags, words) }));
      });
    },
    parameters: {
      positional: {
        kind: "array",
        parameter: { parse: String, brief: "a stored recording, and tags", placeholder: "ID TAG" },
        minimum: 1,
      },
    },
    docs: { brief },
  });
}

export const tag = tagCommand("tag", "give a recording tags", (tags, words) => [...new Set([...tags, ...words])]);

export const untag = tagCommand(
  "untag",
  "take tags from a recording",
  (tags, words) => tags.filter((tag) => !words.includes(tag)),
);
