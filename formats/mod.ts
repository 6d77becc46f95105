/**
 * The formats that term2ai reads and writes, and how one is recognised: by what a recording holds, never by its name.
 * @module
 */

import { FormatError, UsageError } from "../lib/errors.ts";
import type { EventStream } from "../lib/event.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { COMPRESSION_PREFIX, compressionOf, decompressed } from "../lib/host/decompress.ts";
import type { SessionReader, SessionWriter, Source, UnwrapKey } from "../lib/ports.ts";
import { Timeline, type TimelineOptions } from "../lib/replay/timeline.ts";
import { Report } from "../lib/report.ts";
import { peek } from "../lib/stream/peek.ts";
import { asciicastV1 } from "./asciicast_v1.ts";
import { asciicastV2 } from "./asciicast_v2.ts";
import { asciicastV3 } from "./asciicast_v3.ts";
import { jsonl } from "./jsonl.ts";
import { raw } from "./raw.ts";
import { script, timingBeside } from "./script.ts";
import { sudoLogFormat } from "./sudo_log.ts";
import { type T2aFormat, t2aFormat } from "./t2a.ts";
import { growingBlocks, indexedTimeline, type KeyframeCache, mayBeKept } from "./t2a_timeline.ts";
import { terminalizerFormat } from "./terminalizer.ts";
import { text } from "./text.ts";
import { tlog } from "./tlog.ts";
import { ttyrec } from "./ttyrec.ts";
import { vhs } from "./vhs.ts";

export { asciicastV1, asciicastV2, asciicastV3, jsonl, raw, script, text, tlog, ttyrec, vhs };
export type { AsciicastFormat, AsciicastSettings } from "./asciicast_v3.ts";
export * from "./t2a.ts";
export * from "./t2a_timeline.ts";
export { rewrapKey, rewriteBlocks, type RewriteOptions } from "./t2a/rewrite.ts";
export * from "./t2a/verdict.ts";
export { verifyBlocks, type VerifyOptions } from "./t2a/verify.ts";
export type { SignatureCheck } from "./t2a/trust.ts";
export type { Signature } from "../lib/security/sshsig.ts";
export type { SshPublicKey } from "../lib/security/ssh_key.ts";
export * from "./sudo_log.ts";
export * from "./terminalizer.ts";
export type { TextFormat, TextSettings } from "./text.ts";
export type { TlogFormat, TlogSettings } from "./tlog.ts";

/**
 * The native format, with the codecs of this runtime.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(t2a.extensions[0], "t2a");
 * ```
 */
export const t2a: T2aFormat = t2aFormat({ loadCodec });

/**
 * sudo's I/O logs, with the decompression of this runtime.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(sudoLog.name, "sudo");
 * ```
 */
export const sudoLog: SessionReader = sudoLogFormat({
  gunzip: (bytes, report) => decompressed(bytes, "gzip", report),
});

/**
 * Terminalizer's recordings, with a parser that is loaded when the first one is read.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(terminalizer.extensions[0], "yml");
 * ```
 */
export const terminalizer: SessionReader = terminalizerFormat({
  async loadYaml() {
    const { parse } = await import("yaml");
    // Without aliases, so that no record depends on another, or grows without end. To describe errors and to look for keys that
    // come twice takes the square of their number: 24 s for a record of 200 kB that is nothing but tags, and 1 s without.
    const careful = { logLevel: "error", maxAliasCount: 0, prettyErrors: false, uniqueKeys: false } as const;
    return (text, schema) => parse(text, { schema, ...careful });
  },
});

/**
 * All readers, in the order in which they are asked.
 *
 * @example
 * ```ts
 * import { ok } from "node:assert/strict";
 * ok(READERS.some((reader) => reader.name === "asciicast-v3"));
 * ```
 */
export const READERS: readonly SessionReader[] = [
  t2a,
  asciicastV3,
  asciicastV2,
  asciicastV1,
  jsonl,
  tlog,
  sudoLog,
  terminalizer,
  script,
  ttyrec,
  raw,
];

/**
 * All writers; where an extension belongs to several, the first one is meant.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(WRITERS.find((writer) => writer.extensions.includes("cast"))?.name, "asciicast-v3");
 * ```
 */
export const WRITERS: readonly SessionWriter[] = [
  t2a,
  asciicastV3,
  asciicastV2,
  asciicastV1,
  jsonl,
  tlog,
  script,
  ttyrec,
  raw,
  text,
  vhs,
];

/**
 * A recording of any known format.
 *
 * @example
 * ```ts
 * const names = (recording: Recording) => `${recording.reader.name}: ${recording.report.warnings.length} warnings`;
 * ```
 */
export interface Recording {
  /** Who reads it: its format. */
  readonly reader: SessionReader;
  /** Its events. */
  readonly events: EventStream;
  /** What there was to say about it; complete once the events have been read. */
  readonly report: Report;
}

/**
 * How to open a recording.
 *
 * @example Bytes that nobody could recognise
 * ```ts
 * const options: OpenOptions = { format: "asciicast-v2" };
 * ```
 */
export interface OpenOptions {
  /** Hears what there is to say about the recording; a new one if left out. */
  readonly report?: Report;
  /** The name of the reader to use, whatever the bytes look like. */
  readonly format?: string;
  /** Opens the keys of encrypted recordings; without it they cannot be read. */
  readonly unwrap?: UnwrapKey;
}

/**
 * Recognises a recording by its first bytes and opens it; one that was compressed with gzip, bzip2 or Zstandard is unpacked.
 *
 * @throws {FormatError} If no reader knows it.
 * @throws {UsageError} If there is no reader of the name asked for.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource } from "@term2ai/term2ai";
 *
 * const cast = '{"version": 3, "term": {"cols": 80, "rows": 24}}\n[0.5, "o", "hi"]\n';
 * const recording = await openRecording(blobSource("hi.cast", new Blob([cast])));
 * equal(recording.reader.name, "asciicast-v3");
 * await recording.events.cancel();
 * ```
 */
export async function openRecording(source: Source, options: OpenOptions = {}): Promise<Recording> {
  const { report = new Report(), format } = options;
  const candidates = format === undefined ? READERS : [readerNamed(format)];
  const { prefix, bytes } = await unpacked(source.bytes(), candidates, report);
  const reader = format !== undefined ? candidates[0] : readerOf(prefix, candidates) ?? await readerBesides(source);
  if (!reader) {
    await bytes.cancel();
    throw new FormatError(unknownFormat(source.name, prefix), { byte: 0 });
  }
  const opener = reader === t2a && options.unwrap ? t2aFormat({ loadCodec, unwrap: options.unwrap }) : reader;
  return { reader, report, events: opener.open({ ...source, bytes: () => bytes }, report) };
}

/**
 * How to make a recording one that can be entered anywhere.
 *
 * @example
 * ```ts
 * import { loadEmulator } from "@term2ai/term2ai";
 * const options: TimelineSettings = { loadEmulator, cacheBytes: 4 << 20 };
 * ```
 */
export interface TimelineSettings extends TimelineOptions, OpenOptions {
  /** Where the recording is kept with its keyframes, where it has none or too few of its own; memory if absent. */
  readonly cache?: KeyframeCache;
}

/**
 * Opens a recording of any known format to be entered anywhere.
 *
 * A finished T2A recording with keyframes is read where it is needed. Everything else is read once, from its beginning, and
 * kept with keyframes; what has been read can be entered meanwhile. Several sessions are joined to one. Nothing of an encrypted
 * recording is kept but in memory.
 *
 * @throws {FormatError} If no reader knows it, or it holds no session.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource, loadEmulator, SECOND } from "@term2ai/term2ai";
 *
 * const cast = '{"version": 3, "term": {"cols": 80, "rows": 24}}\n[0.5, "o", "hi"]\n';
 * const timeline = await openTimeline(blobSource("hi.cast", new Blob([cast])), { loadEmulator });
 * await timeline.known();
 * equal(timeline.duration, SECOND / 2);
 * timeline.close();
 * ```
 */
export async function openTimeline(source: Source, options: TimelineSettings): Promise<Timeline> {
  const indexed = await indexedTimeline(source, { ...options, loadCodec });
  if (indexed) return indexed;
  const { events } = await openRecording(source, options);
  const make = await options.loadEmulator();
  const store = await mayBeKept(source) ? await options.cache?.store() : undefined;
  return new Timeline(await growingBlocks(events, make, loadCodec, store), options);
}

function readerNamed(name: string): SessionReader {
  const reader = READERS.find((reader) => reader.name === name);
  if (reader) return reader;
  const known = READERS.map((reader) => reader.name).join(", ");
  throw new UsageError(`Cannot read recordings of format ${JSON.stringify(name)}: expected one of ${known}`);
}

function readerOf(prefix: Uint8Array, readers: readonly SessionReader[]): SessionReader | undefined {
  return readers.find((reader) => reader.detect(prefix));
}

/** Script's logs in other languages and of older versions tell nothing of themselves; a timing log beside one does. */
async function readerBesides(source: Source): Promise<SessionReader | undefined> {
  const timing = await timingBeside(source);
  await timing?.bytes().cancel();
  return timing && script;
}

/** How often something may have been compressed again; nobody does it twice, but a bomb may. */
const MAX_LAYERS = 2;

/** The bytes without the compression around them, and the first of them. */
async function unpacked(bytes: ReadableStream<Uint8Array>, readers: readonly SessionReader[], report: Report) {
  const length = Math.max(COMPRESSION_PREFIX, ...readers.map((reader) => reader.prefixLength));
  const isKnown = (seen: Uint8Array) => compressionOf(seen) !== undefined || readerOf(seen, readers) !== undefined;
  for (let layer = 0;; layer++) {
    const peeked = await peek(bytes, isKnown, length);
    const compression = compressionOf(peeked.prefix);
    if (!compression || layer === MAX_LAYERS) return peeked;
    bytes = decompressed(peeked.bytes, compression, report);
  }
}

function unknownFormat(name: string, prefix: Uint8Array): string {
  const known = READERS.filter((reader) => reader.prefixLength > 0).map((reader) => reader.title).join("; ");
  const isEmpty = prefix.length === 0;
  const found = isEmpty ? "it is empty" : `it begins with ${excerpt(prefix)}`;
  const hint = isEmpty
    ? "Nothing of a session is in it: look whether what should have written it has failed"
    : "Bytes of a terminal as they were, and nothing else: term2ai convert --from raw";
  return `Cannot read ${name}: ${found}\n  Expected a recording: ${known}\n  ${hint}`;
}

/** The first bytes as text if they are text, else in hexadecimal. */
function excerpt(bytes: Uint8Array): string {
  const first = bytes.subarray(0, 24);
  const isText = first.every((byte) => byte >= 32 && byte < 127 || byte === 10 || byte === 13 || byte === 9);
  return isText ? JSON.stringify(new TextDecoder().decode(first)) : [...first.subarray(0, 8)].map(hex).join(" ");
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
