/**
 * Reads what a program printed, byte by byte, onto a screen of cells; strings that never show are handed on whole.
 *
 * This module is browser compatible.
 * @module
 */

import { ByteBuffer } from "../../transform/inert/byte_buffer.ts";
import { RAW } from "./cells.ts";
import type { WrittenScreen } from "./written_screen.ts";

const BEL = 0x07, BS = 0x08, HT = 0x09, LF = 0x0a, VT = 0x0b, FF = 0x0c, CR = 0x0d, CAN = 0x18, SUB = 0x1a, ESC = 0x1b;

/** A string of a terminal's: OSC, DCS, APC, PM or SOS. */
export interface TerminalString {
  /** The byte behind ESC that opened it: `]`, `P`, `_`, `^`, `X`, `k`. */
  readonly opener: string;
  /** Place of its first byte behind the opener. */
  readonly at: number;
  /** Its bytes, or as many as fit. */
  readonly bytes: Uint8Array;
  /** Whether more of it follows. */
  readonly isCut: boolean;
}

/** What strings are given to. */
export interface StringTaker {
  /** A string has ended, or is too long to be looked at whole. */
  take(string: TerminalString): void;
  /** More of a string that was too long. */
  takeMore(opener: string, at: number, length: number): void;
}

type State = "ground" | "escape" | "control" | "string" | "leaving";

/** How much of a string is looked at as a whole. */
export const LONGEST_STRING = 64 * 1024;
const MOST_PARAMETERS = 16;

/** Bytes in, cells and strings out. */
export class OutputReader {
  screen: WrittenScreen;
  readonly #strings: StringTaker;
  #state: State = "ground";
  #opener = "";
  #at = 0; // where the string at hand begins
  #isCut = false; // it was too long
  readonly #string = new ByteBuffer();
  #parameters: number[] = [];
  #prefix = ""; // `?` and its like, intermediates
  #missing = 0; // bytes that the character at hand lacks
  #code = 0; // its bits so far
  #codeAt = 0;
  #codeBytes: number[] = [];

  constructor(screen: WrittenScreen, strings: StringTaker) {
    this.screen = screen;
    this.#strings = strings;
  }

  /** Where something began that is not whole yet; `Infinity` when nothing is. */
  get unfinishedAt(): number {
    if (this.#state === "string" || this.#state === "leaving") return this.#isCut ? Infinity : this.#at;
    return this.#missing > 0 ? this.#codeAt : Infinity;
  }

  /** Nobody waits for the end of a string any longer: it is looked at as far as it goes. */
  hurry(): void {
    if (this.#state === "string" || this.#state === "leaving") this.#cut();
  }

  /** Reads bytes, the first of which has place `base`. */
  read(data: Uint8Array, base: number): void {
    for (let at = 0; at < data.length;) {
      const code = data[at]!;
      if (this.#state === "ground" && this.#missing === 0 && code >= 0x20 && code < 0x7f) {
        at = this.screen.writeAscii(data, at, base);
      } else if (this.#state === "string") at = this.#readString(data, at, base);
      else this.#next(code, base + at++);
    }
  }

  /** The session is over. */
  finish(): void {
    this.hurry();
    this.#state = "ground";
    this.screen.settle();
  }

  #next(code: number, at: number): void {
    if (this.#state === "leaving") return this.#leave(code, at);
    if (code >= 0x80 || this.#missing > 0) return this.#letter(code, at);
    if (code < 0x20) return this.#control(code);
    if (code === 0x7f) return;
    if (this.#state === "escape") this.#escape(code, at);
    else if (this.#state === "control") this.#sequence(code);
  }

  #control(code: number): void {
    const { screen } = this;
    if (code === ESC) this.#open("escape");
    else if (code === CAN || code === SUB) this.#state = "ground";
    else if (code === CR) screen.moveTo(screen.row, 0);
    else if (code === LF || code === VT || code === FF) screen.lineFeed();
    else if (code === BS) screen.moveBy(0, -1);
    else if (code === HT) screen.tab();
  }

  /** A byte of a character outside ASCII. */
  #letter(code: number, at: number): void {
    if (this.#missing > 0) {
      if ((code & 0xc0) !== 0x80) {
        this.#giveUpLetter();
        return this.#next(code, at);
      }
      this.#codeBytes.push(code);
      this.#code = (this.#code << 6) | (code & 0x3f);
      if (--this.#missing === 0) this.#write(this.#code, this.#codeAt);
      return;
    }
    if (code < 0xc2 || code > 0xf4) return this.#write(RAW + code, at);
    this.#missing = code < 0xe0 ? 1 : code < 0xf0 ? 2 : 3;
    this.#code = code & (0x3f >> this.#missing);
    this.#codeAt = at;
    this.#codeBytes = [code];
  }

  #giveUpLetter(): void {
    this.#missing = 0;
    for (const [n, byte] of this.#codeBytes.entries()) this.#write(RAW + byte, this.#codeAt + n);
  }

  #write(code: number, at: number): void {
    if (code >= 0x80 && code < 0xa0) return this.#c1(code, at);
    if (this.#state === "ground") this.screen.write(code, at);
    else this.#state = "ground"; // no sequence has letters
  }

  /** C1 controls in two bytes. */
  #c1(code: number, at: number): void {
    if (code === 0x9b) this.#open("control");
    else if (code === 0x9d || code === 0x90 || code === 0x98 || code === 0x9e || code === 0x9f) {
      this.#openString(code === 0x9d ? "]" : "P", at + 2);
    } else {
      this.#state = "ground";
      if (code === 0x84) this.screen.lineFeed();
      else if (code === 0x85) this.#newLine();
      else if (code === 0x8d) this.screen.up();
    }
  }

  #open(state: State): void {
    this.#state = state;
    this.#parameters = [0];
    this.#prefix = "";
  }

  #newLine(): void {
    this.screen.lineFeed();
    this.screen.moveTo(this.screen.row, 0);
  }

  #escape(code: number, at: number): void {
    const char = String.fromCharCode(code);
    if (this.#prefix === "") {
      if (char === "[") return this.#open("control");
      if ("]P_^Xk".includes(char)) return this.#openString(char, at + 1);
    }
    if (code < 0x30) {
      this.#prefix += char;
      return;
    }
    this.#state = "ground";
    if (this.#prefix !== "") return;
    const { screen } = this;
    if (char === "7") screen.saveCursor();
    else if (char === "8") screen.restoreCursor();
    else if (char === "D") screen.lineFeed();
    else if (char === "E") this.#newLine();
    else if (char === "M") screen.up();
    else if (char === "c") screen.reset();
  }

  #sequence(code: number): void {
    const last = this.#parameters.length - 1;
    if (code >= 0x30 && code <= 0x39) {
      this.#parameters[last] = Math.min(99_999, this.#parameters[last]! * 10 + code - 0x30);
    } else if (code === 0x3b || code === 0x3a) {
      if (this.#parameters.length < MOST_PARAMETERS) this.#parameters.push(0);
    } else if (code < 0x40) {
      if (this.#prefix.length < 4) this.#prefix += String.fromCharCode(code);
    } else {
      this.#state = "ground";
      this.#act(code);
    }
  }

  /** What control sequences do to the cursor and the cells. */
  #act(code: number): void {
    const char = String.fromCharCode(code);
    if (this.#prefix === "?") return this.#privateMode(char);
    if (this.#prefix !== "") return;
    const { screen } = this, [first = 0, second = 0] = this.#parameters, count = Math.max(1, first);
    switch (char) {
      case "A":
      case "F":
        return screen.moveTo(screen.row - count, char === "F" ? 0 : screen.col);
      case "B":
      case "e":
      case "E":
        return screen.moveTo(screen.row + count, char === "E" ? 0 : screen.col);
      case "C":
      case "a":
        return screen.moveBy(0, count);
      case "D":
        return screen.moveBy(0, -count);
      case "G":
      case "`":
        return screen.moveTo(screen.row, count - 1);
      case "d":
        return screen.moveTo(count - 1, screen.col);
      case "H":
      case "f":
        return screen.moveTo(count - 1, Math.max(1, second) - 1);
      case "I":
        for (let n = Math.min(count, screen.cols); n > 0; n--) screen.tab();
        return;
      case "J":
        return this.#eraseDisplay(first);
      case "K":
        return screen.eraseCells(first === 0 ? screen.col : 0, first === 1 ? screen.col + 1 : screen.cols);
      case "X":
        return screen.eraseCells(screen.col, screen.col + count);
      case "L":
        return screen.insertRows(count);
      case "M":
        return screen.insertRows(-count);
      case "@":
        return screen.insertCells(count);
      case "P":
        return screen.insertCells(-count);
      case "S":
      case "T":
        screen.settle();
        return screen.scroll(char === "S" ? count : -count);
      case "b":
        return screen.repeat(count);
      case "r":
        return screen.setMargins(count - 1, second === 0 ? undefined : second - 1);
      case "s":
        return screen.saveCursor();
      case "u":
        return screen.restoreCursor();
      case "h":
      case "l":
        if (first === 4) screen.setMode("inserts", char === "h");
    }
  }

  #eraseDisplay(what: number): void {
    const { screen } = this;
    if (what === 0) {
      screen.eraseCells(screen.col, screen.cols);
      screen.eraseRows(screen.row + 1, screen.rows.length);
    } else if (what === 1) {
      screen.eraseRows(0, screen.row);
      screen.eraseCells(0, screen.col + 1);
    } else if (what === 2) screen.eraseRows(0, screen.rows.length);
  }

  #privateMode(char: string): void {
    if (char !== "h" && char !== "l") return;
    for (const mode of this.#parameters) {
      if (mode === 7) this.screen.setMode("wraps", char === "h");
      else if (mode === 47 || mode === 1047 || mode === 1049) this.screen.switchTo(char === "h");
    }
  }

  #openString(opener: string, at: number): void {
    this.#state = "string";
    this.#opener = opener;
    this.#at = at;
    this.#isCut = false;
    this.#string.clear();
  }

  /** Takes bytes of a string up to what may end it. */
  #readString(data: Uint8Array, from: number, base: number): number {
    let at = from;
    while (at < data.length) {
      const code = data[at]!;
      if (code === ESC || code === CAN || code === SUB || (code === BEL && this.#opener === "]")) break;
      at++;
    }
    this.#gather(data.subarray(from, at), base + from);
    if (at === data.length) return at;
    const code = data[at]!;
    if (code === ESC) this.#state = "leaving";
    else this.#endString();
    return at + 1;
  }

  #gather(bytes: Uint8Array, at: number): void {
    if (bytes.length === 0) return;
    if (this.#isCut) return this.#strings.takeMore(this.#opener, at, bytes.length);
    const room = LONGEST_STRING - this.#string.length;
    this.#string.append(bytes.subarray(0, room));
    if (bytes.length < room) return;
    this.#cut();
    this.#gather(bytes.subarray(room), at + room);
  }

  #cut(): void {
    if (this.#isCut) return;
    this.#strings.take({ opener: this.#opener, at: this.#at, bytes: this.#string.take(), isCut: true });
    this.#isCut = true;
  }

  #endString(): void {
    if (!this.#isCut) {
      this.#strings.take({ opener: this.#opener, at: this.#at, bytes: this.#string.take(), isCut: false });
    }
    this.#state = "ground";
  }

  /** After an ESC in a string: `\` ends it; anything else breaks it off, but for what tmux passes on. */
  #leave(code: number, at: number): void {
    if (code === ESC && this.#opener === "P") {
      this.#state = "string";
      return this.#gather(Uint8Array.of(ESC, ESC), at - 1);
    }
    this.#endString();
    if (code === 0x5c) return;
    this.#open("escape");
    this.#next(code, at);
  }
}
