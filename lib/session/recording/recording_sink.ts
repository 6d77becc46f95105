/**
 * Where the events of a session go while it is recorded, and what may go wrong there.
 * @module
 */

import { StorageError } from "../../errors.ts";
import { type EventBatch, type EventStream, type Nanos, SECOND } from "../../event.ts";
import { reason } from "../../host/file.ts";
import type { PrivateFile } from "../../host/private_file.ts";
import type { Stage } from "../../stream/stage.ts";

/** What went wrong while a recording was stored. */
export interface StoreTrouble {
  /** The first reason. */
  readonly reason: string;
  /** Blocks or pieces that could not be written. */
  count: number;
}

/** Looks at a recording, as often as it wants, and says what is to become of it; nothing where it is good as it is. */
export type Revision = (open: () => EventStream) => Promise<Stage | undefined>;

/** Where the events of a session go. */
export interface RecordingSink {
  /** When {@linkcode write} wants to be called again at the latest, with or without events; by the session's clock. */
  readonly deadline: Nanos;
  /** Set once something could not be stored. */
  readonly trouble: StoreTrouble | undefined;
  /** Set at the end when somebody else has changed, replaced or removed the file meanwhile: what they did. */
  readonly tampering: string | undefined;
  /** Set at the end when it holds what should have been hidden: what, and why. */
  readonly unhidden?: string | undefined;
  /** Why what was written cannot be written once more; absent where it can. */
  readonly stays?: string | undefined;
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

/** Options of a sink that writes a file. */
export interface SinkOptions {
  readonly file: PrivateFile;
  /** Give up instead of going on with a hole. */
  readonly mustStore: boolean;
}

/** A file that was removed takes everything without a complaint: where a recording must be stored, it is looked at this often. */
const LOOK_AFTER: Nanos = 4.9 * SECOND;

/** Looks now and then whether a file is still there, with all that was written. */
export class FileWatch {
  /** When to look again. */
  due: Nanos = LOOK_AFTER;
  readonly #file: PrivateFile;

  /** @param mustStore Whether it is looked at all before the end. */
  constructor({ file, mustStore }: SinkOptions) {
    this.#file = file;
    if (!mustStore) this.due = Infinity;
  }

  /**
   * Looks where it is time to.
   *
   * @throws {StorageError} If somebody has removed, replaced or changed it.
   */
  async look(now: Nanos): Promise<void> {
    if (now < this.due) return;
    this.due = now + LOOK_AFTER;
    const found = await this.#file.tampering(true);
    if (found) throw tampered(this.#file.path, found);
  }
}

/** What is thrown where a recording must be stored, and somebody has done something to its file. */
export function tampered(path: string, what: string): StorageError {
  return new StorageError(`Cannot store ${path}: ${what}`, path);
}

/** What is thrown where a recording must be stored and cannot be. */
export function unstored(path: string, error: unknown): StorageError {
  return new StorageError(`Cannot store ${path}: ${reason(error)}`, path, { cause: error });
}
