/**
 * `term2ai store stat`: what a store holds.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { withStore } from "../source/chosen_store.ts";
import { JSON_OBJECT } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { harmless, harmlessJson, print } from "../source/stdio.ts";
import { formatBytes, formatTime, toSeconds } from "../program/time.ts";

export const stat: Command<Context> = buildCommand({
  async func({ json }: { json: boolean }) {
    await withStore(async (storage) => {
      const { recordings, bytes, duration, textBytes, unindexed } = await storage.totals();
      const { quota, catalog, owner } = storage.parts;
      const limit = quota === Infinity ? null : quota;
      if (json) {
        const all = { store: storage.name, catalog: catalog.name, owner, recordings, bytes, quota: limit };
        const more = { durationSeconds: toSeconds(duration), textBytes, unindexed };
        return await print(harmlessJson({ ...all, ...more }, 2) + "\n");
      }
      const rows = [
        ["store", harmless(storage.name)],
        ["catalog", harmless(catalog.name)],
        ["owner", harmless(owner)],
        ["recordings", String(recordings)],
        ["size", formatBytes(bytes) + (limit === null ? "" : ` of ${formatBytes(limit)}`)],
        ["length", formatTime(duration)],
        ["text", formatBytes(textBytes) + (unindexed > 0 ? `; ${unindexed} recordings are not indexed` : "")],
      ];
      await print(rows.map(([label, value]) => `${(label + ":").padEnd(13)}${value}\n`).join(""));
    });
  },
  parameters: { flags: { json: JSON_OBJECT } },
  docs: { brief: "tell what the store holds" },
});
