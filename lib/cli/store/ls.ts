/**
 * `term2ai store ls`: the newest recordings.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import type { StoredRecording } from "../../models.ts";
import { withStore } from "../source/chosen_store.ts";
import { JSON_ARRAY } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { FILTER_FLAGS, type FilterFlags, filterOf, parseLimit } from "../source/filter_flags.ts";
import { harmless, harmlessJson, print } from "../source/stdio.ts";
import { asJson } from "../output/stored_json.ts";
import { formatBytes, formatTime } from "../program/time.ts";

interface ListFlags extends FilterFlags {
  readonly limit: number;
  readonly json: boolean;
}

export const ls: Command<Context> = buildCommand({
  async func(flags: ListFlags) {
    const recordings = await withStore((storage) => storage.list(filterOf(flags), flags.limit));
    await print(flags.json ? harmlessJson(recordings.map(asJson), 2) + "\n" : table(recordings));
  },
  parameters: {
    aliases: { n: "limit" },
    flags: {
      limit: { kind: "parsed", parse: parseLimit, brief: "at the most, or all", placeholder: "N", default: "50" },
      json: JSON_ARRAY,
      ...FILTER_FLAGS,
    },
  },
  docs: {
    brief: "list the newest recordings",
    fullDescription: `Lists the newest recordings, newest first.

  term2ai store ls --tag ci --exit 1
  term2ai store ls --json -n all | jq -r '.[].id'`,
  },
});

function table(recordings: readonly StoredRecording[]): string {
  const rows = recordings.map(({ id, startedAt, duration, bytes, exit, title, command, tags }) => [
    id,
    localTime(startedAt),
    formatTime(duration),
    formatBytes(bytes),
    exit === undefined ? "" : "code" in exit ? String(exit.code) : exit.signal,
    harmless([title ?? command ?? "", ...tags.map((tag) => `#${tag}`)].join(" ").trim()),
  ]);
  if (rows.length === 0) return "";
  const all = [["ID", "STARTED", "LENGTH", "SIZE", "EXIT", "WHAT"], ...rows];
  const widths = all[0]!.map((_, at) => Math.max(...all.map((row) => row[at]!.length)));
  return all.map((row) => row.map((cell, at) => cell.padEnd(at === 5 ? 0 : widths[at]!)).join("  ").trimEnd() + "\n")
    .join("");
}

function localTime(time: number): string {
  const date = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16).replace("T", " ");
}
