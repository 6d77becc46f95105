/**
 * The compressions of the platform: zstd and brotli.
 *
 * Importing `node:zlib` costs 14 ms of startup, so it is loaded by the first recording that is long enough to need it.
 *
 * @module
 */

import type { Codec, CodecLoader } from "../ports.ts";

type Zlib = typeof import("node:zlib");

let zlib: Promise<Zlib> | undefined;

/**
 * Loads a compression by its number in a T2A file: 1 is zstd, 2 is brotli; `undefined` for any other.
 *
 * Levels are 1 to 22 for zstd and 0 to 11 for brotli.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const zstd = await loadCodec(1);
 * const small = zstd!.compress(new Uint8Array(1000), 3);
 * equal(zstd!.decompress(small, 1000).length, 1000);
 * equal(await loadCodec(99), undefined);
 * ```
 */
export const loadCodec: CodecLoader = async (id: number): Promise<Codec | undefined> => {
  const make = makers[id];
  if (!make) return undefined;
  zlib ??= import("node:zlib");
  return make(await zlib);
};

const makers: Record<number, (zlib: Zlib) => Codec> = { 1: zstd, 2: brotli };

function zstd({ constants, zstdCompressSync, zstdDecompressSync }: Zlib): Codec {
  return {
    id: 1,
    name: "zstd",
    compress: (data, level) => {
      const params = { [constants.ZSTD_c_compressionLevel]: level };
      // Told how little there is, level 19 takes 6 MB for 256 KiB; without it 84.
      const options = { params, pledgedSrcSize: data.length, chunkSize: Math.max(64, data.length) };
      return plain(zstdCompressSync(data, options));
    },
    decompress: (data, length) => exactly("zstd", length, zstdDecompressSync(data, room(length))),
  };
}

function brotli({ constants, brotliCompressSync, brotliDecompressSync }: Zlib): Codec {
  return {
    id: 2,
    name: "brotli",
    compress: (data, level) =>
      plain(brotliCompressSync(data, {
        params: { [constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
      })),
    decompress: (data, length) => exactly("brotli", length, brotliDecompressSync(data, room(length))),
  };
}

/** The most that is made at once, whatever a file claims. */
const CHUNK = 1 << 20;

/** All in one piece, and a little beyond, so that it ends there: by pieces of the usual 16 KiB it takes a quarter longer. */
function room(length: number): { maxOutputLength: number; chunkSize: number } {
  return { maxOutputLength: Math.max(1, length), chunkSize: Math.min(CHUNK, length + 64) };
}

function exactly(name: string, length: number, found: Uint8Array): Uint8Array {
  if (found.length === length) return plain(found);
  throw new RangeError(`Cannot decompress with ${name}: it gave ${found.length} bytes, expected ${length}`);
}

/** The same bytes as a `Uint8Array`: a `Buffer` prints, compares and slices in its own way. */
function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
