/**
 * Reads asciicast of version 1: one JSON document in, events out.
 *
 * The header's fields may stand behind the output, so nothing can be told before the whole document is there. It may have
 * {@linkcode MAX_DOCUMENT} bytes; the entries themselves are parsed one by one, as they are asked for.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { EventBatch, SessionEvent } from "../../lib/event.ts";
import type { Report } from "../../lib/report.ts";
import type { DecoderCore } from "../../lib/stream/coding.ts";
import { concat } from "../../lib/stream/collect.ts";
import { formatJson } from "../../lib/text/json_writer.ts";
import { readHeader } from "../asciicast/header.ts";
import { elementsOf, membersOf, type Part, skip } from "./document.ts";
import { EntryReader } from "./entries.ts";

/**
 * How long a document may be, in bytes. A vim session of 41 seconds has 73 kB, so this is ten hours.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAX_DOCUMENT, 64 * 1024 * 1024);
 * ```
 */
export const MAX_DOCUMENT = 64 << 20;

const BATCH = 1024; // events at a time
const MAX_FIELDS = 1000; // of the header; asciinema 1 wrote seven
const OPEN_LIST = 91, OPEN_OBJECT = 123;
const MARK = [0xef, 0xbb, 0xbf]; // of the byte order, which some editors put before UTF-8
const EXAMPLE = '{"version": 1, "width": 80, "height": 24, "stdout": [[0.5, "text"]]}';

/**
 * Whether a recording that begins with these bytes is an asciicast of version 1, as far as they tell.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(beginsDocument(new TextEncoder().encode('{"version": 1, "width": 80, "hei')), true);
 * equal(beginsDocument(new TextEncoder().encode('{"version": 1, "lockfile": true}')), false);
 * ```
 */
export function beginsDocument(prefix: Uint8Array): boolean {
  const start = startOf(prefix);
  if (prefix[start] !== OPEN_OBJECT) return false;
  let version: unknown;
  const names = new Set<string>();
  for (const member of membersOf(prefix, start)) {
    names.add(member.name);
    if (member.name === "version") version = parse(prefix, member);
    if (member.name === "stdout" && prefix[member.start] !== OPEN_LIST) return false;
  }
  if (version === undefined) return names.has("stdout") && !names.has("version");
  return version === 1 && (names.has("stdout") || names.has("width") || names.has("height"));
}

/** Behind blanks, or a byte order mark and blanks. */
function startOf(bytes: Uint8Array): number {
  return skip(bytes, MARK.every((byte, at) => bytes[at] === byte) ? MARK.length : 0);
}

/** The value of a part; `undefined` if it is none. */
function parse(bytes: Uint8Array, { start, end }: Part): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes.subarray(start, end < 0 ? bytes.length : end)));
  } catch {
    return undefined;
  }
}

/**
 * The core of the reader of version 1.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, Report } from "@term2ai/term2ai";
 * import { decoded } from "../../lib/stream/coding.ts";
 *
 * const document = '{"stdout": [[0.5, "hi"]], "version": 1, "width": 80, "height": 24}';
 * const events = await collect(decoded(new Blob([document]).stream(), new DocumentDecoder(new Report(), "demo.json")));
 * equal(events.length, 2);
 * ```
 */
export class DocumentDecoder implements DecoderCore {
  readonly #report: Report;
  readonly #name: string;
  readonly #entries: EntryReader;
  readonly #strict = new TextDecoder("utf-8", { fatal: true });
  #chunks: Uint8Array[] = [];
  #length = 0;
  #bytes: Uint8Array = new Uint8Array(0); // the document, when it is whole
  #elements: Generator<Part, number> | undefined;
  #events: SessionEvent[] = [];

  /** Findings go to `report`; messages call the document `name`. */
  constructor(report: Report, name: string) {
    this.#report = report;
    this.#name = name;
    this.#entries = new EntryReader(report, (event) => this.#events.push(event));
  }

  /** Takes the next bytes of the document. */
  push(chunk: Uint8Array): void {
    this.#length += chunk.length;
    if (this.#length > MAX_DOCUMENT) this.#refuse(`it has more than ${MAX_DOCUMENT} bytes`, MAX_DOCUMENT);
    this.#chunks.push(chunk);
  }

  /** The document is whole. */
  finish(): void {
    const bytes = this.#bytes = concat(this.#chunks);
    this.#chunks = [];
    const start = startOf(bytes);
    if (bytes[start] !== OPEN_OBJECT) this.#refuse(bytes.length === 0 ? "it is empty" : this.#beginning(), 0);
    const { fields, stdout } = this.#members(start);
    if (fields.version !== 1 && fields.version !== undefined) {
      this.#refuse(`its version is ${formatJson(fields.version).slice(0, 40)}`, start);
    }
    if (!stdout || bytes[stdout.start] !== OPEN_LIST) this.#refuse("it has no list named stdout", start);
    if (fields.version !== 1) this.#report.warn("header-version", "the header's version is absent", { byte: start });
    const header = readHeader(fields, 2, (field, fault) => {
      this.#report.warn(`header-${field}`, `the header's ${field} ${fault}`, { byte: start });
    });
    this.#events.push({ kind: "header", time: 0, header });
    this.#elements = elementsOf(bytes, stdout.start);
  }

  /** Some more events. */
  take(): EventBatch {
    while (this.#elements && this.#events.length < BATCH) this.#next(this.#elements);
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #refuse(found: string, byte: number): never {
    throw new FormatError(`Cannot read ${this.#name} as asciicast v1: ${found}; expected ${EXAMPLE}`, { byte });
  }

  #beginning(): string {
    const text = new TextDecoder().decode(this.#bytes.subarray(0, 40));
    return `it begins with ${formatJson(text)}`;
  }

  /** The fields of the header, and where the output lies. */
  #members(start: number): { fields: Record<string, unknown>; stdout: Part | undefined } {
    const fields: [string, unknown][] = [];
    let stdout: Part | undefined;
    const members = membersOf(this.#bytes, start);
    let next = members.next();
    for (; !next.done; next = members.next()) {
      const member = next.value;
      if (member.name === "stdout") stdout = member;
      else if (member.end > 0 && fields.length < MAX_FIELDS) fields.push([member.name, this.#field(member)]);
    }
    this.#end(next.value, stdout);
    return { fields: Object.fromEntries(fields), stdout };
  }

  #field(member: Part & { readonly name: string }): unknown {
    const value = parse(this.#bytes, member);
    if (value === undefined) {
      this.#report.warn("bad-field", "a field of the header that is no JSON was left out", { byte: member.start });
    }
    return value;
  }

  /** Says how the document ended: `end` is behind its last bracket, or -1. */
  #end(end: number, stdout: Part | undefined): void {
    this.#report.completeness = end < 0 ? "unfinished" : "complete";
    if (end < 0 && stdout && stdout.end >= 0) {
      this.#report.warn("bad-json", "what follows the output is no JSON and was left out", { byte: stdout.end });
    }
    if (end >= 0 && skip(this.#bytes, end) < this.#bytes.length) {
      this.#report.warn("text-behind", "what follows the document was left out", { byte: end });
    }
  }

  #next(elements: Generator<Part, number>): void {
    const { done, value } = elements.next();
    if (!done && value.end >= 0) return this.#entries.read(this.#entry(value), value.start);
    if (!done) this.#tear(value.start);
    this.#entries.finish();
    this.#elements = undefined;
  }

  #tear(start: number): void {
    this.#report.tornBytes = this.#bytes.length - start;
    this.#report.warn("torn-end", "the document is cut off, and its last entry was left out", { byte: start });
  }

  #entry(part: Part): unknown {
    const bytes = this.#bytes.subarray(part.start, part.end);
    try {
      return JSON.parse(this.#strict.decode(bytes));
    } catch (error) {
      if (error instanceof TypeError) {
        this.#report.warn("bad-utf8", "bytes that are not UTF-8 became U+FFFD", { byte: part.start });
      }
      return parse(this.#bytes, part);
    }
  }
}
