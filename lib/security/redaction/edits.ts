/**
 * What is to be written in place of some bytes of a stream.
 *
 * This module is browser compatible.
 * @module
 */

import { concat } from "../../stream/collect.ts";

/** Instead of some bytes: others, or as many stars. */
interface Edit {
  readonly at: number;
  readonly end: number;
  readonly bytes: Uint8Array | undefined;
}

const STAR = 0x2a;

/**
 * A list of edits, made in any order, and applied to the stream piece by piece.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const edits = new Edits();
 * edits.add(4, 3);
 * const data = new TextEncoder().encode("key=abc;");
 * equal(new TextDecoder().decode(edits.apply(0, data)), "key=***;");
 * ```
 */
export class Edits {
  #list: Edit[] = [];
  #next = 0; // the first that was not applied to its end
  #isSorted = true;
  #applied = 0; // where in the stream
  #late = 0;

  /** How many bytes had to be hidden after they were gone. */
  get late(): number {
    return this.#late;
  }

  /** Whether a place of the stream has been passed on. */
  isGone(at: number): boolean {
    return at < this.#applied;
  }

  /** Puts `bytes`, or a star for each of them, in place of `length` bytes. */
  add(at: number, length: number, bytes?: Uint8Array): void {
    if (at < this.#applied) {
      this.#late += length;
      return;
    }
    const last = this.#list.at(-1);
    if (last && this.#list.length > this.#next && !bytes && !last.bytes && last.end === at) {
      this.#list[this.#list.length - 1] = { at: last.at, end: at + length, bytes: undefined };
      return;
    }
    if (last && last.at > at) this.#isSorted = false;
    this.#list.push({ at, end: at + length, bytes });
  }

  /** The bytes that stand at a place of the stream, with the edits in them; the same array where there are none. */
  apply(start: number, data: Uint8Array): Uint8Array {
    const end = start + data.length;
    this.#applied = end;
    if (this.#next === this.#list.length) return data;
    this.#sort();
    const pieces: Uint8Array[] = [];
    let at = start;
    for (let edit = this.#list[this.#next]; edit && edit.at < end; edit = this.#list[this.#next]) {
      const from = Math.max(edit.at, at), to = Math.min(edit.end, end);
      if (to > from) {
        pieces.push(data.subarray(at - start, from - start));
        if (!edit.bytes) pieces.push(new Uint8Array(to - from).fill(STAR));
        else if (from === edit.at) pieces.push(edit.bytes);
        at = to;
      }
      if (edit.end > end) break;
      this.#next++;
    }
    this.#forget();
    if (pieces.length === 0) return data;
    pieces.push(data.subarray(at - start));
    return concat(pieces);
  }

  #sort(): void {
    if (this.#isSorted) return;
    this.#list = this.#list.slice(this.#next).sort((one, other) => one.at - other.at);
    this.#next = 0;
    this.#isSorted = true;
  }

  #forget(): void {
    if (this.#next < 1024 || this.#next * 2 < this.#list.length) return;
    this.#list.splice(0, this.#next);
    this.#next = 0;
  }
}
