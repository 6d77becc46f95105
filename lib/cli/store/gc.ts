/**
 * `term2ai store gc`: removes what need not be kept.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import type { Nanos } from "../../event.ts";
import { parseSizeInBytes } from "../../text/size.ts";
import { withStore } from "../source/chosen_store.ts";
import { JSON_OBJECT } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { harmless, harmlessJson, print } from "../source/stdio.ts";
import { asJson } from "../output/stored_json.ts";
import { formatBytes, parseTime } from "../program/time.ts";

interface GcFlags {
  readonly olderThan?: Nanos;
  readonly keepTag?: readonly string[];
  readonly maxSize?: number;
  readonly unfinishedAfter: Nanos;
  readonly dryRun: boolean;
  readonly json: boolean;
}

export const gc: Command<Context> = buildCommand({
  async func({ olderThan, keepTag = [], maxSize = Infinity, unfinishedAfter, dryRun, json }: GcFlags) {
    const { removed, leftovers } = await withStore((storage) =>
      storage.cleanUp({
        olderThan: olderThan === undefined ? Infinity : olderThan / 1e6,
        keepTags: keepTag,
        maxBytes: maxSize,
        deadAfter: unfinishedAfter / 1e6,
        dryRun,
      })
    );
    if (json) return await print(harmlessJson({ removed: removed.map(asJson), leftovers }, 2) + "\n");
    const verb = dryRun ? "would remove" : "removed";
    for (const { id, bytes, title, command } of removed) {
      await print(`${verb} ${id}  ${formatBytes(bytes).padEnd(9)} ${harmless(title ?? command ?? "")}\n`);
    }
    const freed = removed.reduce((sum, { bytes }) => sum + bytes, leftovers.bytes);
    await print(
      `${verb} ${removed.length} recordings and ${leftovers.count} unfinished uploads, ${formatBytes(freed)} in all\n`,
    );
  },
  parameters: {
    flags: {
      olderThan: {
        kind: "parsed",
        parse: parseTime,
        brief: "recordings that began longer ago, e.g. 90d",
        placeholder: "TIME",
        optional: true,
      },
      keepTag: {
        kind: "parsed",
        parse: String,
        brief: "keep those with this tag in any case; may be given again",
        placeholder: "WORD",
        variadic: true,
        optional: true,
      },
      maxSize: {
        kind: "parsed",
        parse: parseSizeInBytes,
        brief: "the oldest, until the rest takes no more, e.g. 20GB",
        placeholder: "SIZE",
        optional: true,
      },
      unfinishedAfter: {
        kind: "parsed",
        parse: parseTime,
        brief: "uploads without an end that began longer ago",
        placeholder: "TIME",
        default: "1d",
      },
      dryRun: { kind: "boolean", brief: "only tell", default: false, withNegated: false },
      json: JSON_OBJECT,
    },
  },
  docs: {
    brief: "remove what need not be kept",
    fullDescription:
      `Removes recordings by age and by size of the whole, and what interrupted uploads have left. Without a limit it removes only those.

  term2ai store gc --older-than 90d --keep-tag keep --dry-run
  term2ai store gc --max-size 20GB`,
  },
});
