/**
 * `term2ai store migrate`: from one store to another.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { loadStorage } from "../source/chosen_store.ts";
import type { Context } from "../program/context.ts";
import { Exit } from "../program/failure.ts";
import { CountLine } from "../program/progress.ts";
import { print, tell } from "../source/stdio.ts";

interface MigrateFlags {
  readonly move: boolean;
  readonly as?: string;
  readonly quiet: boolean;
}

export const migrateCommand: Command<Context> = buildCommand({
  async func({ move, as, quiet }: MigrateFlags, fromUrl: string, toUrl: string) {
    const { migrate, openStorage } = await loadStorage();
    const from = await openStorage(fromUrl);
    const to = await openStorage(toUrl);
    const line = new CountLine("recordings");
    try {
      const { copied, skipped, problems } = await migrate(from, to, {
        move,
        ...(as !== undefined && { format: as }),
        onProgress: ({ done, of, bytes, ofBytes }) => line.show(done, of, bytes, ofBytes),
      });
      line.end();
      for (const problem of problems) tell(`term2ai store migrate: ${problem}\n`);
      const there = skipped > 0 ? `, ${skipped} were there already` : "";
      if (!quiet) await print(`${copied} recordings ${move ? "moved" : "copied"} and verified${there}\n`);
      if (problems.length > 0) throw new Exit(1);
    } finally {
      line.end();
      await from.close();
      await to.close();
    }
  },
  parameters: {
    flags: {
      move: {
        kind: "boolean",
        brief: "delete each one in FROM once its copy is verified",
        default: false,
        withNegated: false,
      },
      as: {
        kind: "parsed",
        parse: String,
        brief: "change the format to this one",
        placeholder: "NAME",
        optional: true,
      },
      quiet: { kind: "boolean", brief: "no words on stdout", default: false, withNegated: false },
    },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "the URL of a store", placeholder: "FROM" },
        { parse: String, brief: "the URL of another", placeholder: "TO" },
      ],
    },
  },
  docs: {
    brief: "copy or move all recordings to another store",
    fullDescription:
      `Copies all recordings from one store to another, with title, tags and text. Each is read back and its hash compared. Run it
again after an interruption: what is there already is not copied again.

  term2ai store migrate file:///home/ada/recordings postgres://db.example.org/recordings
  term2ai store migrate --move --as t2a file:///old file:///new`,
  },
});
