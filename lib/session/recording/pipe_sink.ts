/**
 * Hands a recording to whoever reads a pipe.
 * @module
 */

import type { EventBatch } from "../../event.ts";
import { reason } from "../../host/file.ts";
import type { RecordingSink, StoreTrouble } from "./recording_sink.ts";

/** A sink without a file: a pipe that somebody reads. With `goesOn`, the session does so when nobody reads any more. */
export class PipeSink implements RecordingSink {
  readonly deadline = Infinity;
  trouble: StoreTrouble | undefined;
  readonly #goesOn: boolean;
  readonly tampering = undefined;
  readonly stays = "what has gone down a pipe cannot be taken back";
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
