/**
 * Tells whether a recording is still what was recorded, and if not, what happened to it and where first.
 *
 * A reader makes the best of whatever it finds; this one believes nothing. Every byte between the magic and the end is either
 * as it must be, or a fault with a name.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { CodecLoader, Digest, UnwrapKey } from "../../lib/ports.ts";
import { type Block, BlockType, MAGIC, startsWith } from "./block.ts";
import { hex } from "./bytes.ts";
import { webDigest } from "./chain.ts";
import { Opener } from "./opener.ts";
import { type Found, Scanner } from "./scanner.ts";
import { SessionCheck } from "./session_check.ts";
import type { Verdict } from "./verdict.ts";

export type { Fault, FaultKind, FoundCheckpoint, Verdict } from "./verdict.ts";

/**
 * What verifying needs.
 *
 * @example
 * ```ts
 * const options: VerifyOptions = { name: "demo.t2a", loadCodec: () => Promise.resolve(undefined) };
 * ```
 */
export interface VerifyOptions {
  /** What the recording is called in messages. */
  readonly name: string;
  /** Finds the codecs that blocks name. */
  readonly loadCodec: CodecLoader;
  /** Opens the key, if it is encrypted. */
  readonly unwrap?: UnwrapKey | undefined;
  /** SHA-256; WebCrypto's by default. */
  readonly digest?: Digest;
  /** Finds another copy of the key of an encrypted recording; see `findRecipients`. */
  spare?(from: number): Promise<Uint8Array | undefined>;
}

/**
 * Verifies a file of one recording or several, one behind the other.
 *
 * @throws {FormatError} If it is no T2A recording at all, or is encrypted and cannot be opened.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collectBytes, streamOf } from "../../lib/stream/collect.ts";
 * import { t2a } from "../t2a.ts";
 *
 * const events = streamOf({ kind: "header", time: 0, header: { cols: 80, rows: 24 } }, { kind: "marker", time: 1, label: "a" });
 * const bytes = await collectBytes(events.pipeThrough(t2a.encoder()));
 * const options = { name: "demo.t2a", loadCodec: () => Promise.resolve(undefined) };
 * equal((await verifyBlocks(new Blob([bytes]).stream(), options))[0]?.fault, undefined);
 * bytes[150]! ^= 1;
 * equal((await verifyBlocks(new Blob([bytes]).stream(), options))[0]?.fault?.kind, "altered");
 * ```
 */
export async function verifyBlocks(bytes: ReadableStream<Uint8Array>, options: VerifyOptions): Promise<Verdict[]> {
  const verifier = new Verifier(options);
  for await (const chunk of bytes) await verifier.push(chunk);
  return await verifier.end();
}

class Verifier {
  readonly #options: VerifyOptions;
  readonly #scanner = new Scanner();
  readonly #opener: Opener;
  readonly #verdicts: Verdict[] = [];
  #session: SessionCheck | undefined;
  #start: Uint8Array = new Uint8Array(0);
  #blocks = 0;
  #sealed: { readonly box: Block; readonly keys: readonly Block[] } | undefined; // keys that were not looked at yet

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#opener = new Opener(options.name, this.#scanner, options);
  }

  async push(chunk: Uint8Array): Promise<void> {
    if (this.#start.length < MAGIC.length) {
      this.#start = Uint8Array.of(...this.#start, ...chunk.subarray(0, MAGIC.length));
    }
    this.#scanner.push(chunk);
    await this.#drain();
  }

  async end(): Promise<Verdict[]> {
    this.#scanner.end();
    await this.#drain();
    this.#close(this.#scanner.offset);
    if (this.#blocks === 0 && !startsWith(this.#start, MAGIC)) throw this.#isNone();
    return this.#verdicts;
  }

  #isNone(): FormatError {
    const found = this.#start.length === 0 ? "is empty" : `begins with ${hex(this.#start.subarray(0, 8))}`;
    const what = `it ${found}, expected ${hex(MAGIC)}`;
    return new FormatError(`Cannot verify ${this.#options.name}: ${what}\n  Only T2A recordings can be verified`, {
      byte: 0,
    });
  }

  async #drain(): Promise<void> {
    for (let found = await this.#opener.next(); found; found = await this.#opener.next()) await this.#take(found);
  }

  async #take(found: Found): Promise<void> {
    if (found.kind === "magic") {
      this.#close(found.at);
      this.#session = this.#begin(found.at);
      return;
    }
    if (found.kind === "block") this.#blocks++;
    const session = this.#session ??= this.#begin(0, "the magic that a recording begins with is damaged");
    if (found.kind === "block") await this.#block(session, found.block);
    else if (found.kind === "torn") session.tear(found.at, found.bytes, found.header);
    else session.damage(found);
  }

  async #block(session: SessionCheck, block: Block): Promise<void> {
    if (block.header.type === BlockType.index) this.#checkKeys(session);
    await session.block(block);
    if (block.header.type === BlockType.seal && block.box) this.#sealed = { box: block.box, keys: this.#opener.keys };
  }

  /** A second copy of the key stands directly before the box of the seal, the same as the first. */
  #checkKeys(session: SessionCheck): void {
    const sealed = this.#sealed;
    this.#sealed = undefined;
    if (!sealed) return;
    const { box, keys: [first, second, third] } = sealed;
    if (!second) return session.fail("missing", `the second copy of its key is missing before byte ${box.at}`, box.at);
    const { at } = third ?? second;
    if (third) return session.fail("repeated", `a third copy of its key stands at byte ${at}`, at);
    const what = `the second copy of its key, at byte ${at},`;
    if (at + second.bytes.length !== box.at) {
      return session.fail("reordered", `${what} does not stand before the seal, which is at byte ${box.at}`, at);
    }
    if (hex(first!.payload) !== hex(second.payload)) {
      session.fail("altered", `${what} is not the same as the first`, at);
    }
  }

  #begin(at: number, problem?: string): SessionCheck {
    const { digest = webDigest, loadCodec } = this.#options;
    const session = new SessionCheck({ digest, loadCodec }, at);
    if (problem) session.fail("altered", problem, at);
    return session;
  }

  #close(at: number): void {
    if (this.#session) this.#checkKeys(this.#session);
    if (this.#session) this.#verdicts.push({ ...this.#session.finish(at), encrypted: this.#opener.encrypted });
    this.#session = undefined;
  }
}
