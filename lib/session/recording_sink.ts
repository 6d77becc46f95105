/**
 * Keeps a recording in a file while it grows, and makes it small when it has ended.
 *
 * A block is written at the latest 20 ms after its first event, so that a recorder that is killed has kept everything older
 * than 100 ms; the disk is told to keep it at least every 5 s. When the disk refuses, the file is cut back to its last whole
 * block, the session goes on, and a `gap` tells how much is missing as soon as writing works again.
 * @module
 */

import { later } from "./later.ts";
import { type EventBatch, type EventStream, MILLISECOND, type Nanos, SECOND } from "../event.ts";
import type { Protection } from "../../formats/t2a/assembler.ts";
import { StorageError } from "../errors.ts";
import { T2aWriter, type T2aWriterOptions } from "../../formats/t2a/writer.ts";
import { loadCodec } from "../host/codec.ts";
import type { Source, WrapKey } from "../ports.ts";
import { Report } from "../report.ts";
import type { Stage } from "../stream/stage.ts";
import { streamSource } from "../stream/source.ts";
import type { PrivateFile } from "../host/private_file.ts";
import { reason } from "../host/file.ts";

const BLOCK_AFTER: Nanos = 20 * MILLISECOND;
/** After a block was stored; with the time that an event waits for its block, no more than 5 s pass. */
const SYNC_AFTER: Nanos = 4.9 * SECOND;
/** A file that fills one page of a disk stays as it is. */
const WORTH_MERGING = 4096;
/** Blocks that closed by time with fewer bytes than this, before compression; a file is merged when they make up this much of it. */
const SMALL_BLOCK = 32_768;
const SMALL_SHARE = 0.05;
const PIECE = 1 << 20;

/** What went wrong while a recording was stored. */
export interface StoreTrouble {
  /** The first reason. */
  readonly reason: string;
  /** Blocks or pieces that could not be written. */
  count: number;
}

/** Looks at a recording, as often as it wants, and says what is to become of it; nothing where it is good as it is. */
export type Revision = (open: () => EventStream) => Promise<Stage | undefined>;

/** How a file is read and written once more. */
export interface Rewriter {
  open(source: Source, report: Report): EventStream;
  encoder(): TransformStream<EventBatch, Uint8Array>;
}

/** Where the events of a session go. */
export interface RecordingSink {
  /** When {@linkcode write} wants to be called again at the latest, with or without events; by the session's clock. */
  readonly deadline: Nanos;
  /** Set once something could not be stored. */
  readonly trouble: StoreTrouble | undefined;
  /** Set at the end when somebody else has changed, replaced or removed the file meanwhile: what they did. */
  readonly tampering: string | undefined;
  /** Set at the end when it holds what should have been hidden: why. */
  readonly unhidden?: string | undefined;
  /** Takes events at time `now`, and does whatever is due by then. */
  write(batch: EventBatch, now: Nanos): Promise<void>;
  /** The session is over. */
  close(): Promise<void>;
  /**
   * The session is over, and what was stored of it is written once more, with changes; absent where that is not possible.
   *
   * @returns Why it stays as it was stored, where it should not.
   */
  closeRevised?(revise: Revision): Promise<string | undefined>;
}

/**
 * The program waits for this one in a flood: a third faster than the usual 3, for 1.5 % more bytes. Small blocks are compressed anew
 * when the recording closes.
 */
const LEVEL = 1;

/** Options of a sink. */
export interface SinkOptions {
  readonly file: PrivateFile;
  /** Give up instead of going on with a hole. */
  readonly mustStore: boolean;
}

/** A sink that writes T2A. */
export class T2aSink implements RecordingSink {
  trouble: StoreTrouble | undefined;
  tampering: string | undefined;
  readonly #file: PrivateFile;
  readonly #mustStore: boolean;
  readonly #writer: T2aWriter;
  #blockDue: Nanos = Infinity;
  #syncDue: Nanos = Infinity;
  #smallBytes = 0; // in blocks that are worth merging
  #isTorn = false; // the file ends with a part of a block that could not be cut off yet
  readonly #protection: Protection;
  #key: Uint8Array | undefined; // of the recording at hand, to merge its blocks

  constructor({ file, mustStore }: SinkOptions, options: T2aWriterOptions = {}) {
    this.#file = file;
    this.#mustStore = mustStore;
    this.#protection = { ...options, encrypt: options.encrypt && this.#remembering(options.encrypt) };
    this.#writer = new T2aWriter({ loadCodec, level: LEVEL, ...options, ...this.#protection });
  }

  get deadline(): Nanos {
    return Math.min(this.#blockDue, this.#syncDue);
  }

  async write(batch: EventBatch, now: Nanos): Promise<void> {
    this.#writer.push(batch);
    const isHeader = batch[0]?.kind === "header"; // a file tells what it is from its first moment on
    const isDue = now >= this.#blockDue;
    const isSmall = isDue && this.#writer.openBytes < SMALL_BLOCK;
    if (isHeader || isDue) this.#writer.closeBlock();
    this.#blockDue = this.#writer.openBytes === 0 ? Infinity : Math.min(this.#blockDue, now + BLOCK_AFTER);
    const stored = await this.#storeBlocks();
    if (isSmall) this.#smallBytes += stored;
    if (stored > 0) this.#syncDue = Math.min(this.#syncDue, now + SYNC_AFTER);
    if (now < this.#syncDue) return;
    this.#writer.checkpoint();
    await this.#storeBlocks();
    if (this.#mustStore) await this.#mustBeThere();
    this.#sync();
  }

  async close(): Promise<void> {
    await this.#finish();
    // Checkpoints vouch for blocks as they are.
    if (!this.trouble && !this.tampering && !this.#protection.sign) await this.#merge();
  }

  async closeRevised(revise: Revision): Promise<string | undefined> {
    await this.#finish();
    if (this.#isTorn) return "its end could not be written";
    if (this.tampering) return this.tampering;
    const { t2aFormat } = await later<typeof import("../../formats/t2a.ts")>("../../formats/t2a.ts");
    const key = this.#key; // the new file gets another one
    const format = t2aFormat({ loadCodec, unwrap: () => Promise.resolve(key) });
    const { encrypt, sign } = this.#protection;
    const rewriter = {
      open: (source: Source, report: Report) => format.open(source, report),
      encoder: () => format.encoder({ encrypt, sign }),
    };
    const result = await revised(this.#file, rewriter, revise);
    if (result === "good as it is" && !this.trouble && !this.#protection.sign) await this.#merge();
    return result === "good as it is" ? undefined : result;
  }

  async #finish(): Promise<void> {
    this.#writer.finish();
    await this.#storeBlocks();
    this.tampering = await this.#tampering();
    if (this.tampering && this.#mustStore) await this.#mustBeThere();
  }

  /** Writes all blocks that are ready; returns the length of the last one, 0 if there was none. */
  async #storeBlocks(): Promise<number> {
    let last = 0;
    for (let block = await this.#writer.take(); block; block = await this.#writer.take()) {
      try {
        if (this.#isTorn) await this.#cutBack();
        await this.#file.write(block);
        this.#writer.commit();
        last = block.length;
      } catch (error) {
        await this.#giveUpBlock(error);
      }
    }
    return last;
  }

  async #giveUpBlock(error: unknown): Promise<void> {
    this.trouble ??= { reason: reason(error), count: 0 };
    this.trouble.count++;
    if (this.#mustStore) throw unstored(this.#file.path, error);
    this.#isTorn = true;
    await this.#cutBack().catch(() => {}); // a disk that cannot even do that is asked again before the next block
    this.#writer.drop();
  }

  async #cutBack(): Promise<void> {
    await this.#file.truncate(this.#file.start + this.#writer.committed);
    this.#isTorn = false;
  }

  /** What has become of the file; where it ends with a part of a block that could not be cut off, its length says nothing. */
  async #tampering(): Promise<string | undefined> {
    return this.#isTorn ? undefined : await this.#file.tampering();
  }

  /** A file that was deleted takes everything without a complaint. */
  async #mustBeThere(): Promise<void> {
    const found = await this.#tampering();
    if (found) throw new StorageError(`Cannot store ${this.#file.path}: ${found}`, this.#file.path);
  }

  #remembering(wrap: WrapKey): WrapKey {
    return (key) => {
      this.#key = key.slice();
      return wrap(key);
    };
  }

  /** Not waited for: a slow disk is not to hold up what comes next. */
  #sync(): void {
    this.#syncDue = Infinity;
    this.#file.sync().catch((error) => this.trouble ??= { reason: reason(error), count: 1 });
  }

  /** Rewrites many small blocks as few large ones, in a new file that then takes the place of this one. */
  async #merge(): Promise<void> {
    const { start } = this.#file;
    const read = (from: number, length: number) => this.#file.read(start + from, length);
    const size = await this.#file.size() - start;
    if (size < WORTH_MERGING || this.#smallBytes < size * SMALL_SHARE) return;
    const { mergeBlocks } = await later<typeof import("../../formats/t2a/merge.ts")>("../../formats/t2a/merge.ts");
    const { encrypt } = this.#protection;
    const key = this.#key; // the merged file gets another one
    const unwrap = () => Promise.resolve(key);
    const merge = (merged: PrivateFile) =>
      mergeBlocks({ read, size, write: (bytes) => merged.write(bytes), loadCodec, unwrap, encrypt });
    await replace(this.#file, merge).catch(() => {}); // the recording is whole as it is, only larger
  }
}

function unstored(path: string, error: unknown): StorageError {
  return new StorageError(`Cannot store ${path}: ${reason(error)}`, path, { cause: error });
}

/**
 * Writes what was recorded once more; what stands before it in the file stays as it is.
 *
 * @returns Why it could not be done, if it could not; `"good as it is"` where nothing was to be done.
 */
async function revised(
  file: PrivateFile,
  { open, encoder }: Rewriter,
  revise: Revision,
): Promise<string | "good as it is" | undefined> {
  const read = () => open(streamSource(file.path, bytesOf(file, file.start)), new Report());
  try {
    const stage = await revise(read);
    if (!stage) return "good as it is";
    await replace(file, async (to) => {
      for await (const chunk of read().pipeThrough(stage).pipeThrough(encoder())) await to.write(chunk);
    });
    return undefined;
  } catch (error) {
    return reason(error);
  }
}

/** Puts another file in the place of one, once it is whole and on the disk; what an earlier recording left stays first. */
async function replace(old: PrivateFile, write: (to: PrivateFile) => Promise<unknown>): Promise<void> {
  const file = await old.sibling();
  try {
    await copy(old, old.start, file);
    await write(file);
    await file.sync();
    await file.publish();
    file.close();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

function bytesOf(file: PrivateFile, from: number): ReadableStream<Uint8Array> {
  let at = from;
  return new ReadableStream({
    async pull(controller) {
      const bytes = await file.read(at, PIECE);
      at += bytes.length;
      if (bytes.length === 0) controller.close();
      else controller.enqueue(bytes);
    },
  }, { highWaterMark: 0 });
}

async function copy(from: PrivateFile, length: number, to: PrivateFile): Promise<void> {
  for (let at = 0; at < length; at += PIECE) await to.write(await from.read(at, Math.min(PIECE, length - at)));
}

/** A sink for formats that are written line by line. What cannot be written is missing; the words at the end say so. */
export class PlainSink implements RecordingSink {
  readonly deadline = Infinity;
  trouble: StoreTrouble | undefined;
  tampering: string | undefined;
  readonly #file: PrivateFile;
  readonly #mustStore: boolean;
  readonly #input: WritableStreamDefaultWriter<EventBatch>;
  readonly #written: Promise<void>;
  #good: number; // length of the file up to its last whole piece
  #isTorn = false; // what stands behind that could not be cut off yet

  readonly #rewriter: Rewriter | undefined;

  /** @param rewriter Reads and writes the whole file; absent where what was there before belongs to the same recording. */
  constructor({ file, mustStore }: SinkOptions, encoder: TransformStream<EventBatch, Uint8Array>, rewriter?: Rewriter) {
    this.#rewriter = rewriter;
    this.#file = file;
    this.#mustStore = mustStore;
    this.#good = file.start;
    this.#written = encoder.readable.pipeTo(new WritableStream({ write: (bytes) => this.#store(bytes) }));
    this.#written.catch(() => {}); // the same error comes out of the input
    this.#input = encoder.writable.getWriter();
  }

  async write(batch: EventBatch): Promise<void> {
    await this.#input.write(batch);
  }

  async close(): Promise<void> {
    await this.#input.close();
    await this.#written;
    this.tampering = this.#isTorn ? undefined : await this.#file.tampering();
  }

  async closeRevised(revise: Revision): Promise<string | undefined> {
    await this.close();
    if (!this.#rewriter) return "the file held a recording before, which this one continues";
    const bad = this.tampering ?? (this.#isTorn ? "its end could not be written" : undefined);
    const result = bad ?? await revised(this.#file, this.#rewriter, revise);
    return result === "good as it is" ? undefined : result;
  }

  async #store(bytes: Uint8Array): Promise<void> {
    try {
      if (this.#isTorn) await this.#cutBack();
      await this.#file.write(bytes);
      this.#good += bytes.length;
    } catch (error) {
      this.trouble ??= { reason: reason(error), count: 0 };
      this.trouble.count++;
      if (this.#mustStore) throw unstored(this.#file.path, error);
      this.#isTorn = true;
      await this.#cutBack().catch(() => {});
    }
  }

  async #cutBack(): Promise<void> {
    await this.#file.truncate(this.#good);
    this.#isTorn = false;
  }
}

/** A sink without a file: a pipe that somebody reads. With `goesOn`, the session does so when nobody reads any more. */
export class PipeSink implements RecordingSink {
  readonly deadline = Infinity;
  trouble: StoreTrouble | undefined;
  readonly #goesOn: boolean;
  readonly tampering = undefined;
  readonly #input: WritableStreamDefaultWriter<EventBatch>;
  readonly #written: Promise<void>;

  constructor(encoder: TransformStream<EventBatch, Uint8Array>, pipe: WritableStream<Uint8Array>, goesOn = false) {
    this.#goesOn = goesOn;
    this.#written = encoder.readable.pipeTo(pipe);
    this.#written.catch(() => {}); // the same error comes out of the input
    this.#input = encoder.writable.getWriter();
  }

  async write(batch: EventBatch): Promise<void> {
    if (this.trouble) return void this.trouble.count++;
    try {
      await this.#input.write(batch);
    } catch (error) {
      await this.#written.catch((cause) => this.#fail(cause)); // what really went wrong, such as a broken pipe
      if (!this.trouble) throw error;
    }
  }

  async close(): Promise<void> {
    if (this.trouble) return;
    await Promise.all([this.#input.close(), this.#written]).catch((cause) => this.#fail(cause));
  }

  #fail(cause: unknown): void {
    if (!this.#goesOn) throw cause;
    this.trouble = {
      reason: cause instanceof Deno.errors.BrokenPipe ? "nobody reads it any more" : reason(cause),
      count: 1,
    };
  }
}

/** How much of an existing recording is whole, so that a new one can be put behind it. */
export async function wholeLength(file: PrivateFile): Promise<number> {
  const { wholeBytes } = await later<typeof import("../../formats/t2a/locate.ts")>("../../formats/t2a/locate.ts");
  const PIECE = 1 << 20;
  let at = 0;
  return await wholeBytes(
    new ReadableStream({
      async pull(controller) {
        const bytes = await file.read(at, Math.min(PIECE, file.start - at));
        at += bytes.length;
        if (bytes.length === 0) controller.close();
        else controller.enqueue(bytes);
      },
    }),
  );
}
