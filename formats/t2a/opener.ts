/**
 * Takes the blocks of encrypted recordings out of their boxes, and lets all others pass.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { UnwrapKey } from "../../lib/ports.ts";
import { type Block, BlockType, isFrame } from "./block.ts";
import { Cipher } from "./cipher.ts";
import type { Found, Scanner } from "./scanner.ts";

/**
 * What opening needs.
 *
 * @example Nothing, for recordings that are not encrypted
 * ```ts
 * const tools: OpenTools = {};
 * ```
 */
export interface OpenTools {
  /** Opens the keys of encrypted recordings. */
  readonly unwrap?: UnwrapKey | undefined;
  /** The key of the recording in whose middle the bytes start. */
  readonly cipher?: Cipher | undefined;
  /** The payload of the next recipients block from byte `from` on, where the one that should come first is lost. */
  spare?(from: number): Promise<Uint8Array | undefined>;
}

/**
 * Findings in, findings out: a box becomes the block in it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { MAGIC } from "./block.ts";
 * import { Scanner } from "./scanner.ts";
 *
 * const scanner = new Scanner();
 * scanner.push(MAGIC);
 * equal((await new Opener("demo.t2a", scanner, {}).next())?.kind, "magic");
 * ```
 */
export class Opener {
  readonly #name: string;
  readonly #scanner: Scanner;
  readonly #tools: OpenTools;
  #cipher: Cipher | undefined;
  #encrypted = false;
  #keys: Block[] = [];

  /** Opens what `scanner` finds; the recording is called `name` in messages. */
  constructor(name: string, scanner: Scanner, tools: OpenTools) {
    this.#name = name;
    this.#scanner = scanner;
    this.#tools = tools;
    this.#cipher = tools.cipher;
  }

  /** Whether anything was encrypted so far. */
  get encrypted(): boolean {
    return this.#encrypted;
  }

  /** The recipients blocks of the recording at hand, so far. */
  get keys(): readonly Block[] {
    return this.#keys;
  }

  /** The key of the recording at hand. */
  get cipher(): Cipher | undefined {
    return this.#cipher;
  }

  /**
   * The next finding.
   *
   * @throws {FormatError} If it is encrypted, and nobody here can open it.
   */
  async next(): Promise<Found | undefined> {
    for (let found = this.#scanner.next(); found; found = this.#scanner.next()) {
      const opened = await this.#open(found);
      if (opened) return opened;
    }
    return undefined;
  }

  async #open(found: Found): Promise<Found | undefined> {
    if (found.kind === "magic") {
      this.#cipher = undefined;
      this.#keys = [];
    }
    if (found.kind === "damage" && found.header && isFrame(found.header)) {
      return { kind: "damage", at: found.at, boxed: true };
    }
    if (found.kind !== "block") return found;
    const { block } = found;
    if (isFrame(block.header)) {
      if (block.header.type === BlockType.box) return await this.#unbox(block);
      this.#keys.push(block);
      return await this.#unlock(block.payload);
    }
    const isAlien = this.#cipher !== undefined && block.header.type !== BlockType.end;
    return isAlien ? { kind: "damage", at: block.at, boxed: true } : found;
  }

  async #unlock(payload: Uint8Array): Promise<undefined> {
    this.#encrypted = true;
    if (this.#cipher) return; // its second copy
    const { unwrap } = this.#tools;
    this.#cipher = unwrap && await Cipher.of(payload, unwrap);
    if (!this.#cipher) throw closed(this.#name);
  }

  async #unbox(block: Block): Promise<Found> {
    this.#encrypted = true;
    if (!this.#cipher) await this.#findSpare(block.at);
    const inner = await this.#cipher!.open(block);
    return inner ? { kind: "block", block: { ...inner, box: block } } : { kind: "damage", at: block.at, boxed: true };
  }

  async #findSpare(byte: number): Promise<void> {
    const payload = await this.#tools.spare?.(byte);
    if (payload) return await this.#unlock(payload);
    throw new FormatError(`Cannot read ${this.#name}: it is encrypted, and the block with its key is lost`, { byte });
  }
}

/**
 * Says that a recording cannot be read by who wants to.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 * match(closed("demo.t2a").message, /--identity/);
 * ```
 */
export function closed(name: string): FormatError {
  return new FormatError(
    `Cannot read ${name}: it is encrypted, and no key that was given opens it\n  Name the file with yours: --identity FILE, or TERM2AI_IDENTITY`,
  );
}
