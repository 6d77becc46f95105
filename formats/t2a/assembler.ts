/**
 * Numbers, chains and indexes the blocks of one session.
 *
 * Each block is made first and counted only when it is *committed*: a block that could not be written leaves no trace in
 * numbers, chain or index.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, Nanos, SessionHeader } from "../../lib/event.ts";
import type { Digest, Sign, WrapKey } from "../../lib/ports.ts";
import { concat } from "../../lib/stream/collect.ts";
import { type BlockFields, BlockType, isCounted, layBlock, MAGIC, RECORDED } from "./block.ts";
import { derivedHash, NO_HEAD } from "./chain.ts";
import { checkpointContent, writeCheckpoint } from "./checkpoint.ts";
import { Cipher } from "./cipher.ts";
import { END_BYTES, writeEnd } from "./end.ts";
import type { Press } from "./columns.ts";
import { type BlockContent, writeEvents } from "./events.ts";
import { IndexBuilder, type IndexContent, writeIndex } from "./index.ts";
import { writeSessionHeader } from "./header.ts";
import { type Encoded, EventCode } from "./payload.ts";
import { type Seal, sealContent, writeSeal } from "./seal.ts";

/**
 * A block that has been made.
 *
 * @example
 * ```ts
 * const keep = (made: Made, out: Uint8Array[]) => {
 *   out.push(made.bytes);
 *   made.commit();
 * };
 * ```
 */
export interface Made {
  /** All of it, the first one with the magic before it. */
  readonly bytes: Uint8Array;
  /** Counts it: to be called once, after it was written. */
  commit(): void;
}

/**
 * What keeps a recording from being read or changed by others.
 *
 * @example
 * ```ts
 * const none: Protection = {};
 * ```
 */
export interface Protection {
  /** Wraps the keys of sessions, a new one for each, for those who may read them; without it nothing is encrypted. */
  readonly encrypt?: WrapKey | undefined;
  /** Signs the seal and checkpoints; without it nothing is signed. */
  readonly sign?: Sign | undefined;
}

/**
 * Makes the blocks of one session, in the order in which it is asked for them.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { webDigest } from "./chain.ts";
 *
 * const assembler = new Assembler(webDigest);
 * const header = await assembler.header({ cols: 80, rows: 24 });
 * header.commit();
 * equal(assembler.length, header.bytes.length);
 * ```
 */
export class Assembler {
  readonly #digest: Digest;
  readonly #index = new IndexBuilder();
  #sequence = 0;
  #beside = 0;
  #head = NO_HEAD;
  #length = 0;
  #exited = false;
  #header: Uint8Array = new Uint8Array(0);
  #indexAt = 0;
  #frame = 0; // bytes of the recipients block, which offsets do not count
  #cipher: Cipher | undefined;
  #derived: Uint8Array[] = []; // hashes of the blocks that the seal will list
  #checked = 0; // the blocks before this one have a checkpoint
  readonly #protection: Protection;

  /** An assembler for a session that begins with its header. */
  constructor(digest: Digest, protection: Protection = {}) {
    this.#digest = digest;
    this.#protection = protection;
  }

  /** Bytes committed so far, from the magic on. */
  get length(): number {
    return this.#length;
  }

  /** Output committed so far, in bytes. */
  get outputBytes(): number {
    return this.#index.totals.outputBytes;
  }

  /** What an index would say of the blocks committed so far. */
  get sofar(): Omit<IndexContent, "beside" | "header"> {
    return this.#index.content();
  }

  /** The magic and the header block. */
  async header(header: SessionHeader): Promise<Made> {
    const payload = await writeSessionHeader(header, this.#digest);
    this.#cipher = this.#protection.encrypt && await Cipher.create(this.#protection.encrypt);
    const frame = this.#cipher?.recipients ?? new Uint8Array(0);
    const made = await this.#make({ type: BlockType.header, flags: RECORDED, codec: 0, unit: 0, time: 0 }, payload);
    return {
      bytes: concat([MAGIC, frame, made.bytes]),
      commit: () => {
        this.#length = MAGIC.length + frame.length;
        this.#frame = frame.length;
        this.#header = payload;
        made.commit();
      },
    };
  }

  /** An events block of the chain. */
  recorded(events: readonly Encoded[], unit: Nanos, press?: Press): Promise<Made> {
    return this.#events({ events, before: this.outputBytes }, RECORDED, unit, press);
  }

  /** An events block beside the chain, for the recorded block that is to be made next. */
  derived(events: readonly Encoded[], places: readonly number[], unit: Nanos, press?: Press): Promise<Made> {
    return this.#events({ events, places, before: this.#sequence }, 0, unit, press);
  }

  /** An events block as it was, but for its number. */
  async copy(fields: Omit<BlockFields, "sequence">, payload: Uint8Array, events: readonly Encoded[]): Promise<Made> {
    return this.#listed(fields, events, await this.#make(fields, payload));
  }

  /** A block that nobody here knows. */
  async foreign(fields: Omit<BlockFields, "sequence">, event: EventOf<"opaque">): Promise<Made> {
    const encoded = { code: EventCode.opaque, payload: event.data, event };
    return this.#listed(fields, [encoded], await this.#make(fields, event.data));
  }

  /** Whether a checkpoint now would tell of anything new. */
  get isUnchecked(): boolean {
    return this.#protection.sign !== undefined && this.#sequence > this.#checked;
  }

  /** A signed checkpoint, unless no signature could be had; `wall` is the time in milliseconds since 1970. */
  async checkpoint(wall: number): Promise<Made | undefined> {
    const content = { head: this.#head, blocks: this.#sequence, wall, signature: new Uint8Array(0) };
    const signature = await this.#protection.sign!(checkpointContent(content));
    if (signature.length === 0) return undefined;
    const fields = {
      type: BlockType.checkpoint,
      flags: RECORDED,
      codec: 0,
      unit: 0,
      time: this.#index.totals.duration,
    };
    const made = await this.#make(fields, writeCheckpoint({ ...content, signature }));
    return {
      ...made,
      commit: () => {
        made.commit();
        this.#checked = this.#sequence;
      },
    };
  }

  /** The seal; in an encrypted recording a second copy of the recipients block stands before it. */
  async seal(): Promise<Made> {
    const made = await this.#make(this.#closing(BlockType.seal), writeSeal(await this.#signed()));
    if (!this.#cipher) return made;
    const frame = this.#cipher.recipients;
    return {
      ...made,
      bytes: concat([frame, made.bytes]),
      commit: () => {
        this.#length += frame.length;
        made.commit();
      },
    };
  }

  async #signed(): Promise<Seal> {
    const { sign } = this.#protection;
    const seal: Seal = {
      ...this.#index.totals,
      head: this.#head,
      blocks: this.#sequence,
      exited: this.#exited,
      signature: new Uint8Array(0),
      derived: sign ? this.#derived : [],
    };
    const signature = await sign?.(sealContent(seal));
    return signature?.length ? { ...seal, signature } : { ...seal, derived: [] };
  }

  /** The index. */
  async index(press?: Press): Promise<Made> {
    const content = { ...this.#index.content(), beside: this.#beside, header: this.#header };
    const { payload, pressed } = writeIndex(content, press);
    const made = await this.#make({ ...this.#closing(BlockType.index), codec: pressed ? press!.codec.id : 0 }, payload);
    return {
      ...made,
      commit: () => {
        this.#indexAt = this.#length;
        made.commit();
      },
    };
  }

  /** The end block. */
  end(): Promise<Made> {
    const length = this.#length + END_BYTES;
    return this.#make(this.#closing(BlockType.end), writeEnd(length, length - this.#indexAt)); // in no box: it is found from behind
  }

  #closing(type: number): Omit<BlockFields, "sequence"> {
    return { type, flags: 0, codec: 0, unit: 0, time: this.#index.totals.duration };
  }

  async #events(content: BlockContent, flags: number, unit: Nanos, press?: Press): Promise<Made> {
    const { pieces, pressed } = writeEvents(content, unit, press);
    const fields = {
      type: BlockType.events,
      flags,
      codec: pressed ? press!.codec.id : 0,
      unit: Math.round(Math.log10(unit) / 3),
      time: content.events[0]!.event.time,
    };
    return this.#listed(fields, content.events, await this.#make(fields, ...pieces));
  }

  #listed(fields: Omit<BlockFields, "sequence">, events: readonly Encoded[], made: Linked): Made {
    return {
      bytes: made.bytes,
      commit: () => {
        const recorded = (fields.flags & RECORDED) !== 0;
        const sequence = recorded ? this.#sequence : this.#beside;
        const offset = this.#length - this.#frame;
        this.#index.add({ ...fields, offset, recorded, sequence, events: events.length }, events, made.head);
        this.#exited ||= recorded && events.some(({ event }) => event.kind === "exit");
        made.commit();
      },
    };
  }

  /** Blocks of the chain and closing blocks share one counter; what stands beside the chain has its own. */
  async #make(fields: Omit<BlockFields, "sequence">, ...payload: readonly Uint8Array[]): Promise<Linked> {
    const recorded = (fields.flags & RECORDED) !== 0;
    const counted = isCounted(fields);
    // The head of the chain goes in front of the block, where it is hashed with it.
    const laid = layBlock({ ...fields, sequence: counted ? this.#sequence : this.#beside }, payload, this.#head.length);
    laid.set(this.#head);
    const block = laid.subarray(this.#head.length);
    const head = recorded ? await this.#digest(laid) : this.#head;
    const isListed = !counted && fields.type === BlockType.events && this.#protection.sign !== undefined;
    const hash = isListed ? await derivedHash(this.#digest, block) : undefined;
    const boxed = fields.type === BlockType.end ? undefined : this.#cipher;
    const bytes = await boxed?.box(block, fields.type === BlockType.index) ?? block;
    return {
      bytes,
      head,
      commit: () => {
        if (counted) this.#sequence++;
        else this.#beside++;
        if (hash) this.#derived.push(hash);
        this.#head = head;
        this.#length += bytes.length;
      },
    };
  }
}

/** A block that knows how the chain goes on from it. */
interface Linked extends Made {
  readonly head: Uint8Array;
}
