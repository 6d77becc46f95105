/**
 * T2A, the native format: everything an event stream can hold, to the nanosecond, in blocks that stand on their own.
 *
 * What was written is never lost by what happens later: a crash costs the block that was open, damage the block it hits, and
 * both are told. A chain of hashes shows whether a finished recording is still what was recorded. `T2A.md` specifies
 * every byte.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventKind } from "../lib/event.ts";
import type {
  CodecLoader,
  Digest,
  Ranges,
  SessionReader,
  SessionWriter,
  Source,
  UnwrapKey,
  WriteSettings,
} from "../lib/ports.ts";
import { Report } from "../lib/report.ts";
import type { Protection } from "./t2a/assembler.ts";
import { HEADER_BYTES, MAGIC, readHeader, startsWith } from "./t2a/block.ts";
import { webDigest } from "./t2a/chain.ts";
import { findRecipients, readIndexes, type T2aIndex } from "./t2a/locate.ts";
import { T2aReader } from "./t2a/reader.ts";
import type { ReadTools } from "./t2a/session_reader.ts";
import { decode, encode } from "./t2a/streams.ts";
import { T2aWriter, type T2aWriterOptions } from "./t2a/writer.ts";

export { T2aWriter, type T2aWriterOptions } from "./t2a/writer.ts";
export {
  mergeBlocks,
  type MergeOptions,
  type MergePlan,
  type MergeResult,
  planMerge,
  type ReadRange,
} from "./t2a/merge.ts";
export type { Protection } from "./t2a/assembler.ts";
export type { Block, BlockFields, BlockHeader } from "./t2a/block.ts";
export type { Cipher } from "./t2a/cipher.ts";
export type { DerivedTrust } from "./t2a/trust.ts";
export { readIndexes, type T2aIndex, wholeBytes } from "./t2a/locate.ts";
export type { IndexContent, IndexEntry, IndexPoint } from "./t2a/index.ts";
export type { Totals } from "./t2a/seal.ts";

/**
 * What the format needs from its surroundings.
 *
 * @example In a browser, where recordings are not compressed
 * ```ts
 * const nothing: T2aOptions = {};
 * ```
 */
export interface T2aOptions {
  /** Finds codecs by number. Without one nothing is compressed, and compressed blocks pass as `opaque` events, with a warning. */
  readonly loadCodec?: CodecLoader;
  /** SHA-256; WebCrypto's by default. */
  readonly digest?: Digest;
  /** Opens the keys of encrypted recordings; without it they cannot be read. */
  readonly unwrap?: UnwrapKey | undefined;
}

/**
 * How to write: any of what writers of all formats are told, and what only this format has.
 *
 * @example
 * ```ts
 * const live: T2aEncoderOptions = { flushAfter: 40, level: 1 };
 * ```
 */
export interface T2aEncoderOptions
  extends Partial<WriteSettings>, Protection, Pick<T2aWriterOptions, "codec" | "level" | "blockBytes"> {
  /**
   * Milliseconds of wall time after its first event at which a block closes, full or not: for recordings that are followed
   * while they grow. Left out, blocks close by their content alone, and the same events give the same bytes.
   */
  readonly flushAfter?: number;
}

/**
 * How to read.
 *
 * @example
 * ```ts
 * import { Report } from "../lib/report.ts";
 * const settings: T2aDecoderOptions = { name: "demo.t2a", report: new Report() };
 * ```
 */
export interface T2aDecoderOptions {
  /** Hears of everything that is not as it should be. */
  readonly report?: Report;
  /** What the recording is called in messages. */
  readonly name?: string;
  /**
   * The bytes may start at any block that an index lists, and go on from there: no `header` event comes first, and nothing is
   * said of what stands before. So a player seeks. The index also tells the key of an encrypted recording, and which
   * keyframes of a signed one may be shown.
   */
  readonly midway?: boolean | Pick<T2aIndex, "cipher" | "trust">;
}

/**
 * The format as reader, as writer and as two stages.
 *
 * @example
 * ```ts
 * const isOurs = (format: T2aFormat, prefix: Uint8Array) => format.detect(prefix);
 * ```
 */
export interface T2aFormat extends SessionReader, SessionWriter {
  /**
   * A stage from events to bytes.
   *
   * Output and input events of more than 4 MiB become several of the same time; other events of more than 12 MiB are
   * reported as lost.
   *
   * @throws {UsageError} If the time unit or the size of blocks is not possible.
   */
  encoder(settings?: T2aEncoderOptions): TransformStream<EventBatch, Uint8Array>;
  /** A stage from bytes to events. It reads on only when somebody wants more. */
  decoder(settings?: T2aDecoderOptions): TransformStream<Uint8Array, EventBatch>;
}

/** All of them. */
const KEEPS: ReadonlySet<EventKind> = new Set<EventKind>([
  "header",
  "output",
  "input",
  "resize",
  "marker",
  "signal",
  "clock",
  "screen",
  "gap",
  "note",
  "custom",
  "opaque",
  "exit",
  "keyframe",
  "command",
]);

/**
 * The format with the given codecs.
 *
 * @example Once around
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { loadCodec } from "../lib/host/codec.ts";
 * import { collect, streamOf } from "../lib/stream/collect.ts";
 * import type { SessionEvent } from "../lib/event.ts";
 *
 * const format = t2aFormat({ loadCodec });
 * const events: SessionEvent[] = [
 *   { kind: "header", time: 0, header: { cols: 80, rows: 24 } },
 *   { kind: "output", time: 1, data: new TextEncoder().encode("hello") },
 * ];
 * const again = await collect(streamOf(...events).pipeThrough(format.encoder()).pipeThrough(format.decoder()));
 * deepEqual(again, events);
 * ```
 */
export function t2aFormat({ loadCodec = noCodec, digest = webDigest, unwrap }: T2aOptions = {}): T2aFormat {
  const tools = (report: Report) => ({ report, digest, loadCodec, unwrap });
  return {
    name: "t2a",
    title: "term2ai recording",
    extensions: ["t2a"],
    binary: true,
    keeps: KEEPS,
    prefixLength: MAGIC.length + HEADER_BYTES,
    // One damaged bit in the magic should not make a recording unreadable.
    detect: (prefix) => startsWith(prefix, MAGIC) || readHeader(prefix.subarray(MAGIC.length)) !== undefined,
    open: (source, report) =>
      decode(source.bytes(), new T2aReader(source.name, { ...tools(report), ...lookups(source, loadCodec, unwrap) })),
    encoder({ flushAfter, ...settings } = {}) {
      return encode(new T2aWriter({ ...settings, loadCodec, digest }), flushAfter);
    },
    decoder({ report = new Report(), name = "the recording", midway = false } = {}) {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const given = typeof midway === "boolean"
        ? {}
        : { cipher: midway.cipher, trust: () => Promise.resolve(midway.trust) };
      const reader = new T2aReader(name, { ...tools(report), ...given }, midway !== false);
      return { readable: decode(readable, reader), writable };
    },
  };
}

/** What a reader may have to know before it comes to it, where the source can be read from anywhere. */
function lookups(
  source: Source,
  loadCodec: CodecLoader,
  unwrap: UnwrapKey | undefined,
): Pick<ReadTools, "trust" | "spare"> {
  let trusts: Promise<readonly T2aIndex["trust"][]> | undefined;
  const readTrusts = () =>
    withRanges(source, async ({ read, size }) => {
      const indexes = await readIndexes(read, size, loadCodec, unwrap).catch(() => undefined);
      return indexes?.map(({ trust }) => trust);
    });
  return {
    async trust(session) {
      trusts ??= readTrusts().then((found) => found ?? []);
      return (await trusts)[session];
    },
    spare: (from) => withRanges(source, ({ read, size }) => findRecipients(read, size, from)),
  };
}

async function withRanges<Result>(
  source: Source,
  use: (ranges: Ranges) => Promise<Result>,
): Promise<Result | undefined> {
  const ranges = await source.ranges();
  if (!ranges) return undefined;
  try {
    return await use({ size: ranges.size, read: (start, length) => ranges.read(start, length), close: () => {} });
  } finally {
    ranges.close();
  }
}

const noCodec: CodecLoader = () => Promise.resolve(undefined);

/**
 * The format with nothing joined to it: it compresses nothing, and passes compressed blocks on unopened. `mod.ts` has the one
 * with the codecs of the runtime.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(t2a.detect(new TextEncoder().encode("hello")), false);
 * ```
 */
export const t2a: T2aFormat = t2aFormat();
