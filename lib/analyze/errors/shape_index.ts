/**
 * Tells which of many shapes a line may have, by the words in it: looking for each word of each shape takes twenty times as long.
 *
 * This module is browser compatible.
 * @module
 */

import type { ErrorShape } from "./error_shapes.ts";

/** A word, and the places in the table of the shapes that ask for it. */
interface Entry {
  readonly word: string;
  readonly shapes: number[];
}

/**
 * Knows the words of shapes.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const shape = { kind: "other", pattern: /./, certain: false } as const;
 * const index = new ShapeIndex([{ ...shape, words: ["panic", "fatal"] }, { ...shape, words: ["error: "] }]);
 * deepEqual(index.candidates("error: fatal"), [0, 1]);
 * deepEqual(index.candidates("all is well"), []);
 * ```
 */
export class ShapeIndex {
  readonly #byPair = new Map<number, Entry[]>(); // by the first two characters of a word
  readonly #isFirst = new Uint8Array(65_536); // 1 for the first characters of words
  readonly #marks: Uint8Array; // 1 for the shapes that were found in a line

  /** Learns the words of `shapes`, each of two characters at least. */
  constructor(shapes: readonly ErrorShape[]) {
    this.#marks = new Uint8Array(shapes.length);
    const entries = new Map<string, Entry>();
    shapes.forEach(({ words }, shape) => {
      for (const word of words) {
        if (word.length < 2) throw new RangeError(`Cannot look for ${JSON.stringify(word)}: two characters are needed`);
        if (!entries.has(word)) entries.set(word, { word, shapes: [] });
        entries.get(word)!.shapes.push(shape);
      }
    });
    for (const entry of entries.values()) {
      const pair = pairAt(entry.word, 0);
      this.#isFirst[entry.word.charCodeAt(0)] = 1;
      this.#byPair.set(pair, [...this.#byPair.get(pair) ?? [], entry]);
    }
  }

  /** The places of the shapes that have a word in `line`, in the order of the table. */
  candidates(line: string): number[] {
    const found: number[] = [];
    for (let at = 0; at + 1 < line.length; at++) {
      if (this.#isFirst[line.charCodeAt(at)] === 0) continue;
      for (const { word, shapes } of this.#byPair.get(pairAt(line, at)) ?? []) {
        if (!line.startsWith(word, at)) continue;
        for (const shape of shapes) {
          if (this.#marks[shape] === 0) found.push(shape);
          this.#marks[shape] = 1;
        }
      }
    }
    for (const shape of found) this.#marks[shape] = 0;
    return found.sort((a, b) => a - b);
  }
}

function pairAt(text: string, at: number): number {
  return text.charCodeAt(at) << 16 | text.charCodeAt(at + 1);
}
