/**
 * JSON Lines: everything an event stream can hold, one JSON object in a line, for jq, scripts and other languages.
 *
 * Nothing is lost: times are whole nanoseconds, bytes are `text` where they are UTF-8 and `base64` where they are not.
 * `formats/jsonl.schema.json` describes a line. Lines of kinds that this version does not know pass through.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../lib/errors.ts";
import type { EventKind, SessionEvent } from "../lib/event.ts";
import type { SessionReader, SessionWriter, WriteSettings } from "../lib/ports.ts";
import { decoderStream, type EncoderCore, encoderStream } from "../lib/stream/coding.ts";
import { isRecord } from "../lib/text/json_value.ts";
import { JsonlDecoder } from "./jsonl/decoder.ts";
import { readEvent, writeEvent } from "./jsonl/event.ts";

const KEPT_KINDS: ReadonlySet<EventKind> = new Set(
  [
    ...["header", "output", "input", "resize", "marker", "signal", "clock", "screen", "gap", "note"] as const,
    ...["custom", "opaque", "exit", "keyframe", "command"] as const,
  ],
);

/**
 * Reader and writer of JSON Lines.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collectBytes, Report, streamOf } from "@term2ai/term2ai";
 *
 * const events = streamOf(
 *   { kind: "header", time: 0, header: { cols: 80, rows: 24 } },
 *   { kind: "output", time: 1, data: Uint8Array.of(104, 105) },
 * );
 * const settings = { report: new Report(), timeUnit: 1, sibling: () => Promise.reject(new Error("one file")) };
 * const bytes = await collectBytes(events.pipeThrough(jsonl.encoder(settings)));
 * deepEqual(new TextDecoder().decode(bytes).split("\n"), [
 *   '{"term2ai":1,"kind":"header","time":0,"header":{"cols":80,"rows":24}}',
 *   '{"kind":"output","time":1,"text":"hi"}',
 *   "",
 * ]);
 * ```
 */
export const jsonl: SessionReader & SessionWriter = {
  name: "jsonl",
  title: "JSON Lines of term2ai",
  extensions: ["jsonl", "ndjson"],
  prefixLength: 65_536,
  binary: false,
  keeps: KEPT_KINDS,
  detect: isOurs,
  open: (source, report) => source.bytes().pipeThrough(decoderStream(new JsonlDecoder(report, source.name))),
  encoder: (settings) => encoderStream(new LineWriter(settings)),
};

/** The first line is a header, or, where the prefix ends in it, begins as one. */
function isOurs(prefix: Uint8Array): boolean {
  const text = new TextDecoder().decode(prefix).trimStart();
  const end = text.indexOf("\n");
  if (end < 0 && /^\{"term2ai":\d+,"kind":"header",/.test(text)) return true;
  try {
    const line = end < 0 ? text : text.slice(0, end);
    const value: unknown = JSON.parse(line);
    return isRecord(value) && value.kind === "header" && readEvent(line).kind === "header";
  } catch {
    return false;
  }
}

class LineWriter implements EncoderCore {
  readonly #unit: number;
  readonly #encoder = new TextEncoder();
  #lines = "";
  #begun = false;

  constructor({ timeUnit }: WriteSettings) {
    this.#unit = timeUnit;
  }

  push(event: SessionEvent): void {
    if (!this.#begun && event.kind !== "header") {
      throw new UsageError(`Cannot write jsonl: the first event is of kind ${event.kind}, expected a header`);
    }
    this.#begun = true;
    const time = Math.round(event.time / this.#unit) * this.#unit;
    this.#lines += writeEvent(time === event.time ? event : { ...event, time }) + "\n";
  }

  finish(): void {}

  take(): Uint8Array {
    const bytes = this.#encoder.encode(this.#lines);
    this.#lines = "";
    return bytes;
  }
}
