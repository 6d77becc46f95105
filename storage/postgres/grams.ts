/**
 * What the index of PostgreSQL is asked.
 *
 * The extension `pg_trgm` cuts text into words of letters and digits, puts two blanks before each and one behind it, and takes all
 * groups of three. Whole words are asked for with their blanks, parts of words without.
 * @module
 */

import type { TextNeed } from "../../lib/ports.ts";

/** Each one more is another list to walk through. */
const MOST = 16;

/** Groups that a passage must have; none when they tell nothing. Only what is ASCII: beyond it, the server's locale decides. */
export function gramsFor({ words, parts }: TextNeed): string[] {
  const grams = new Set<string>();
  for (const word of words.filter((word) => /^[a-z0-9_]+$/.test(word))) {
    for (const run of word.split("_").filter((run) => run !== "")) addAll(grams, `  ${run} `);
  }
  for (const part of parts) for (const [run] of part.matchAll(/[a-z0-9]{3,}/g)) addAll(grams, run);
  const all = [...grams];
  if (all.length <= MOST) return all;
  return Array.from({ length: MOST }, (_, at) => all[Math.floor(at * all.length / MOST)]!);
}

function addAll(grams: Set<string>, text: string): void {
  for (let at = 0; at + 3 <= text.length; at++) grams.add(text.slice(at, at + 3));
}
