/**
 * `term2ai search`: finds what was on screen.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../errors.ts";
import type { SearchHit } from "../models.ts";
import { parseQuery } from "../search/query.ts";
import { JSON_ARRAY } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { withStore } from "./source/chosen_store.ts";
import { FILTER_FLAGS, type FilterFlags, filterOf, parseLimit } from "./source/filter_flags.ts";
import { harmless, harmlessJson, print, tell } from "./source/stdio.ts";
import { asJson } from "./output/stored_json.ts";
import { exactTime, toSeconds } from "./program/time.ts";

interface SearchFlags extends FilterFlags {
  readonly limit: number;
  readonly best: boolean;
  readonly case: boolean;
  readonly json: boolean;
}

export const command: Command<Context> = buildCommand({
  async func(flags: SearchFlags, ...words: string[]) {
    if (words.length === 0) {
      throw new UsageError('Cannot search for nothing: give words, "a phrase", *part* or /regex/');
    }
    const query = parseQuery(words.map(quoted).join(" "), { matchCase: flags.case });
    const progress = searchProgress();
    await withStore(async (storage) => {
      const hits = storage.search(query, {
        filter: filterOf(flags),
        limit: flags.limit,
        order: flags.best ? "best" : "newest",
        onProgress: progress.show,
      });
      const found: unknown[] = [];
      for await (const hit of hits) {
        progress.end();
        if (flags.json) found.push(hitJson(hit));
        else await print(hitText(hit));
      }
      progress.end();
      if (flags.json) await print(harmlessJson(found, 2) + "\n");
      const { unindexed } = await storage.totals();
      if (unindexed > 0) tell(`${unindexed} recordings are not indexed; take them in with: term2ai store reindex\n`);
    });
  },
  parameters: {
    aliases: { n: "limit" },
    flags: {
      limit: { kind: "parsed", parse: parseLimit, brief: "hits at the most, or all", placeholder: "N", default: "50" },
      best: { kind: "boolean", brief: "first the recordings with most of it", default: false, withNegated: false },
      case: { kind: "boolean", brief: "tell capitals from small letters", default: false, withNegated: false },
      json: JSON_ARRAY,
      ...FILTER_FLAGS,
    },
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "what a line must hold, all of it", placeholder: "QUERY" },
    },
  },
  docs: {
    brief: "find what was on screen, in all stored recordings",
    fullDescription:
      `Finds lines that were on screen, commands, titles, markers and tags, newest first. Each hit begins with what play and render take.

  term2ai search refused                       a word, in capitals or not; refus* and *fused* take parts of words
  term2ai search "connection refused"          exactly that
  term2ai search '/exit (code|status) [1-9]/'  a regular expression; /…/i for capitals or not
  term2ai search error --tag ci --since 2d     all words in one line, in recordings of the last two days
  term2ai play ID@TIME                         watch it from there; render ID@TIME prints the screen with it

--store URL names the store.`,
  },
});

/** The shell has taken the quotes off a phrase. */
function quoted(word: string): string {
  const isQuery = /^\/.*\/[a-z]*$/.test(word) || word.includes('"');
  return /\s/.test(word) && !isQuery ? `"${word}"` : word;
}

function hitText({ recording: { id }, time, kind, excerpt }: SearchHit): string {
  return `${id}@${exactTime(time)}  ${kind.padEnd(7)} ${harmless(excerpt)}\n`;
}

function hitJson({ recording, time, kind, excerpt }: SearchHit) {
  return { id: recording.id, time: toSeconds(time), excerpt, kind, recording: asJson(recording) };
}

/** A search that no index helps reads all text; whoever waits should see that it goes on. */
function searchProgress(): { show: (passages: number) => void; end: () => void } {
  if (!Deno.stderr.isTerminal()) return { show: () => {}, end: () => {} };
  const start = performance.now();
  let shown = false;
  return {
    show(passages) {
      if (passages % 500 !== 0 || performance.now() - start < 1000) return;
      shown = true;
      tell(`\r\x1b[K${(passages / 1000).toFixed(1)} MB of text searched`);
    },
    end() {
      if (shown) tell("\r\x1b[K");
      shown = false;
    },
  };
}
