/**
 * The text of recordings, cut and with its signatures, in portions that a database takes in one transaction.
 *
 * This module is browser compatible.
 * @module
 */

import type { TextLine } from "../models.ts";
import type { TextOf } from "../ports.ts";
import { PACK_WIDTH, PIECES } from "./pack.ts";
import { passagesOf, plainText, timesOf } from "./passages.ts";
import { type Signature, SignatureBuilder } from "./signature.ts";

/** Characters of a piece, which has a column of bits; and of the longest line in one. */
const PIECE = 256, LINE = 1024;
/** Passages that a recording may have. */
export const PASSAGES = 1 << 20;
/** Bytes in each row of bits that are enough for a portion, which then is a pack of the best size. */
const ENOUGH = PACK_WIDTH - 256;

/** A passage as it is kept. */
export interface PassageRow {
  readonly id: string;
  readonly number: number;
  readonly times: string;
  readonly text: string;
}

/** What to write. */
export class TextBatch {
  /** Recordings that begin here; what was known of their text goes. */
  readonly begun = new Set<string>();
  readonly rows: PassageRow[] = [];
  /** Bits of recordings, from their passage `first` on. */
  readonly signatures: (Signature & { readonly id: string; readonly first: number })[] = [];
  /** Recordings that end here, and how many passages they have. */
  readonly ended = new Map<string, number>();

  /** Bytes in each row of bits. */
  get width(): number {
    return this.signatures.reduce((sum, { width }) => sum + width, 0);
  }
}

/** Portions of some megabytes; the last may be smaller. */
export async function* batchesOf(texts: AsyncIterable<TextOf>): AsyncGenerator<TextBatch, void, void> {
  const cutter = new Cutter();
  for await (const { id, lines } of texts) {
    if (cutter.has(id)) yield cutter.take(); // it comes once more, in the place of what was before
    cutter.begin(id);
    for await (const piece of passagesOf(lines, PIECE, LINE)) {
      if (!cutter.add(piece)) break; // gigabytes of text in one recording
      if (cutter.isFull) yield cutter.take();
    }
    cutter.end();
    if (cutter.isFull) yield cutter.take();
  }
  const rest = cutter.take();
  if (rest.begun.size + rest.ended.size > 0) yield rest;
}

class Cutter {
  readonly #builder = new SignatureBuilder();
  #batch = new TextBatch();
  #width = 0;
  #id = "";
  #passages = 0; // of this recording
  #first = 0; // its passage that the builder's first column belongs to
  #pieces: (readonly TextLine[])[] = [];

  get isFull(): boolean {
    return this.#width + this.#builder.count / 8 >= ENOUGH && this.#pieces.length === 0;
  }

  has(id: string): boolean {
    return this.#batch.begun.has(id);
  }

  begin(id: string): void {
    this.#batch.begun.add(this.#id = id);
    this.#passages = this.#first = 0;
  }

  add(piece: readonly TextLine[]): boolean {
    if (this.#passages >= PASSAGES) return false;
    this.#pieces.push(piece);
    if (this.#pieces.length === PIECES) this.#closePassage();
    return true;
  }

  end(): void {
    if (this.#pieces.length > 0) this.#closePassage();
    this.#closeSignature();
    this.#batch.ended.set(this.#id, this.#passages);
  }

  take(): TextBatch {
    this.#closeSignature();
    const batch = this.#batch;
    this.#batch = new TextBatch();
    this.#width = 0;
    return batch;
  }

  #closePassage(): void {
    const lines = this.#pieces.flat(), text = plainText(lines).replaceAll("\0", "");
    this.#batch.rows.push({ id: this.#id, number: this.#passages++, times: timesOf(lines), text });
    for (const piece of this.#pieces) this.#builder.add(piece.map(({ text }) => text.replaceAll("\0", "")));
    this.#pieces = [];
  }

  #closeSignature(): void {
    if (this.#builder.count === 0) return;
    const signature = this.#builder.take();
    this.#width += signature.width;
    this.#batch.signatures.push({ ...signature, id: this.#id, first: this.#first });
    this.#first = this.#passages;
  }
}
