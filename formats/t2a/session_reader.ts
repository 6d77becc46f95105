/**
 * Reads the blocks of one session: what they mean, whether they follow each other as they should, and what is missing.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { Nanos, SessionEvent, SessionHeader } from "../../lib/event.ts";
import type { Codec, CodecLoader, Digest } from "../../lib/ports.ts";
import type { Report } from "../../lib/report.ts";
import { type Block, type BlockFields, BlockType, isCounted, RECORDED } from "./block.ts";
import { hex } from "./bytes.ts";
import { derivedHash, nextHead, NO_HEAD } from "./chain.ts";
import { Held } from "./derived.ts";
import { readEnd } from "./end.ts";
import { measureEvents, readEvents } from "./events.ts";
import { isKnown, opaqueOf } from "./foreign.ts";
import type { OpenTools } from "./opener.ts";
import { readIndex } from "./index.ts";
import type { PlainEvent } from "./payload.ts";
import { readSeal, type Seal } from "./seal.ts";
import { DerivedTrust } from "./trust.ts";

/**
 * What a reader needs beside bytes.
 *
 * @example
 * ```ts
 * import { Report } from "../../lib/report.ts";
 * import { webDigest } from "./chain.ts";
 *
 * const tools: ReadTools = { report: new Report(), digest: webDigest, loadCodec: () => Promise.resolve(undefined) };
 * ```
 */
export interface ReadTools extends OpenTools {
  /** Hears of everything that is not as it should be. */
  readonly report: Report;
  /** SHA-256. */
  readonly digest: Digest;
  /** Finds the codecs that blocks name. */
  readonly loadCodec: CodecLoader;
  /** Which derived events of a session may be used, by its number from 0; all of them if there is nothing to be had. */
  trust?(session: number): Promise<DerivedTrust | undefined>;
}

/**
 * The state of reading one session.
 *
 * @example The blocks of a session that began with a header block
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { Report } from "../../lib/report.ts";
 * import { webDigest } from "./chain.ts";
 *
 * const tools = { report: new Report(), digest: webDigest, loadCodec: () => Promise.resolve(undefined) };
 * const session = new SessionState(tools);
 * deepEqual([session.due, session.sealed], [0, false]);
 * ```
 */
export class SessionState {
  readonly #tools: ReadTools;
  readonly #number: number;
  readonly #held = new Held();
  #head = NO_HEAD;
  #due = 0; // number of the next block of the chain
  #besideDue = 0; // number of the next block beside it
  #time: Nanos = 0; // of the last event
  #outputBytes = 0;
  #missing = false; // recorded blocks are, since the last event
  #damaged = false; // bytes that were no block stood here since the last block
  #sealed = false;
  #ended = false;
  #joinChain: boolean; // the first block that comes is taken for the right one
  #joinBeside: boolean; // the same for those beside the chain
  #used: Uint8Array[] = []; // blocks of derived events, by their hashes

  /** Whether it is read from its middle on, so that nothing can be said of what came before. */
  readonly midway: boolean;

  /** A session of which no block was seen yet, the one with this number from 0. */
  constructor(tools: ReadTools, midway = false, number = 0) {
    this.#tools = tools;
    this.#number = number;
    this.midway = this.#joinChain = this.#joinBeside = midway;
  }

  /** Number that the next block of the chain has to have. */
  get due(): number {
    return this.#due;
  }

  /** Whether a seal was found that matches everything before it. */
  get sealed(): boolean {
    return this.#sealed;
  }

  /** Whether the end block has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Counts the header block. */
  async begin(block: Block): Promise<void> {
    this.#head = await nextHead(this.#tools.digest, this.#head, block.bytes);
    this.#due = 1;
  }

  /** Bytes that are no block stand here; `block` is there when it was one whose payload is wrong. */
  damage(block?: BlockFields): void {
    this.#damaged = true;
    if (!block) return;
    if (!isCounted(block)) this.#besideDue = block.sequence + 1;
    else if (block.sequence >= this.#due) {
      this.#due = block.sequence + 1;
      this.#missing ||= (block.flags & RECORDED) !== 0;
    }
  }

  /** The events of the next block, which is not a header. */
  async read(block: Block): Promise<SessionEvent[]> {
    if (block.header.type === BlockType.header && isKnown(block.header)) return this.#refuse(block);
    if (!isCounted(block.header)) return await this.#readBeside(block);
    if (this.#joinChain) this.#due = block.header.sequence;
    if (!this.#follows(block)) return [];
    const recorded = (block.header.flags & RECORDED) !== 0;
    if (recorded) this.#head = await nextHead(this.#tools.digest, this.#head, block.bytes);
    if (!isKnown(block.header)) return this.#pass(block);
    if (block.header.type === BlockType.checkpoint) return this.#signedSoFar();
    if (recorded) return await this.#readRecorded(block);
    return await this.#readClosing(block);
  }

  /** A second header block, with no magic before it. */
  #refuse({ header: { sequence }, at }: Block): SessionEvent[] {
    const what = `block ${sequence} at byte ${at} is a header that stands within a session, and was left out`;
    this.#tools.report.warn("repeated-block", what, { byte: at });
    return [];
  }

  /**
   * What is left to say when the session is over. Derived events whose recorded block never came are left out: without it
   * they tell of nothing.
   */
  finish(): SessionEvent[] {
    return this.#missing ? this.#leave(this.#due) : [];
  }

  /** What it says, and what only verifying can tell to be true. */
  #signedSoFar(): SessionEvent[] {
    this.#tools.report.signedUntil = this.#time;
    return [];
  }

  /** Whether a block of the chain is one that was not there yet. */
  #follows({ header: { sequence, type, flags }, at }: Block): boolean {
    const { report } = this.#tools;
    if (sequence < this.#due) {
      report.warn("repeated-block", `block ${sequence} at byte ${at} stands behind later ones and was left out`, {
        byte: at,
      });
      return false;
    }
    // The seal may itself be what is missing: closing blocks tell by their kind how many recorded ones there were.
    const closing = (flags & RECORDED) !== 0 ? 0 : type - BlockType.seal;
    if (sequence - closing > this.#due) this.#missing = true;
    if (sequence > this.#due + (this.#damaged ? 1 : 0)) {
      const which = sequence === this.#due + 1 ? `block ${this.#due} is` : `blocks ${this.#due} to ${sequence - 1} are`;
      report.warn("missing-blocks", `${which} missing before block ${sequence} at byte ${at}`, { byte: at });
    }
    this.#due = sequence + 1;
    this.#damaged = false;
    return true;
  }

  async #readRecorded(block: Block): Promise<SessionEvent[]> {
    const codec = await this.#codecOf(block);
    if (codec === "unknown") return this.#pass(block);
    const content = this.#tryTo(block, () => readEvents(block, codec));
    if (!content) {
      this.#missing = true;
      return [];
    }
    if (this.#joinChain) this.#outputBytes = content.before;
    this.#joinChain = false;
    this.#compare(content.before, block);
    const left = this.#leave(block.header.sequence, content.before);
    const events = this.#inTime(this.#held.merge(block.header.sequence, content.events));
    for (const event of content.events) if (event.kind === "output") this.#outputBytes += event.data.length;
    return left.length > 0 ? [...left, ...events] : events;
  }

  async #readBeside(block: Block): Promise<SessionEvent[]> {
    const { header: { sequence }, at } = block;
    if (this.#joinBeside) this.#besideDue = sequence;
    this.#joinBeside = false;
    if (sequence !== this.#besideDue) {
      this.#tools.report.warn(
        sequence < this.#besideDue ? "repeated-block" : "missing-blocks",
        `block ${sequence} beside the chain at byte ${at} is not the next one, ${this.#besideDue}`,
        { byte: at },
      );
    }
    if (sequence < this.#besideDue) return [];
    this.#besideDue = sequence + 1;
    const codec = await this.#codecOf(block);
    if (!isKnown(block.header) || codec === "unknown") return this.#pass(block);
    if (!await this.#isTrusted(block)) return [];
    const content = this.#tryTo(block, () => readEvents(block, codec));
    if (!content) return [];
    if (this.#joinChain) this.#due = content.before;
    if (content.before < this.#due || content.events.some((event) => !mayBeDerived(event))) {
      this.#warn(block, "does not hold derived events of a block that follows");
      return [];
    }
    const weight = measureEvents(block.payload, false).raw;
    if (!this.#held.add(content, weight)) {
      this.#warn(block, "was left out: too many derived events wait for their block");
    }
    // Behind a hole they wait until it is known how much is missing: a keyframe is of use after a gap, not before it.
    return this.#missing ? [] : this.#inTime(this.#held.leading(this.#due));
  }

  /** Derived events of a signed recording are used only where its seal lists them, if that could be read before. */
  async #isTrusted({ bytes, header, at }: Block): Promise<boolean> {
    const { report, digest } = this.#tools;
    const trust = await this.#tools.trust?.(this.#number);
    if (!trust && !this.midway) this.#used.push(await derivedHash(digest, bytes));
    if (!trust || await trust.allows(bytes)) return true;
    const what = `block ${header.sequence} beside the chain at byte ${at} is not listed by the seal, and was left out`;
    report.warn("untrusted-block", what, { byte: at });
    return false;
  }

  /** The same, once the seal has come and what stands before it was used. */
  async #checkUsed(seal: Seal, byte: number): Promise<void> {
    const { report } = this.#tools;
    report.signed ||= seal.signature.length > 0;
    report.signedUntil = undefined;
    const trust = await DerivedTrust.of(seal);
    const others = this.#used.filter((hash) => trust?.lists(hash) === false);
    if (others.length === 0) return;
    const which = others.length === 1
      ? "1 block of derived events is"
      : `${others.length} blocks of derived events are`;
    report.warn("untrusted-block", `${which} not listed by the seal`, { byte });
  }

  async #readClosing(block: Block): Promise<SessionEvent[]> {
    const { header: { type, sequence }, payload } = block;
    if (type === BlockType.seal) return await this.#checkSeal(block);
    if (type === BlockType.index) await this.#checkIndex(block);
    else {
      this.#tryTo(block, () => readEnd(payload));
      this.#ended = true;
    }
    return this.#leave(sequence);
  }

  async #checkSeal(block: Block): Promise<SessionEvent[]> {
    const { header: { sequence }, at, payload } = block;
    const seal = this.#tryTo(block, () => readSeal(payload));
    const [found, expected] = [hex(this.#head), seal ? hex(seal.head) : ""];
    this.#sealed = found === expected && seal?.blocks === sequence;
    if (seal && !this.#sealed && !this.midway) {
      const what = `the recorded blocks are not those that were sealed: their chain ends in ${found.slice(0, 16)}…`;
      this.#tools.report.warn("chain-mismatch", `${what}, expected ${expected.slice(0, 16)}…`, { byte: at });
    }
    if (seal) await this.#checkUsed(seal, at);
    return this.#leave(sequence, seal?.outputBytes);
  }

  async #checkIndex(block: Block): Promise<void> {
    const codec = await this.#codecOf(block);
    if (codec === "unknown") return;
    const index = this.#tryTo(block, () => readIndex(block.payload, codec));
    if (index && index.beside > this.#besideDue && !this.#joinBeside) {
      const lost = index.beside - this.#besideDue;
      this.#tools.report.warn("missing-blocks", `${lost} blocks beside the chain are missing`, { byte: block.at });
    }
  }

  /** Passes on what cannot be read here. */
  #pass(block: Block): SessionEvent[] {
    const event = opaqueOf(block);
    if ((block.header.flags & RECORDED) === 0) return this.#inTime([event]);
    const left = this.#leave(block.header.sequence);
    return [...left, ...this.#inTime(this.#held.merge(block.header.sequence, [event]))];
  }

  /** What has to be said before block `sequence`: derived events of lost blocks, and the `gap` where these were. */
  #leave(sequence: number, outputBytes?: number): SessionEvent[] {
    const events = this.#inTime(this.#held.before(sequence));
    const before = this.#outputBytes;
    this.#outputBytes = outputBytes ?? before;
    if (!this.#missing) return events;
    this.#missing = false;
    const bytes = outputBytes === undefined ? {} : { bytes: Math.max(0, outputBytes - before) };
    return [...events, { kind: "gap", time: this.#time, reason: "damage", ...bytes }];
  }

  /** Each block says how much output came before it: one from elsewhere will hardly say the right number. */
  #compare(outputBytes: number, block: Block): void {
    if (outputBytes === this.#outputBytes || this.#missing) return;
    this.#missing = true;
    const told = `it counts ${outputBytes} bytes of output before it, there were ${this.#outputBytes}`;
    this.#warn(block, `does not continue the one before: ${told}`);
  }

  /** The same events, held where time would run backwards. */
  #inTime(events: readonly PlainEvent[]): SessionEvent[] {
    return events.map((event) => {
      if (event.time >= this.#time) {
        this.#time = event.time;
        return event;
      }
      this.#tools.report.warn("clock-backwards", "time ran backwards and was held");
      return { ...event, time: this.#time };
    });
  }

  async #codecOf({ header: { codec }, at }: Block): Promise<Codec | undefined | "unknown"> {
    if (codec === 0) return undefined;
    const found = await this.#tools.loadCodec(codec);
    if (found) return found;
    this.#tools.report.warn("unknown-codec", `compression ${codec} is not available here, its blocks pass unopened`, {
      byte: at,
    });
    return "unknown";
  }

  #tryTo<Result>(block: Block, read: () => Result): Result | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#warn(block, `is intact but makes no sense: ${error.message}`);
      return undefined;
    }
  }

  #warn({ header: { sequence }, at }: Block, what: string): void {
    this.#tools.report.warn("damaged-block", `block ${sequence} at byte ${at} ${what}`, { byte: at });
  }
}

/**
 * The header of a session whose own one is lost.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(STAND_IN, { cols: 80, rows: 24 });
 * ```
 */
export const STAND_IN: SessionHeader = { cols: 80, rows: 24 };

function mayBeDerived(event: PlainEvent): boolean {
  return event.kind === "keyframe" || event.kind === "command" || event.kind === "opaque";
}
