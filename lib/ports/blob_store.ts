/**
 * Where bytes are kept under names.
 *
 * This module is browser compatible.
 * @module
 */

import type { Ranges } from "./source.ts";

/**
 * One thing that a {@linkcode BlobStore} holds.
 *
 * @example
 * ```ts
 * const blob: BlobInfo = { key: "01k0.t2a", size: 48_213, modifiedAt: 1_700_000_000_000 };
 * ```
 */
export interface BlobInfo {
  /** Its name. */
  readonly key: string;
  /** Length in bytes. */
  readonly size: number;
  /** When it was put, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly modifiedAt: number;
}

/**
 * What interrupted puts have left behind.
 *
 * @example
 * ```ts
 * const nothing: Leftovers = { count: 0, bytes: 0 };
 * ```
 */
export interface Leftovers {
  /** How many. */
  readonly count: number;
  /** Bytes they take, where that is known. */
  readonly bytes: number;
}

/**
 * Keeps bytes under names. Names are made of letters, digits, `.`, `-` and `_`, and do not begin with a dot.
 *
 * A reader sees all of a blob or nothing of it. When another takes its place while it is read, reading goes on with the old one or
 * fails; the two are never mixed.
 *
 * @example
 * ```ts
 * const copy = async (from: BlobStore, to: BlobStore, key: string) => {
 *   const bytes = await from.get(key);
 *   return bytes && await to.put(key, bytes, "refuse");
 * };
 * ```
 */
export interface BlobStore {
  /** Where it is, for messages; holds no secrets. */
  readonly name: string;
  /**
   * Keeps all of `bytes`, and shows them under `key` when the last one is safe.
   *
   * @param ifPresent What happens when there is such a key already.
   * @throws {StorageError} If it cannot be kept, is there already, or `bytes` fails: then nothing has changed.
   */
  put(key: string, bytes: ReadableStream<Uint8Array>, ifPresent: "refuse" | "replace"): Promise<BlobInfo>;
  /** All of its bytes; `undefined` when there is no such key. */
  get(key: string): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Its bytes from anywhere; `undefined` when there is no such key. */
  ranges(key: string): Promise<Ranges | undefined>;
  /** What is known without reading it. */
  stat(key: string): Promise<BlobInfo | undefined>;
  /** Those whose keys begin with `prefix` and come behind `after`, in order of their keys. */
  list(prefix: string, after: string): AsyncIterable<BlobInfo>;
  /** Forgets a blob; says whether there was one. */
  delete(key: string): Promise<boolean>;
  /**
   * Removes what puts have left that began before a time and never ended.
   *
   * @param before In milliseconds since 1970-01-01T00:00:00Z.
   * @param dryRun Only tells what would be removed.
   */
  sweep(before: number, dryRun: boolean): Promise<Leftovers>;
  /** Lets go of files and connections. */
  close(): Promise<void>;
}
