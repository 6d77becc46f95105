/**
 * Writes a recording once more, block by block: signed, encrypted, or with neither.
 *
 * The recorded blocks stay what they are, so the chain stays, and with it a signature that was there before: what is signed can be
 * encrypted and decrypted, and is still signed. Only places change, so the index and the end are made anew.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { CodecLoader, Digest, UnwrapKey, WrapKey } from "../../lib/ports.ts";
import { concat } from "../../lib/stream/collect.ts";
import type { Protection } from "./assembler.ts";
import { type Block, BlockType, HEADER_BYTES, isCounted, MAGIC, RECORDED, writeBlock } from "./block.ts";
import { hex } from "./bytes.ts";
import { derivedHash, nextHead, NO_HEAD, webDigest } from "./chain.ts";
import { Cipher } from "./cipher.ts";
import { END_BYTES, readEnd, writeEnd } from "./end.ts";
import { isKnown } from "./foreign.ts";
import { type IndexContent, readIndex, writeIndex } from "./index.ts";
import { closed, Opener } from "./opener.ts";
import { type Found, Scanner } from "./scanner.ts";
import { readSeal, sealContent, writeSeal } from "./seal.ts";

/**
 * What is to become of a recording.
 *
 * @example In the clear, as it was before it was encrypted
 * ```ts
 * import type { UnwrapKey } from "@term2ai/term2ai";
 * const plain = (unwrap: UnwrapKey): RewriteOptions => ({ name: "demo.t2a", loadCodec: () => Promise.resolve(undefined), unwrap });
 * ```
 */
export interface RewriteOptions extends Protection {
  /** What the recording is called in messages. */
  readonly name: string;
  /** Finds the codec that an index was compressed with. */
  readonly loadCodec: CodecLoader;
  /** Opens the key, if it is encrypted now. */
  readonly unwrap?: UnwrapKey | undefined;
  /** Leaves an encrypted recording encrypted as it is, under its own key; `encrypt` is not looked at then. */
  readonly keepKey?: boolean;
  /** SHA-256; WebCrypto's by default. */
  readonly digest?: Digest;
}

/**
 * The bytes of a recording, or of several one behind the other, with the protection that is asked for and no other.
 *
 * One that is not finished stays so. Signing needs a finished one.
 *
 * @throws {FormatError} If it is damaged, altered, cut short or cannot be opened: then it must stay as it is.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collectBytes, streamOf } from "../../lib/stream/collect.ts";
 * import { t2a } from "../t2a.ts";
 *
 * const plainly = (key: Uint8Array) => Promise.resolve(key);
 * const options = { name: "demo.t2a", loadCodec: () => Promise.resolve(undefined) };
 * const events = streamOf({ kind: "header", time: 0, header: { cols: 80, rows: 24 } }, { kind: "marker", time: 1, label: "a" });
 * const bytes = await collectBytes(events.pipeThrough(t2a.encoder()));
 * const secret = rewriteBlocks(new Blob([bytes]).stream(), { ...options, encrypt: plainly });
 * deepEqual(await collectBytes(rewriteBlocks(secret, { ...options, unwrap: plainly })), bytes);
 * ```
 */
export function rewriteBlocks(bytes: ReadableStream<Uint8Array>, options: RewriteOptions): ReadableStream<Uint8Array> {
  const scanner = new Scanner();
  const opener = new Opener(options.name, scanner, { unwrap: options.unwrap });
  const rewriter = new Rewriter(options, () => opener.cipher);
  return bytes.pipeThrough(transformed(scanner, () => opener.next(), rewriter));
}

/**
 * The bytes of an encrypted recording for other recipients: the key and all blocks stay as they are.
 *
 * @throws {FormatError} If it is damaged, not encrypted, or cannot be opened.
 *
 * @example
 * ```ts
 * import { rejects } from "node:assert/strict";
 * import { collectBytes } from "../../lib/stream/collect.ts";
 *
 * const plainly = (key: Uint8Array) => Promise.resolve(key);
 * await rejects(collectBytes(rewrapKey(new Blob(["hello"]).stream(), "hello.t2a", plainly, plainly)), /hello.t2a/);
 * ```
 */
export function rewrapKey(
  bytes: ReadableStream<Uint8Array>,
  name: string,
  unwrap: UnwrapKey,
  wrap: WrapKey,
): ReadableStream<Uint8Array> {
  const scanner = new Scanner();
  return bytes.pipeThrough(
    transformed(scanner, () => Promise.resolve(scanner.next()), new Rewrapper(name, unwrap, wrap)),
  );
}

/** Takes findings, gives bytes. */
interface Sink {
  take(found: Found): Promise<readonly Uint8Array[]>;
  end(): void;
}

function transformed(scanner: Scanner, next: () => Promise<Found | undefined>, sink: Sink) {
  const drain = async (controller: TransformStreamDefaultController<Uint8Array>) => {
    for (let found = await next(); found; found = await next()) {
      for (const bytes of await sink.take(found)) controller.enqueue(bytes);
    }
  };
  return new TransformStream<Uint8Array, Uint8Array>({
    async transform(chunk, controller) {
      scanner.push(chunk);
      await drain(controller);
    },
    async flush(controller) {
      scanner.end();
      await drain(controller);
      sink.end();
    },
  });
}

function refuse(name: string, what: string, byte: number): FormatError {
  return new FormatError(`Cannot rewrite ${name}: ${what}\n  Salvage what is good with: term2ai repair ${name}`, {
    byte,
  });
}

function isNone(name: string, found: string): FormatError {
  const next = "term2ai convert makes one of other formats, and term2ai repair of one that is damaged";
  return new FormatError(`Cannot rewrite ${name}: ${found}\n  ${next}`, { byte: 0 });
}

class Rewriter implements Sink {
  readonly #options: RewriteOptions;
  readonly #digest: Digest;
  readonly #ownKey: () => Cipher | undefined;
  #cipher: Cipher | undefined;
  #begun = false;
  #closed = true; // the end block has come
  #due = 0;
  #head = NO_HEAD;
  #derived: Uint8Array[] = [];
  #from = 0; // where the recording's magic stands in what is read
  #shift = -1; // bytes of the recipients block in what is read; -1 before it is known
  #length = 0; // written since the magic
  #frame = 0; // bytes of the recipients block in what is written
  #indexAt = 0;
  #places = new Map<number, number>(); // offsets of blocks, read and written

  constructor(options: RewriteOptions, ownKey: () => Cipher | undefined) {
    this.#options = options;
    this.#ownKey = ownKey;
    this.#digest = options.digest ?? webDigest;
  }

  async take(found: Found): Promise<readonly Uint8Array[]> {
    if (found.kind === "magic") return this.#begin(found.at);
    if (found.kind !== "block" && !this.#begun) {
      throw isNone(this.#options.name, "it does not begin as a T2A recording does");
    }
    if (found.kind !== "block") throw refuse(this.#options.name, `there is damage at byte ${found.at}`, found.at);
    const { block } = found;
    if (!this.#begun) {
      throw refuse(this.#options.name, `a recording begins without its magic at byte ${block.at}`, block.at);
    }
    const frame = this.#shift < 0 ? await this.#frameBefore(block) : [];
    await this.#check(block);
    return [...frame, ...await this.#rewritten(block)];
  }

  async #rewritten(block: Block): Promise<readonly Uint8Array[]> {
    switch (isKnown(block.header) ? block.header.type : 0) {
      case BlockType.seal:
        return await this.#seal(block);
      case BlockType.index:
        return await this.#index(block);
      case BlockType.end:
        return this.#end(block);
      default:
        return await this.#block(block);
    }
  }

  end(): void {
    const { name, sign } = this.#options;
    if (!this.#begun) throw isNone(name, "it is empty, and no T2A recording");
    if (!this.#closed && sign) throw refuse(name, "it is not finished, and what is signed must be", this.#from);
  }

  #begin(at: number): readonly Uint8Array[] {
    const { name, sign } = this.#options;
    if (!this.#closed && sign) throw refuse(name, "it is not finished, and what is signed must be", at);
    this.#begun = true;
    this.#closed = false;
    [this.#due, this.#head, this.#derived, this.#from, this.#shift] = [0, NO_HEAD, [], at, -1];
    this.#places.clear();
    return [MAGIC];
  }

  /** The recipients block, if there is to be one. */
  async #frameBefore({ at }: Block): Promise<readonly Uint8Array[]> {
    const { encrypt, keepKey } = this.#options;
    this.#shift = at - this.#from - MAGIC.length;
    this.#cipher = keepKey ? this.#ownKey() : encrypt && await Cipher.create(encrypt);
    const frame = this.#cipher?.recipients ?? new Uint8Array(0);
    this.#frame = frame.length;
    this.#length = MAGIC.length + this.#frame;
    return [frame];
  }

  /** Only what is whole and in its order is written again. */
  async #check({ header, bytes, at }: Block): Promise<void> {
    if (!isCounted(header)) {
      if (header.type === BlockType.events) this.#derived.push(await derivedHash(this.#digest, bytes));
      return;
    }
    if (header.sequence !== this.#due++) {
      throw refuse(this.#options.name, `block ${header.sequence} at byte ${at} is not the next one`, at);
    }
    if ((header.flags & RECORDED) !== 0) this.#head = await nextHead(this.#digest, this.#head, bytes);
  }

  async #block(block: Block): Promise<readonly Uint8Array[]> {
    this.#places.set(block.at - this.#from - this.#shift, this.#length - this.#frame);
    return block.box && this.#options.keepKey ? this.#writeStored(block.box.bytes) : await this.#write(block.bytes);
  }

  async #seal({ header, payload, bytes, at, box }: Block): Promise<readonly Uint8Array[]> {
    const { name, sign } = this.#options;
    const seal = readSeal(payload);
    if (hex(seal.head) !== hex(this.#head)) throw refuse(name, "its blocks are not those that were sealed", at);
    const spare = this.#cipher ? this.#writeStored(this.#cipher.recipients) : [];
    if (box && this.#options.keepKey) this.#cipher?.goOnBehind(box.header.sequence);
    if (!sign) return [...spare, ...await this.#write(bytes)];
    const unsigned = { ...seal, derived: this.#derived };
    const signed = { ...unsigned, signature: await sign(sealContent(unsigned)) };
    return [...spare, ...await this.#write(writeBlock(header, writeSeal(signed)))];
  }

  async #index({ header, payload, bytes }: Block): Promise<readonly Uint8Array[]> {
    this.#indexAt = this.#length;
    const codec = header.codec === 0 ? undefined : await this.#options.loadCodec(header.codec);
    if (header.codec !== 0 && !codec) {
      throw refuse(this.#options.name, `compression ${header.codec} is not available`, 0);
    }
    const index = readIndex(payload, codec);
    if ([...this.#places].every(([before, now]) => before === now)) return await this.#write(bytes, true);
    const written = writeIndex(this.#moved(index), codec && { codec, level: 3 });
    const moved = writeBlock({ ...header, codec: written.pressed ? header.codec : 0 }, written.payload);
    return await this.#write(moved, true);
  }

  #moved(index: IndexContent): IndexContent {
    const move = <Place extends { readonly offset: number }>(places: readonly Place[]) =>
      places.map((place) => ({ ...place, offset: this.#places.get(place.offset) ?? place.offset }));
    return { ...index, blocks: move(index.blocks), markers: move(index.markers), keyframes: move(index.keyframes) };
  }

  #end({ header }: Block): readonly Uint8Array[] {
    this.#closed = true;
    const length = this.#length + END_BYTES;
    return [writeBlock(header, writeEnd(length, length - this.#indexAt))];
  }

  async #write(block: Uint8Array, isLast = false): Promise<readonly Uint8Array[]> {
    return this.#writeStored(await this.#cipher?.box(block, isLast) ?? block);
  }

  #writeStored(bytes: Uint8Array): readonly Uint8Array[] {
    this.#length += bytes.length;
    return [bytes];
  }
}

class Rewrapper implements Sink {
  readonly #name: string;
  readonly #unwrap: UnwrapKey;
  readonly #wrap: WrapKey;
  #cipher: Cipher | undefined;
  #isBegun = false; // the magic was read, and waits
  #grown = 0; // bytes that the recording at hand became longer

  constructor(name: string, unwrap: UnwrapKey, wrap: WrapKey) {
    this.#name = name;
    this.#unwrap = unwrap;
    this.#wrap = wrap;
  }

  async take(found: Found): Promise<readonly Uint8Array[]> {
    if (found.kind === "magic") {
      this.#cipher = undefined;
      this.#grown = 0;
      this.#isBegun = true;
      return []; // with the recipients: of what is not encrypted nothing is written
    }
    if (found.kind !== "block") {
      if (found.at === 0) throw this.#isNone("it is no T2A recording");
      throw refuse(this.#name, `there is damage at byte ${found.at}`, found.at);
    }
    const { header, payload, bytes } = found.block;
    if (header.type === BlockType.recipients) return [...this.#begun(), await this.#recipients(payload)];
    if (!this.#cipher) throw this.#isNone("it is not encrypted");
    if (header.type !== BlockType.end) return [bytes];
    const end = readEnd(payload);
    return [writeBlock(header, writeEnd(end.start + this.#grown, end.index))];
  }

  end(): void {
    if (!this.#cipher) throw this.#isNone("it is no T2A recording");
  }

  #begun(): readonly Uint8Array[] {
    const magic = this.#isBegun ? [MAGIC] : [];
    this.#isBegun = false;
    return magic;
  }

  #isNone(what: string): FormatError {
    const next = `Encrypt it first with: term2ai encrypt --to RECIPIENT ${this.#name} OUT`;
    return new FormatError(
      `Cannot change who can open ${this.#name}: ${what}, so that there is no key to wrap anew\n  ${next}`,
    );
  }

  async #recipients(payload: Uint8Array): Promise<Uint8Array> {
    if (!this.#cipher) {
      this.#cipher = await Cipher.of(concat([payload]), this.#unwrap);
      if (!this.#cipher) throw closed(this.#name);
      await this.#cipher.wrapAgain(this.#wrap);
    }
    const block = this.#cipher.recipients;
    this.#grown += block.length - HEADER_BYTES - payload.length;
    return block;
  }
}
