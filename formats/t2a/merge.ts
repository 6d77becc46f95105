/**
 * Makes a finished recording small: the many small blocks of a live recording become few large ones.
 *
 * Events stay the same, one by one. A merged block holds up to 256 KiB before compression, but not more than 64 KiB after it
 * unless it was larger before, so that a damaged block still costs little.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { Codec, CodecLoader, Digest, UnwrapKey } from "../../lib/ports.ts";
import { Assembler, type Made, type Protection } from "./assembler.ts";
import { type Block, BlockType, isCounted, RECORDED } from "./block.ts";
import { hex } from "./bytes.ts";
import { nextHead, NO_HEAD, webDigest } from "./chain.ts";
import type { Press } from "./columns.ts";
import { measureEvents, readEvents } from "./events.ts";
import { isKnown, opaqueOf } from "./foreign.ts";
import { Opener } from "./opener.ts";
import { readSessionHeader } from "./header.ts";
import type { ReadRange } from "./locate.ts";
import { type Encoded, encodeEvent } from "./payload.ts";
import { Scanner } from "./scanner.ts";
import { readSeal } from "./seal.ts";

export type { ReadRange } from "./locate.ts";

/** Blocks of this many bytes before compression stay as they are. */
const SMALL = 32 << 10;
/** What blocks are merged up to, before compression and after it. */
const MERGED_RAW = 256 << 10;
const MERGED_STORED = 64 << 10;
/** Nothing below is compressed. */
const MIN_RECORDING = 4096;
/** How much is read at a time. */
const WINDOW = 1 << 20;

/**
 * What merging would do.
 *
 * @example
 * ```ts
 * const words = ({ worthwhile, small }: MergePlan) => worthwhile ? `${small} small blocks to merge` : "nothing to merge";
 * ```
 */
export interface MergePlan {
  /** Whether there are at least two small blocks, and the recording is finished. */
  readonly worthwhile: boolean;
  /** Blocks with recorded events. */
  readonly blocks: number;
  /** Those among them that are small. */
  readonly small: number;
  /** Bytes of events before compression. */
  readonly rawBytes: number;
  /** Level for zstd that suits this size. */
  readonly level: number;
}

/**
 * Tells what merging would do, from the frames of the blocks alone.
 *
 * @param size Length of the recording in bytes.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal((await planMerge(() => Promise.resolve(new Uint8Array(0)), 0)).worthwhile, false);
 * ```
 */
export async function planMerge(read: ReadRange, size: number, unwrap?: UnwrapKey): Promise<MergePlan> {
  let [blocks, small, rawBytes, finished] = [0, 0, 0, false];
  try {
    for await (const { header, payload } of blocksOf(read, size, unwrap)) {
      finished = header.type === BlockType.end;
      if (header.type !== BlockType.events || !isKnown(header) || (header.flags & RECORDED) === 0) continue;
      const { raw } = measureEvents(payload, true);
      blocks++;
      rawBytes += raw;
      if (raw < SMALL) small++;
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    finished = false;
  }
  return { worthwhile: finished && small > 1, blocks, small, rawBytes, level: levelFor(rawBytes) };
}

/** zstd 19 takes 0.3 s for 1 MiB, 9 a tenth of a second for each further one. */
function levelFor(rawBytes: number): number {
  return rawBytes <= 1 << 20 ? 19 : rawBytes <= 16 << 20 ? 9 : 6;
}

/**
 * What to merge, and where to.
 *
 * @example
 * ```ts
 * const options = (read: ReadRange, size: number, out: Uint8Array[]): MergeOptions => ({
 *   read, size, write: (bytes) => void out.push(bytes), loadCodec: () => Promise.resolve(undefined),
 * });
 * ```
 */
export interface MergeOptions extends Protection {
  /** Reads the finished recording. */
  readonly read: ReadRange;
  /** Its length in bytes. */
  readonly size: number;
  /** Takes the merged one, block by block. */
  readonly write: (bytes: Uint8Array) => void | Promise<void>;
  /** Finds the codecs of both. */
  readonly loadCodec: CodecLoader;
  /** Compression of merged blocks; 1 (zstd) by default. */
  readonly codec?: number;
  /** Its level; the one that suits the size by default. */
  readonly level?: number;
  /** SHA-256; WebCrypto's by default. */
  readonly digest?: Digest;
  /** Opens the key of the finished recording, if it is encrypted; the merged one has a new key. */
  readonly unwrap?: UnwrapKey | undefined;
}

/**
 * What came of it.
 *
 * @example
 * ```ts
 * const saved = (size: number, { bytes }: MergeResult) => size - bytes;
 * ```
 */
export interface MergeResult {
  /** Length of the merged recording in bytes. */
  readonly bytes: number;
  /** Blocks with recorded events that it has. */
  readonly blocks: number;
}

/**
 * Writes a finished recording (or several, one behind the other) once more, with small blocks merged.
 *
 * @throws {FormatError} If it is damaged, altered or unfinished: then it must stay as it is.
 *
 * @example
 * ```ts
 * import { equal, ok } from "node:assert/strict";
 * import { loadCodec } from "../../lib/host/codec.ts";
 * import { collectBytes } from "../../lib/stream/collect.ts";
 * import { t2a } from "../t2a.ts";
 *
 * const events = Array.from({ length: 1000 }, (_, time) => ({ kind: "marker", time, label: "again" } as const));
 * const stream = ReadableStream.from([[{ kind: "header", time: 0, header: { cols: 80, rows: 24 } } as const], events]);
 * const bytes = await collectBytes(stream.pipeThrough(t2a.encoder({ blockBytes: 100 })));
 * const read = (start: number, length: number) => Promise.resolve(bytes.subarray(start, start + length));
 * const merged = await mergeBlocks({ read, size: bytes.length, write: () => {}, loadCodec });
 * equal(merged.blocks, 1);
 * ok(merged.bytes < bytes.length / 3);
 * ```
 */
export async function mergeBlocks(options: MergeOptions): Promise<MergeResult> {
  const plan = await planMerge(options.read, options.size, options.unwrap);
  const codec = plan.rawBytes < MIN_RECORDING ? undefined : await options.loadCodec(options.codec ?? 1);
  const merger = new Merger(options, codec && { codec, level: options.level ?? plan.level });
  for await (const block of blocksOf(options.read, options.size, options.unwrap)) await merger.take(block);
  return merger.result();
}

/** The blocks of a recording; anything else in it is an error. */
async function* blocksOf(read: ReadRange, size: number, unwrap?: UnwrapKey): AsyncGenerator<Block> {
  const scanner = new Scanner();
  const opener = new Opener("the recording", scanner, { unwrap });
  for (let at = 0; at < size; at += WINDOW) {
    scanner.push(await read(at, Math.min(WINDOW, size - at)));
    if (at + WINDOW >= size) scanner.end();
    for (let found = await opener.next(); found; found = await opener.next()) {
      if (found.kind === "block") yield found.block;
      else if (found.kind !== "magic") throw damaged(`there is damage at byte ${found.at}`, found.at);
    }
  }
}

function damaged(what: string, byte: number): FormatError {
  return new FormatError(`Cannot merge the blocks of a recording: ${what}`, { byte });
}

/** A recorded block with the derived events that belong to it. */
interface Item {
  readonly block: Block;
  readonly events: readonly Encoded[];
  readonly derived: readonly { readonly event: Encoded; readonly place: number }[];
  readonly raw: number;
}

class Merger {
  readonly #options: MergeOptions;
  readonly #press: Press | undefined;
  readonly #digest: Digest;
  #assembler: Assembler;
  #due = 0; // number of the next block that is read
  #head = NO_HEAD; // chain of what is read
  #derived: { event: Encoded; place: number }[] = []; // for the next recorded block
  #run: Item[] = []; // small blocks that become one
  #runRaw = 0;
  #bytes = 0;
  #blocks = 0;
  #open = false;

  constructor(options: MergeOptions, press: Press | undefined) {
    this.#options = options;
    this.#press = press;
    this.#digest = options.digest ?? webDigest;
    this.#assembler = new Assembler(this.#digest, this.#options);
  }

  async take(block: Block): Promise<void> {
    const { header, payload, at, bytes } = block;
    if (isCounted(header)) {
      if (header.type === BlockType.header && !this.#open) this.#begin();
      if (header.sequence !== this.#due++) {
        throw damaged(`block ${header.sequence} at byte ${at} is not the next one`, at);
      }
      if ((header.flags & RECORDED) !== 0) this.#head = await nextHead(this.#digest, this.#head, bytes);
    }
    if (!isKnown(header)) return await this.#foreign(block);
    if (header.type === BlockType.header) await this.#write(this.#assembler.header(readSessionHeader(payload).header));
    else if (header.type === BlockType.events) await this.#events(block);
    else if (header.type === BlockType.seal) await this.#seal(block);
    else if (header.type === BlockType.end) this.#open = false;
  }

  result(): MergeResult {
    if (this.#open || this.#bytes === 0) throw damaged("it is not finished", this.#options.size);
    return { bytes: this.#bytes, blocks: this.#blocks };
  }

  #begin(): void {
    this.#open = true;
    this.#due = 0;
    this.#head = NO_HEAD;
    this.#assembler = new Assembler(this.#digest, this.#options);
  }

  async #events(block: Block): Promise<void> {
    const codec = await this.#codecOf(block);
    const { events, places } = readEvents(block, codec);
    const encoded = events.map(encodeEvent);
    if ((block.header.flags & RECORDED) === 0) {
      encoded.forEach((event, n) => this.#derived.push({ event, place: places[n]! }));
      return;
    }
    const { raw } = measureEvents(block.payload, true);
    const item = { block, events: encoded, derived: this.#derived, raw };
    this.#derived = [];
    const fits = raw < SMALL && this.#runRaw + raw <= MERGED_RAW &&
      this.#run[0]?.block.header.unit === block.header.unit;
    if (!fits) await this.#flush();
    this.#run.push(item);
    this.#runRaw += raw;
    if (raw >= SMALL) await this.#flush();
  }

  async #codecOf({ header: { codec }, at }: Block): Promise<Codec | undefined> {
    if (codec === 0) return undefined;
    const found = await this.#options.loadCodec(codec);
    if (found) return found;
    throw damaged(`compression ${codec} is not available`, at);
  }

  async #foreign(block: Block): Promise<void> {
    await this.#flush();
    await this.#writeDerived(this.#derived, 1);
    this.#derived = [];
    await this.#write(this.#assembler.foreign(block.header, opaqueOf(block)));
  }

  async #seal({ payload, at }: Block): Promise<void> {
    if (hex(readSeal(payload).head) !== hex(this.#head)) throw damaged("its blocks are not those that were sealed", at);
    await this.#flush();
    await this.#writeDerived(this.#derived, 1);
    this.#derived = [];
    await this.#write(this.#assembler.seal());
    await this.#write(this.#assembler.index(this.#press));
    await this.#write(this.#assembler.end());
  }

  async #flush(): Promise<void> {
    const run = this.#run;
    this.#run = [];
    this.#runRaw = 0;
    if (run.length > 0) await this.#join(run);
  }

  /** One block of several; two of halves where that would be too large to lose at once. */
  async #join(run: readonly Item[]): Promise<void> {
    const unit = 1000 ** run[0]!.block.header.unit;
    const made = run.length === 1
      ? await this.#assembler.copy(run[0]!.block.header, run[0]!.block.payload, run[0]!.events)
      : await this.#assembler.recorded(run.flatMap(({ events }) => events), unit, this.#press);
    if (run.length > 1 && made.bytes.length > MERGED_STORED) {
      const half = run.length >> 1;
      await this.#join(run.slice(0, half));
      return await this.#join(run.slice(half));
    }
    let before = 0;
    const derived = run.flatMap((item) => {
      before += item.events.length;
      return item.derived.map(({ event, place }) => ({ event, place: before - item.events.length + place }));
    });
    await this.#writeDerived(derived, unit);
    await this.#write(made);
    this.#blocks++;
  }

  async #writeDerived(derived: readonly { event: Encoded; place: number }[], unit: number): Promise<void> {
    if (derived.length === 0) return;
    const [events, places] = [derived.map(({ event }) => event), derived.map(({ place }) => place)];
    await this.#write(this.#assembler.derived(events, places, unit, this.#press));
  }

  async #write(making: Made | Promise<Made>): Promise<void> {
    const made = await making;
    await this.#options.write(made.bytes);
    made.commit();
    this.#bytes += made.bytes.length;
  }
}
