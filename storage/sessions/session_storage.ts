/**
 * A store of sessions: blobs, and a catalog that knows about them.
 *
 * The blobs are the truth. A recording is there when its `ID.meta.json` is, which is written last and removed first; the catalog
 * can be built again from the sidecars at any time.
 * @module
 */

import type { CommandAnalyzerOptions } from "../../lib/analyze/commands/command_analyzer.ts";
import { StorageError, UsageError } from "../../lib/errors.ts";
import type { CommandStatistics, SearchHit, StoredRecording } from "../../lib/models.ts";
import type { CatalogTotals, CommandsOf, RecordingFilter, Source, UnwrapKey } from "../../lib/ports.ts";
import type { Report } from "../../lib/report.ts";
import { isIdPrefix, newId } from "../../lib/search/id.ts";
import { parseQuery, type SearchQuery } from "../../lib/search/query.ts";
import { search, type SearchOptions } from "../../lib/search/search.ts";
import { type CleanUp, cleanUp, type CleanUpPolicy } from "./clean_up.ts";
import { ingest, quotaError } from "./ingest.ts";
import { metaKey, textKey, writeMeta } from "./meta.ts";
import type { StorageParts } from "./parts.ts";
import { indexSidecar, reindex, type ReindexOptions, type ReindexResult } from "./reindex.ts";

/**
 * What may be said about a recording that is stored.
 *
 * @example
 * ```ts
 * const options: StoreOptions = { title: "the failing build", tags: ["ci"] };
 * ```
 */
export interface StoreOptions {
  /** A name for people, instead of the recording's own. */
  readonly title?: string;
  /** Tags beside the recording's own. */
  readonly tags?: readonly string[];
  /** Its name in the store; a new one, if left out. */
  readonly id?: string;
  /** Hears what was odd about it. */
  readonly report?: Report;
  /** Opens the key of an encrypted recording: only then its words, title and command go into the catalog, unencrypted. */
  readonly unwrap?: UnwrapKey;
}

/**
 * Keeps, finds and gives back recordings.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource } from "@term2ai/term2ai";
 * import { openStorage } from "@term2ai/term2ai/storage";
 *
 * const storage: SessionStorage = await openStorage("memory:");
 * const cast = '{"version": 3, "term": {"cols": 80, "rows": 24}}\n[0.5, "o", "hello"]\n';
 * const { id } = await storage.store(blobSource("hi.cast", new Blob([cast])), { tags: ["demo"] });
 * for await (const hit of storage.search("hello")) equal(hit.recording.id, id);
 * await storage.close();
 * ```
 */
export class SessionStorage {
  /** What it is made of. */
  readonly parts: StorageParts;

  /** Joins the parts. */
  constructor(parts: StorageParts) {
    this.parts = parts;
  }

  /** Where it is; holds no secrets. */
  get name(): string {
    return this.parts.blobs.name;
  }

  /**
   * Keeps a recording of any format, byte for byte, and everything that can be known from it. Formats of several files become T2A.
   *
   * @throws {FormatError} If it is no recording.
   * @throws {StorageError} If it cannot be kept, or the quota is too small: then nothing has changed.
   */
  async store(source: Source, options: StoreOptions = {}): Promise<StoredRecording> {
    const room = await this.#room(source);
    const recording = await ingest(this.parts, source, { id: newId(), ...options, room });
    try {
      await this.parts.catalog.put(recording);
      await indexSidecar(this.parts, recording.id);
    } catch (error) {
      await this.#takeBack(recording);
      throw error;
    }
    return recording;
  }

  /** Removes a recording that was kept only in part, its bytes first: where a disk is full, they make room for the rest. */
  async #takeBack({ id, blob }: StoredRecording): Promise<void> {
    const { blobs, catalog } = this.parts;
    for (const key of [metaKey(id), blob, textKey(id)]) await blobs.delete(key).catch(() => {});
    await catalog.delete(id).catch(() => {});
  }

  /**
   * Puts other bytes in the place of a recording: with its secrets hidden, or encrypted. It keeps its id, owner and date, and the
   * SHA-256 of what was there before; all else that was known of that, its words, title, command and tags, is forgotten.
   *
   * @throws {UsageError} If there is no such recording.
   * @throws {FormatError} If it is no recording: then nothing has changed.
   * @throws {StorageError} If it cannot be kept: then nothing has changed, or it has to be done again.
   */
  async replace(id: string, source: Source, options: Omit<StoreOptions, "id"> = {}): Promise<StoredRecording> {
    const replaces = await this.get(id);
    if (!replaces) throw new UsageError(`Cannot replace ${id}: there is no such recording in ${this.name}`);
    const room = await this.#room(source, replaces.bytes);
    const recording = await ingest(this.parts, source, { ...options, id, room, replaces });
    await this.parts.catalog.put(recording);
    await indexSidecar(this.parts, id);
    await this.purge();
    return recording;
  }

  /** Takes what was deleted or replaced out of the files of the catalog, where it may lie unused. */
  async purge(): Promise<void> {
    await this.parts.catalog.purge();
  }

  /** What is known about a recording; `undefined` when there is none of that id. */
  async get(id: string): Promise<StoredRecording | undefined> {
    return await this.parts.catalog.get(id);
  }

  /**
   * The recording whose id begins so.
   *
   * @throws {UsageError} If there is none, or more than one.
   */
  async resolve(prefix: string): Promise<StoredRecording> {
    const [id, other] = isIdPrefix(prefix) ? await this.parts.catalog.resolve(prefix.toLowerCase(), 2) : [];
    const recording = id === undefined ? undefined : await this.get(id);
    if (recording && other === undefined) return recording;
    if (recording) {
      throw new UsageError(`Cannot tell which recording ${prefix} is: ${id} or ${other}, say; give more of its id`);
    }
    throw new UsageError(`Cannot find a recording ${prefix} in ${this.name}\n  See: term2ai store ls`);
  }

  /** A stored recording, to be read. */
  source({ blob }: StoredRecording): Source {
    const { blobs } = this.parts;
    const missing = () => new StorageError(`Cannot read ${blob} in ${this.name}: its bytes are missing`, blob);
    const bytes = async function* () {
      const stream = await blobs.get(blob);
      if (!stream) throw missing();
      yield* stream;
    };
    return {
      name: blob,
      bytes: () => ReadableStream.from(bytes()),
      ranges: () => blobs.ranges(blob),
      sibling: () => Promise.resolve(undefined),
    };
  }

  /** The newest recordings, newest first. */
  async list(filter: RecordingFilter = {}, limit = 50): Promise<StoredRecording[]> {
    return await this.parts.catalog.list(filter, limit);
  }

  /**
   * Finds what was on screen, typed as a command, or is known of recordings; see {@linkcode parseQuery}.
   *
   * @throws {UsageError} If the query is none.
   */
  search(query: string | SearchQuery, options: SearchOptions = {}): AsyncGenerator<SearchHit, void, void> {
    return search(this.parts.catalog, typeof query === "string" ? parseQuery(query) : query, options);
  }

  /** The commands that are known of recordings, the oldest recording first. */
  commands(filter: RecordingFilter = {}): AsyncIterable<CommandsOf> {
    return this.parts.catalog.commands(filter);
  }

  /**
   * What a `CommandAnalyzer` says of recordings that it is given one after the other, the oldest first; but no recording is read for it.
   * One whose commands are not known does not count: see {@linkcode withoutCommands}.
   */
  async commandStatistics(
    filter: RecordingFilter = {},
    { minutesFromUtc = 0 }: CommandAnalyzerOptions = {},
  ): Promise<CommandStatistics> {
    return await this.parts.catalog.commandStatistics(filter, minutesFromUtc);
  }

  /** The ids of recordings whose commands are not known: encrypted ones, and those that {@linkcode reindex} has still to look at. */
  async withoutCommands(filter: RecordingFilter = {}): Promise<string[]> {
    return await this.parts.catalog.withoutCommands(filter);
  }

  /**
   * Changes what may be changed: the title and the tags.
   *
   * @throws {UsageError} If there is no such recording.
   */
  async change(
    id: string,
    change: (recording: StoredRecording) => Pick<StoredRecording, "title" | "tags">,
  ): Promise<StoredRecording> {
    const { blobs, catalog } = this.parts;
    let written = await catalog.change(id, (recording) => ({ ...recording, ...change(recording) }));
    if (!written) throw new UsageError(`Cannot change ${id}: there is no such recording in ${this.name}`);
    // Of several that change it at the same time, the one whose file is written last must have seen all changes.
    for (let now: StoredRecording | undefined = written; now; written = now) {
      await writeMeta(blobs, now);
      const after = await catalog.get(id);
      now = after && JSON.stringify(after) !== JSON.stringify(now) ? after : undefined;
      if (!now) break;
    }
    return written;
  }

  /** Forgets a recording; says whether there was one. */
  async delete(id: string): Promise<boolean> {
    const { blobs, catalog } = this.parts;
    const recording = await this.get(id);
    if (!recording) return false;
    await blobs.delete(metaKey(id));
    await catalog.delete(id);
    await blobs.delete(recording.blob);
    await blobs.delete(textKey(id));
    return true;
  }

  /** Brings the catalog up to what the blobs say. */
  async reindex(options: ReindexOptions = {}): Promise<ReindexResult> {
    return await reindex(this.parts, options);
  }

  /** Removes what a policy says need not be kept, and what interrupted uploads have left. */
  async cleanUp(policy: CleanUpPolicy): Promise<CleanUp> {
    const result = await cleanUp(this.parts, (id) => this.delete(id), policy);
    if (!policy.dryRun) await this.purge();
    return result;
  }

  /** What it holds. */
  async totals(): Promise<CatalogTotals> {
    return await this.parts.catalog.totals();
  }

  /** Lets go of files and connections. */
  async close(): Promise<void> {
    await this.parts.catalog.close();
    await this.parts.blobs.close();
    await this.parts.onClose();
  }

  /** What the quota leaves. Where the size of a recording is known, one that is too large is refused before it is begun. */
  async #room(source: Source, freed = 0): Promise<number> {
    const { quota, blobs } = this.parts;
    if (quota === Infinity) return Infinity;
    const room = quota - (await this.totals()).bytes + freed;
    const ranges = await source.ranges();
    ranges?.close();
    if (room <= 0 || (ranges?.size ?? 0) > room) throw quotaError(blobs.name);
    return room;
  }
}
