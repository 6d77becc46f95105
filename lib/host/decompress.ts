/**
 * Opens what was compressed as a whole: gzip, bzip2 and Zstandard, with any number of members one behind the other.
 *
 * Recordings are often kept as `.ttyrec.bz2` or `.cast.gz`, and a recorder that was killed leaves a member without an end: all
 * that can be unpacked of it is given, then the stream ends and the report says why.
 * @module
 */

import type { Decompress } from "fzstd";
import type { Duplex } from "node:stream";
import type { Report } from "../report.ts";
import { ZstdFrames } from "./zstd_frames.ts";

/** What a member of each begins with. */
const MAGIC = { gzip: [0x1f, 0x8b, 8], bzip2: [0x42, 0x5a, 0x68], zstd: [0x28, 0xb5, 0x2f, 0xfd] } as const;

/**
 * A compression of whole files.
 *
 * @example
 * ```ts
 * const usual: Compression = "gzip";
 * ```
 */
export type Compression = keyof typeof MAGIC;

/**
 * How many bytes {@linkcode compressionOf} wants to see.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(COMPRESSION_PREFIX, 4);
 * ```
 */
export const COMPRESSION_PREFIX = 4;

/**
 * The compression that these first bytes are of; `undefined` if of none that we open.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(compressionOf(Uint8Array.of(0x1f, 0x8b, 8, 0)), "gzip");
 * equal(compressionOf(new TextEncoder().encode("BZip")), undefined);
 * ```
 */
export function compressionOf(prefix: Uint8Array): Compression | undefined {
  const names = Object.keys(MAGIC) as Compression[];
  return names.find((name) => MAGIC[name].every((byte, at) => prefix[at] === byte));
}

/**
 * What was compressed. A fault ends it early, with a warning `damaged-compression`.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Report } from "@term2ai/term2ai";
 *
 * const packed = new Blob(["hello"]).stream().pipeThrough(new CompressionStream("gzip"));
 * equal(await new Response(decompressed(packed, "gzip", new Report())).text(), "hello");
 * ```
 */
export function decompressed(
  bytes: ReadableStream<Uint8Array>,
  compression: Compression,
  report: Report,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(unpack(bytes, compression, report));
}

async function* unpack(bytes: ReadableStream<Uint8Array>, compression: Compression, report: Report) {
  const unpacker = await makeUnpacker(compression);
  let fault: Error | undefined;
  for await (const chunk of bytes) {
    fault = await unpacker.write(chunk);
    yield* unpacker.take();
    if (fault) break; // what follows a fault cannot be unpacked
  }
  fault ??= await unpacker.end();
  yield* unpacker.take();
  if (fault) report.warn("damaged-compression", `${compression} could not be unpacked to its end: ${fault.message}`);
}

async function makeUnpacker(compression: Compression): Promise<Unpacker> {
  if (compression === "zstd") return new ZstdUnpacker((await import("fzstd")).Decompress);
  if (compression === "gzip") return new StreamUnpacker((await import("node:zlib")).createGunzip());
  return new StreamUnpacker((await import("unbzip2-stream")).default() as unknown as Duplex);
}

interface Unpacker {
  /** Unpacks all that a chunk holds; tells what went wrong. */
  write(chunk: Uint8Array): Promise<Error | undefined>;
  /** No more chunks will come; tells what is missing. */
  end(): Promise<Error | undefined>;
  /** What was unpacked since the last time. */
  take(): Uint8Array<ArrayBuffer>[];
}

/** A stream of Node, fed and emptied by hand: one that fails would throw away what it had unpacked before. */
class StreamUnpacker implements Unpacker {
  readonly #stream: Duplex;
  readonly #failed: Promise<Error>;
  readonly #ended: Promise<undefined>;
  #unpacked: Uint8Array<ArrayBuffer>[] = [];

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on("data", (chunk) => this.#unpacked.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)));
    this.#failed = new Promise((resolve) => stream.on("error", resolve));
    this.#ended = new Promise((resolve) => stream.on("end", () => resolve(undefined)));
  }

  async write(chunk: Uint8Array): Promise<Error | undefined> {
    const isOld = !("writableLength" in this.#stream); // a stream without callbacks, which has done its work by now
    const written = new Promise<undefined>((resolve) => {
      this.#stream.write(chunk, () => resolve(undefined));
      if (isOld) resolve(undefined);
    });
    return await Promise.race([this.#failed, written]);
  }

  async end(): Promise<Error | undefined> {
    this.#stream.end();
    return await Promise.race([this.#failed, this.#ended]);
  }

  take(): Uint8Array<ArrayBuffer>[] {
    return this.#unpacked.splice(0);
  }
}

/**
 * Zstandard by a library of its own: that of `node:zlib` in Deno 2.9 stops behind the first of several frames without a word,
 * says nothing of one that is cut off, and ends the process when one is damaged. The library does not look at checksums.
 */
class ZstdUnpacker implements Unpacker {
  readonly #frames = new ZstdFrames();
  readonly #stream: InstanceType<typeof Decompress>;
  #unpacked: Uint8Array<ArrayBuffer>[] = [];

  constructor(make: typeof Decompress) {
    this.#stream = new make((chunk) => this.#unpacked.push(chunk as Uint8Array<ArrayBuffer>));
  }

  write(chunk: Uint8Array): Promise<Error | undefined> {
    return this.#push(chunk, false);
  }

  end(): Promise<Error | undefined> {
    return this.#push(new Uint8Array(0), true);
  }

  #push(chunk: Uint8Array, isLast: boolean): Promise<Error | undefined> {
    try {
      const good = this.#frames.push(chunk);
      this.#stream.push(chunk.slice(0, good), isLast); // it keeps what it is given
      return Promise.resolve(this.#frames.fault);
    } catch (error) {
      return Promise.resolve(error as Error);
    }
  }

  take(): Uint8Array<ArrayBuffer>[] {
    return this.#unpacked.splice(0);
  }
}
