/**
 * Compressions, and how they are found by their number.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * A compression. Both directions are synchronous: blocks are small, and a block is never split.
 *
 * @example The codec that does nothing
 * ```ts
 * const none: Codec = { id: 0, name: "none", compress: (data) => data, decompress: (data) => data };
 * ```
 */
export interface Codec {
  /** Its number inside a T2A file. */
  readonly id: number;
  /** The name users type. */
  readonly name: string;
  /**
   * Makes `data` smaller.
   *
   * @param level As the codec counts them; higher is smaller and slower.
   */
  compress(data: Uint8Array, level: number): Uint8Array;
  /**
   * Gives back what was compressed.
   *
   * @throws If the data is damaged or does not decompress to exactly `length` bytes.
   */
  decompress(data: Uint8Array, length: number): Uint8Array;
}

/**
 * Finds the codec with a number, loading it if need be; `undefined` when there is none.
 *
 * @example
 * ```ts
 * const nothing: CodecLoader = () => Promise.resolve(undefined);
 * await nothing(1);
 * ```
 */
export type CodecLoader = (id: number) => Promise<Codec | undefined>;
