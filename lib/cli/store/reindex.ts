/**
 * `term2ai store reindex`: brings the catalog up to what is stored.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { withStore } from "../source/chosen_store.ts";
import type { Context } from "../program/context.ts";
import { Exit } from "../program/failure.ts";
import { CountLine } from "../program/progress.ts";
import { print, tell } from "../source/stdio.ts";

interface ReindexFlags {
  readonly all: boolean;
  readonly text: boolean;
  readonly arrivals: boolean;
}

export const reindex: Command<Context> = buildCommand({
  async func({ all, text, arrivals }: ReindexFlags) {
    if (arrivals) return await withStore(() => Promise.resolve()); // opening it is all there is to do
    const line = new CountLine("recordings");
    const { indexed, found, gone, problems } = await withStore((storage) =>
      storage.reindex({ all, text, onProgress: (done, of) => line.show(done, of) })
    );
    line.end();
    for (const problem of problems) tell(`term2ai store reindex: ${problem}\n`);
    await print(`${indexed} recordings indexed, ${found} found, ${gone} gone\n`);
    if (problems.length > 0) throw new Exit(1);
  },
  parameters: {
    flags: {
      all: { kind: "boolean", brief: "forget the catalog and build it anew", default: false, withNegated: false },
      text: { kind: "boolean", brief: "read the text out of the recordings again", default: false, withNegated: false },
      arrivals: {
        kind: "boolean",
        brief: "only take in what recorders have left, without a word",
        default: false,
        withNegated: false,
      },
    },
  },
  docs: {
    brief: "bring the catalog up to what is stored",
    fullDescription:
      `Takes in recordings that the catalog does not know, forgets those that are gone, and indexes text that is not yet. The text comes
from the file ID.text beside each recording, or out of the recording where there is none.

  term2ai store reindex            after recordings were copied by hand
  term2ai store reindex --all      after the catalog was damaged`,
  },
});
