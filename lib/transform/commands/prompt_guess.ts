/**
 * Guesses commands where no shell marks them, from lines that begin with a prompt that was seen before.
 *
 * A line counts as a command when it begins with text that looks like a prompt, the output paused there, more came in several
 * pieces as if typed, nothing but typing and erasing happened, and a line feed ended it. The first line of a session
 * never counts: only a prompt that comes again is one. What ended how is not known. So demos that print at once, editors and
 * full-screen programs yield nothing.
 *
 * This module is browser compatible.
 * @module
 */

import { type EventOf, MILLISECOND, type Nanos } from "../../event.ts";

type CommandEvent = EventOf<"command">;

/** A prompt waits for somebody; programs that print seldom stop within a line for that long. */
const WAIT: Nanos = 150 * MILLISECOND;
const MAX_LINE = 4096;
const PROMPT = /(?:^|[\w\])}~/:.-] ?)[$#%❯➜λ] $/; // `>` asks for the rest of a line, or belongs to another language
const BS = 0x08, LF = 0x0a, CR = 0x0d, ESC = 0x1b;

/**
 * Output in, guessed events out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const found: string[] = [];
 * const guess = new PromptGuess((event) => event.phase === "output" && found.push(event.text!));
 * let time = 0;
 * for (const text of ["ada$ ", "l", "s\r\n", "notes\r\nada$ ", "p", "w", "d\r\n"]) {
 *   guess.output(new TextEncoder().encode(text), time += 2e8);
 * }
 * deepEqual(found, ["pwd"]);
 * ```
 */
export class PromptGuess {
  readonly #emit: (event: CommandEvent) => void;
  readonly #decoder = new TextDecoder();
  readonly #known = new Set<string>(); // shapes of prompts at which something was typed
  #line = "";
  #plain = true; // nothing but text, colours and erasing at the end has happened to the line
  #last: Nanos = 0;
  #prompt: string | undefined; // the line's beginning, at which the output paused
  #pieces = 0; // in which the rest of it came
  #running = false;
  #pending = ""; // a sequence that is not complete
  #alternate = false;

  /** Events go to `emit`. */
  constructor(emit: (event: CommandEvent) => void) {
    this.#emit = emit;
  }

  /** Something was typed; that is as good as a pause. */
  input(_data: Uint8Array): void {
    this.#pause();
  }

  /** Output is missing. */
  gap(): void {
    this.#newLine();
    this.#running = false;
  }

  /** Takes what was printed. */
  output(data: Uint8Array, time: Nanos): void {
    if (time - this.#last >= WAIT) this.#pause();
    this.#last = time;
    if (this.#prompt !== undefined) this.#pieces++;
    // Long output has no prompt but at its end.
    if (data.length > MAX_LINE) {
      this.#newLine();
      const start = data.lastIndexOf(LF) + 1;
      if (data.subarray(0, start).includes(ESC)) this.#note(this.#decoder.decode(data.subarray(0, start)));
      data = data.subarray(Math.max(start, data.length - MAX_LINE));
    }
    this.#read(this.#pending + this.#decoder.decode(data, { stream: true }), time);
    if (this.#running && PROMPT.test(this.#line) && this.#known.has(shapeOf(this.#line))) this.#finish(time);
  }

  #note(text: string): void {
    for (const [, onOff] of text.matchAll(/\x1b\[\?(?:1049|1047|47)([hl])/g)) this.#alternate = onOff === "h";
  }

  #read(text: string, time: Nanos): void {
    this.#pending = "";
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === ESC) {
        const sequence = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])/.exec(
          text.slice(at, at + 600),
        );
        if (!sequence) {
          if (text.length - at < 600) this.#pending = text.slice(at);
          else this.#plain = false;
          return;
        }
        this.#sequence(sequence[0]);
        at += sequence[0].length - 1;
      } else if (code === LF) this.#end(time);
      else if (code === BS) this.#line = this.#line.slice(0, -1);
      else if (code === CR) {
        if (text[at + 1] !== "\n" && text[at + 1] !== undefined) this.#newLine();
      } else if (code >= 0x20 && this.#line.length < MAX_LINE) this.#line += text[at];
      else if (code !== 7) this.#plain = false;
    }
  }

  #sequence(sequence: string): void {
    this.#note(sequence);
    if (/^\x1b(?:\[[\d;:]*m|\[\?(?:2004|1|25)[hl]|[=>]|\]|\(B|\[\d*K)/.test(sequence)) return;
    if (/^\x1b\[\d*P$/.test(sequence)) return;
    this.#plain = false;
  }

  #pause(): void {
    if (this.#prompt !== undefined || !this.#plain || this.#alternate || !PROMPT.test(this.#line)) return;
    this.#prompt = this.#line;
    this.#pieces = 0;
  }

  #end(time: Nanos): void {
    const prompt = this.#prompt, text = this.#line;
    const isTyped = prompt !== undefined && text.startsWith(prompt) && this.#plain && !this.#alternate;
    const known = isTyped && this.#known.has(shapeOf(prompt));
    if (isTyped && this.#known.size < 100) this.#known.add(shapeOf(prompt));
    const line = isTyped ? text.slice(prompt.length).trimEnd() : "";
    const isWhole = !/^#|(?:\b(?:do|then|else)|[|&\\{(])$|\^[A-Z]/.test(line);
    if (known && line !== "" && isWhole && this.#pieces >= Math.min(3, [...line].length)) {
      this.#emit({ kind: "command", time, phase: "output", text: line, confidence: "guessed" });
      this.#running = true;
    }
    this.#newLine();
  }

  #finish(time: Nanos): void {
    this.#running = false;
    this.#emit({ kind: "command", time, phase: "done", confidence: "guessed" });
  }

  #newLine(): void {
    this.#line = "";
    this.#plain = true;
    this.#prompt = undefined;
    this.#pieces = 0;
  }
}

/** Prompts differ by folder and time, not by their beginning and end. */
function shapeOf(prompt: string): string {
  const words = prompt.trim().split(/[\s:]+/);
  return `${words.length > 1 ? words[0] : ""} ${words.at(-1)!.at(-1)}`;
}
