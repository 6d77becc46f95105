/**
 * Formats: from the bytes of a recording to events, and back.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventKind, EventStream, Nanos } from "../event.ts";
import type { Report } from "../report.ts";
import type { Source } from "./source.ts";

/**
 * Reads one format.
 *
 * Sessions follow each other in the stream, each opened by its `header`. A reader never throws for damage that leaves
 * something to read: it reports, says `gap` where something is missing, and goes on. It throws a `FormatError` when there is
 * nothing of its format to be found.
 *
 * @example
 * ```ts
 * const describe = (reader: SessionReader) => `${reader.name}: ${reader.title}`;
 * ```
 */
export interface SessionReader {
  /** The name users type, such as `asciicast-v3`. */
  readonly name: string;
  /** What it is, in a few words. */
  readonly title: string;
  /** Without the dot; the first one is the usual one. */
  readonly extensions: readonly string[];
  /** How many bytes {@linkcode detect} wants to see, at most. */
  readonly prefixLength: number;
  /** Says from the first bytes whether they are of this format. */
  detect(prefix: Uint8Array): boolean;
  /** The events of a recording; findings go to `report`. */
  open(source: Source, report: Report): EventStream;
}

/**
 * How a writer is to write.
 *
 * @example
 * ```ts
 * import { Report } from "@term2ai/term2ai";
 *
 * const settings: WriteSettings = {
 *   report: new Report(),
 *   timeUnit: 1,
 *   sibling: () => Promise.reject(new Error("this format has one file")),
 * };
 * ```
 */
export interface WriteSettings {
  /** Hears of everything the format cannot keep. */
  readonly report: Report;
  /** Times are kept in steps of this many nanoseconds: 1, 1,000 or 1,000,000. */
  readonly timeUnit: Nanos;
  /** Opens another part of the same recording, where a format has several files. */
  sibling(suffix: string): Promise<WritableStream<Uint8Array>>;
}

/**
 * Writes one format.
 *
 * @example
 * ```ts
 * const losesInput = (writer: SessionWriter) => !writer.keeps.has("input");
 * ```
 */
export interface SessionWriter {
  /** The name users type. */
  readonly name: string;
  /** What it is, in a few words. */
  readonly title: string;
  /** Without the dot; the first one is the usual one. */
  readonly extensions: readonly string[];
  /** Whether its bytes must not be shown on a terminal. */
  readonly binary: boolean;
  /** The kinds of event it can hold; each event of another kind is counted as lost in the report. */
  readonly keeps: ReadonlySet<EventKind>;
  /** A stage from events to the bytes of the recording. */
  encoder(settings: WriteSettings): TransformStream<EventBatch, Uint8Array>;
}
