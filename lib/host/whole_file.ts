/**
 * Small files that are read whole: configurations, templates, keys, lists and texts.
 *
 * A folder that came from somebody else may hold a configuration that is a link to a device without an end, or a pipe that
 * nobody writes: whatever is read whole has a bound, and what was found rather than named must be a regular file.
 * @module
 */

import { UsageError } from "../errors.ts";
import { isHandedOver } from "../text/handed_over.ts";
import { reason } from "./file.ts";

/** More than people write by hand. */
const MOST = 1 << 20;
const PIECE = 65_536;

/** What may be read. */
export interface WholeFileOptions {
  /** The largest size, in bytes. */
  readonly most?: number;
  /** Whether the user has named it: then it may be any pipe. One that a shell has handed over always may be. */
  readonly isNamed?: boolean;
}

/**
 * All bytes of a file; links are followed.
 *
 * @throws {UsageError} If it cannot be read, is larger than it may be, or is no regular file; the system's error is its cause.
 */
export async function readWhole(path: string, options: WholeFileOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  try {
    check(path, await Deno.stat(path), options);
    using file = await Deno.open(path);
    const filling = new Filling(path, options);
    while (filling.take(await file.read(filling.room)));
    return filling.bytes;
  } catch (error) {
    throw refusal(path, error);
  }
}

/** The same as text. */
export async function readWholeText(path: string, options: WholeFileOptions = {}): Promise<string> {
  return new TextDecoder().decode(await readWhole(path, options));
}

/** The same as text, at once. */
export function readWholeTextSync(path: string, options: WholeFileOptions = {}): string {
  try {
    check(path, Deno.statSync(path), options);
    using file = Deno.openSync(path);
    const filling = new Filling(path, options);
    while (filling.take(file.readSync(filling.room)));
    return new TextDecoder().decode(filling.bytes);
  } catch (error) {
    throw refusal(path, error);
  }
}

/** Pieces of a file, up to as many bytes as it may have. */
class Filling {
  room: Uint8Array<ArrayBuffer> = new Uint8Array(PIECE);
  readonly #path: string;
  readonly #most: number;
  readonly #pieces: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;

  constructor(path: string, { most = MOST }: WholeFileOptions) {
    this.#path = path;
    this.#most = most;
  }

  /** Takes what was read; `false` at the end. */
  take(length: number | null): boolean {
    if (length === null) return false;
    this.#pieces.push(this.room.slice(0, length));
    this.#length += length;
    if (this.#length > this.#most) throw tooLarge(this.#path, this.#most);
    return true;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}

function check(path: string, found: Deno.FileInfo, { most = MOST, isNamed = false }: WholeFileOptions): void {
  if (found.isDirectory) throw new UsageError(`Cannot read ${path}: it is a directory`);
  if (found.isFile && found.size > most) throw tooLarge(path, most);
  if (found.isFile || isNamed || isHandedOver(path)) return;
  const what = found.isFifo
    ? "a named pipe"
    : found.isCharDevice || found.isBlockDevice
    ? "a device"
    : "something else";
  throw new UsageError(`Cannot read ${path}: it is ${what}, expected a regular file`);
}

function tooLarge(path: string, most: number): UsageError {
  return new UsageError(`Cannot read ${path}: it is larger than ${most >> 20} MiB, the most that such a file may have`);
}

function refusal(path: string, error: unknown): unknown {
  if (error instanceof UsageError) return error;
  return new UsageError(`Cannot read ${path}: ${reason(error)}`, { cause: error });
}
