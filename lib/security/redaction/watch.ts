/**
 * Follows a stream of events, and finds what must be hidden in it.
 *
 * Bytes are counted: each stream, printed and typed, is one row of bytes from the first event to the last, however they were
 * split, and what must be hidden is told by its place there.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, Nanos, SessionEvent } from "../../event.ts";
import { Edits } from "./edits.ts";
import type { SecretFindings, SecretPlace } from "./findings.ts";
import type { Hider } from "./hider.ts";
import { HiddenText, writtenRows } from "./hidden_text.ts";
import { type Found, textOf } from "./matcher.ts";
import { OutputReader, type TerminalString } from "./output_reader.ts";
import { mayPass, payloadWithout } from "./payloads.ts";
import type { Secrets } from "./secrets.ts";
import { TypedLine } from "./typed_line.ts";
import { WrittenLines } from "./written_lines.ts";
import { WrittenScreen } from "./written_screen.ts";

/** Shorter values, and plain words, are not looked for elsewhere. */
const WORTH_LEARNING = 8;
/** Of what is told by itself where it is whole, parts are looked for that are not. */
const PARTS_WORTH_LEARNING = 16;
const NOTHING = new Uint8Array(0);
const STARS = [NOTHING, Uint8Array.of(0x2a), Uint8Array.of(0x2a, 0x2a)] as const;

/** One stream of bytes. */
export type ByteStream = "output" | "input";

/** Looks at events and collects edits. */
export class Watch {
  readonly edits: Readonly<Record<ByteStream, Edits>> = { output: new Edits(), input: new Edits() };
  /** How many bytes there were. */
  readonly length: Record<ByteStream, number> = { output: 0, input: 0 };
  readonly text: HiddenText;
  readonly #secrets: Secrets;
  readonly #findings: SecretFindings;
  #time: Nanos = 0;
  #lines!: WrittenLines;
  #reader!: OutputReader;
  #typed!: TypedLine;
  readonly #isRevised: boolean;
  #cutPasses = false; // the rest of the string at hand

  /** @param isRevised Whether a second pass hides what was passed on too early. */
  constructor(secrets: Secrets, findings: SecretFindings, isRevised = false) {
    this.#isRevised = isRevised;
    this.#secrets = secrets;
    this.#findings = findings;
    this.text = new HiddenText(secrets.matcher, (found, cells, place) => this.#found(found, cells, place));
    this.#begin(80, 24);
  }

  #begin(cols: number, rows: number): void {
    const hider = (stream: ByteStream): Hider => ({
      found: (found, cells) => this.#found(found, cells, stream),
      hide: (at, bytes, width) =>
        this.edits[stream].add(at, bytes, bytes === 1 && width === 1 ? undefined : STARS[width as 1 | 2]),
      isGone: (at) => this.edits[stream].isGone(at),
      isRevised: this.#isRevised,
    });
    this.#lines = new WrittenLines(this.#secrets.matcher, hider("output"));
    this.#reader = new OutputReader(new WrittenScreen(cols, rows, this.#lines), {
      take: (string) => this.#takeString(string),
      takeMore: (_, at, length) => {
        if (!this.#cutPasses) this.edits.output.add(at, length, NOTHING);
      },
    });
    this.#typed = new TypedLine(this.#secrets.matcher, hider("input"));
  }

  /** Looks at the next event. */
  push(event: SessionEvent): void {
    this.#time = event.time;
    switch (event.kind) {
      case "header":
        this.finish();
        return this.#begin(event.header.cols, event.header.rows);
      case "output":
        this.#reader.read(event.data, this.length.output);
        this.length.output += event.data.length;
        return;
      case "input":
        this.#typed.read(event.data, this.length.input);
        this.length.input += event.data.length;
        return;
      case "resize":
        return this.#reader.screen.resize(event.cols, event.rows);
      case "screen":
        return this.#restore(event);
    }
  }

  /** Looks at the lines at hand, which may go on; output before `floor` has been passed on. */
  peek(floor = 0): void {
    this.#lines.floor = floor;
    this.#reader.screen.peek();
    this.#typed.peek();
  }

  /** Where a stream must wait, after {@linkcode peek}; `Infinity` when it need not. */
  holdFrom(stream: ByteStream): number {
    return stream === "output"
      ? Math.min(this.#reader.unfinishedAt, this.#lines.open?.holdFrom ?? Infinity)
      : Math.min(this.#typed.unfinishedAt, this.#typed.open?.holdFrom ?? Infinity);
  }

  /** Nobody can wait: what is likely to be the beginning of a secret is hidden. */
  hurry(): void {
    this.#reader.hurry();
    this.#lines.open?.mask();
    this.#typed.open?.mask();
  }

  /** The session is over. */
  finish(): void {
    this.#reader.finish();
    this.#typed.finish();
  }

  #restore({ state }: EventOf<"screen">): void {
    this.#reader.finish();
    this.#begin(state.cols, state.rows);
    const shown = state.active === "alternate" && state.alternate ? state.alternate : state.normal;
    this.#reader.screen.isAlternate = shown !== state.normal;
    this.#reader.screen.restore(writtenRows(shown), state.cursor.row, state.cursor.col);
  }

  #takeString({ opener, at, bytes, isCut }: TerminalString): void {
    if (isCut) this.#cutPasses = mayPass(opener, bytes);
    const hidden = payloadWithout(opener, bytes, this.text.at("terminal-string"));
    if (hidden) this.edits.output.add(at, bytes.length, hidden);
  }

  #found({ rule, start, end, isValue }: Found, cells: Uint32Array, place: SecretPlace): void {
    const { values } = this.#secrets;
    this.#findings.add(rule, values.fingerprint(cells, start, end), this.#time, place);
    if (end - start < WORTH_LEARNING) return;
    const text = textOf(cells, start, end);
    if (!isValue) {
      if (text.length >= PARTS_WORTH_LEARNING && !/[\s"';]/.test(text)) values.addParts(text, rule);
      return;
    }
    if (/[^a-z]/.test(text)) values.add(text, rule);
  }
}
