/**
 * Boxes: how the blocks of an encrypted recording are stored.
 *
 * A box is a block whose payload is a whole other block, encrypted: not even its type and time show. Each is sealed by itself
 * with AES-256-GCM, so that any of them can be read alone. The key is made anew for each recording and stands in the
 * *recipients* block, wrapped for those who may read it; whoever has the key can wrap it for others, and no box changes.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { UnwrapKey, WrapKey } from "../../lib/ports.ts";
import { concat } from "../../lib/stream/collect.ts";
import {
  type Block,
  type BlockFields,
  BlockType,
  HEADER_BYTES,
  LAST,
  readHeader,
  unveil,
  writeBlock,
} from "./block.ts";
import { ByteReader, ByteWriter, utf8 } from "./bytes.ts";
import { crc32 } from "./crc32.ts";

/** AES-256-GCM with keys by HKDF-SHA-256; the wrapped key is an age file. */
const SCHEME = 1;
const KEY_BYTES = 32;
const ID_BYTES = 16;
const MAC_BYTES = 32;
const TAG_BYTES = 16;
/** Numbers that are left out where a seal is written anew. */
const SKIPPED = 0x1_0000;

/**
 * What a recipients block says.
 *
 * @example
 * ```ts
 * const same = (one: Recipients, other: Recipients) => one.id.every((byte, n) => byte === other.id[n]);
 * ```
 */
export interface Recipients {
  /** A name for the key, made by chance. */
  readonly id: Uint8Array;
  /** The key, wrapped. */
  readonly wrapped: Uint8Array;
  /** What the key's owners have vouched for, and the code that shows it. */
  readonly vouched: Uint8Array;
  readonly code: Uint8Array;
}

/**
 * Reads the payload of a recipients block.
 *
 * @throws {FormatError} If it is malformed, or of a scheme that is not known here.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => readRecipients(Uint8Array.of(9)), /scheme 9/);
 * ```
 */
export function readRecipients(payload: Uint8Array): Recipients {
  const from = new ByteReader(payload);
  const scheme = from.byte();
  if (scheme !== SCHEME) throw new FormatError(`Cannot decrypt a recording by scheme ${scheme}: only 1 is known`);
  const id = from.take(ID_BYTES);
  const wrapped = from.take(from.varint());
  return { id, wrapped, vouched: payload.subarray(0, payload.length - from.left), code: from.take(MAC_BYTES) };
}

/**
 * The key of a recording and what it is used for.
 *
 * @example Once around
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { BlockType, RECORDED, writeBlock } from "./block.ts";
 * import { Scanner } from "./scanner.ts";
 *
 * const plainly = (key: Uint8Array) => Promise.resolve(key);
 * const cipher = await Cipher.create(plainly);
 * const block = writeBlock({ type: BlockType.events, flags: RECORDED, codec: 0, unit: 0, sequence: 1, time: 5 }, Uint8Array.of(7));
 * const scanner = new Scanner();
 * scanner.push(await cipher.box(block));
 * const found = scanner.next();
 * deepEqual(found?.kind === "block" && (await cipher.open(found.block))?.bytes, block);
 * ```
 */
export class Cipher {
  readonly #key: Uint8Array<ArrayBuffer>;
  readonly #id: Uint8Array<ArrayBuffer>;
  readonly #blocks: CryptoKey;
  readonly #vouching: CryptoKey;
  #payload: Uint8Array;
  #counter = 0;

  private constructor(key: Uint8Array<ArrayBuffer>, id: Uint8Array<ArrayBuffer>, keys: [CryptoKey, CryptoKey]) {
    this.#key = key;
    this.#id = id;
    [this.#blocks, this.#vouching] = keys;
    this.#payload = new Uint8Array(0);
  }

  /** A new key, wrapped by `wrap`; `id` and `key` are given by tests only. */
  static async create(
    wrap: WrapKey,
    id: Uint8Array = crypto.getRandomValues(new Uint8Array(ID_BYTES)),
    key: Uint8Array = crypto.getRandomValues(new Uint8Array(KEY_BYTES)),
  ): Promise<Cipher> {
    const cipher = new Cipher(concat([key]), concat([id]), await deriveKeys(concat([key]), concat([id])));
    await cipher.wrapAgain(wrap);
    return cipher;
  }

  /**
   * The key that a recipients block holds; `undefined` if `unwrap` cannot open it.
   *
   * @throws {FormatError} If the block is malformed, or was not made by somebody who has the key.
   */
  static async of(payload: Uint8Array, unwrap: UnwrapKey): Promise<Cipher | undefined> {
    const { id, wrapped, vouched, code } = readRecipients(payload);
    const key = await unwrap(wrapped);
    if (key?.length !== KEY_BYTES) return undefined;
    const cipher = new Cipher(concat([key]), concat([id]), await deriveKeys(concat([key]), concat([id])));
    if (!await crypto.subtle.verify("HMAC", cipher.#vouching, concat([code]), concat([vouched]))) {
      throw new FormatError("Cannot trust the list of recipients: it was changed by somebody who has not the key");
    }
    cipher.#payload = payload;
    return cipher;
  }

  /** Wraps the same key for others. */
  async wrapAgain(wrap: WrapKey): Promise<void> {
    const wrapped = await wrap(this.#key.slice());
    const vouched = new ByteWriter().byte(SCHEME).bytes(this.#id).varint(wrapped.length).bytes(wrapped).finish();
    const code = new Uint8Array(await crypto.subtle.sign("HMAC", this.#vouching, vouched));
    this.#payload = concat([vouched, code]);
  }

  /** The recipients block. */
  get recipients(): Uint8Array<ArrayBuffer> {
    return writeBlock({ ...FRAME, type: BlockType.recipients, sequence: 0 }, this.#payload);
  }

  /**
   * Puts a whole block into a box. No number is ever used twice, whatever becomes of the box.
   *
   * @throws {FormatError} If there have been 2^32 of them.
   */
  async box(block: Uint8Array, isLast = false): Promise<Uint8Array<ArrayBuffer>> {
    const fields = { ...FRAME, type: BlockType.box, flags: isLast ? LAST : 0, sequence: this.#counter++ };
    if (fields.sequence > 0xffff_ffff) throw new FormatError("Cannot encrypt more than 2^32 blocks with one key");
    const sealed = await crypto.subtle.encrypt(this.#parameters(fields), this.#blocks, concat([block]));
    return writeBlock(fields, new Uint8Array(sealed));
  }

  /** Goes on with numbers that a box with this one, and the few that may stand behind it, have not. */
  goOnBehind(sequence: number): void {
    this.#counter = Math.max(this.#counter, sequence + SKIPPED);
  }

  /** The block in a box; `undefined` if that was not put there with this key. */
  async open({ header, payload, at }: Block): Promise<Block | undefined> {
    if (payload.length < TAG_BYTES + HEADER_BYTES) return undefined;
    try {
      const parameters = this.#parameters(header);
      const bytes = new Uint8Array(await crypto.subtle.decrypt(parameters, this.#blocks, concat([payload])));
      return readWhole(bytes, at);
    } catch {
      return undefined;
    }
  }

  #parameters({ type, flags, codec, unit, sequence }: BlockFields): AesGcmParams {
    const number = new Uint8Array(4);
    new DataView(number.buffer).setUint32(0, sequence, true);
    return {
      name: "AES-GCM",
      iv: concat([number, new Uint8Array(8)]),
      additionalData: concat([this.#id, Uint8Array.of(type, flags, codec, unit), number]),
    };
  }
}

const FRAME = { flags: 0, codec: 0, unit: 0, time: 0 } as const;

async function deriveKeys(
  key: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
): Promise<[CryptoKey, CryptoKey]> {
  const base = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveKey"]);
  const hkdf = (info: string) => ({ name: "HKDF", hash: "SHA-256", salt, info: utf8(info) });
  const aes = { name: "AES-GCM", length: 256 };
  const hmac = { name: "HMAC", hash: "SHA-256", length: 256 };
  return await Promise.all([
    crypto.subtle.deriveKey(hkdf("t2a blocks"), base, aes, false, ["encrypt", "decrypt"]),
    crypto.subtle.deriveKey(hkdf("t2a recipients"), base, hmac, false, ["sign", "verify"]),
  ]);
}

/** A block that fills some bytes; `undefined` if they are none. */
function readWhole(bytes: Uint8Array, at: number): Block | undefined {
  const header = readHeader(bytes);
  const stored = bytes.subarray(HEADER_BYTES);
  if (header?.length !== stored.length || header.checksum !== crc32(stored)) return undefined;
  return { header, payload: unveil(stored, header.veil), bytes, at };
}
