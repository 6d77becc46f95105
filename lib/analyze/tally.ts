/**
 * Counts of things by name, in bounded memory.
 *
 * This module is browser compatible.
 * @module
 */

/** How many names are told apart. */
const MAX_NAMES = 10_000;
const OTHERS = "(others)";

/**
 * Something for each name; names beyond 10,000 share one, which is called `(others)`.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const tally = new Tally(() => ({ count: 0 }));
 * for (const word of ["a", "b", "a"]) tally.of(word).count++;
 * deepEqual([...tally.entries()], [["a", { count: 2 }], ["b", { count: 1 }]]);
 * ```
 */
export class Tally<Entry> {
  readonly #make: () => Entry;
  readonly #entries = new Map<string, Entry>();

  /** Entries are made by `make` when their name comes up. */
  constructor(make: () => Entry) {
    this.#make = make;
  }

  /** The entry of a name. */
  of(name: string): Entry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const key = this.#entries.size < MAX_NAMES ? name : OTHERS;
    let entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, entry = this.#make());
    return entry;
  }

  /** All of them, in the order in which they came up. */
  entries(): IterableIterator<[string, Entry]> {
    return this.#entries.entries();
  }
}
