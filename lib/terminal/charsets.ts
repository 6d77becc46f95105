/**
 * The character sets that a terminal can switch to, by the final byte that designates them.
 *
 * This module is browser compatible.
 * @module
 */

import { createEngine, type EngineCharset } from "./engine.ts";

/** Those the engine knows; `B`, plain ASCII, is none to it. */
const LETTERS = "0AC4RQKYEZH=65";

/** The engine's tables and their letters, both ways. */
export class Charsets {
  readonly #letters = new Map<EngineCharset, string>();
  readonly #tables = new Map<string, EngineCharset>();

  constructor() {
    const engine = createEngine(2, 1);
    for (const letter of LETTERS) {
      engine._inputHandler.parse(new TextEncoder().encode(`\x1b(${letter}`));
      const table = engine._charsetService._charsets[0];
      if (table === undefined) continue;
      if (!this.#letters.has(table)) this.#letters.set(table, letter);
      this.#tables.set(letter, table);
    }
  }

  /** The letter of a table. */
  letterOf(table: EngineCharset): string {
    return this.#letters.get(table) ?? "B";
  }

  /** The table of a letter. */
  tableOf(letter: string): EngineCharset {
    return this.#tables.get(letter);
  }
}
