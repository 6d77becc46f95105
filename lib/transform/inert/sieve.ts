/**
 * Reads terminal output byte by byte and lets through what only draws.
 *
 * The states are those of a VT500 as Paul Williams drew them, with UTF-8 in front: a byte from 0x80 to 0x9f is a control
 * character (C1) only where it does not belong to a character; U+0080 to U+009F in two bytes are, since terminals obey them.
 *
 * A sequence is held until its last byte, then let through or dropped as a whole. Where terminals read differently, the stricter
 * reading holds, and nothing is let through that would be something else to another one: no control character stands in it.
 *
 * This module is browser compatible.
 * @module
 */

import { ByteBuffer } from "./byte_buffer.ts";
import { drawingPart, isDrawingCommand, isDrawingEscape, isDrawingString } from "./grammar.ts";

const ENQ = 0x05, BEL = 0x07, LF = 0x0a, CR = 0x0d, CAN = 0x18, SUB = 0x1a, ESC = 0x1b, DEL = 0x7f;
const ESCAPE = Uint8Array.of(ESC);
const CONTROL = Uint8Array.of(ESC, 0x5b);
const COMMAND = Uint8Array.of(ESC, 0x5d);
const HEAD = Uint8Array.of(ESC, 0x50);
const STRING_TERMINATOR = Uint8Array.of(ESC, 0x5c);

/** How many bytes of an unfinished sequence are held. */
const HOLD = 64 * 1024;

/**
 * - `escape`, `control`: after ESC, after CSI.
 * - `command`: in an OSC, which is held to its end.
 * - `head`: in the head of a DCS.
 * - `picture`: in a DCS that is let through as it comes.
 * - `dropped`: in a string that is dropped.
 * - `leaving`: after an ESC in one of these strings; `\` ends it well, anything else breaks it off.
 */
type State = "ground" | "escape" | "control" | "command" | "head" | "picture" | "dropped" | "leaving";

/**
 * The parser behind `inert()`: bytes in, harmless bytes out, with everything in between kept for the next call.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const sieve = new Sieve();
 * deepEqual(sieve.sift(Uint8Array.of(0x41, 0x1b, 0x5b)), Uint8Array.of(0x41));
 * deepEqual(sieve.sift(Uint8Array.of(0x6d)), Uint8Array.of(0x1b, 0x5b, 0x6d));
 * ```
 */
export class Sieve {
  #state: State = "ground";
  #left: State = "ground"; // the string that `leaving` may end
  #bellEnds = false; // BEL ends the string that is dropped, as it does an OSC
  readonly #out = new ByteBuffer();
  readonly #held = new ByteBuffer(); // the sequence so far
  #introducer = 0; // how many of the held bytes opened it

  #following = 0; // bytes that the current character still lacks
  #low = 0; // bounds of the next of them
  #high = 0;
  #lead = 0; // 0xc2 while it may turn out to begin a C1

  /** The harmless part of what was held and of `bytes`; `bytes` itself where there is nothing to look into. */
  sift(bytes: Uint8Array): Uint8Array {
    const untouched = this.#isAtRest() && this.#out.length === 0 && plainEnd(bytes, 0) === bytes.length;
    if (untouched) return bytes;
    this.prime(bytes);
    return this.#out.take();
  }

  /** Reads bytes whose harmless part comes out with the next ones. */
  prime(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) {
      const end = this.#isAtRest() ? plainEnd(bytes, at) : at;
      if (end > at) this.#out.append(bytes.subarray(at, end));
      at = end;
      if (at < bytes.length) this.#decode(bytes[at]!);
    }
  }

  /** Ends what has begun: an unfinished sequence is dropped, an unfinished picture is closed. */
  close(): Uint8Array {
    this.#endCharacter();
    this.#breakOff();
    return this.#out.take();
  }

  /** A sieve for output that does not follow this one's; it begins by closing what this one has let through by half. */
  successor(): Sieve {
    const next = new Sieve();
    next.#out.append(this.close());
    return next;
  }

  /** Neither in a sequence nor in a character. */
  #isAtRest(): boolean {
    return this.#state === "ground" && this.#following === 0;
  }

  /** Tells ASCII, C1 controls and the bytes of other characters apart. */
  #decode(byte: number): void {
    if (this.#following > 0) {
      if (byte >= this.#low && byte <= this.#high) return this.#continue(byte);
      this.#endCharacter();
    }
    if (byte < 0x80) return this.#ascii(byte);
    if (byte < 0xa0) return this.#c1(byte, Uint8Array.of(byte));
    this.#begin(byte);
    if (byte === 0xc2) this.#lead = byte;
    else this.#letter(byte);
  }

  /** How many bytes belong to a character after its first one, and the bounds of the second. */
  #begin(lead: number): void {
    if (lead < 0xc2 || lead > 0xf4) return;
    this.#following = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    this.#low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    this.#high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  }

  #continue(byte: number): void {
    this.#following--;
    this.#low = 0x80;
    this.#high = 0xbf;
    if (this.#lead !== 0 && byte < 0xa0) {
      this.#lead = 0;
      return this.#c1(byte, Uint8Array.of(0xc2, byte));
    }
    if (this.#following === 0) this.#endCharacter();
    this.#letter(byte);
  }

  #endCharacter(): void {
    this.#following = 0;
    if (this.#lead !== 0) this.#letter(this.#lead);
    this.#lead = 0;
  }

  #ascii(byte: number): void {
    if (this.#state === "ground" && byte >= 0x20) return this.#out.push(byte);
    if (this.#state === "leaving") return this.#leave(byte);
    if (byte === CAN || byte === SUB) return this.#cancel(byte);
    if (this.#isInString()) return this.#string(byte);
    if (byte === ESC) return this.#open("escape", ESCAPE);
    if (byte < 0x20) return this.#act(byte);
    if (byte === DEL) return;
    if (this.#state === "escape") this.#escape(byte);
    else this.#control(byte);
  }

  /** Controls act at once, even inside a sequence. */
  #act(byte: number): void {
    if (byte !== ENQ) this.#out.push(byte);
  }

  #cancel(byte: number): void {
    this.#reset();
    this.#out.push(byte);
  }

  #isInString(): boolean {
    return this.#state === "command" || this.#state === "head" || this.#state === "picture" ||
      this.#state === "dropped";
  }

  #escape(byte: number): void {
    if (this.#held.length === 1) {
      if (byte === 0x5b) return this.#open("control", CONTROL);
      if (byte === 0x5d) return this.#open("command", COMMAND);
      if (byte === 0x50) return this.#open("head", HEAD);
      if (byte === 0x58 || byte === 0x5e || byte === 0x5f) return this.#drop(false); // SOS, PM, APC
    }
    this.#hold(byte);
    if (byte >= 0x30) this.#finish(isDrawingEscape(this.#body()));
  }

  #control(byte: number): void {
    this.#hold(byte);
    if (byte < 0x40) return;
    const body = this.#body();
    const part = drawingPart(body);
    if (part === body || part === "") return this.#finish(part !== "");
    this.#out.append(this.#held.view().subarray(0, this.#introducer));
    for (let at = 0; at < part.length; at++) this.#out.push(part.charCodeAt(at));
    this.#reset();
  }

  /** A byte below 0x80 in a string. */
  #string(byte: number): void {
    if (byte === ESC) {
      this.#left = this.#state;
      this.#state = "leaving";
      return;
    }
    if (this.#state === "command") this.#command(byte);
    else if (this.#state === "head") this.#head(byte);
    else if (this.#state === "dropped" && byte === BEL && this.#bellEnds) this.#reset();
    else if (this.#state === "picture" && (isPrintable(byte) || byte === LF || byte === CR)) this.#out.push(byte);
  }

  #command(byte: number): void {
    if (byte === BEL) return this.#finishCommand(Uint8Array.of(BEL));
    if (!isPrintable(byte)) return this.#drop(true);
    this.#hold(byte);
  }

  #head(byte: number): void {
    if (!isPrintable(byte)) return this.#drop(false);
    this.#hold(byte);
    if (byte < 0x40) return;
    if (!isDrawingString(this.#body())) return this.#drop(false);
    this.#finish(true);
    this.#state = "picture";
  }

  /** The byte after an ESC in a string. */
  #leave(byte: number): void {
    if (byte === 0x5c) return this.#terminate(this.#left, STRING_TERMINATOR);
    this.#breakOff();
    this.#open("escape", ESCAPE);
    this.#ascii(byte);
  }

  /** A string has ended as it should. */
  #terminate(string: State, terminator: Uint8Array): void {
    if (string === "command") return this.#finishCommand(terminator);
    if (string === "picture") this.#out.append(terminator);
    this.#reset();
  }

  #finishCommand(terminator: Uint8Array): void {
    const draws = isDrawingCommand(this.#body());
    this.#held.append(terminator);
    this.#finish(draws);
  }

  /** A C1 control, and the bytes that it came in. */
  #c1(code: number, bytes: Uint8Array): void {
    if (this.#isInString()) {
      if (code === 0x9c) this.#terminate(this.#state, bytes);
      else if (this.#state === "command" || this.#state === "head") this.#drop(this.#state === "command");
      return;
    }
    this.#breakOff();
    if (code === 0x9b) this.#open("control", bytes);
    else if (code === 0x9d) this.#open("command", bytes);
    else if (code === 0x90) this.#open("head", bytes);
    else if (code === 0x98 || code === 0x9e || code === 0x9f) this.#drop(false); // SOS, PM, APC
    else if (code !== 0x9a) this.#out.append(bytes); // DECID asks who is there
  }

  /** A byte of a character outside ASCII, or one that belongs to none. */
  #letter(byte: number): void {
    if (this.#state === "command") return this.#hold(byte);
    if (this.#state === "head") return this.#drop(false);
    if (this.#state === "dropped" || this.#state === "picture") return;
    this.#breakOff(); // no sequence has letters, so it was none
    this.#out.push(byte);
  }

  #open(state: State, introducer: Uint8Array): void {
    this.#reset();
    this.#state = state;
    this.#held.append(introducer);
    this.#introducer = introducer.length;
  }

  /** Keeps a byte; of a sequence that is too long only so much that {@linkcode #finish} sees it. */
  #hold(byte: number): void {
    if (this.#held.length < HOLD) this.#held.push(byte);
  }

  /** What is held, without its introducer. */
  #body(): string {
    return this.#held.text(this.#introducer);
  }

  #finish(draws: boolean): void {
    if (draws && this.#held.length < HOLD) this.#out.append(this.#held.view());
    this.#reset();
  }

  #drop(bellEnds: boolean): void {
    this.#reset();
    this.#state = "dropped";
    this.#bellEnds = bellEnds;
  }

  /** Gives up what has begun; a picture must not go on on the terminal. */
  #breakOff(): void {
    if (this.#state === "picture" || (this.#state === "leaving" && this.#left === "picture")) {
      this.#out.append(STRING_TERMINATOR);
    }
    this.#reset();
  }

  #reset(): void {
    this.#state = "ground";
    this.#held.clear();
  }
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte !== DEL;
}

/** Where ASCII text and the controls that only draw end. */
function plainEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at]! < 0x80 && bytes[at] !== ESC && bytes[at] !== ENQ) at++;
  return at;
}
