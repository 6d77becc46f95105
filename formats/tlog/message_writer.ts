/**
 * Fills messages of tlog and hands them on.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionHeader } from "../../lib/event.ts";
import { formatJson, LineWriter } from "../../lib/text/json_writer.ts";
import { characterLength, faultLength } from "../../lib/text/utf8.ts";
import type { Direction } from "./timing.ts";

const MAX_PAYLOAD = 2048; // bytes of text and timing in one message, as tlog has it unless told otherwise
const UNSET_SESSION = 2 ** 32 - 1;
const MARKS = { input: ["<", "["], output: [">", "]"] } as const;

/** What a message holds of one direction. */
interface Track {
  readonly text: LineWriter;
  bytes: number[];
}

/**
 * The messages of one session, one after the other. All times are whole milliseconds since the session's start.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 *
 * let log = "";
 * const message = new MessageWriter({ cols: 80, rows: 24, id: "a" }, (line) => {
 *   for (const part of line) log += new TextDecoder().decode(part);
 * });
 * message.write(5, "output", new TextEncoder().encode("é\n"));
 * message.finish();
 * match(log, /^{"ver":"2.3","host":"","rec":"a",.*"timing":"=80x24\+5>2",.*"out_txt":"é\\n","out_bin":\[\]}\n$/);
 * ```
 */
export class MessageWriter {
  readonly #header: SessionHeader;
  readonly #send: (line: readonly Uint8Array[]) => void;
  readonly #encoder = new TextEncoder();
  readonly #tracks: Readonly<Record<Direction, Track>> = {
    input: { text: new LineWriter(), bytes: [] },
    output: { text: new LineWriter(), bytes: [] },
  };
  #id = 1;
  #pos = 0;
  #time = 0; // of the last step
  #cols: number;
  #rows: number;
  #timing: string;
  #last: Direction | undefined; // direction of the last step
  #used = 0; // bytes of text and timing
  #isEmpty = false; // the message says nothing that the one before did not say

  /** A session begins; each message goes to `send` when it is full. */
  constructor(header: SessionHeader, send: (line: readonly Uint8Array[]) => void) {
    this.#header = header;
    this.#send = send;
    [this.#cols, this.#rows] = [header.cols, header.rows];
    this.#timing = `=${header.cols}x${header.rows}`;
  }

  /** Where the message at hand begins. */
  get pos(): number {
    return this.#pos;
  }

  /** Something was typed or printed; long data is spread over several messages. */
  write(time: number, direction: Direction, data: Uint8Array): void {
    if (this.#used >= MAX_PAYLOAD) this.end(time);
    this.#delay(time, direction);
    if (data.length === 0) this.#step(`${MARKS[direction][0]}0`);
    for (let at = 0; at < data.length;) {
      if (this.#used >= MAX_PAYLOAD) this.end(time);
      at += characterLength(data, at, data.length) > 0
        ? this.#characters(direction, data, at)
        : this.#faults(direction, data, at);
    }
    this.#last = direction;
  }

  /** The size changes. */
  resize(time: number, cols: number, rows: number): void {
    this.#delay(time);
    this.#step(`=${cols}x${rows}`);
    [this.#cols, this.#rows] = [cols, rows];
  }

  /** Hands the message on and begins the next one at `time`. */
  end(time: number): void {
    if (!this.#isEmpty) this.#flush();
    this.#pos = this.#time = time;
    this.#timing = `=${this.#cols}x${this.#rows}`;
    this.#last = undefined;
    this.#used = 0;
    this.#isEmpty = true;
  }

  /** Hands on what there is. */
  finish(): void {
    this.end(this.#time);
  }

  #step(step: string): void {
    this.#timing += step;
    this.#used += step.length;
    this.#isEmpty = false;
  }

  /** The time since the last step. Without any, `+0` keeps two events of a direction apart. */
  #delay(time: number, direction?: Direction): void {
    const delay = Math.max(0, time - this.#time);
    if (delay > 0 || direction !== undefined && direction === this.#last) this.#step(`+${delay}`);
    this.#time += delay;
    this.#last = undefined;
  }

  /** As many characters from `at` on as there are and fit in; tells how many bytes that were. */
  #characters(direction: Direction, data: Uint8Array, start: number): number {
    let at = start, count = 0;
    while (at < data.length && this.#used < MAX_PAYLOAD) {
      const length = characterLength(data, at, data.length);
      if (length === 0) break;
      this.#used += length === 1 && data[at]! < 32 ? 6 : length; // as long as an escape can be
      at += length;
      count++;
    }
    this.#tracks[direction].text.escaped(data.subarray(start, at));
    this.#step(`${MARKS[direction][0]}${count}`);
    return at - start;
  }

  /** As many bytes from `at` on as are no characters and fit in; tells how many. */
  #faults(direction: Direction, data: Uint8Array, start: number): number {
    const track = this.#tracks[direction];
    let at = start, count = 0;
    while (at < data.length && this.#used < MAX_PAYLOAD && characterLength(data, at, data.length) === 0) {
      const length = faultLength(data, at, data.length);
      track.bytes.push(...data.subarray(at, at + length));
      this.#used += 3 + 4 * length; // U+FFFD, and up to three digits and a comma for each byte
      at += length;
      count++;
    }
    track.text.text("\ufffd".repeat(count));
    this.#step(`${MARKS[direction][1]}${count}/${at - start}`);
    return at - start;
  }

  #flush(): void {
    const { input, output } = this.#tracks;
    const text = (part: string) => this.#encoder.encode(part);
    this.#send([
      text(this.#beginning()),
      input.text.take(),
      text(`","in_bin":[${input.bytes}],"out_txt":"`),
      output.text.take(),
      text(`","out_bin":[${output.bytes}]}\n`),
    ]);
    input.bytes = [];
    output.bytes = [];
    this.#id++;
  }

  /** A message up to where the input begins. */
  #beginning(): string {
    const { host = "", id, user = "", term = "", startedAt, extra } = this.#header;
    const session = Number.isSafeInteger(extra?.session) ? extra?.session : UNSET_SESSION;
    const fields = { ver: "2.3", host, rec: id, user, term, session, id: this.#id, pos: this.#pos };
    const time = startedAt === undefined || startedAt < 0 ? "" : `"time":${formatTime(startedAt + this.#pos)},`;
    return `${formatJson(fields).slice(0, -1)},${time}"timing":"${this.#timing}","in_txt":"`;
  }
}

/** Milliseconds as seconds with three decimals. */
function formatTime(time: number): string {
  const rounded = Math.round(time);
  return `${Math.floor(rounded / 1000)}.${String(rounded % 1000).padStart(3, "0")}`;
}
