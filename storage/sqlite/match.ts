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
 * Words are looked up as such, those of a phrase too: of a thousand passages that have all of its trigrams somewhere, a hundred have
 * its words. Parts of words are looked up by their trigrams. `undefined` when neither tells anything, so all has to be read.
 */
export function matchFor({ words, parts }: TextNeed): Match | undefined {
  // What SQLite takes for a letter differs from what we do, outside of ASCII.
  const plain = words.filter((word) => /^[a-z0-9_]+$/.test(word));
  if (plain.length > 0) return { table: "words", expression: all(plain) };
  const trigrams = spread([...new Set(parts.flatMap(trigramsOf))]);
  return trigrams.length > 0 ? { table: "trigrams", expression: all(trigrams) } : undefined;
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
