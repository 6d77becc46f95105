/**
 * Recordings that are shown on the page: what they are, and their events.
 * @module
 */

import { openRecording } from "../../../formats/mod.ts";
import type { EventStream, SessionHeader } from "../../event.ts";
import { chunked, rangesOf } from "../../host/file.ts";
import type { Source } from "../../ports.ts";

/** What is known of a recording. */
export interface ShelfItem {
  /** To ask for it by. */
  readonly id: string;
  readonly title: string;
  readonly command: string;
  readonly tags: readonly string[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Size of its file in bytes. */
  readonly bytes: number;
  /** Changes when the recording does. */
  readonly version: string;
}

/** Where recordings are. */
export interface Shelf {
  /** Those that match all words of a query, the newest first. */
  search(query: string): Promise<readonly ShelfItem[]>;
  /** One of them; `undefined` if there is none of that id. */
  find(id: string): Promise<ShelfItem | undefined>;
  /** Its events. */
  open(item: ShelfItem): Promise<EventStream>;
}

/** Files that are looked at in one go. */
const MOST = 2000;

/** A directory of recordings of any format. */
export class FolderShelf implements Shelf {
  readonly #folder: string;
  readonly #known = new Map<string, ShelfItem | undefined>(); // by version; what is no recording is known as such

  constructor(folder: string) {
    this.#folder = folder.replace(/(?<=.)\/+$/, "");
  }

  async search(query: string): Promise<readonly ShelfItem[]> {
    const words = query.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const matches = ({ id, title, command, tags }: ShelfItem) => {
      const text = [id, title, command, ...tags].join("\n").toLowerCase();
      return words.every((word) => text.includes(word));
    };
    return (await this.#all()).filter(matches).sort((a, b) => b.startedAt - a.startedAt);
  }

  async find(id: string): Promise<ShelfItem | undefined> {
    return isName(id) ? await this.#look(id) : undefined;
  }

  async open({ id }: ShelfItem): Promise<EventStream> {
    return (await openRecording(await sourceOf(`${this.#folder}/${id}`))).events;
  }

  async #all(): Promise<ShelfItem[]> {
    const names: string[] = [];
    try {
      for await (const { name, isFile } of Deno.readDir(this.#folder)) if (isFile && isName(name)) names.push(name);
    } catch {
      return []; // there are no recordings yet
    }
    const items: ShelfItem[] = [];
    for (const name of names.sort().slice(-MOST)) {
      const item = await this.#look(name);
      if (item) items.push(item);
    }
    return items;
  }

  async #look(name: string): Promise<ShelfItem | undefined> {
    const found = await Deno.lstat(`${this.#folder}/${name}`).catch(() => undefined);
    if (!found?.isFile) return undefined;
    const modified = found.mtime?.getTime() ?? 0;
    const version = `${name} ${modified} ${found.size}`;
    if (!this.#known.has(version)) {
      if (this.#known.size > 2 * MOST) this.#known.clear();
      const header = await headerOf(`${this.#folder}/${name}`);
      this.#known.set(version, header && itemOf({ id: name, bytes: found.size, version }, header, modified));
    }
    return this.#known.get(version);
  }
}

/** A plain name: links and what is hidden stay where they are. */
function isName(name: string): boolean {
  return name !== "" && !name.startsWith(".") && !name.includes("/") && !name.includes("\0");
}

function itemOf(
  known: Pick<ShelfItem, "id" | "bytes" | "version">,
  { title, command, tags = [], startedAt }: SessionHeader,
  modified: number,
): ShelfItem {
  return {
    ...known,
    title: title || command || known.id,
    command: command ?? "",
    tags,
    startedAt: Math.round(startedAt ?? modified),
  };
}

/** The header of a recording; `undefined` for what is none. */
async function headerOf(path: string): Promise<SessionHeader | undefined> {
  try {
    const { events } = await openRecording(await sourceOf(path));
    for await (const [first] of events) return first?.kind === "header" ? first.header : undefined;
  } catch {
    return undefined;
  }
}

/** A file, to be read once. */
export async function sourceOf(path: string): Promise<Source> {
  const file = await Deno.open(path);
  return {
    name: path,
    bytes: () => chunked(file),
    ranges: async () => await rangesOf(await Deno.open(path)),
    sibling: () => Promise.resolve(undefined),
  };
}
