/**
 * Keeps a recording in a file of a format that is written line by line.
 * @module
 */

import type { EventBatch, Nanos } from "../../event.ts";
import { reason } from "../../host/file.ts";
import type { PrivateFile } from "../../host/private_file.ts";
import { revised, type Rewriter } from "./file_revision.ts";
import {
  FileWatch,
  type RecordingSink,
  type Revision,
  type SinkOptions,
  type StoreTrouble,
  tampered,
  unstored,
} from "./recording_sink.ts";

/** A sink for formats that are written line by line. What cannot be written is missing; the words at the end say so. */
export class PlainSink implements RecordingSink {
  trouble: StoreTrouble | undefined;
  tampering: string | undefined;
  readonly #file: PrivateFile;
  readonly #mustStore: boolean;
  readonly #watch: FileWatch;
  readonly #input: WritableStreamDefaultWriter<EventBatch>;
  readonly #written: Promise<void>;
  #good: number; // length of the file up to its last whole piece
  #isTorn = false; // what stands behind that could not be cut off yet

  readonly stays: string | undefined;
  readonly closeRevised: RecordingSink["closeRevised"];

  /** @param rewriter Reads and writes the whole file; absent where what was there before belongs to the same recording. */
  constructor({ file, mustStore }: SinkOptions, encoder: TransformStream<EventBatch, Uint8Array>, rewriter?: Rewriter) {
    if (rewriter) this.closeRevised = (revise) => this.#closeRevised(rewriter, revise);
    else this.stays = "the file held a recording before, which this one continues";
    this.#file = file;
    this.#mustStore = mustStore;
    this.#watch = new FileWatch({ file, mustStore });
    this.#good = file.start;
    this.#written = encoder.readable.pipeTo(new WritableStream({ write: (bytes) => this.#store(bytes) }));
    this.#written.catch(() => {}); // the same error comes out of the input
    this.#input = encoder.writable.getWriter();
  }

  get deadline(): Nanos {
    return this.#watch.due;
  }

  async write(batch: EventBatch, now: Nanos): Promise<void> {
    await this.#input.write(batch);
    await this.#watch.look(now);
  }

  async close(): Promise<void> {
    await this.#input.close();
    await this.#written;
    this.tampering = this.#isTorn ? undefined : await this.#file.tampering();
    if (this.tampering && this.#mustStore) throw tampered(this.#file.path, this.tampering);
  }

  async #closeRevised(rewriter: Rewriter, revise: Revision): Promise<string | undefined> {
    await this.close();
    const bad = this.tampering ?? (this.#isTorn ? "its end could not be written" : undefined);
    const result = bad ?? await revised(this.#file, rewriter, revise);
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
