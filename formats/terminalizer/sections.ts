/**
 * Cuts a Terminalizer recording into its parts by the indentation of its lines: what comes before the records, and each record.
 *
 * YAML demands that all lines of a list's item stand deeper than the item's dash, however its texts are quoted or folded. So a
 * list of any length can be cut into items without being parsed, and each item is parsed by itself.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * Who takes the parts.
 *
 * @example
 * ```ts
 * const counter: SectionSink = {
 *   head: (text) => console.log(`${text.length} characters come before the records`),
 *   record: (text) => console.log(`a record of ${text.length} characters`),
 *   longRecord: () => {},
 *   tail: () => {},
 * };
 * ```
 */
export interface SectionSink {
  /** All that comes before the records; comes once, before the first record. `line` is the number of the records' line. */
  head(text: string, line: number): void;
  /** A record that begins in that line. */
  record(text: string, line: number): void;
  /** A record over the limit, which was not kept. */
  longRecord(line: number): void;
  /** The first line of something behind the records. */
  tail(line: number): void;
}

/**
 * The most that one record may have, in UTF-16 units: 30 times what a terminal gives at once, escaped.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAX_RECORD, 4 * 1024 * 1024);
 * ```
 */
export const MAX_RECORD = 4 << 20;

const MAX_HEAD = 256 << 10; // UTF-16 units; Terminalizer's own has 3,000

/**
 * Lines in, parts out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const parts: string[] = [];
 * const sections = new Sections({
 *   head: (text) => parts.push(text),
 *   record: (text) => parts.push(text),
 *   longRecord: () => {},
 *   tail: () => {},
 * });
 * for (const line of ["config:", "  cols: 80", "records:", "  - delay: 5", "    content: a", "  - delay: 6"]) sections.line(line);
 * sections.end();
 * deepEqual(parts, ["config:\n  cols: 80\n", "  - delay: 5\n    content: a\n", "  - delay: 6\n"]);
 * ```
 */
export class Sections {
  readonly #sink: SectionSink;
  #state: "head" | "records" | "tail" = "head";
  #indent = -1; // of the dashes, once the first was seen
  #text = ""; // of the part at hand
  #isRecord = false; // that part is a record
  #isLong = false; // and has too much text
  #start = 0; // line in which it begins
  #line = 0;

  /** Parts go to `sink`. */
  constructor(sink: SectionSink) {
    this.#sink = sink;
  }

  /** Whether the records have begun. */
  get hasRecords(): boolean {
    return this.#state !== "head";
  }

  /** Whether there was more before the records than there may be. */
  get isLost(): boolean {
    return this.#state === "head" && (this.#isLong || this.#text.length > MAX_HEAD);
  }

  /** Takes the next line, without its line feed. */
  line(line: string): void {
    this.#line++;
    if (this.#state === "tail") return;
    if (this.#state === "head") return this.#headLine(line);
    const depth = line.search(/[^ ]/);
    const isAside = /^[ \t]*(?:#|$)/.test(line);
    const isDash = /^ *-(?:[ \t]|$)/.test(line);
    if (this.#indent < 0 && isDash) this.#indent = depth;
    if (isDash && depth === this.#indent) this.#begin();
    else if (!isAside && depth <= Math.max(0, this.#indent)) return this.#leave();
    if (!this.#isRecord && !isAside) this.#begin(); // its first line is damaged
    if (this.#isRecord) this.#add(line);
  }

  /** A line that was too long to be kept. */
  longLine(): void {
    this.#line++;
    if (this.#state !== "records") return;
    if (!this.#isRecord) this.#begin();
    this.#isLong = true;
  }

  /** There are no more lines. */
  end(): void {
    this.#finish();
  }

  /** What comes before the records is one part, up to the line that says `records:`. */
  #headLine(line: string): void {
    if (!/^records\s*:/.test(line)) return this.#add(line);
    this.#sink.head(this.#text, this.#line);
    this.#text = "";
    this.#state = "records";
    const [, inline = ""] = /^records\s*:\s*(\[.*)$/.exec(line) ?? [];
    if (inline !== "") this.#sink.record(inline, this.#line);
  }

  #begin(): void {
    this.#finish();
    this.#isRecord = true;
    this.#start = this.#line;
  }

  #add(line: string): void {
    if (this.#text.length + line.length > MAX_RECORD) this.#isLong = true;
    this.#text = this.#isLong ? "" : `${this.#text}${line}\n`;
  }

  #finish(): void {
    if (this.#isRecord && this.#isLong) this.#sink.longRecord(this.#start);
    else if (this.#isRecord) this.#sink.record(this.#text, this.#start);
    this.#text = "";
    this.#isRecord = this.#isLong = false;
  }

  #leave(): void {
    this.#finish();
    this.#state = "tail";
    this.#sink.tail(this.#line);
  }
}
