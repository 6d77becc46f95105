/**
 * Blobs in memory: for tests, and for programs that keep nothing.
 * @module
 */

import { StorageError } from "../lib/errors.ts";
import type { BlobInfo, BlobStore, Leftovers, Ranges } from "../lib/ports.ts";
import { collectBytes } from "../lib/stream/collect.ts";

/**
 * Keeps blobs until the process ends.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const blobs = new MemoryBlobs();
 * await blobs.put("hello", new Blob(["hello"]).stream(), "refuse");
 * equal((await blobs.stat("hello"))?.size, 5);
 * ```
 */
export class MemoryBlobs implements BlobStore {
  readonly name = "memory";
  readonly #blobs = new Map<string, { info: BlobInfo; blob: Blob }>();

  async put(key: string, bytes: ReadableStream<Uint8Array>, ifPresent: "refuse" | "replace"): Promise<BlobInfo> {
    const blob = new Blob([await collectBytes(bytes)]);
    if (ifPresent === "refuse" && this.#blobs.has(key)) {
      throw new StorageError(`Cannot store ${key} in ${this.name}: it is there already`, key);
    }
    const info = { key, size: blob.size, modifiedAt: Date.now() };
    this.#blobs.set(key, { info, blob });
    return info;
  }

  get(key: string): Promise<ReadableStream<Uint8Array> | undefined> {
    return Promise.resolve(this.#blobs.get(key)?.blob.stream());
  }

  ranges(key: string): Promise<Ranges | undefined> {
    const blob = this.#blobs.get(key)?.blob;
    return Promise.resolve(
      blob && {
        size: blob.size,
        read: async (start, length) => new Uint8Array(await blob.slice(start, start + length).arrayBuffer()),
        close: () => {},
      },
    );
  }

  stat(key: string): Promise<BlobInfo | undefined> {
    return Promise.resolve(this.#blobs.get(key)?.info);
  }

  async *list(prefix: string, after: string): AsyncGenerator<BlobInfo, void, void> {
    for (const key of [...this.#blobs.keys()].sort()) {
      if (key.startsWith(prefix) && key > after) yield this.#blobs.get(key)!.info;
    }
  }

  delete(key: string): Promise<boolean> {
    return Promise.resolve(this.#blobs.delete(key));
  }

  sweep(): Promise<Leftovers> {
    return Promise.resolve({ count: 0, bytes: 0 });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
