/**
 * Replaces names in what a program prints, or somebody types, however the bytes are split.
 *
 * A name may come key by key, in several events, with colours between its letters. So text is looked at without the sequences
 * in it, and what may be the beginning of a name waits for what follows, together with the events behind it. The placeholder
 * comes with the event that the name began in.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf } from "../../event.ts";
import type { Names } from "./names.ts";
import { commandWithout, titleWithout } from "./sequences.ts";

const BEL = 0x07, CAN = 0x18, SUB = 0x1a, ESC = 0x1b;
/** How much of an unfinished sequence is kept; more of it passes as it comes. */
const LONGEST_SEQUENCE = 256 << 10;
/** How much may wait for the end of a name. */
const LONGEST_WAIT = 4096;

/** An event of bytes on its way through: what has been decided of it, and how many parts have not. */
export class Slot {
  readonly event: EventOf<"output"> | EventOf<"input">;
  /** Decided bytes, each as the character with its number. */
  readonly done: string[] = [];
  /** Parts that wait. */
  waiting = 0;
  /** Whether anything is other than it was. */
  changed = false;

  constructor(event: EventOf<"output"> | EventOf<"input">) {
    this.event = event;
  }
}

/** Text, or a sequence between letters of it, that may belong to a name. */
interface Part {
  readonly slot: Slot;
  readonly text: string;
  readonly isText: boolean;
}

type State = "ground" | "escape" | "control" | "string" | "leaving";

/** Reads one stream of bytes and fills slots. */
export class Veil {
  readonly #names: Names;
  readonly #latin = new TextDecoder("latin1");
  #state: State = "ground";
  #sequence = ""; // so far
  #isPassing = false; // the sequence is too long to be kept
  #parts: Part[] = [];
  #length = 0; // of the text in them
  #before = ""; // the character of text before them
  #primed: Uint8Array = new Uint8Array(0); // bytes that come before the next ones
  #version = -1; // of the list of names that these were made from
  #pattern = /(?!)/g;
  #heads: readonly string[] = [];
  #longest = 0;

  constructor(names: Names) {
    this.#names = names;
  }

  /** Reads the bytes of an event. */
  push(slot: Slot): void {
    if (this.#sequence !== "") slot.changed = true; // it comes out here, not where it began
    if (this.#primed.length > 0) {
      slot.changed = true;
      this.#read(slot, this.#primed);
      this.#primed = new Uint8Array(0);
    }
    this.#read(slot, slot.event.data);
    if (this.#sequence !== "") slot.changed = true;
    this.#decide(false);
  }

  /** Puts bytes before the next ones. */
  prime(data: Uint8Array): void {
    this.#primed = data;
  }

  /** Lets nothing wait any longer. */
  hurry(): void {
    this.#decide(true);
  }

  #read(slot: Slot, data: Uint8Array): void {
    const text = latin(this.#latin, data);
    let at = 0;
    while (at < text.length) {
      if (this.#state !== "ground") {
        this.#next(slot, text.charCodeAt(at++));
        continue;
      }
      const start = at;
      while (at < text.length && text.charCodeAt(at) >= 0x20 && text.charCodeAt(at) !== 0x7f) at++;
      if (at > start) this.#add(slot, text.slice(start, at), true);
      if (at < text.length) this.#control(slot, text.charCodeAt(at++));
    }
  }

  /** There is no more: what waits is what it is. */
  finish(slot: Slot): void {
    this.#read(slot, this.#primed);
    this.#primed = new Uint8Array(0);
    if (this.#sequence !== "") this.#end(slot, this.#sequence, "");
    this.#decide(true);
    this.#before = "";
  }

  /** A control character, outside of sequences. Most move the cursor, and end a word. */
  #control(slot: Slot, code: number): void {
    if (code === ESC) {
      this.#state = "escape";
      this.#sequence = "\x1b";
    } else if (code === 0 || code === BEL || code === 0x0e || code === 0x0f) this.#add(slot, chr(code), false);
    else this.#break(slot, chr(code));
  }

  #next(slot: Slot, code: number): void {
    const char = chr(code);
    if (code === CAN || code === SUB) return this.#end(slot, this.#sequence + char, "");
    switch (this.#state) {
      case "escape":
        return this.#escape(slot, code, char);
      case "control":
        this.#sequence += char;
        if (code >= 0x40 && code < 0x7f) this.#endControl(slot);
        else if (code < 0x20) this.#break(slot, "");
        return;
      case "leaving":
        if (code === 0x5c) return this.#end(slot, this.#sequence, "\x1b\\");
        this.#end(slot, this.#sequence, "");
        this.#state = "escape";
        this.#sequence = "\x1b";
        return this.#escape(slot, code, char);
      default:
        return this.#string(slot, code, char);
    }
  }

  #escape(slot: Slot, code: number, char: string): void {
    if (code === ESC) {
      this.#break(slot, this.#sequence);
      this.#sequence = char;
      return;
    }
    this.#sequence += char;
    if (this.#sequence.length === 2 && char === "[") this.#state = "control";
    else if (this.#sequence.length === 2 && "]PX^_k".includes(char)) this.#state = "string";
    else if (code >= 0x30 || code < 0x20) {
      const sequence = this.#sequence;
      this.#reset();
      if (sequence.length > 2 || "=>".includes(char)) this.#add(slot, sequence, false);
      else this.#break(slot, sequence);
    }
  }

  /** Looks and modes may change in the middle of a word, and `grep` erases there; whatever moves the cursor ends it. */
  #endControl(slot: Slot): void {
    const sequence = this.#sequence;
    this.#reset();
    if ("mhlqntcKJ".includes(sequence.at(-1)!)) this.#add(slot, sequence, false);
    else this.#break(slot, sequence);
  }

  #string(slot: Slot, code: number, char: string): void {
    if (code === ESC) this.#state = "leaving";
    else if (code === BEL && this.#sequence[1] === "]") this.#end(slot, this.#sequence, "\x07");
    else this.#sequence += char;
    if (this.#sequence.length < LONGEST_SEQUENCE) return;
    this.#isPassing = true;
    this.#add(slot, this.#sequence.slice(0, -1), false);
    this.#sequence = this.#sequence.slice(-1);
  }

  /** The end of a string, or of what should have been one. */
  #end(slot: Slot, sequence: string, terminator: string): void {
    const isPassing = this.#isPassing;
    this.#reset();
    const made = isPassing || sequence.length < 2 ? sequence : this.#rewritten(sequence);
    if (made === undefined) slot.changed = true;
    else {
      if (made !== sequence) slot.changed = true;
      this.#add(slot, made + terminator, false);
    }
  }

  #rewritten(sequence: string): string | undefined {
    const body = fromLatin(sequence.slice(2)), kind = sequence[1];
    if (kind === "[") return sequence;
    const made = kind === "]"
      ? commandWithout(body, this.#names)
      : kind === "k"
      ? titleWithout(body, this.#names)
      : /^[\d;]*q/.test(body) && kind === "P"
      ? body // a picture
      : this.#names.inText(body);
    if (made === body) return sequence;
    return made === undefined ? undefined : sequence.slice(0, 2) + toLatin(made);
  }

  #reset(): void {
    this.#state = "ground";
    this.#sequence = "";
    this.#isPassing = false;
  }

  /** What no word goes on over. */
  #break(slot: Slot, text: string): void {
    this.#reset();
    this.#decide(true);
    this.#before = "";
    slot.done.push(text);
  }

  #add(slot: Slot, text: string, isText: boolean): void {
    if (this.#parts.length === 0 && !isText) return void slot.done.push(text);
    this.#parts.push({ slot, text, isText });
    slot.waiting++;
    if (isText) this.#length += text.length;
  }

  /** Gives all that waits but for what may be the beginning of a name; at the end of a word, that too. */
  #decide(isEnd: boolean): void {
    if (this.#parts.length === 0) return;
    this.#update();
    const text = this.#before + this.#parts.map(({ text, isText }) => isText ? text : "").join("");
    const start = this.#before.length;
    const whole = isEnd || this.#length > LONGEST_WAIT || this.#parts.length > LONGEST_WAIT;
    const matches = [...text.matchAll(this.#pattern)].filter(({ index }) => index >= start);
    const end = whole ? text.length : this.#beginning(text, start);
    this.#give(text, matches.filter(({ index }) => index < end), end - start, start);
  }

  /** Where the last part of a text begins that may turn out to be a name. */
  #beginning(text: string, start: number): number {
    const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    for (let at = Math.max(start, text.length - this.#longest); at < text.length; at++) {
      if (at > 0 && isOfWord(text[at - 1]!)) continue;
      const tail = lower.slice(at);
      if (this.#heads.some((name) => name.startsWith(tail))) return at;
    }
    return text.length;
  }

  #give(text: string, matches: readonly RegExpExecArray[], length: number, start: number): void {
    const last = matches.at(-1);
    const end = last ? Math.max(length, last.index + last[0].length - start) : length;
    const parts = this.#parts;
    this.#parts = [];
    this.#length = 0;
    let at = 0; // in the text, without what came before
    let next = 0; // which match comes next
    for (const part of parts) {
      part.slot.waiting--;
      if (!part.isText) {
        if (at < end || at === end && this.#parts.length === 0) part.slot.done.push(part.text);
        else this.#keep(part);
        continue;
      }
      const partEnd = at + part.text.length;
      for (let from = at; from < Math.min(partEnd, end);) {
        const match = matches[next], begins = match ? match.index - start : Infinity;
        if (begins > from) {
          const to = Math.min(partEnd, end, begins);
          part.slot.done.push(part.text.slice(from - at, to - at));
          from = to;
          continue;
        }
        if (begins === from) part.slot.done.push(this.#instead(match![0]));
        part.slot.changed = true;
        from = Math.min(partEnd, begins + match![0].length);
        if (from === begins + match![0].length) next++;
      }
      if (partEnd > end) this.#keep({ ...part, text: part.text.slice(Math.max(0, end - at)) });
      at = partEnd;
    }
    if (end > 0) this.#before = text[start + end - 1]!;
  }

  #keep(part: Part): void {
    this.#parts.push(part);
    part.slot.waiting++;
    if (part.isText) this.#length += part.text.length;
  }

  #instead(name: string): string {
    return toLatin(this.#names.all.get(fromLatin(name).toLowerCase()) ?? fromLatin(name));
  }

  /** The list of names as one of bytes. */
  #update(): void {
    if (this.#version === this.#names.version) return;
    this.#version = this.#names.version;
    this.#heads = [...this.#names.all.keys()].filter((name) => !name.includes("\0")).map((name) => toLatin(name));
    this.#longest = Math.max(0, ...this.#heads.map((name) => name.length));
    const sorted = this.#heads.toSorted((one, other) => other.length - one.length);
    const any = sorted.map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|");
    this.#pattern = any === "" ? /(?!)/g : new RegExp(`(?<![\\w\\x80-\\xff])(?:${any})(?![\\w\\x80-\\xff])`, "gi");
  }
}

function isOfWord(char: string): boolean {
  return /[\w\x80-\xff]/.test(char);
}

function chr(code: number): string {
  return String.fromCharCode(code);
}

/** Bytes as characters with their numbers. The decoder means windows-1252 by latin1, which differs from 0x80 to 0x9f. */
function latin(decoder: TextDecoder, bytes: Uint8Array): string {
  const isAscii = bytes.every((byte) => byte < 0x80);
  if (isAscii) return decoder.decode(bytes);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** Text as the bytes of its UTF-8, each as a character. */
function toLatin(text: string): string {
  return latin(new TextDecoder("latin1"), new TextEncoder().encode(text));
}

/** The other way round. */
function fromLatin(text: string): string {
  return new TextDecoder().decode(bytesOf(text));
}

/** Characters as the bytes with their numbers. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
