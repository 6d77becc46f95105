/**
 * What is searched for, as people type it.
 *
 * - `refused`: the word, in small letters or capitals; `refus*` words that begin so, `*fused` that end so, `*fus*` any part of a word.
 * - `"connection refused"`: exactly that, at the borders of words; `"*onnection refuse*"` anywhere.
 * - `/refused$/`: a regular expression of JavaScript; `/refused$/i` in small letters or capitals.
 *
 * Several of them must all stand in one line.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../errors.ts";
import type { TextNeed } from "../ports.ts";
import { inSmallLetters } from "./fold.ts";
import { literalsOf } from "./regex_literals.ts";

/**
 * One of the things that a line must hold.
 *
 * @example
 * ```ts
 * const term: SearchTerm = { kind: "text", text: "refus", atStart: true, atEnd: false };
 * ```
 */
export type SearchTerm =
  /** `atStart`, `atEnd`: whether a word must begin, or end, there. */
  | { readonly kind: "text"; readonly text: string; readonly atStart: boolean; readonly atEnd: boolean }
  | { readonly kind: "regex"; readonly regex: RegExp };

/**
 * What a line must hold, all of it.
 *
 * @example
 * ```ts
 * const query: SearchQuery = { terms: [{ kind: "regex", regex: /^error:/ }], matchCase: false };
 * ```
 */
export interface SearchQuery {
  /** At least one. */
  readonly terms: readonly SearchTerm[];
  /** Whether capitals differ from small letters in terms of kind `text`. */
  readonly matchCase: boolean;
}

/**
 * Reads a query.
 *
 * @throws {UsageError} If there is nothing in it, or it holds a regular expression that is none.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(parseQuery('"connection refused" redis*').terms, [
 *   { kind: "text", text: "connection refused", atStart: true, atEnd: true },
 *   { kind: "text", text: "redis", atStart: true, atEnd: false },
 * ]);
 * ```
 */
export function parseQuery(text: string, { matchCase = false }: { matchCase?: boolean } = {}): SearchQuery {
  const parts = text.matchAll(/"((?:[^"\\]|\\.)*)"|\/((?:[^/\\]|\\.)+)\/([a-z]*)(?=\s|$)|(\S+)/g);
  const terms = [...parts].flatMap(([, quoted, regex, flags = "", word]): SearchTerm[] => {
    if (regex !== undefined) return [{ kind: "regex", regex: compile(regex, flags) }];
    const term = textTerm(quoted?.replace(/\\(["\\])/g, "$1") ?? word!);
    return term.text === "" ? [] : [term];
  });
  if (terms.length > 0) return { terms, matchCase };
  throw new UsageError(`Cannot search for ${JSON.stringify(text)}: expected words, "a phrase", *part* or /regex/`);
}

function textTerm(text: string): SearchTerm & { kind: "text" } {
  const [, before, inner, after] = /^(\*?)([^]*?)(\*?)$/.exec(text)!;
  return { kind: "text", text: inner!, atStart: before === "", atEnd: after === "" };
}

function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, [...new Set(flags.replace(/[gy]/g, "") + "u")].join(""));
  } catch (error) {
    throw new UsageError(`Cannot search for /${source}/${flags}: ${(error as Error).message}`, { cause: error });
  }
}

/** Letters, digits and `_` of any script, with the marks that belong to letters. */
const WORD = /[\p{L}\p{N}\p{M}_]/u;
const WORDS = /[\p{L}\p{N}\p{M}_]+/gu;

/**
 * What an index can say about a query.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(needOf(parseQuery('"Connection refused" *6379*')), { words: ["connection", "refused"], parts: ["connection refused", "6379"] });
 * ```
 */
export function needOf({ terms }: SearchQuery): TextNeed {
  const words = new Set<string>(), parts = new Set<string>();
  for (const term of terms) {
    if (term.kind === "regex") { for (const part of literalsOf(term.regex.source)) parts.add(inSmallLetters(part)); }
    else {
      const text = inSmallLetters(term.text);
      for (const word of wholeWords(text, term)) words.add(word);
      if ([...text].length >= 3) parts.add(text);
    }
  }
  return { words: [...words], parts: [...parts] };
}

/** The words of a text that must be whole words wherever it stands. */
function wholeWords(text: string, { atStart, atEnd }: { atStart: boolean; atEnd: boolean }): string[] {
  return [...text.matchAll(WORDS)].filter(({ index, 0: word }) =>
    (index > 0 || atStart) && (index + word.length < text.length || atEnd)
  ).map(([word]) => word);
}

/**
 * Where a line holds what is searched for: the first place of the first term, or `undefined`.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 * const matches = matcherFor(parseQuery("refused"));
 * deepEqual(matches("Connection Refused"), { start: 11, end: 18 });
 * equal(matches("unrefused"), undefined);
 * ```
 */
export function matcherFor({ terms, matchCase }: SearchQuery): (line: string) => MatchPlace | undefined {
  const finders = terms.map((term) => term.kind === "regex" ? finderOf(term.regex) : textFinder(term, matchCase));
  return (line) => {
    let first: MatchPlace | undefined;
    for (const find of finders) {
      const place = find(line);
      if (!place) return undefined;
      first ??= place;
    }
    return first;
  };
}

/**
 * A part of a line, from `start` to before `end`.
 *
 * @example
 * ```ts
 * const found = (line: string, { start, end }: MatchPlace) => line.slice(start, end);
 * ```
 */
export interface MatchPlace {
  /** Index of its first character. */
  readonly start: number;
  /** Index behind its last one. */
  readonly end: number;
}

type Finder = (line: string) => MatchPlace | undefined;

function finderOf(regex: RegExp): Finder {
  return (line) => {
    const match = regex.exec(line);
    return match ? { start: match.index, end: match.index + match[0].length } : undefined;
  };
}

/** By a regular expression: its engine folds case without making a copy of each line, and keeps the places right. */
function textFinder({ text, atStart, atEnd }: SearchTerm & { kind: "text" }, matchCase: boolean): Finder {
  const characters = [...text];
  const before = atStart && WORD.test(characters[0]!) ? "(?<![\\p{L}\\p{N}\\p{M}_])" : "";
  const after = atEnd && WORD.test(characters.at(-1)!) ? "(?![\\p{L}\\p{N}\\p{M}_])" : "";
  const exact = text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return finderOf(new RegExp(before + exact + after, matchCase ? "u" : "iu"));
}
