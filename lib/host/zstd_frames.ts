/**
 * Looks at the frames of a Zstandard file before they are unpacked (RFC 8878, section 3.1).
 *
 * A frame's header says how much memory unpacking takes, up to 3.75 TB, and the library that unpacks believes it. The
 * reference implementation refuses more than 128 MiB unless told otherwise; so do we.
 *
 * This module is browser compatible.
 * @module
 */

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50; // and the fifteen numbers behind it

/**
 * The most memory that a frame may ask for, in bytes.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAX_WINDOW, 128 * 1024 * 1024);
 * ```
 */
export const MAX_WINDOW = 128 << 20;

/**
 * Follows the frames of a file that comes in chunks.
 *
 * @example
 * ```ts
 * import { equal, match } from "node:assert/strict";
 *
 * const frames = new ZstdFrames();
 * equal(frames.push(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x08, 1, 0, 0)), 9); // 2 KiB of window, and an empty block
 * equal(frames.push(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0)), 0);
 * match(frames.fault!.message, /1073741824 bytes of memory/);
 * ```
 */
export class ZstdFrames {
  #header: number[] = []; // of a frame or block, as far as it has come
  #at: "frame" | "block" = "frame"; // whose header comes next
  #skip = 0; // bytes before that
  #hasChecksum = false;

  /** A frame that asks for more than {@linkcode MAX_WINDOW}, or something else where one should begin. */
  fault: Error | undefined;

  /** Looks at the next bytes, and says how many of them may be unpacked: all, or those before a {@linkcode fault}. */
  push(chunk: Uint8Array): number {
    for (let at = 0; at < chunk.length && !this.fault;) {
      const skipped = Math.min(this.#skip, chunk.length - at);
      this.#skip -= skipped;
      at += skipped;
      if (at === chunk.length) break;
      this.#header.push(chunk[at++]!);
      const isWhole = this.#at === "frame" ? this.#frame() : this.#block();
      if (this.fault) return Math.max(0, at - this.#header.length);
      if (isWhole) this.#header = [];
    }
    return this.fault ? 0 : chunk.length;
  }

  /** Says whether the header of a frame is whole, and if so what comes behind it. */
  #frame(): boolean {
    const header = this.#header;
    if (header.length < 5) return false;
    const magic = number(header, 0, 4);
    if (magic >= SKIPPABLE && magic < SKIPPABLE + 16) {
      if (header.length === 8) this.#skip = number(header, 4, 4);
      return header.length === 8;
    }
    if (magic !== MAGIC) return this.#refuse("something else stands where a frame should begin");
    const [descriptor, isSingle] = [header[4]!, (header[4]! & 32) !== 0];
    const idBytes = [0, 1, 2, 4][descriptor & 3]!;
    const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
    const start = isSingle ? 5 + idBytes : 6 + idBytes;
    if (header.length < start + sizeBytes) return false;
    const window = isSingle ? number(header, start, sizeBytes) : windowOf(header[5]!);
    if (window > MAX_WINDOW) {
      return this.#refuse(`a frame asks for ${window} bytes of memory, ${MAX_WINDOW} are allowed`);
    }
    this.#hasChecksum = (descriptor & 4) !== 0;
    this.#at = "block";
    return true;
  }

  /** The same for the header of a block. */
  #block(): boolean {
    if (this.#header.length < 3) return false;
    const header = number(this.#header, 0, 3);
    const isLast = (header & 1) === 1;
    const isRun = (header >> 1 & 3) === 1; // one byte, repeated
    this.#skip = (isRun ? 1 : header >> 3) + (isLast && this.#hasChecksum ? 4 : 0);
    this.#at = isLast ? "frame" : "block";
    return true;
  }

  #refuse(why: string): false {
    this.fault = new Error(why);
    return false;
  }
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + base / 8 * (descriptor & 7);
}

function number(bytes: readonly number[], start: number, length: number): number {
  let value = 0;
  for (let at = start + length - 1; at >= start; at--) value = value * 256 + bytes[at]!;
  return value;
}
