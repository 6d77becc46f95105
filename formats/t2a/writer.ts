/**
 * Writes T2A one block at a time, for whoever has to know what became of each.
 *
 * A recorder may find the disk full in the middle of a session. So a block is taken, written, and then committed or
 * dropped; numbers, chain and index count committed blocks only, and what was dropped is told by a `gap` as soon as
 * something can be written again.
 *
 * This module is browser compatible.
 * @module
 */

import { type EventBatch, isDerived, type Nanos, type SessionEvent } from "../../lib/event.ts";
import { UsageError } from "../../lib/errors.ts";
import type { Codec, CodecLoader, Digest } from "../../lib/ports.ts";
import { Report } from "../../lib/report.ts";
import { Assembler, type Made, type Protection } from "./assembler.ts";
import { webDigest } from "./chain.ts";
import type { Press } from "./columns.ts";
import { type Due, Gatherer } from "./gather.ts";
import type { IndexContent } from "./index.ts";
import { type Encoded, encodeEvent } from "./payload.ts";

/** Blocks and whole recordings below these many bytes are not compressed: no codec is loaded for a short command. */
const MIN_BLOCK = 256;
const MIN_RECORDING = 4096;

/**
 * How to write.
 *
 * @example Small files for an archive
 * ```ts
 * const archive: T2aWriterOptions = { codec: 2, level: 11, blockBytes: 256 * 1024, timeUnit: 1000 };
 * ```
 */
export interface T2aWriterOptions extends Protection {
  /** Finds codecs; without one nothing is compressed. It is asked when the first block needs it. */
  readonly loadCodec?: CodecLoader;
  /** SHA-256; WebCrypto's by default. */
  readonly digest?: Digest;
  /** Hears of events that were left out and of times that ran backwards. */
  readonly report?: Report;
  /** Nanoseconds in one step of time: 1 (the default), 1,000 or 1,000,000. */
  readonly timeUnit?: Nanos;
  /** 0 for none, 1 for zstd (the default), 2 for brotli. */
  readonly codec?: number;
  /** As the codec counts them, 3 by default. A function is asked anew for each block. */
  readonly level?: number | (() => number);
  /** A block closes at this many bytes before compression: 64 KiB by default, 8 MiB at most. */
  readonly blockBytes?: number;
}

/**
 * Events in, blocks out, each of which is committed or dropped.
 *
 * @example The loop of a recorder
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const file: Uint8Array[] = [];
 * const writer = new T2aWriter();
 * writer.push([{ kind: "header", time: 0, header: { cols: 80, rows: 24 } }, { kind: "marker", time: 1, label: "a" }]);
 * writer.finish();
 * for (let block = await writer.take(); block; block = await writer.take()) {
 *   file.push(block); // and where this fails: cut the file back to writer.committed, then writer.drop()
 *   writer.commit();
 * }
 * equal(file.length, 5); // header, events, seal, index, end
 * ```
 */
export class T2aWriter {
  readonly #options: T2aWriterOptions;
  readonly #digest: Digest;
  readonly #unit: Nanos;
  readonly #gatherer: Gatherer;
  readonly #protection: Protection;
  #assembler: Assembler;
  #made: Taken | undefined;
  #codec: Promise<Codec | undefined> | undefined;
  #before = 0; // bytes in sessions that are closed
  #raw = 0; // bytes of recorded events in this session so far
  #missing: { time: Nanos; bytes: number } | undefined; // what was dropped and no gap has told of yet
  #resting = false; // a header could not be written, and nothing new has come since

  /**
   * A writer of any number of sessions.
   *
   * @throws {UsageError} If `timeUnit` or `blockBytes` is not one of those possible.
   */
  constructor(options: T2aWriterOptions = {}) {
    const { timeUnit = 1, blockBytes = 64 * 1024, digest = webDigest, report = new Report() } = options;
    if (![1, 1000, 1_000_000].includes(timeUnit)) {
      throw new UsageError(`Cannot keep times in steps of ${timeUnit} ns: a T2A recording has 1, 1000 or 1000000`);
    }
    if (!(blockBytes >= 1 && blockBytes <= 8 << 20)) {
      throw new UsageError(`Cannot write blocks of ${blockBytes} bytes: 1 to 8388608 are possible`);
    }
    this.#options = options;
    this.#digest = digest;
    this.#unit = timeUnit;
    this.#gatherer = new Gatherer({ unit: timeUnit, blockBytes, report });
    this.#protection = { encrypt: options.encrypt, sign: options.sign };
    this.#assembler = new Assembler(digest, this.#protection);
  }

  /** Bytes waiting in the block that is still open; 0 when {@linkcode closeBlock} would do nothing. */
  get openBytes(): number {
    return this.#gatherer.openBytes;
  }

  /** Bytes committed so far: how long what was written must be, now that it is whole. */
  get committed(): number {
    return this.#before + this.#assembler.length;
  }

  /** What an index would say of the blocks of this session that are committed: it can be read before it is finished. */
  get sofar(): Omit<IndexContent, "beside" | "header"> {
    return this.#assembler.sofar;
  }

  /**
   * Takes events; blocks close as they fill. A `header` after the first ends the session before it.
   *
   * Data is not copied before its block is taken: it must not change any more.
   *
   * @throws {RangeError} If an event comes before any header, or holds a number that a recording cannot.
   */
  push(batch: EventBatch): void {
    this.#resting = false;
    for (const event of batch) this.#gatherer.push(event);
  }

  /** Closes the open block, full or not: a recording that is followed has to come up to date now and then. */
  closeBlock(): void {
    this.#gatherer.close();
  }

  /** Has what was recorded so far signed, so that it can be proved whatever happens later. Nothing happens without a signer. */
  checkpoint(): void {
    if (this.#protection.sign) this.#gatherer.checkpoint();
  }

  /** Closes the session: the seal, the index and the end block follow. */
  finish(): void {
    this.#resting = false;
    this.#gatherer.finish();
  }

  /**
   * The next block that is ready, the first one of a session with the magic before it; `undefined` when there is none, or
   * when a header was dropped: until {@linkcode push} or {@linkcode finish} it is not worth another try.
   *
   * Gives the same bytes again until {@linkcode commit} or {@linkcode drop}, so that writing can be tried again.
   */
  async take(): Promise<Uint8Array | undefined> {
    if (!this.#resting) this.#made ??= await this.#make();
    return this.#made?.made.bytes;
  }

  /** What {@linkcode take} gave is safely written. */
  commit(): void {
    const { made, due } = this.#taken("commit");
    this.#made = undefined;
    made.commit();
    if (due === "gap") this.#missing = undefined;
    else this.#done(due);
  }

  /**
   * What {@linkcode take} gave could not be written, and nothing of it remains. Its events are lost and a `gap` with reason
   * `storage` will say so; a header block stays due, since nothing can be read without it, and what waited for it is lost
   * instead: a disk that stays full must not fill the memory.
   */
  drop(): void {
    const taken = this.#taken("drop");
    this.#made = undefined;
    // A gap that cannot be written takes what is due behind it along: a disk that stays full must not keep us busy for ever.
    const due = taken.due === "gap" ? this.#gatherer.due[0]! : taken.due;
    if (due.kind === "header") return this.#rest();
    this.#lose(due);
    this.#done(due);
  }

  #taken(verb: string): Taken {
    if (this.#made) return this.#made;
    throw new UsageError(`Cannot ${verb} a block: none was taken`);
  }

  #lose(due: Due): void {
    if (due.kind === "recorded") this.#miss(due.events.map(({ event }) => event));
    if (due.kind === "foreign") this.#miss([due.event]);
  }

  /** Keeps of the session at hand only what makes a recording of it, should the disk take that later. */
  #rest(): void {
    this.#resting = true;
    const due = this.#gatherer.due;
    const end = due.findIndex(({ kind }) => kind === "end");
    const session = due.splice(0, end < 0 ? due.length : end);
    session.forEach((each) => this.#lose(each));
    const frame = session.filter(({ kind }) => kind === "header" || kind === "seal" || kind === "index");
    due.unshift(...frame);
  }

  #miss(events: readonly SessionEvent[]): void {
    const bytes = events.reduce((sum, event) => sum + (event.kind === "output" ? event.data.length : 0), 0);
    this.#missing = { time: this.#missing?.time ?? events[0]!.time, bytes: (this.#missing?.bytes ?? 0) + bytes };
  }

  #done(due: Due): void {
    this.#gatherer.due.shift();
    if (due.kind !== "end") return;
    this.#before += this.#assembler.length;
    this.#assembler = new Assembler(this.#digest, this.#protection);
    this.#raw = 0;
    this.#missing = undefined;
  }

  async #make(): Promise<Taken | undefined> {
    const due = this.#gatherer.due[0];
    if (!due) return undefined;
    if (due.kind === "checkpoint") return await this.#makeCheckpoint(due);
    if (!this.#missing || due.kind === "header") return { due, made: await this.#makeDue(due) };
    const gap = encodeEvent({ kind: "gap", reason: "storage", ...this.#missing });
    return { due: "gap", made: await this.#assembler.recorded([gap], this.#unit) };
  }

  /** Nothing is lost where there is none: the next one vouches for what this one would have. */
  async #makeCheckpoint(due: Due): Promise<Taken | undefined> {
    const made = this.#assembler.isUnchecked ? await this.#assembler.checkpoint(Date.now()) : undefined;
    if (made) return { due, made };
    this.#gatherer.due.shift();
    return await this.#make();
  }

  async #makeDue(due: Exclude<Due, { kind: "checkpoint" }>): Promise<Made> {
    switch (due.kind) {
      case "header":
        return await this.#assembler.header(due.header);
      case "recorded":
        return await this.#assembler.recorded(due.events, this.#unit, await this.#press(due.events));
      case "derived":
        return await this.#assembler.derived(due.events, due.places, this.#unit, await this.#press(due.events));
      case "foreign":
        return await this.#assembler.foreign(due.fields, due.event);
      case "index":
        return await this.#assembler.index(await this.#press([]));
      default:
        return await this.#assembler[due.kind]();
    }
  }

  /** The codec, if these events are worth it. The index is, when anything before it was. */
  async #press(events: readonly Encoded[]): Promise<Press | undefined> {
    const { loadCodec, codec = 1, level = 3 } = this.#options;
    const raw = events.reduce((sum, { payload }) => sum + payload.length + 3, 0);
    const sofar = this.#raw + raw;
    // Derived events must not decide how recorded ones are stored: they may be added or taken away later.
    if (!events.some(({ event }) => isDerived(event))) this.#raw = sofar;
    if (codec === 0 || sofar < MIN_RECORDING || (events.length > 0 && raw < MIN_BLOCK)) return undefined;
    this.#codec ??= loadCodec?.(codec);
    const found = await this.#codec;
    return found && { codec: found, level: typeof level === "function" ? level() : level };
  }
}

/** A block that was taken, and what it was made of; a gap comes from nothing that was due. */
interface Taken {
  readonly due: Due | "gap";
  readonly made: Made;
}
