/**
 * Checks one recording, block by block, and remembers the first thing that is not as it must be.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { Nanos, SessionHeader } from "../../lib/event.ts";
import type { Codec, CodecLoader, Digest } from "../../lib/ports.ts";
import { type Block, type BlockHeader, BlockType, isCounted, MAGIC, RECORDED } from "./block.ts";
import { hex } from "./bytes.ts";
import { derivedHash, nextHead, NO_HEAD } from "./chain.ts";
import { checkpointContent, readCheckpoint } from "./checkpoint.ts";
import { readEnd } from "./end.ts";
import { readEvents } from "./events.ts";
import { isKnown, opaqueOf } from "./foreign.ts";
import { readSessionHeader, VERSION } from "./header.ts";
import { IndexBuilder, type IndexContent, linkOf, readIndex } from "./index.ts";
import type { PlainEvent } from "./payload.ts";
import type { Found } from "./scanner.ts";
import { readSeal, type Seal, sealContent } from "./seal.ts";
import { checkSignature, DerivedTrust, type SignatureCheck } from "./trust.ts";
import type { Fault, FaultKind, FoundCheckpoint, Verdict } from "./verdict.ts";

/** What checking needs beside blocks. */
interface Tools {
  readonly digest: Digest;
  readonly loadCodec: CodecLoader;
}

/** A block of the chain that was as it must be, as far as that can be told yet. */
interface Passed {
  readonly until: Nanos;
  readonly link: number;
  readonly checksum: number;
}

/**
 * The state of checking one recording.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { webDigest } from "./chain.ts";
 *
 * const check = new SessionCheck({ digest: webDigest, loadCodec: () => Promise.resolve(undefined) }, 0);
 * equal(check.finish(8).fault?.kind, "truncated");
 * ```
 */
export class SessionCheck {
  readonly #tools: Tools;
  readonly #start: number;
  readonly #index = new IndexBuilder();
  readonly #passed: Passed[] = []; // by their numbers
  readonly #missing = new Set<number>(); // numbers that did not come when they were due
  readonly #derived: Uint8Array[] = [];
  readonly #checkpoints: FoundCheckpoint[] = [];
  #fault: Fault | undefined;
  #suspicion: Fault | undefined; // the index may tell more of it
  #header: SessionHeader | undefined;
  #headerPayload: Uint8Array = new Uint8Array(0);
  #head = NO_HEAD;
  #due = 0;
  #besideDue = 0;
  #time: Nanos = 0;
  #exited = false;
  readonly #gaps = { count: 0, bytes: 0 };
  #frame = 0; // bytes between the magic and the first block: the recipients of an encrypted recording
  #seal: Seal | undefined;
  #signature: SignatureCheck | undefined;
  #unlisted = 0;
  #indexAt: number | undefined;
  #ended = false;

  /** A recording whose magic stands at byte `start`. */
  constructor(tools: Tools, start: number) {
    this.#tools = tools;
    this.#start = start;
  }

  /** Remembers a fault, unless there is an earlier one; `block` is the number of the first bad block, where that is known. */
  fail(kind: FaultKind, what: string, byte: number, block?: number): void {
    this.#fault ??= this.#suspicion ?? this.#faultOf(kind, what, byte, block);
  }

  /** Bytes that are no block, or a block whose payload is not what it was. */
  damage({ at, header, checksum, boxed }: Extract<Found, { kind: "damage" }>): void {
    const due = this.#due;
    if (this.#ended) return this.fail("altered", `bytes stand behind its end, from byte ${at} on`, at);
    if (boxed) return this.fail("altered", `the encrypted block at byte ${at}; block ${due} was due`, at, due);
    if (!header) return this.fail("altered", `the bytes from ${at} on are no block; block ${due} was due`, at, due);
    const number = isCounted(header) ? header.sequence : due;
    if (checksum === undefined) return this.fail("altered", `${nameOf(header)} at byte ${at} is cut short`, at, number);
    const told = `its checksum is ${digits(checksum)}, expected ${digits(header.checksum)}`;
    this.fail("altered", `${nameOf(header)} at byte ${at}: ${told}`, at, number);
  }

  /** The file ends within something. */
  tear(at: number, bytes: number, header?: BlockHeader): void {
    if (this.#ended) return this.fail("altered", `${bytes} bytes stand behind its end, from byte ${at} on`, at);
    const where = header ? `within ${nameOf(header)} at byte ${at}` : `at byte ${at}, where block ${this.#due} was due`;
    this.fail("truncated", `it ends ${where}, after ${bytes} bytes of it`, at, this.#due);
  }

  /** The next block. */
  async block(block: Block): Promise<void> {
    const { header, at } = block;
    if (this.#ended) return this.fail("spliced", `${nameOf(header)} at byte ${at} stands behind the end`, at);
    if (this.#passed.length === 0 && this.#due === 0) this.#frame = at - this.#start - MAGIC.length;
    if (!isCounted(header)) return await this.#beside(block);
    if (!this.#follows(block) || this.#fault) return;
    await this.#try(block, () => this.#chained(block));
  }

  /** What there is to say, when the recording is over at byte `at`. */
  finish(at: number): Omit<Verdict, "encrypted"> {
    if (!this.#ended) this.#missEnd(at);
    return {
      ...this.#index.totals,
      header: this.#header,
      fault: this.#fault ?? this.#suspicion,
      blocks: this.#passed.length,
      signature: this.#signature,
      signed: this.#seal && this.#signature && {
        content: sealContent(this.#seal),
        signature: this.#seal.signature,
      },
      checkpoints: this.#checkpoints,
      unlisted: this.#unlisted,
      gaps: this.#gaps,
    };
  }

  #faultOf(kind: FaultKind, what: string, byte: number, block: number | undefined): Fault {
    const goodBlocks = Math.min(block ?? this.#passed.length, this.#passed.length);
    return { kind, what, byte, block, goodBlocks, goodUntil: this.#passed[goodBlocks - 1]?.until ?? 0 };
  }

  /** A block that is whole by itself is not the right one, or one before it: the index will tell. */
  #suspect(what: string, at: number, block?: number): void {
    this.#suspicion ??= this.#faultOf("spliced", what, at, block);
  }

  #missEnd(at: number): void {
    if (this.#passed.length === 0) return this.fail("truncated", "nothing stands behind its magic", at, 0);
    if (this.#seal) {
      const what = this.#indexAt === undefined ? "index" : "end block";
      return this.fail("truncated", `it ends at byte ${at}, before its ${what}; all that was recorded is there`, at);
    }
    this.fail("unfinished", `it ends at byte ${at} behind block ${this.#due - 1} and has no seal`, at, this.#due);
  }

  /** Whether a block of the chain stands where it belongs. */
  #follows({ header, at }: Block): boolean {
    const { sequence, checksum } = header;
    if (sequence === this.#due) {
      this.#due++;
      return true;
    }
    const first = this.#passed[sequence];
    if (sequence > this.#due) this.#skip(header, at);
    else if (this.#missing.has(sequence)) this.#reorder(header, at);
    else if (first) {
      const isSame = first.checksum === checksum;
      const other = isSame ? "stands there twice" : "stands there twice, and is another one the second time";
      this.fail(isSame ? "repeated" : "spliced", `${nameOf(header)} ${other}, again at byte ${at}`, at, this.#due);
    } else this.fail("repeated", `${nameOf(header)} at byte ${at} stands behind later ones`, at, this.#due);
    return false;
  }

  #skip(header: BlockHeader, at: number): void {
    const [from, to] = [this.#due, header.sequence - 1];
    if (to - from < 1 << 20) { for (let number = from; number <= to; number++) this.#missing.add(number); }
    const which = from === to ? `block ${from} is` : `blocks ${from} to ${to} are`;
    this.fail("missing", `${which} missing before ${nameOf(header)} at byte ${at}`, at, from);
    this.#due = header.sequence + 1;
  }

  /** A block that was thought to be missing comes later. */
  #reorder(header: BlockHeader, at: number): void {
    this.#missing.delete(header.sequence);
    const fault = this.#fault;
    if (fault?.kind !== "missing" || fault.block !== header.sequence) return;
    this.#fault = { ...fault, kind: "reordered", what: `${nameOf(header)} stands behind later ones, at byte ${at}` };
  }

  async #chained(block: Block): Promise<void> {
    const { header, bytes, at } = block;
    if ((header.flags & RECORDED) === 0) return await this.#closing(block);
    const what = `${nameOf(header)} at byte ${at} stands behind the seal`;
    if (this.#seal) return this.fail("spliced", what, at, header.sequence);
    const before = this.#head;
    this.#head = await nextHead(this.#tools.digest, this.#head, bytes);
    if (!this.#suspicion) await this.#recorded(block, before);
    if (this.#fault) return;
    this.#passed.push({ until: this.#time, link: linkOf(this.#head), checksum: header.checksum });
  }

  async #recorded(block: Block, head: Uint8Array): Promise<void> {
    const { header, payload, at } = block;
    const { type, sequence } = header;
    if ((type === BlockType.header) !== (sequence === 0)) {
      const what = sequence === 0 ? "is no header" : "is a header";
      return this.fail("spliced", `${nameOf(header)} at byte ${at} ${what}`, at, sequence);
    }
    if (!isKnown(header)) return this.#add(block, [opaqueOf(block)]);
    if (type === BlockType.checkpoint) return await this.#checkpoint(block, head);
    if (type !== BlockType.header) return await this.#events(block);
    const { header: facts, major } = readSessionHeader(payload);
    this.#header = facts;
    this.#headerPayload = payload.slice();
    if (major > VERSION.major) {
      this.fail("altered", `its version is ${major}, the latest known ${VERSION.major}`, at, 0);
    }
  }

  async #events(block: Block): Promise<void> {
    const { header, at } = block;
    const content = readEvents(block, await this.#codecOf(header));
    const { outputBytes } = this.#index.totals;
    if (content.before === outputBytes) return this.#add(block, content.events);
    const told = `it counts ${content.before} bytes of output before it, there were ${outputBytes}`;
    this.#suspect(`${nameOf(header)} at byte ${at} does not continue the one before: ${told}`, at, header.sequence);
  }

  #add({ header, at }: Block, events: readonly PlainEvent[]): void {
    const { type, sequence, time } = header;
    const recorded = (header.flags & RECORDED) !== 0;
    if (recorded && events.some((event, n) => event.time < (events[n - 1]?.time ?? this.#time))) {
      return this.#suspect(`in ${nameOf(header)} at byte ${at} time runs backwards`, at, sequence);
    }
    if (recorded) this.#time = events.at(-1)?.time ?? this.#time;
    for (const event of recorded ? events : []) {
      if (event.kind !== "gap") continue;
      this.#gaps.count++;
      this.#gaps.bytes += event.bytes ?? 0;
    }
    this.#exited ||= recorded && events.some(({ kind }) => kind === "exit");
    const entry = { type, recorded, sequence, time, offset: at - this.#start - this.#frame, events: events.length };
    this.#index.add(entry, events.map((event) => ({ code: 0, payload: NOTHING, event })), this.#head);
  }

  async #beside(block: Block): Promise<void> {
    const { header, bytes, at } = block;
    if (this.#fault) return;
    if (header.sequence !== this.#besideDue) {
      const kind = header.sequence < this.#besideDue ? "repeated" : "missing";
      return this.fail(kind, `${nameOf(header)} at byte ${at} is not the next one, ${this.#besideDue}`, at, this.#due);
    }
    this.#besideDue++;
    await this.#try(block, async () => {
      if (!isKnown(header)) return this.#add(block, [opaqueOf(block)]);
      this.#add(block, readEvents(block, await this.#codecOf(header)).events);
      this.#derived.push(await derivedHash(this.#tools.digest, bytes));
    });
  }

  async #checkpoint({ header, payload, at, bytes, box }: Block, head: Uint8Array): Promise<void> {
    const checkpoint = readCheckpoint(payload);
    if (hex(checkpoint.head) !== hex(head) || checkpoint.blocks !== header.sequence) {
      const since = this.#checkpoints.at(-1)?.blocks ?? 0;
      return this.#suspect(`the checkpoint at byte ${at} does not vouch for the blocks before it`, at, since);
    }
    const { blocks, wall, signature } = checkpoint;
    const check = await checkSignature(signature, checkpointContent(checkpoint));
    this.#checkpoints.push({ blocks, wall, time: this.#time, end: at + (box?.bytes ?? bytes).length, ...check });
    if (!check.valid && !check.isUnchecked) {
      this.fail("altered", `the signature of the checkpoint at byte ${at} is wrong`, at, header.sequence);
    }
  }

  async #closing(block: Block): Promise<void> {
    const { header: { type, sequence }, at } = block;
    if (type === BlockType.seal) return await this.#checkSeal(block);
    if (!this.#seal) return this.fail("missing", `the seal is missing before byte ${at}`, at, sequence);
    if (type === BlockType.index) return await this.#checkIndex(block);
    if (this.#indexAt === undefined) return this.fail("missing", `the index is missing before byte ${at}`, at);
    this.#ended = true;
    const { start, index } = readEnd(block.payload);
    const end = at + block.bytes.length;
    if (start === end - this.#start && index === end - this.#indexAt) return;
    const told = `${end - start} and ${end - index}, expected ${this.#start} and ${this.#indexAt}`;
    this.fail("altered", `the end block at byte ${at} says that magic and index stand at bytes ${told}`, at);
  }

  async #checkSeal({ header, payload, at }: Block): Promise<void> {
    const seal = this.#seal = readSeal(payload);
    if (seal.signature.length > 0) this.#signature = await checkSignature(seal.signature, sealContent(seal));
    if (hex(seal.head) !== hex(this.#head) || seal.blocks !== header.sequence) {
      const [found, expected] = [hex(this.#head).slice(0, 16), hex(seal.head).slice(0, 16)];
      return this.#suspect(`the chain of the blocks ends in ${found}…, and ${expected}… was sealed`, at);
    }
    const { events, outputBytes, inputBytes, duration } = this.#index.totals;
    const told = [seal.events, seal.outputBytes, seal.inputBytes, seal.duration, seal.exited];
    if (String(told) !== String([events, outputBytes, inputBytes, duration, this.#exited])) {
      return this.fail("altered", `the seal at byte ${at} counts what was not recorded`, at);
    }
    if (this.#signature?.valid === false && !this.#signature.isUnchecked) {
      const why = this.#signature.problem ?? "it was not made of this recording by the key that it names";
      return this.fail("altered", `its signature is wrong: ${why}`, at);
    }
    const trust = await DerivedTrust.of(seal);
    if (trust) this.#unlisted = this.#derived.filter((hash) => !trust.lists(hash)).length;
  }

  async #checkIndex({ header, payload, at }: Block): Promise<void> {
    this.#indexAt = at;
    const index = readIndex(payload, await this.#codecOf(header));
    if (this.#suspicion) return this.#locate(index);
    const lost = index.beside - this.#besideDue;
    if (lost > 0) return this.fail("missing", `${lost} of ${index.beside} blocks beside the chain are missing`, at);
    const { links, ...own } = this.#index.content();
    const expected = { ...own, beside: this.#besideDue, header: hex(this.#headerPayload), links };
    const told = { ...index, header: hex(index.header), links: index.links.length > 0 ? index.links : links };
    if (inOrder(told) === inOrder(expected)) return;
    this.fail("altered", `the index at byte ${at} does not tell where things are; what was recorded is intact`, at);
  }

  /** The index knows how the chain went on behind each block: the first one where it went elsewhere was exchanged. */
  #locate({ blocks, links, header }: IndexContent): void {
    if (hex(header) !== hex(this.#headerPayload)) return this.#exchanged(0, 0);
    let good = 0;
    for (const [n, { recorded, sequence }] of blocks.entries()) {
      const found = this.#passed[sequence];
      if (!recorded || !found || links[n] === undefined) continue;
      if (found.link !== links[n]) return this.#exchanged(good + 1, sequence);
      good = sequence;
    }
  }

  #exchanged(first: number, last: number): void {
    const which = first === last ? `block ${first} is not the one` : `blocks ${first} to ${last} are not those`;
    const { byte, what } = this.#suspicion!;
    this.#fault = this.#faultOf("spliced", `${which} that stood there: ${what}`, byte, first);
  }

  /** What makes no sense is a fault too. */
  async #try({ header, at }: Block, check: () => Promise<void>): Promise<void> {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const what = `${nameOf(header)} at byte ${at} is intact but makes no sense: ${error.message}`;
      this.fail("altered", what, at, header.sequence);
    }
  }

  async #codecOf({ codec }: BlockHeader): Promise<Codec | undefined> {
    const found = codec === 0 ? undefined : await this.#tools.loadCodec(codec);
    if (codec === 0 || found) return found;
    throw new FormatError(`compression ${codec} is not available here`);
  }
}

const NOTHING = new Uint8Array(0);

function digits(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
}

const CLOSING: Readonly<Record<number, string>> = {
  [BlockType.seal]: "the seal",
  [BlockType.index]: "the index",
  [BlockType.end]: "the end block",
};

function nameOf(header: BlockHeader): string {
  if (!isCounted(header)) return `block ${header.sequence} beside the chain`;
  return (header.flags & RECORDED) === 0 ? CLOSING[header.type]! : `block ${header.sequence}`;
}

/** An index as text, its members in one order. */
function inOrder(content: Omit<IndexContent, "header"> & { readonly header: string }): string {
  return JSON.stringify(content, [...Object.keys(content).sort(), ...MEMBERS]);
}

const MEMBERS = ["offset", "type", "recorded", "sequence", "time", "events", "outputBytes", "label"];
