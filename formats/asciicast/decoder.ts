/**
 * Reads asciicast of versions 2 and 3: bytes in, events out.
 *
 * It survives what other readers stop at (torn and broken lines, clocks that run backwards, headers that are half wrong):
 * what can be used is used, what cannot is counted, and a `gap` stands where an event was lost. Only a recording without any
 * usable header is refused. Memory is bounded by one line, {@linkcode MAX_LINE}, whatever the file holds.
 *
 * This module is browser compatible.
 * @module
 */

import { LenientDecoder } from "../../lib/text/lenient_decoder.ts";
import { FormatError } from "../../lib/errors.ts";
import type { EventBatch, Nanos, SessionEvent } from "../../lib/event.ts";
import type { Report } from "../../lib/report.ts";
import { decoderStream } from "../../lib/stream/coding.ts";
import { type Fields, MAX_SIZE, readHeader, type Version } from "./header.ts";
import { LineSplitter, MAX_LINE } from "../../lib/text/lines.ts";
import { PlainEvent } from "./plain_event.ts";
import { describeLine, parseObject, versionOf } from "./recognize.ts";
import { nanosOf } from "./seconds.ts";

const HASH = 35, OPEN = 91, RETURN = 13;
const MAX_TIME: Nanos = 2 ** 62; // 146 years
const EXAMPLE = {
  2: '{"version": 2, "width": 80, "height": 24}',
  3: '{"version": 3, "term": {"cols": 80, "rows": 24}}',
};

/**
 * A stage from the bytes of a recording to its events, one batch for each chunk.
 *
 * A header in the middle (two recordings joined by `cat`) begins a new session, of either version.
 *
 * @param version What the first header has to be of.
 * @param report Hears what was wrong with the recording, and how it ended.
 * @param name What messages call the recording.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, Report } from "@term2ai/term2ai";
 *
 * const report = new Report();
 * const bytes = new Blob(['{"version": 2, "width": 80, "height": 24}\n[1.5, "o", "hi"]\nrubbish\n[2.5, "x", "0"]\n']).stream();
 * const events = await collect(bytes.pipeThrough(asciicastDecoder(2, report, "demo.cast")));
 * equal(events.map((event) => event.kind).join(), "header,output,gap,exit");
 * equal(report.warnings[0]?.code, "bad-line");
 * equal(report.completeness, "complete");
 * ```
 */
export function asciicastDecoder(
  version: Version,
  report: Report,
  name: string,
): TransformStream<Uint8Array, EventBatch> {
  const lines = new LineReader(version, report, name);
  const splitter = new LineSplitter(lines);
  return decoderStream({
    push(chunk) {
      splitter.push(chunk);
      if (splitter.skipped > 0) lines.refuseLongHeader();
    },
    finish() {
      splitter.flush();
      lines.finish();
    },
    take: () => lines.take(),
  });
}

/** Makes events of lines. */
class LineReader {
  readonly #expected: Version;
  readonly #report: Report;
  readonly #name: string;
  readonly #plain = new PlainEvent();
  readonly #utf8 = new LenientDecoder((problem) => this.#warn("bad-utf8", problem), { ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  readonly #halves = { o: "", i: "" }; // the first half of a surrogate pair whose second half the next event should bring
  #events: SessionEvent[] = [];
  #version: Version | undefined; // of the session we are in
  #line = 0; // number of the line we are in
  #time: Nanos = 0; // of the last event
  #inGap = false; // nothing was read since the last `gap`
  #exited = false; // the last event was an exit

  constructor(expected: Version, report: Report, name: string) {
    this.#expected = expected;
    this.#report = report;
    this.#name = name;
  }

  take(): EventBatch {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  line(bytes: Uint8Array, start: number, end: number, ended: boolean): void {
    this.#line++;
    const length = end - start;
    if (bytes[end - 1] === RETURN) end--;
    if (start === end) return;
    if (this.#version !== undefined) {
      if (bytes[start] === OPEN && this.#readPlain(bytes, start, end)) return;
      if (bytes[start] === HASH) return this.#comment(this.#utf8.decode(bytes.subarray(start + 1, end)));
    }
    this.#lineOfText(this.#utf8.decode(bytes.subarray(start, end)).trim(), ended, length);
  }

  longLine(length: number, ended: boolean): void {
    this.refuseLongHeader();
    this.#line++;
    if (!ended) return this.#tear(length);
    this.#warn("long-line", `a line of more than ${MAX_LINE} bytes was left out`);
    this.#gap();
  }

  /** The line after this one is too long; when it should be the header, nobody needs to wait for its end. */
  refuseLongHeader(): void {
    if (this.#version !== undefined) return;
    this.#line++;
    this.#refuse(`has more than the ${MAX_LINE} bytes that a line may have`);
  }

  /** After the last line. */
  finish(): void {
    if (this.#version === undefined) {
      this.#refuse(this.#line === 0 ? "is absent, the recording is empty" : "is blank, like all lines");
    }
    this.#endHalves();
    if (this.#report.tornBytes > 0) this.#report.completeness = "unfinished";
    else this.#report.completeness = this.#exited ? "complete" : "unknown";
  }

  #refuse(found: string): never {
    const line = Math.max(1, this.#line);
    throw new FormatError(
      `Cannot read ${this.#name} as asciicast v${this.#expected}: line ${line} ${found}; ` +
        `expected a header such as ${EXAMPLE[this.#expected]}`,
      { line },
    );
  }

  #readPlain(bytes: Uint8Array, start: number, end: number): boolean {
    const plain = this.#plain;
    if (!plain.read(bytes, start, end, bytes.length - start) || this.#halves[plain.code] !== "") return false;
    this.#advance(plain.time);
    this.#emit({ kind: plain.code === "o" ? "output" : "input", time: this.#time, data: plain.data() });
    return true;
  }

  #lineOfText(line: string, ended: boolean, length: number): void {
    if (line === "") return;
    if (line.startsWith("#")) return this.#comment(line.slice(1));
    if (line.startsWith("{") || this.#version === undefined) {
      const object = parseObject(line);
      const version = versionOf(object?.fields);
      const wanted = this.#version === undefined ? version === this.#expected : version !== undefined;
      if (object && version && wanted) return this.#header(object.fields, version, object.repaired);
      if (this.#version === undefined) this.#refuse(describeLine(line));
    }
    const event = parseArray(line);
    if (event === undefined && !ended) return this.#tear(length);
    if (!event || !this.#event(event)) this.#badLine();
  }

  #tear(length: number): void {
    this.#report.tornBytes = length;
    this.#warn("torn-end", "the last line is cut off and was left out");
  }

  #badLine(): void {
    this.#warn("bad-line", "a line that is not an event was left out");
    this.#gap();
  }

  #gap(): void {
    if (!this.#inGap) this.#emit({ kind: "gap", time: this.#time, reason: "damage" });
    this.#inGap = true;
  }

  #header(fields: Fields, version: Version, repaired: boolean): void {
    if (repaired) this.#warn("trailing-comma", "a header has a comma too many");
    this.#endHalves();
    this.#version = version;
    this.#time = 0;
    const header = readHeader(fields, version, (field, fault) => {
      this.#warn(`header-${field}`, `the header's ${field} ${fault}`);
    });
    this.#emit({ kind: "header", time: 0, header });
  }

  /** Comments are kept; before the header there is no session yet to keep them in. */
  #comment(text: string): void {
    if (this.#version === undefined) return this.#warn("early-comment", "a comment before the header was left out");
    const exited = this.#exited;
    this.#emit({ kind: "custom", time: this.#time, code: "#", data: this.#encoder.encode(text) });
    this.#exited = exited;
  }

  /** Reads the elements of an event, and says whether they are one. A v3 interval counts even if the rest is useless. */
  #event([time, code, data, ...more]: readonly unknown[]): boolean {
    const nanos = this.#nanos(time);
    if (nanos === undefined) return false;
    this.#advance(nanos);
    if (typeof code !== "string" || typeof data !== "string") return false;
    if (more.length > 0) this.#warn("extra-element", "elements after the third were ignored");
    this.#eventOf(code, data);
    return true;
  }

  #nanos(time: unknown): Nanos | undefined {
    if (typeof time === "number") return nanosOf(time);
    if (typeof time !== "string" || time.trim() === "" || Number.isNaN(Number(time))) return undefined;
    this.#warn("quoted-time", "a time in quotes was read as a number");
    return nanosOf(Number(time));
  }

  #advance(time: Nanos): void {
    const next = this.#version === 3 ? this.#time + time : time;
    if (!(next <= MAX_TIME)) this.#warn("absurd-time", "a time of more than 146 years was held");
    else if (next < this.#time) this.#warn("clock-backwards", "time ran backwards and was held");
    else this.#time = next + 0; // never -0
  }

  #eventOf(code: string, data: string): void {
    const time = this.#time;
    switch (code) {
      case "o":
      case "i":
        return this.#stream(code, data);
      case "m":
        return this.#emit({ kind: "marker", time, label: this.#wellFormed(data) });
      case "r":
        return this.#resize(data);
      case "x":
        return this.#exit(data);
      default:
        return this.#emit({ kind: "custom", time, code, data: this.#encoder.encode(this.#wellFormed(data)) });
    }
  }

  /** Output or input. Half a surrogate pair at its end is held back for the next event of that code. */
  #stream(code: "o" | "i", data: string): void {
    const text = this.#halves[code] + data;
    const last = text.charCodeAt(text.length - 1);
    const cut = last >= 0xd800 && last < 0xdc00 ? 1 : 0;
    this.#halves[code] = cut ? text.slice(-1) : "";
    if (text.length > cut || data === "") this.#emitText(code, text.slice(0, text.length - cut));
  }

  #emitText(code: "o" | "i", text: string): void {
    const data = this.#encoder.encode(this.#wellFormed(text));
    this.#emit({ kind: code === "o" ? "output" : "input", time: this.#time, data });
  }

  #endHalves(): void {
    for (const code of ["o", "i"] as const) {
      if (this.#halves[code] !== "") this.#emitText(code, this.#halves[code]);
      this.#halves[code] = "";
    }
  }

  #wellFormed(text: string): string {
    if (text.isWellFormed()) return text;
    this.#warn("lone-surrogate", "half a surrogate pair became U+FFFD");
    return text.toWellFormed();
  }

  #resize(data: string): void {
    const [, cols, rows] = /^(\d+)x(\d+)$/.exec(data.trim()) ?? [];
    const size = { cols: Math.min(Number(cols), MAX_SIZE), rows: Math.min(Number(rows), MAX_SIZE) };
    if (!(size.cols > 0 && size.rows > 0)) return this.#warn("bad-resize", "a new size that is none was left out");
    if (size.cols !== Number(cols) || size.rows !== Number(rows)) {
      this.#warn("big-resize", `a new size was cut to ${MAX_SIZE} cells each way`);
    }
    this.#emit({ kind: "resize", time: this.#time, ...size });
  }

  #exit(data: string): void {
    if (!/^\s*-?\d{1,10}\s*$/.test(data)) {
      return this.#warn("bad-exit", "an exit status that is no number was left out");
    }
    this.#endHalves();
    this.#emit({ kind: "exit", time: this.#time, status: { code: Number(data) || 0 } }); // never -0
  }

  #emit(event: SessionEvent): void {
    this.#events.push(event);
    this.#inGap = false;
    this.#exited = event.kind === "exit";
  }

  #warn(code: string, message: string): void {
    this.#report.warn(code, message, { line: this.#line });
  }
}

/** The array of at least three elements that a line holds, `null` for another value, `undefined` for no JSON at all. */
function parseArray(line: string): readonly unknown[] | null | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) && value.length >= 3 ? value : null;
  } catch {
    return undefined;
  }
}
