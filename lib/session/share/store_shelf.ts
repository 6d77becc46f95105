/**
 * Recordings of a store on the page, and several shelves as one.
 * @module
 */

import { openRecording } from "../../../formats/mod.ts";
import { UsageError } from "../../errors.ts";
import type { EventStream } from "../../event.ts";
import type { StoredRecording } from "../../models.ts";
import type { RecordingFilter, Source } from "../../ports.ts";
import type { Shelf, ShelfItem } from "./shelf.ts";

/** As much of a store as the page needs. */
export interface RecordingStore {
  get(id: string): Promise<StoredRecording | undefined>;
  list(filter: RecordingFilter, limit: number): Promise<readonly StoredRecording[]>;
  search(query: string): AsyncIterable<{ readonly recording: StoredRecording }>;
  source(recording: StoredRecording): Source;
}

/** Recordings in one list. */
const MOST = 500;

/** What is in a store; it is searched for what was on screen, too. */
export class StoreShelf implements Shelf {
  readonly #store: RecordingStore;

  constructor(store: RecordingStore) {
    this.#store = store;
  }

  async search(query: string): Promise<readonly ShelfItem[]> {
    const about = query.trim();
    const found = new Map<string, StoredRecording>();
    for (const one of await this.#store.list(about === "" ? {} : { about }, MOST)) found.set(one.id, one);
    try {
      if (about !== "") {
        for await (const { recording } of this.#store.search(about)) {
          found.set(recording.id, recording);
          if (found.size >= MOST) break;
        }
      }
    } catch (error) {
      if (!(error instanceof UsageError)) throw error; // half a query, while somebody types it
    }
    return [...found.values()].map(itemOf).sort((a, b) => b.startedAt - a.startedAt);
  }

  async find(id: string): Promise<ShelfItem | undefined> {
    const found = /^[0-9a-z]{26}$/.test(id) ? await this.#store.get(id) : undefined;
    return found && itemOf(found);
  }

  async open({ id }: ShelfItem): Promise<EventStream> {
    const found = await this.#store.get(id);
    if (!found) throw new UsageError(`Cannot find a recording ${id}`);
    return (await openRecording(this.#store.source(found))).events;
  }
}

function itemOf({ id, title, command, tags, startedAt, bytes, sha256 }: StoredRecording): ShelfItem {
  return { id, title: title || command || id, command: command ?? "", tags, startedAt, bytes, version: sha256 };
}

/** Several shelves as one; each recording is found on the first that has it. */
export class Shelves implements Shelf {
  readonly #all: readonly Shelf[];

  constructor(...all: readonly Shelf[]) {
    this.#all = all;
  }

  async search(query: string): Promise<readonly ShelfItem[]> {
    const lists = await Promise.all(this.#all.map((shelf) => shelf.search(query)));
    return lists.flat().sort((a, b) => b.startedAt - a.startedAt);
  }

  async find(id: string): Promise<ShelfItem | undefined> {
    return (await this.#where(id))?.item;
  }

  async open(item: ShelfItem): Promise<EventStream> {
    const found = await this.#where(item.id);
    if (!found) throw new UsageError(`Cannot find a recording ${item.id}`);
    return await found.shelf.open(found.item);
  }

  async #where(id: string): Promise<{ shelf: Shelf; item: ShelfItem } | undefined> {
    for (const shelf of this.#all) {
      const item = await shelf.find(id);
      if (item) return { shelf, item };
    }
  }
}
