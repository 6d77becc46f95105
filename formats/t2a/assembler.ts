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
import type { Digest } from "../../lib/ports.ts";
import { concat } from "../../lib/stream/collect.ts";
import { type BlockFields, BlockType, isCounted, layBlock, MAGIC, RECORDED } from "./block.ts";
import { NO_HEAD } from "./chain.ts";
import { END_BYTES, writeEnd } from "./end.ts";
import type { Press } from "./columns.ts";
import { type BlockContent, writeEvents } from "./events.ts";
import { IndexBuilder, type IndexContent, writeIndex } from "./index.ts";
import { writeSessionHeader } from "./header.ts";
import { type Encoded, EventCode } from "./payload.ts";
import { writeSeal } from "./seal.ts";

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

  /** An assembler for a session that begins with its header. */
  constructor(digest: Digest) {
    this.#digest = digest;
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
    const made = await this.#make({ type: BlockType.header, flags: RECORDED, codec: 0, unit: 0, time: 0 }, payload);
    return {
      bytes: concat([MAGIC, made.bytes]),
      commit: () => {
        this.#length = MAGIC.length;
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

  /** The seal. */
  seal(): Promise<Made> {
    const payload = writeSeal({
      ...this.#index.totals,
      head: this.#head,
      blocks: this.#sequence,
      exited: this.#exited,
    });
    return this.#make(this.#closing(BlockType.seal), payload);
  }

  /** The index. */
  async index(press?: Press): Promise<Made> {
    const content = { ...this.#index.content(), beside: this.#beside, header: this.#header };
    const { payload, pressed } = writeIndex(content, press);
    const made = await this.#make({ ...this.#closing(BlockType.index), codec: pressed ? press!.codec.id : 0 }, payload);
    return {
      bytes: made.bytes,
      commit: () => {
        this.#indexAt = this.#length;
        made.commit();
      },
    };
  }

  /** The end block. */
  end(): Promise<Made> {
    const length = this.#length + END_BYTES;
    return this.#make(this.#closing(BlockType.end), writeEnd(length, length - this.#indexAt));
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

  #listed(fields: Omit<BlockFields, "sequence">, events: readonly Encoded[], made: Made): Made {
    return {
      bytes: made.bytes,
      commit: () => {
        const recorded = (fields.flags & RECORDED) !== 0;
        const sequence = recorded ? this.#sequence : this.#beside;
        this.#index.add({ ...fields, offset: this.#length, recorded, sequence, events: events.length }, events);
        this.#exited ||= recorded && events.some(({ event }) => event.kind === "exit");
        made.commit();
      },
    };
  }

  /** Blocks of the chain and closing blocks share one counter; what stands beside the chain has its own. */
  async #make(fields: Omit<BlockFields, "sequence">, ...payload: readonly Uint8Array[]): Promise<Made> {
    const recorded = (fields.flags & RECORDED) !== 0;
    const counted = isCounted(fields);
    // The head of the chain goes in front of the block, where it is hashed with it.
    const laid = layBlock({ ...fields, sequence: counted ? this.#sequence : this.#beside }, payload, this.#head.length);
    laid.set(this.#head);
    const bytes = laid.subarray(this.#head.length);
    const head = recorded ? await this.#digest(laid) : this.#head;
    return {
      bytes,
      commit: () => {
        if (counted) this.#sequence++;
        else this.#beside++;
        this.#head = head;
        this.#length += bytes.length;
      },
    };
  }
}
