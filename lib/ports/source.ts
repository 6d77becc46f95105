/**
 * What a recording is read from.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * Something stored whose bytes can be read from anywhere.
 *
 * @example The last bytes of it
 * ```ts
 * const tail = async (ranges: Ranges) => await ranges.read(Math.max(0, ranges.size - 56), 56);
 * ```
 */
export interface Ranges {
  /** Length in bytes, when it was opened. */
  readonly size: number;
  /** The bytes from `start` to `start + length`; fewer where it ends before that. */
  read(start: number, length: number): Promise<Uint8Array>;
  /** Lets go of it. */
  close(): void;
}

/**
 * Something stored that can be read: a file, a pipe, a blob. `streamSource` and `blobSource` make simple ones.
 *
 * @example A recording that is already in memory
 * ```ts
 * const source: Source = {
 *   name: "demo.cast",
 *   bytes: () => new Blob(['{"version":3,"term":{"cols":80,"rows":24}}\n']).stream(),
 *   ranges: () => Promise.resolve(undefined),
 *   sibling: () => Promise.resolve(undefined),
 * };
 * await source.bytes().cancel();
 * ```
 */
export interface Source {
  /** For messages, and for the extension. */
  readonly name: string;
  /** All bytes from the start. A pipe can be asked once. */
  bytes(): ReadableStream<Uint8Array>;
  /** Its bytes from anywhere, for whoever closes them again; `undefined` where they only pass by, as on a pipe. */
  ranges(): Promise<Ranges | undefined>;
  /** Another part of the same recording by file name, where a format has several; `undefined` when there is none. */
  sibling(name: string): Promise<Source | undefined>;
}
