/**
 * Finds the operating system commands (OSC) by which shells mark their commands, in output that is cut anywhere.
 *
 * Looked at are OSC 7, 9, 133, 633 and 1337; all else passes by untouched, at the speed of `indexOf`. A mark is held until its end
 * has come, so that it can be taken out whole. Inside tmux's passthrough ESC is doubled, which is read as well. Bracketed paste,
 * which shells switch on for as long as a line is typed, is told too: as `?2004h` and `?2004l`.
 *
 * This module is browser compatible.
 * @module
 */

import { concat } from "../../stream/collect.ts";

/**
 * Who takes what was found.
 *
 * @example
 * ```ts
 * const sink: MarkSink = { bytes: (data) => console.log(data.length), mark: (body) => console.log(body) };
 * ```
 */
export interface MarkSink {
  /** Output that is no mark. */
  bytes(data: Uint8Array): void;
  /** What stands between `ESC ]` and the terminator of a mark, or behind `ESC [`, and all bytes of it. */
  mark(body: string, data: Uint8Array): void;
}

const BEL = 0x07, CAN = 0x18, SUB = 0x1a, ESC = 0x1b, SQUARE = 0x5b, QUESTION = 0x3f, BRACKET = 0x5d, BACKSLASH = 0x5c;
const PASTE = "?2004";
const NAMES = ["7;", "9;9;", "133;", "633;", "1337;"];

/**
 * The longest mark that is held, in bytes. Shells pass lines of any length; a program that opens a mark and never ends it must
 * not fill the memory.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAX_MARK, 256 * 1024);
 * ```
 */
export const MAX_MARK = 256 << 10;

/**
 * Bytes in; marks and the bytes between them out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const found: string[] = [];
 * const scanner = new MarkScanner({ bytes: (data) => found.push(`${data.length} bytes`), mark: (body) => found.push(body) });
 * scanner.push(new TextEncoder().encode("$ \x1b]13"));
 * scanner.push(new TextEncoder().encode("3;C\x07one\n"));
 * deepEqual(found, ["2 bytes", "133;C", "4 bytes"]);
 * ```
 */
export class MarkScanner {
  readonly #sink: MarkSink;
  #held: Uint8Array[] = []; // the beginning of what may be a mark
  #heldBytes = 0;

  /** What is found goes to `sink`. */
  constructor(sink: MarkSink) {
    this.#sink = sink;
  }

  /** Takes a chunk. */
  push(data: Uint8Array): void {
    let start = 0; // what stands before it has been handed on
    let at = 0;
    if (this.#heldBytes > 0) start = at = this.#continue(data);
    while (at < data.length) {
      at = data.indexOf(ESC, at);
      if (at < 0) break;
      const end = this.#endOfMark(data, at);
      if (end === undefined) { // it may go on in the next chunk
        this.#hand(data, start, at);
        this.#hold(data.subarray(at));
        return;
      }
      if (end > at) {
        this.#hand(data, start, at);
        this.#emit(data.subarray(at, end));
        start = end;
      }
      at = Math.max(end, at + 1);
    }
    this.#hand(data, start, data.length);
  }

  /** No more chunks: what was held was no mark. */
  flush(): void {
    const held = this.#take();
    if (held.length > 0) this.#sink.bytes(held);
  }

  #hand(data: Uint8Array, start: number, end: number): void {
    if (end > start) this.#sink.bytes(start === 0 && end === data.length ? data : data.subarray(start, end));
  }

  /** Goes on with what is held; how many bytes of `data` belong to it. */
  #continue(data: Uint8Array): number {
    // Far into a mark only its terminator matters; the joined bytes are looked at again only where one may stand.
    if (this.#heldBytes > 64 && !mayEnd(data) && this.#heldBytes + data.length <= MAX_MARK) {
      this.#hold(data);
      return data.length;
    }
    const before = this.#heldBytes;
    const joined = concat([...this.#held, data]);
    const end = this.#endOfMark(joined, 0);
    if (end === undefined && joined.length <= MAX_MARK) {
      this.#hold(data);
      return data.length;
    }
    this.#take();
    if (end !== undefined && end > 0) {
      this.#emit(joined.subarray(0, end));
      return end - before;
    }
    const next = joined.indexOf(ESC, 1); // another mark may begin in what was held
    this.#sink.bytes(joined.subarray(0, next < 0 ? joined.length : next));
    if (next >= 0) this.push(joined.subarray(next));
    return data.length;
  }

  /** Where the mark at `at` ends: `at` where there is none, `undefined` where that is not known yet. */
  #endOfMark(data: Uint8Array, at: number): number | undefined {
    if (at + 1 >= data.length) return undefined;
    if (data[at + 1] !== BRACKET) {
      const mayBePaste = data[at + 1] === SQUARE && (at + 2 >= data.length || data[at + 2] === QUESTION);
      return mayBePaste ? endOfPaste(data, at) : at;
    }
    const known = namesMark(data, at + 2);
    if (known !== true) return known === false ? at : undefined;
    for (let index = at + 4; index < data.length; index++) {
      const byte = data[index]!;
      if (byte === BEL) return index + 1;
      if (byte === CAN || byte === SUB) return at;
      if (byte !== ESC) continue;
      if (index + 1 >= data.length) return undefined;
      return data[index + 1] === BACKSLASH ? index + 2 : at; // terminals give up the sequence as well
    }
    return undefined;
  }

  #emit(mark: Uint8Array): void {
    const end = mark.length - (mark[1] === SQUARE ? 0 : mark[mark.length - 1] === BEL ? 1 : 2);
    this.#sink.mark(new TextDecoder().decode(mark.subarray(2, end)), mark);
  }

  #hold(data: Uint8Array): void {
    this.#held.push(data);
    this.#heldBytes += data.length;
  }

  #take(): Uint8Array {
    const held = concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return held;
  }
}

function mayEnd(data: Uint8Array): boolean {
  return data.includes(BEL) || data.includes(ESC) || data.includes(BACKSLASH) || data.includes(CAN) ||
    data.includes(SUB);
}

/** Where `ESC [ ? 2004 h` ends, or the same with `l`; as `#endOfMark`. */
function endOfPaste(data: Uint8Array, at: number): number | undefined {
  for (let index = 0; index < PASTE.length; index++) {
    if (at + 2 + index >= data.length) return undefined;
    if (data[at + 2 + index] !== PASTE.charCodeAt(index)) return at;
  }
  const last = data[at + 2 + PASTE.length];
  return last === undefined ? undefined : last === 0x68 || last === 0x6c ? at + 3 + PASTE.length : at;
}

/** Whether a mark's number stands at `at`; `undefined` where the data ends before that is known. */
function namesMark(data: Uint8Array, at: number): boolean | undefined {
  let open = false;
  for (const name of NAMES) {
    let index = 0;
    while (index < name.length && at + index < data.length && data[at + index] === name.charCodeAt(index)) index++;
    if (index === name.length) return true;
    open ||= at + index >= data.length;
  }
  return open ? undefined : false;
}
