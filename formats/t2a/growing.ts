/**
 * A recording of any kind, made into one that can be entered anywhere, while it is already being entered.
 *
 * The events are written as T2A with keyframes, to memory or to a file that the next who wants to seek finds. What has been
 * written can be read at once; who wants what comes later waits until it is there.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventStream, Nanos, SessionHeader } from "../../lib/event.ts";
import { FormatError } from "../../lib/errors.ts";
import type { Ranges } from "../../lib/ports.ts";
import type { BlockPoint, EventBlocks, MarkerPoint } from "../../lib/replay/event_blocks.ts";
import { concat } from "../../lib/stream/collect.ts";
import { IndexedBlocks, type IndexedPart } from "./blocks.ts";
import type { ReadTools } from "./session_reader.ts";
import { T2aWriter } from "./writer.ts";

/**
 * Where the blocks go.
 *
 * @example
 * ```ts
 * const keep = async (store: BlockStore, bytes: Uint8Array) => await store.append(bytes);
 * ```
 */
export interface BlockStore extends Ranges {
  /** Adds bytes at the end. */
  append(bytes: Uint8Array): Promise<void>;
  /** No more will come: it is whole. */
  finish(): Promise<void>;
}

/**
 * A store in memory.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const store = memoryStore();
 * await store.append(Uint8Array.of(1, 2));
 * await store.append(Uint8Array.of(3, 4));
 * deepEqual(await store.read(1, 2), Uint8Array.of(2, 3));
 * ```
 */
export function memoryStore(): BlockStore {
  const pieces: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  const store = {
    size: 0,
    append(bytes: Uint8Array): Promise<void> {
      pieces.push({ start: store.size, bytes });
      store.size += bytes.length;
      return Promise.resolve();
    },
    read(start: number, length: number): Promise<Uint8Array> {
      const first = pieces.findLastIndex((piece) => piece.start <= start);
      const end = Math.min(start + length, store.size);
      const parts: Uint8Array[] = [];
      for (let at = Math.max(0, first); at < pieces.length && pieces[at]!.start < end; at++) {
        const { start: from, bytes } = pieces[at]!;
        parts.push(bytes.subarray(Math.max(0, start - from), end - from));
      }
      return Promise.resolve(concat(parts));
    },
    finish: () => Promise.resolve(),
    close: () => void pieces.splice(0),
  };
  return store;
}

/** How long the work goes on before others have a turn, in milliseconds. */
const TURN_MS = 8;

/** Blocks that are written while they are read. */
export class GrowingBlocks implements EventBlocks {
  readonly header: SessionHeader;
  readonly #store: BlockStore;
  readonly #tools: ReadTools;
  readonly #writer: T2aWriter;
  readonly #reader: ReadableStreamDefaultReader<EventBatch>;
  #view: IndexedBlocks | undefined; // of what is there, until more is
  #final: IndexedPart | undefined; // when there is no more
  #complete = false;
  #closed = false;
  #failure: { readonly error: unknown } | undefined;
  #news = Promise.withResolvers<void>();

  /** Ends when all of it has been written, or cannot be. */
  readonly done: Promise<void>;

  private constructor(
    header: SessionHeader,
    reader: ReadableStreamDefaultReader<EventBatch>,
    first: EventBatch,
    store: BlockStore,
    tools: ReadTools,
  ) {
    this.header = header;
    this.#reader = reader;
    this.#store = store;
    this.#tools = tools;
    this.#writer = new T2aWriter({ loadCodec: tools.loadCodec, digest: tools.digest, report: tools.report, level: 1 });
    this.done = this.#write(first);
  }

  /**
   * Begins to write the session that `events` hold.
   *
   * @throws {FormatError} If they hold none.
   */
  static async begin(events: EventStream, store: BlockStore, tools: ReadTools): Promise<GrowingBlocks> {
    const reader = events.getReader();
    let first = await reader.read();
    while (!first.done && first.value.length === 0) first = await reader.read();
    const [event] = first.value ?? [];
    if (event?.kind === "header") return new GrowingBlocks(event.header, reader, first.value!, store, tools);
    await reader.cancel();
    throw new FormatError("Cannot seek in this: it holds no session");
  }

  get duration(): Nanos {
    return this.#now.duration;
  }

  get times(): readonly Nanos[] {
    return this.#now.times;
  }

  get keyframes(): readonly BlockPoint[] {
    return this.#now.keyframes;
  }

  get markers(): readonly MarkerPoint[] {
    return this.#now.markers;
  }

  get complete(): boolean {
    return this.#complete;
  }

  async grown(): Promise<void> {
    if (!this.#complete && !this.#failure) await this.#news.promise;
    if (this.#failure) throw this.#failure.error;
  }

  read(block: number): Promise<EventBatch> {
    return this.#now.read(block);
  }

  close(): void {
    this.#closed = true;
    this.#reader.cancel().catch(() => {});
    this.#tell();
    this.done.then(() => this.#store.close());
  }

  get #now(): IndexedBlocks {
    const { header } = this, part = this.#final ?? { ...this.#writer.sofar, length: this.#writer.committed };
    const place = { header, start: 0, part, complete: this.#complete };
    return this.#view ??= new IndexedBlocks(place, this.#store, this.#tools);
  }

  async #write(first: EventBatch): Promise<void> {
    let since = performance.now();
    try {
      for (let batch: EventBatch | undefined = first; batch; batch = (await this.#reader.read()).value) {
        this.#writer.push(batch);
        await this.#commit();
        if (performance.now() - since < TURN_MS) continue;
        await turn();
        since = performance.now();
      }
      if (!this.#closed) await this.#finish();
    } catch (error) {
      this.#failure = { error };
      this.#reader.cancel(error).catch(() => {});
    }
    this.#tell();
  }

  async #finish(): Promise<void> {
    this.#writer.closeBlock();
    await this.#commit();
    this.#final = { ...this.#writer.sofar, length: this.#writer.committed }; // a writer that has ended a session knows nothing of it
    this.#writer.finish();
    await this.#commit();
    await this.#store.finish();
    this.#complete = true;
  }

  /** Stores what is ready. What is dropped of a stream that was cancelled is nobody's loss. */
  async #commit(): Promise<void> {
    const before = this.#writer.committed;
    for (let block = await this.#writer.take(); block; block = await this.#writer.take()) {
      await this.#store.append(block);
      this.#writer.commit();
    }
    if (this.#writer.committed > before) this.#tell();
  }

  #tell(): void {
    this.#view = undefined;
    const news = this.#news;
    this.#news = Promise.withResolvers();
    news.resolve();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
