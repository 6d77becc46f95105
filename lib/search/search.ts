/**
 * Finds what was on screen, typed as a command, or is known of recordings.
 *
 * A catalog gives passages that may hold what is searched for; here each line is looked at, so all catalogs find the same.
 *
 * This module is browser compatible.
 * @module
 */

import type { SearchHit, StoredRecording, TextKind, TextLine } from "../models.ts";
import type { Catalog, Passage, RecordingFilter } from "../ports.ts";
import { matcherFor, type MatchPlace, needOf, type SearchQuery } from "./query.ts";

/**
 * What to search, how much of it, and in which order.
 *
 * @example
 * ```ts
 * const options: SearchOptions = { limit: 10, filter: { tags: ["ci"] }, order: "best" };
 * ```
 */
export interface SearchOptions {
  /** Only recordings that it lets through. */
  readonly filter?: RecordingFilter;
  /** Hits at the most; 50 if left out. */
  readonly limit?: number;
  /** Newest first, if left out; or first those recordings that hold most of it, with their latest hits. */
  readonly order?: "newest" | "best";
  /** Hears how many passages have been looked at. */
  readonly onProgress?: (passages: number) => void;
}

/** Hits of one recording that `best` shows at the most: those of the next are wanted as well. */
const OF_ONE = 5;
const EXCERPT = 160;

/**
 * The lines that hold all of a query.
 *
 * @example
 * ```ts
 * import type { Catalog } from "@term2ai/term2ai";
 * import { parseQuery } from "./query.ts";
 * const newest = async (catalog: Catalog) => {
 *   for await (const { recording, excerpt } of search(catalog, parseQuery("error"), { limit: 1 })) return `${recording.id}: ${excerpt}`;
 * };
 * ```
 */
export async function* search(
  catalog: Catalog,
  query: SearchQuery,
  { filter = {}, limit = 50, order = "newest", onProgress = () => {} }: SearchOptions = {},
): AsyncGenerator<SearchHit, void, void> {
  const finder = new Finder(catalog, query, onProgress);
  const hits = order === "newest" ? finder.newest(filter) : finder.best(filter, limit);
  let count = 0;
  if (limit > 0) {
    for await (const hit of hits) {
      yield hit;
      if (++count >= limit) return;
    }
  }
}

class Finder {
  readonly #catalog: Catalog;
  readonly #query: SearchQuery;
  readonly #matches: (line: string) => MatchPlace | undefined;
  readonly #mayMatch: (text: string) => boolean;
  readonly #onProgress: (passages: number) => void;
  #looked = 0;

  constructor(catalog: Catalog, query: SearchQuery, onProgress: (passages: number) => void) {
    this.#catalog = catalog;
    this.#query = query;
    this.#matches = matcherFor(query);
    // Over a whole passage at once: of regular expressions, which may look at what is around a line, only what they are sure to hold.
    const whole = query.terms.flatMap((term) =>
      term.kind === "text" ? [matcherFor({ ...query, terms: [term] })] : needOf({ ...query, terms: [term] }).parts.map(
        (text) => matcherFor({ terms: [{ kind: "text", text, atStart: false, atEnd: false }], matchCase: false }),
      )
    );
    this.#mayMatch = (text) => whole.every((matches) => matches(text) !== undefined);
    this.#onProgress = onProgress;
  }

  /** What is known of recordings, and what is in them, in one order. */
  async *newest(filter: RecordingFilter): AsyncGenerator<SearchHit, void, void> {
    const known = await this.#known(filter);
    for await (const passage of this.#catalog.passages(needOf(this.#query), filter)) {
      this.#onProgress(++this.#looked);
      const { recording } = passage;
      while (known.length > 0 && isBefore(recording, known[0]!.recording)) yield known.shift()!;
      yield* this.#hitsIn(passage, recording);
    }
    yield* known;
  }

  /** The best recordings, with what was found in each. */
  async *best(filter: RecordingFilter, limit: number): AsyncGenerator<SearchHit, void, void> {
    yield* await this.#known(filter);
    for (const recording of await this.#catalog.best(needOf(this.#query), filter, limit)) {
      let count = 0;
      for await (const passage of this.#catalog.passages(needOf(this.#query), only(recording))) {
        if (passage.recording.id !== recording.id) continue;
        this.#onProgress(++this.#looked);
        for (const hit of this.#hitsIn(passage, recording)) if (count++ < OF_ONE) yield hit;
        if (count >= OF_ONE) break;
      }
    }
  }

  /** Hits in titles, commands, tags and the like: a handful of words each, so all are looked at. */
  async #known(filter: RecordingFilter): Promise<SearchHit[]> {
    const longest = needOf(this.#query).parts.toSorted((a, b) => b.length - a.length)[0];
    const about = longest === undefined || filter.about !== undefined ? {} : { about: longest };
    return (await this.#catalog.list({ ...filter, ...about }, Infinity)).flatMap((recording) =>
      knownLines(recording).flatMap((line) => this.#hit(recording, line))
    );
  }

  *#hitsIn(passage: Passage, recording: StoredRecording): Generator<SearchHit, void, void> {
    if (!this.#mayMatch(passage.text)) return;
    for (const line of passage.lines().toReversed()) yield* this.#hit(recording, line);
  }

  /** A line is what was found from when it last changed on: before, it may have been another, or the beginning of it. */
  #hit(recording: StoredRecording, { until, kind, text }: TextLine): SearchHit[] {
    const place = this.#matches(text);
    return place ? [{ recording, time: until, kind, excerpt: excerptOf(text, place) }] : [];
  }
}

function only({ startedAt }: StoredRecording): RecordingFilter {
  return { since: startedAt, until: startedAt + 1 };
}

function isBefore(one: StoredRecording, other: StoredRecording): boolean {
  return one.startedAt < other.startedAt ||
    (one.startedAt === other.startedAt && one.id !== other.id && one.id < other.id);
}

/** What is known of a recording, as lines at its beginning. */
function knownLines({ title, command, tags, user, host }: StoredRecording): TextLine[] {
  const line = (kind: TextKind, text: string | undefined): TextLine[] =>
    text === undefined ? [] : [{ time: 0, until: 0, kind, text }];
  return [
    ...line("title", title),
    ...line("command", command),
    ...tags.flatMap((tag) => line("tag", tag)),
    ...line("about", user),
    ...line("about", host),
  ];
}

/** The line, or the part of a long one around what was found. */
function excerptOf(text: string, { start, end }: MatchPlace): string {
  if (text.length <= EXCERPT) return text.trim();
  const from = Math.max(0, Math.min(start - Math.floor((EXCERPT - (end - start)) / 2), text.length - EXCERPT));
  const part = text.slice(from, from + EXCERPT).trim();
  return `${from > 0 ? "…" : ""}${part}${from + EXCERPT < text.length ? "…" : ""}`;
}
