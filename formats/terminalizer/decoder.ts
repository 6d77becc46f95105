/**
 * Reads Terminalizer's recordings: YAML in, events out, one record after the other.
 *
 * Memory is bounded by what comes before the records and by one record, whatever the file holds.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import { type EventBatch, MILLISECOND, type Nanos, type SessionEvent } from "../../lib/event.ts";
import type { Report } from "../../lib/report.ts";
import type { DecoderCore } from "../../lib/stream/coding.ts";
import { formatJson } from "../../lib/text/json_writer.ts";
import { LenientDecoder } from "../../lib/text/lenient_decoder.ts";
import { type LineSink, LineSplitter } from "../../lib/text/lines.ts";
import { isObject, readConfig } from "./config.ts";
import { MAX_RECORD, Sections, type SectionSink } from "./sections.ts";

/**
 * A parser of YAML. With the schema `failsafe` every scalar is text, with `core` numbers and `null` are what JSON has.
 *
 * @example For YAML that happens to be JSON
 * ```ts
 * const parse: ParseYaml = (text) => JSON.parse(text);
 * ```
 */
export type ParseYaml = (text: string, schema: "core" | "failsafe") => unknown;

const RETURN = 13;
const MAX_TIME: Nanos = 2 ** 62; // 146 years
const MAX_GROUP = 64 << 10; // UTF-16 units of records that are parsed together: a call for each takes 1.6 times as long

/**
 * Characters of a record that may stand outside of its texts; a usual one has 30. The parser takes a second for 60 kB of
 * nothing but brackets, dashes or tags, and 4 MB of them may stand in a record.
 */
const MAX_BARE = 4096;
/** The same of the settings, of which there are 3 kB where nobody has added any. */
const MAX_BARE_SETTINGS = 16_384;

/** A record that waits to be parsed. */
interface Waiting {
  readonly text: string;
  readonly line: number;
}

/**
 * The core of the reader.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Report } from "@term2ai/term2ai";
 * import { parse } from "yaml";
 *
 * const core = new TerminalizerDecoder((text, schema) => parse(text, { schema }), new Report(), "demo.yml");
 * core.push(new TextEncoder().encode('config:\n  cols: 80\n  rows: 24\nrecords:\n  - delay: 5\n    content: "hi"\n'));
 * core.finish();
 * equal(core.take().map(({ kind, time }) => `${kind} ${time}`).join(), "header 0,output 5000000");
 * ```
 */
export class TerminalizerDecoder implements DecoderCore, LineSink, SectionSink {
  readonly #parse: ParseYaml;
  readonly #report: Report;
  readonly #name: string;
  readonly #splitter = new LineSplitter(this, MAX_RECORD);
  readonly #sections = new Sections(this);
  readonly #utf8 = new LenientDecoder((problem) => this.#warn("bad-utf8", problem, this.#line), { ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  #events: SessionEvent[] = [];
  #waiting: Waiting[] = [];
  #length = 0; // of the text of those
  #time: Nanos = 0;
  #inGap = false;
  #line = 0;
  #first = ""; // line that is not blank
  #isKnown = false; // there were settings, or a record
  #isTorn = false; // the last line has no line feed

  /** YAML is parsed by `parse`; findings go to `report`; messages call the recording `name`. */
  constructor(parse: ParseYaml, report: Report, name: string) {
    this.#parse = parse;
    this.#report = report;
    this.#name = name;
  }

  /** Takes the next bytes of the recording. */
  push(chunk: Uint8Array): void {
    this.#splitter.push(chunk);
    if (this.#sections.isLost || !this.#sections.hasRecords && this.#splitter.skipped > 0) this.#refuse();
    this.#readWaiting();
  }

  /** There are no more. */
  finish(): void {
    this.#splitter.flush();
    if (!this.#sections.hasRecords) this.#refuse();
    this.#readWaiting();
    this.#sections.end();
    this.#readLast();
    if (!this.#isKnown) this.#refuse();
    this.#report.completeness = this.#report.tornBytes > 0 ? "unfinished" : "unknown";
  }

  /** The events made since the last time. */
  take(): EventBatch {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** A line of the file. */
  line(bytes: Uint8Array, start: number, end: number, ended: boolean): void {
    this.#line++;
    this.#isTorn = !ended;
    if (bytes[end - 1] === RETURN) end--;
    const text = this.#utf8.decode(bytes.subarray(start, end));
    const line = this.#line === 1 && text.startsWith("\ufeff") ? text.slice(1) : text;
    this.#first ||= line.trim().slice(0, 100);
    this.#sections.line(line);
  }

  /** A line that is longer than a record may be. */
  longLine(_length: number, ended: boolean): void {
    this.#line++;
    this.#isTorn = !ended;
    this.#sections.longLine();
  }

  /** What comes before the records. */
  head(text: string, line: number): void {
    let settings: unknown;
    try {
      if (!isTangled(text, MAX_BARE_SETTINGS)) settings = this.#parse(text, "core");
      else this.#warn("bad-config", "settings that are no YAML were left out", line);
    } catch {
      this.#warn("bad-config", "settings that are no YAML were left out", line);
    }
    const config = isObject(settings) ? settings.config : undefined;
    this.#isKnown = isObject(config);
    const header = readConfig(config, (code, message) => this.#warn(code, message, line));
    this.#events.push({ kind: "header", time: 0, header });
  }

  /** A record; many are parsed at once. */
  record(text: string, line: number): void {
    if (isTangled(text, MAX_BARE)) {
      this.#readWaiting();
      return this.#bad(line);
    }
    if (this.#length + text.length > MAX_GROUP) this.#readWaiting();
    this.#waiting.push({ text, line });
    this.#length += text.length;
  }

  /** A record that was too long to be kept. */
  longRecord(line: number): void {
    this.#readWaiting();
    this.#warn("long-record", `a record of more than ${MAX_RECORD} characters was left out`, line);
    this.#gap();
  }

  /** Something behind the records. */
  tail(line: number): void {
    this.#warn("text-behind", "what follows the records was left out", line);
  }

  #refuse(): never {
    const shown = this.#first.length > 40 ? this.#first.slice(0, 40).toWellFormed() + "…" : this.#first;
    const found = shown === "" ? "it is empty" : `it begins with ${formatJson(shown)} and has no records`;
    throw new FormatError(
      `Cannot read ${this.#name} as a Terminalizer recording: ${found}; expected lines such as "config:" and "records:"`,
      { line: 1 },
    );
  }

  /** Parses what waits: all at once, or one by one if there is a fault in it. */
  #readWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#length = 0;
    if (waiting.length === 0) return;
    const all = this.#list(waiting.map(({ text }) => text).join(""));
    if (all?.length === waiting.length) return all.forEach((record, at) => this.#read(record, waiting[at]!.line));
    for (const { text, line } of waiting) {
      const records = waiting.length === 1 ? all : this.#list(text);
      if (!records) this.#bad(line);
      else for (const record of records) this.#read(record, line);
    }
  }

  /** The last record may be cut off. */
  #readLast(): void {
    const last = this.#waiting[0];
    const [record] = last ? this.#list(last.text) ?? [] : [];
    const isWhole = isObject(record) && typeof record.content === "string";
    if (!last || !this.#isTorn || isWhole) return this.#readWaiting();
    this.#report.tornBytes = this.#encoder.encode(last.text).length - 1; // without the line feed that was not there
    this.#warn("torn-end", "the last record is cut off and was left out", last.line);
    this.#waiting = [];
  }

  #list(text: string): readonly unknown[] | undefined {
    try {
      const value = this.#parse(text, "failsafe");
      return Array.isArray(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  #read(record: unknown, line: number): void {
    const { delay, content } = isObject(record) ? record : {};
    const milliseconds = typeof delay === "string" && delay.trim() !== "" ? Number(delay) : NaN;
    if (!Number.isNaN(milliseconds)) this.#advance(milliseconds * MILLISECOND, line);
    if (Number.isNaN(milliseconds) || typeof content !== "string") return this.#bad(line);
    if (!content.isWellFormed()) this.#warn("lone-surrogate", "half a surrogate pair became U+FFFD", line);
    this.#inGap = false;
    this.#isKnown = true;
    this.#events.push({ kind: "output", time: this.#time, data: this.#encoder.encode(content.toWellFormed()) });
  }

  #advance(delay: Nanos, line: number): void {
    const next = this.#time + Math.round(delay);
    if (!(next <= MAX_TIME)) this.#warn("absurd-time", "a time of more than 146 years was held", line);
    else if (delay < 0) this.#warn("clock-backwards", "time ran backwards and was held", line);
    else this.#time = next;
  }

  #bad(line: number): void {
    this.#warn("bad-record", "a record that is not a delay and a content was left out", line);
    this.#gap();
  }

  #gap(): void {
    if (!this.#inGap) this.#events.push({ kind: "gap", time: this.#time, reason: "damage" });
    this.#inGap = true;
  }

  #warn(code: string, message: string, line: number): void {
    this.#report.warn(code, message, { line });
  }
}

/** Texts in quotes, blocks of lines behind a key, and plain words in one line: what costs the parser no time. */
const TEXTS = [
  /"[^"\\]*(?:\\[^][^"\\]*)*"/g,
  /'[^']*'/g,
  /^ *#[^\n]*\n/gm,
  /^( *)(?:- )?\w+: *[|>][-+\d]*\n(\1 +)[^\n]*\n(?:\2[^\n]*\n| *\n)*/gm,
  /: +\w(?:[^\n:#]|:(?! )|(?<! )#)*$/gm,
];

/**
 * How often something may begin in a record that other things stand in; nothing does in a usual one. A key that is a map whose
 * key is a map, 30 deep, keeps the parser busy for ever.
 */
const MAX_NESTED = 16;

/** Whether more than `most` characters stand outside of texts, or more than a few that open something. */
function isTangled(text: string, most: number): boolean {
  const openers = /[[{?]/g;
  if (text.length <= most && (text.match(openers)?.length ?? 0) <= MAX_NESTED) return false;
  const bare = TEXTS.reduce((rest, pattern) => rest.replace(pattern, ""), text);
  return bare.length > most || (bare.match(openers)?.length ?? 0) > MAX_NESTED;
}
