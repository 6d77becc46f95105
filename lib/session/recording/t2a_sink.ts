/**
 * Keeps a recording in a file while it grows, and makes it small when it has ended.
 *
 * A block is written at the latest 20 ms after its first event, so that a recorder that is killed has kept everything older
 * than 100 ms; the disk is told to keep it at least every 5 s. When the disk refuses, the file is cut back to its last whole
 * block, the session goes on, and a `gap` tells how much is missing as soon as writing works again.
 * @module
 */

import type { Protection } from "../../../formats/t2a/assembler.ts";
import { T2aWriter, type T2aWriterOptions } from "../../../formats/t2a/writer.ts";
import { type EventBatch, MILLISECOND, type Nanos, SECOND } from "../../event.ts";
import { loadCodec } from "../../host/codec.ts";
import { reason } from "../../host/file.ts";
import type { PrivateFile } from "../../host/private_file.ts";
import type { Source, WrapKey } from "../../ports.ts";
import type { Report } from "../../report.ts";
import { bytesOf, replace, revised } from "./file_revision.ts";
import { later } from "../later.ts";
import {
  FileWatch,
  type RecordingSink,
  type Revision,
  type SinkOptions,
  type StoreTrouble,
  tampered,
  unstored,
} from "./recording_sink.ts";

const BLOCK_AFTER: Nanos = 20 * MILLISECOND;
/** After a block was stored; with the time that an event waits for its block, no more than 5 s pass. */
const SYNC_AFTER: Nanos = 4.9 * SECOND;
/** A file that fills one page of a disk stays as it is. */
const WORTH_MERGING = 4096;
/** Blocks that closed by time with fewer bytes than this, before compression; a file is merged when they make up this much of it. */
const SMALL_BLOCK = 32_768;
const SMALL_SHARE = 0.05;
/**
 * The program waits for this one in a flood: a third faster than the usual 3, for 1.5 % more bytes. Small blocks are compressed anew
 * when the recording closes.
 */
const LEVEL = 1;
/** Only floods fill a block before its time. Each block has a digest and a write, and with 64 KiB these took a tenth of the time. */
const BLOCK_BYTES = 256 << 10;

/** A sink that writes T2A. */
export class T2aSink implements RecordingSink {
  trouble: StoreTrouble | undefined;
  tampering: string | undefined;
  readonly #file: PrivateFile;
  readonly #mustStore: boolean;
  readonly #watch: FileWatch;
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
    this.#watch = new FileWatch({ file, mustStore });
    this.#protection = { ...options, encrypt: options.encrypt && this.#remembering(options.encrypt) };
    this.#writer = new T2aWriter({ loadCodec, level: LEVEL, blockBytes: BLOCK_BYTES, ...options, ...this.#protection });
  }

  get deadline(): Nanos {
    return Math.min(this.#blockDue, this.#syncDue, this.#watch.due);
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
    await this.#watch.look(now);
    if (now < this.#syncDue) return;
    this.#writer.checkpoint();
    await this.#storeBlocks();
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
    const { t2aFormat } = await later<typeof import("../../../formats/t2a.ts")>("../../formats/t2a.ts");
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
    // Where it ends with a part of a block that could not be cut off, its length says nothing.
    this.tampering = this.#isTorn ? undefined : await this.#file.tampering();
    if (this.tampering && this.#mustStore) throw tampered(this.#file.path, this.tampering);
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
    const { mergeBlocks } = await later<typeof import("../../../formats/t2a/merge.ts")>("../../formats/t2a/merge.ts");
    const { encrypt } = this.#protection;
    const key = this.#key; // the merged file gets another one
    const unwrap = () => Promise.resolve(key);
    const merge = (merged: PrivateFile) =>
      mergeBlocks({ read, size, write: (bytes) => merged.write(bytes), loadCodec, unwrap, encrypt });
    await replace(this.#file, merge).catch(() => {}); // the recording is whole as it is, only larger
  }
}

/** How much of an existing recording is whole, so that a new one can be put behind it. */
export async function wholeLength(file: PrivateFile): Promise<number> {
  const { wholeBytes } = await later<typeof import("../../../formats/t2a/locate.ts")>("../../formats/t2a/locate.ts");
  return await wholeBytes(bytesOf(file, 0, file.start));
}
