/**
 * Reads T2A from any stream of bytes: a file, a pipe, a recording that still grows, several recordings one behind the other.
 *
 * Whatever happened to the bytes, each whole block is read, each damaged one named, and nothing is invented.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { EventBatch, SessionEvent, SessionHeader } from "../../lib/event.ts";
import { type Block, type BlockHeader, BlockType, isCounted, MAGIC, startsWith } from "./block.ts";
import { hex } from "./bytes.ts";
import { isKnown } from "./foreign.ts";
import { Opener } from "./opener.ts";
import { type HeaderPayload, readSessionHeader, VERSION } from "./header.ts";
import { type Found, Scanner } from "./scanner.ts";
import { type ReadTools, SessionState, STAND_IN } from "./session_reader.ts";

/** How far the first block may be from the start: a pipe that holds something else need not be read to its end. */
const MAX_PREFIX = 32 << 20;

/**
 * Bytes in, events out.
 *
 * @example
 * ```ts
 * import { rejects } from "node:assert/strict";
 * import { Report } from "../../lib/report.ts";
 * import { webDigest } from "./chain.ts";
 *
 * const tools = { report: new Report(), digest: webDigest, loadCodec: () => Promise.resolve(undefined) };
 * const reader = new T2aReader("demo.t2a", tools);
 * reader.end();
 * await rejects(reader.next(), /empty/);
 * ```
 */
export class T2aReader {
  readonly #name: string;
  readonly #tools: ReadTools;
  readonly #scanner = new Scanner();
  readonly #opener: Opener;
  #session: SessionState | undefined;
  #redacts = false; // its header says that secrets were hidden while it was recorded
  #boundary = false; // a magic stood before what comes next
  #stray = false; // bytes that are no block stood before what comes next
  #intact = true; // every session so far was sealed
  #known = true; // every session was read from its start
  #start: Uint8Array = new Uint8Array(0); // first bytes, to say what was found if it is no T2A
  #begun = false; // a block was found
  #ended = false;
  #midway: boolean; // the first block may be any
  #sessions = 0;

  /** A reader that calls the recording `name` in messages; `midway` if its bytes start at some block, not at the magic. */
  constructor(name: string, tools: ReadTools, midway = false) {
    this.#name = name;
    this.#tools = tools;
    this.#opener = new Opener(name, this.#scanner, tools);
    this.#midway = midway;
  }

  /** Whether the end of the bytes has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds a chunk; it must not change any more. */
  push(chunk: Uint8Array): void {
    if (this.#start.length < MAGIC.length) {
      this.#start = Uint8Array.of(...this.#start, ...chunk.subarray(0, MAGIC.length));
    }
    this.#scanner.push(chunk);
  }

  /** No more bytes will come. */
  end(): void {
    this.#ended = true;
    this.#scanner.end();
  }

  /**
   * The next events, those of one block together; `undefined` when more bytes are needed, or all has been read.
   *
   * @throws {FormatError} If no block can be found, or it is encrypted and nobody here can open it.
   */
  async next(): Promise<EventBatch | undefined> {
    for (let found = await this.#found(); found; found = await this.#found()) {
      const events = await this.#take(found);
      if (events.length > 0) return events;
    }
    if (!this.#begun) this.#mustBegin();
    if (!this.#ended) return undefined;
    return this.#finish();
  }

  /** Whoever asks for a report learns that it is encrypted also where that is why it cannot be read. */
  async #found(): Promise<Found | undefined> {
    try {
      return await this.#opener.next();
    } finally {
      this.#tools.report.encrypted ||= this.#opener.encrypted;
    }
  }

  async #take(found: Found): Promise<SessionEvent[]> {
    switch (found.kind) {
      case "magic":
        if (this.#boundary) this.#intact = false; // a recording that was cut off before it had a header
        this.#boundary = true;
        return [];
      case "block":
        return await this.#takeBlock(found.block);
      case "damage":
        this.#damage(found);
        return [];
      case "torn":
        this.#tear(found.at, found.bytes, found.header);
        return [];
    }
  }

  async #takeBlock(block: Block): Promise<SessionEvent[]> {
    const [boundary, stray] = [this.#boundary, this.#stray];
    this.#boundary = this.#stray = false;
    const session = this.#session;
    if (block.header.type === BlockType.header && isKnown(block.header)) {
      if (!session || boundary || stray || session.due === 0) return await this.#begin(block, boundary);
      return await session.read(block); // once more, for it to be called repeated
    }
    const lost = boundary || !session || (stray && session.ended);
    const before = lost ? this.#standIn(block, stray) : [];
    return [...before, ...await this.#session!.read(block)];
  }

  async #begin(block: Block, boundary: boolean): Promise<SessionEvent[]> {
    const { report } = this.#tools;
    const { at } = block;
    if (!boundary) {
      const what = `the magic before the header block at byte ${at} is damaged or missing`;
      report.warn("damaged-magic", what, { byte: Math.max(0, at - MAGIC.length) });
    }
    const { header, major } = this.#headerOf(block);
    if (major > VERSION.major) {
      report.warn("later-version", `format version ${major} is later than ${VERSION.major}`, { byte: at });
    }
    this.#midway = false;
    const before = this.#open();
    this.#redacts = isRedacted(header);
    await this.#session!.begin(block);
    return [...before, { kind: "header", time: 0, header }];
  }

  #headerOf(block: Block): HeaderPayload {
    try {
      return readSessionHeader(block.payload);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const what = `the header block at byte ${block.at} makes no sense: ${error.message}`;
      this.#tools.report.warn("damaged-header", what, { byte: block.at });
      return { header: STAND_IN, ...VERSION };
    }
  }

  /** A session whose header block is lost. */
  #standIn({ header: { sequence }, at }: Block, stray: boolean): SessionEvent[] {
    if (this.#midway) return this.#open();
    const what =
      `the header block is lost that should stand before block ${sequence} at byte ${at}; 80x24 stands in for it`;
    this.#tools.report.warn("damaged-header", what, { byte: at });
    const before = this.#open();
    if (stray) this.#session!.damage();
    return [...before, { kind: "header", time: 0, header: STAND_IN }];
  }

  #open(): SessionEvent[] {
    const before = this.#close();
    this.#session = new SessionState(this.#tools, this.#midway, this.#sessions++);
    this.#midway = false;
    this.#begun = true;
    return before;
  }

  #damage({ at, header, checksum, boxed }: Extract<Found, { kind: "damage" }>): void {
    this.#stray = true;
    this.#session?.damage(header);
    const { report } = this.#tools;
    if (boxed) {
      const what = `the encrypted block at byte ${at} is altered; block ${this.#session?.due ?? 0} was due`;
      report.warn("damaged-block", what, { byte: at });
    } else if (header && checksum !== undefined) {
      const [found, expected] = [digits(checksum), digits(header.checksum)];
      const which = isCounted(header) ? `block ${header.sequence}` : `block ${header.sequence} beside the chain`;
      const what = `${which} at byte ${at} is altered: its checksum is ${found}, expected ${expected}`;
      report.warn("damaged-block", what, { byte: at });
    } else if (header) {
      report.warn("damaged-block", `block ${header.sequence} at byte ${at} is cut short`, { byte: at });
    } else {
      const due = this.#session?.due ?? 0;
      report.warn("damaged-block", `bytes from ${at} on are no block; block ${due} was due`, { byte: at });
    }
  }

  #tear(at: number, bytes: number, header?: BlockHeader): void {
    const { report } = this.#tools;
    report.tornBytes = bytes;
    const what = header
      ? `the recording ends within block ${header.sequence} at byte ${at}, after ${bytes} bytes of it`
      : `the last ${bytes} bytes, from byte ${at}, are no whole block; block ${this.#session?.due ?? 0} was due`;
    report.warn("torn", what, { byte: at });
    if (this.#session?.ended || !this.#session?.sealed) this.#intact = false;
  }

  /** Takes leave of the session that was read, with what it held back. */
  #close(): SessionEvent[] {
    const session = this.#session;
    this.#session = undefined;
    if (!session) return [];
    if (session.midway) this.#known = false;
    const { report } = this.#tools;
    const place = { byte: this.#scanner.offset };
    if (!session.sealed && !session.midway) {
      this.#intact = false;
      report.warn("no-seal", "a session has no seal that matches it: it is unfinished or altered", place);
      if (this.#redacts) report.warn("not-revised", NOT_REVISED, place);
    } else if (!session.ended && !session.midway) {
      report.warn("no-end", "a session has no end block behind its seal", place);
    }
    return session.finish();
  }

  #finish(): EventBatch | undefined {
    const { report } = this.#tools;
    const events = this.#close();
    if (this.#boundary) {
      this.#boundary = this.#intact = false;
      report.tornBytes += MAGIC.length;
      report.warn("torn", "the recording ends behind a magic", { byte: this.#scanner.offset - report.tornBytes });
    }
    report.completeness = !this.#intact ? "unfinished" : this.#known ? "complete" : "unknown";
    return events.length > 0 ? events : undefined;
  }

  /** Refuses what holds no block. */
  #mustBegin(): void {
    if (!this.#ended && this.#scanner.offset < MAX_PREFIX) return;
    const found = this.#start;
    const what = found.length === 0
      ? "it is empty"
      : !startsWith(MAGIC, found.subarray(0, MAGIC.length))
      ? `it is no T2A recording: it starts with ${hex(found.subarray(0, 8))}, expected ${hex(MAGIC)}`
      : "it holds no whole block: the recording was cut off at its very beginning";
    throw new FormatError(`Cannot read ${this.#name}: ${what}`, { byte: 0 });
  }
}

const NOT_REVISED = "it was recorded with --redact, whose second pass runs at the end, and did not: " +
  "a secret that was told only later may stand before the place that told it";

function isRedacted({ extra }: SessionHeader): boolean {
  const own = extra?.term2ai;
  return typeof own === "object" && own !== null && "redact" in own && own.redact === true;
}

/** A checksum as it is shown. */
function digits(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
}
