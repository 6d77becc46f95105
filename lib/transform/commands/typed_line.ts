/**
 * The line that was typed at a prompt of which no mark tells, as the screen shows it.
 *
 * Hooks of shells get lost in the middle of a session. What stood in front of the last line that a mark has told is the prompt; a
 * line that begins alike was typed at one like it. What a prompt on the right shows is no part of the line. The end of the output is kept for that, and a terminal reads it only when asked.
 *
 * This module is browser compatible.
 * @module
 */

import { concat } from "../../stream/collect.ts";
import type { EmulatorMaker } from "../../ports.ts";
import { screenText } from "../../terminal/screen_text.ts";

/** A prompt and a line of 3,000 characters, drawn twice. */
const MAX_BYTES = 8 << 10;
const ROWS = 100;
/** Between a line and the prompt on the right; where there is less room, nobody can tell where one ends. */
const GAP = " ".repeat(4);

interface Tail {
  readonly data: Uint8Array;
  readonly cols: number;
}

/**
 * A line that was typed, to be read now or later.
 *
 * @example
 * ```ts
 * const unreadable: EnteredLine = { read: () => undefined, learn: () => {} };
 * ```
 */
export interface EnteredLine {
  /** What stands behind the prompt; `undefined` where that is no prompt that is known. */
  read(): string | undefined;
  /** It is `text`, so that what stands in front of it is the prompt. */
  learn(text: string): void;
}

/**
 * Listens always.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { loadEmulator } from "@term2ai/term2ai";
 *
 * const typed = new TypedLine(await loadEmulator());
 * const encoder = new TextEncoder();
 * typed.push(encoder.encode("ada$ make\r\n"));
 * typed.line().learn("make");
 * typed.push(encoder.encode("done\r\nada$ pwd\r\n"));
 * equal(typed.line().read(), "pwd");
 * typed.push(encoder.encode("/home/ada\r\n"));
 * equal(typed.line().read(), undefined);
 * ```
 */
export class TypedLine {
  readonly #make: EmulatorMaker;
  #cols = 80;
  #chunks: Uint8Array[] = [];
  #bytes = 0; // of them
  #told: { readonly tail: Tail; readonly text: string } | undefined;
  #hasRight = false; // and something shows on the right
  #prompt: string | undefined; // what stood in front of what was told, once somebody asks

  /** Terminals come from `make`. */
  constructor(make: EmulatorMaker) {
    this.#make = make;
  }

  /** The terminal is that wide. */
  resize(cols: number): void {
    this.#cols = cols;
  }

  /** Takes what was printed. */
  push(data: Uint8Array): void {
    if (data.length >= MAX_BYTES) {
      this.#chunks = [];
      this.#bytes = 0;
    }
    this.#chunks.push(data.length > MAX_BYTES ? data.slice(-MAX_BYTES) : data);
    this.#bytes += this.#chunks.at(-1)!.length;
    // Not at once: the beginning of what is kept moves seldom.
    if (this.#bytes > 4 * MAX_BYTES || this.#chunks.length > 1000) {
      this.#chunks = [concat(this.#chunks).slice(-MAX_BYTES)];
      this.#bytes = this.#chunks[0]!.length;
    }
  }

  /** The line that was just typed. */
  line(): EnteredLine {
    const tail = { data: concat(this.#chunks).slice(-MAX_BYTES), cols: this.#cols };
    return {
      read: () => this.#read(tail),
      learn: (text) => {
        if (text.includes("\n")) return;
        this.#told = { tail, text };
        this.#prompt = undefined;
      },
    };
  }

  #read(tail: Tail): string | undefined {
    const prompt = this.#learned();
    if (prompt === undefined) return undefined;
    const line = this.#hasRight ? withoutRight(this.#lastLine(tail), tail.cols) : this.#lastLine(tail);
    if (line === undefined) return undefined;
    const text = behind(`${line} `, prompt)?.trim();
    return text?.endsWith("^C") ? "" : text;
  }

  #learned(): string | undefined {
    if (this.#prompt !== undefined || !this.#told) return this.#prompt;
    const { tail, text } = this.#told;
    const line = this.#lastLine(tail), end = text.trimEnd();
    const at = line.endsWith(end)
      ? line.length - end.length
      : line.length < tail.cols - 2
      ? -1
      : line.lastIndexOf(end + GAP);
    if (end === "" || at < 0 || line.slice(0, at).trim() === "") return undefined;
    this.#hasRight = at + end.length < line.length;
    return this.#prompt = line.slice(0, at);
  }

  #lastLine({ data, cols }: Tail): string {
    const emulator = this.#make({ cols, rows: ROWS });
    emulator.write(data);
    return screenText(emulator.snapshot()).findLast((line) => line.trim() !== "")?.trimEnd() ?? "";
  }
}

/** The line without the prompt on the right, that shells let end in the last column or two; `undefined` where that cannot be told. */
function withoutRight(line: string, cols: number): string | undefined {
  if (line.length < cols - 2 || line.length > cols) return line; // it gives way to a line that long
  const gaps = [...line.matchAll(/ +(?=\S)/g)].sort(([a], [b]) => b.length - a.length);
  const [widest, next] = gaps;
  if (!widest || widest[0].length < GAP.length || widest[0].length === next?.[0].length) return undefined;
  return line.slice(0, widest.index);
}

/** Prompts differ by folder and time, but not by their last word, where they have more; else not by their first name and last sign. */
function behind(line: string, prompt: string): string | undefined {
  if (line.startsWith(prompt)) return line.slice(prompt.length);
  const words = prompt.trim().split(/\s+/), last = words.at(-1)!;
  const place = words.length > 1 ? ` ${line}`.indexOf(` ${last} `) : -1;
  if (place >= 0) return line.slice(place + last.length + 1);
  const [first = ""] = prompt.split(/[\s:]/);
  const sign = `${prompt.trimEnd().at(-1)} `;
  const at = first.length > 1 && line.startsWith(first) ? line.indexOf(sign, first.length) : -1;
  return at < 0 ? undefined : line.slice(at + sign.length);
}
