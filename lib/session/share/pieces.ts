/**
 * Recordings in pieces, as asciinema's player asks for them: made when the first one is asked for, and kept for a while.
 * @module
 */

import { screensAsOutput } from "../../render/excerpt.ts";
import { segments } from "../../render/segmented.ts";
import { compose } from "../../stream/compose.ts";
import { loadEmulator } from "../../terminal/emulator.ts";
import { join } from "../../transform/join.ts";
import { without } from "../../transform/without.ts";
import type { Shelf, ShelfItem } from "./shelf.ts";

/** So many recordings are kept in pieces. */
const KEPT = 16;

/** The pieces of recordings, in a directory that is gone with them. */
export class Pieces {
  readonly #shelf: Shelf;
  readonly #made = new Map<string, Promise<string>>(); // by version, the folder of the pieces; last used last
  #cutting: Promise<unknown> = Promise.resolve();

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** One file of a recording; `undefined` if it has none of that name. */
  async file(item: ShelfItem, name: string): Promise<Uint8Array | undefined> {
    if (!/^(?:index|\d{1,9})\.json$/.test(name)) return undefined;
    const folder = await this.#folderOf(item);
    return await Deno.readFile(`${folder}/${name}`).catch(() => undefined);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#made.keys()].map((version) => this.#forget(version)));
  }

  #folderOf(item: ShelfItem): Promise<string> {
    const { version } = item;
    let making = this.#made.get(version);
    this.#made.delete(version);
    if (!making) {
      // One after the other: each may take a processor and the memory of a terminal.
      making = this.#cutting.then(() => this.#cut(item));
      this.#cutting = making.catch(() => {});
      making.catch(() => this.#made.delete(version));
    }
    this.#made.set(version, making);
    if (this.#made.size > KEPT) void this.#forget(this.#made.keys().next().value!);
    return making;
  }

  async #cut(item: ShelfItem): Promise<string> {
    const events = await this.#shelf.open(item);
    const folder = await Deno.makeTempDir({ prefix: "term2ai-serve-" });
    try {
      // What was typed stays here: it is not shown, and may be what nobody else should know.
      const parts = events.pipeThrough(compose(join(0), without("input"), screensAsOutput()));
      for await (const { name, text } of segments(parts, await loadEmulator())) {
        await Deno.writeTextFile(`${folder}/${name}`, text, { mode: 0o600 });
      }
      return folder;
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  async #forget(version: string): Promise<void> {
    const folder = await this.#made.get(version)?.catch(() => undefined);
    this.#made.delete(version);
    if (folder) await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}
