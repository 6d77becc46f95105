/**
 * What an index of SQLite is asked, so that it gives all passages that hold what is needed, and few others.
 * @module
 */

import type { TextNeed } from "../../lib/ports.ts";

/** Each one more is another list to walk through; so many tell a text apart. */
const TRIGRAMS = 12;

/** A table and an expression for its MATCH. */
export interface Match {
  readonly table: "words" | "trigrams";
  readonly expression: string;
}

/**
 * Whole words are looked up as such, those of a phrase too: of rare ones far fewer passages have the words than have all of the
 * trigrams somewhere. Where a part of a word is needed, trigrams tell more. `undefined` when neither tells anything, so all has to be
 * read.
 */
export function matchFor({ words, parts }: TextNeed): Match | undefined {
  // What SQLite takes for a letter differs from what we do, outside of ASCII.
  const plain = words.filter((word) => /^[a-z0-9_]+$/.test(word));
  const isOfWords = parts.every((part) => (part.match(/[a-z0-9_]+/g) ?? []).every((word) => plain.includes(word)));
  const byWords: Match | undefined = plain.length > 0 ? { table: "words", expression: all(plain) } : undefined;
  if (isOfWords && byWords) return byWords;
  const trigrams = spread([...new Set([...plain, ...parts].flatMap(trigramsOf))]);
  return trigrams.length > 0 ? { table: "trigrams", expression: all(trigrams) } : byWords;
}

function all(tokens: readonly string[]): string {
  return tokens.map((token) => `"${token.replaceAll('"', '""')}"`).join(" AND ");
}

function trigramsOf(text: string): string[] {
  const characters = [...text];
  return characters.slice(2).map((_, at) => characters.slice(at, at + 3).join(""));
}

/** At most so many, from all over the text. */
function spread(trigrams: readonly string[]): string[] {
  if (trigrams.length <= TRIGRAMS) return [...trigrams];
  return Array.from({ length: TRIGRAMS }, (_, at) => trigrams[Math.floor(at * trigrams.length / TRIGRAMS)]!);
}
