/**
 * The line that was typed, as the screen shows it.
 *
 * What a shell prints from its prompt to the Enter key draws, moves and erases; a small terminal of its own reads it, and the
 * text behind the prompt is the line. Where there may be anything else (several lines, a prompt on the right, output of something
 * in the background) there is no answer.
 *
 * This module is browser compatible.
 * @module
 */

import { concat } from "../../stream/collect.ts";
import type { Emulator, EmulatorMaker } from "../../ports.ts";
import { screenText } from "../../terminal/screen_text.ts";

/** How much of it is kept; a prompt and a line have less. */
const MAX_BYTES = 64 << 10;
/** High enough that nothing scrolls away. */
const ROWS = 200;

/**
 * Listens from the prompt on.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { loadEmulator } from "@term2ai/term2ai";
 *
 * const echo = new Echo(await loadEmulator());
 * echo.begin(80);
 * echo.push(new TextEncoder().encode("ada$ make\b \b\b \bon\r\n"));
 * equal(echo.line("ada$ "), "maon");
 * ```
 */
export class Echo {
  readonly #make: EmulatorMaker;
  #cols = 80;
  #chunks: Uint8Array[] = [];
  #bytes = -1; // of them; negative while nobody listens
  #inputAt: number | undefined; // where the prompt ended
  #isWhole = false;

  /** Terminals come from `make`. */
  constructor(make: EmulatorMaker) {
    this.#make = make;
  }

  /** A prompt begins, on a terminal of this width. */
  begin(cols: number): void {
    this.#cols = cols;
    this.#chunks = [];
    this.#bytes = 0;
    this.#inputAt = undefined;
    this.#isWhole = false;
  }

  /** The prompt has ended, and what follows is the line. */
  input(): void {
    this.#inputAt ??= Math.max(0, this.#bytes);
  }

  /** The line is whole; what comes before the command begins is something else. */
  hold(): void {
    this.#isWhole = true;
  }

  /** Nobody needs it any more. */
  end(): void {
    this.#chunks = [];
    this.#bytes = -1;
  }

  /** Takes what was printed. */
  push(data: Uint8Array): void {
    if (this.#bytes < 0 || this.#isWhole) return;
    this.#bytes += data.length;
    if (this.#bytes > MAX_BYTES) this.end();
    else this.#chunks.push(data);
  }

  /** The line behind the prompt, `undefined` where it is not certain. `shown` is the prompt, where the shell has told it. */
  line(shown: string | undefined): string | undefined {
    if (this.#bytes < 0) return undefined;
    const all = concat(this.#chunks);
    if (shown !== undefined) return this.#behind(textOf(this.#run(all)), this.#prompt(shown));
    if (this.#inputAt === undefined) return undefined;
    return this.#behind(textOf(this.#run(all)), beforeCursor(this.#run(all.subarray(0, this.#inputAt))));
  }

  #run(data: Uint8Array): Emulator {
    const emulator = this.#make({ cols: this.#cols, rows: ROWS });
    emulator.write(data);
    return emulator;
  }

  /** The prompt as it shows; readline's signs for what takes no room are no part of it. */
  #prompt(shown: string): string {
    const text = shown.replace(/[\x01\x02]/g, "").replace(/\r?\n/g, "\r\n");
    return beforeCursor(this.#run(new TextEncoder().encode(text)));
  }

  #behind(text: string, prompt: string): string | undefined {
    if (prompt.trim() === "" || !text.startsWith(prompt) || text.indexOf(prompt, 1) >= 0) return undefined;
    const line = text.slice(prompt.length);
    if (line.trim() === "" || line.includes("\n")) return undefined;
    const isOnTheRight = text.length >= this.#cols - 2 && / {3,}\S/.test(line);
    return isOnTheRight ? undefined : line;
  }
}

function textOf(emulator: Emulator): string {
  return screenText(emulator.snapshot()).join("\n");
}

/** Everything up to the cursor, blanks at the end of the line included. */
function beforeCursor(emulator: Emulator): string {
  const state = emulator.snapshot();
  const lines = screenText(state);
  const last = lines.at(-1) ?? "";
  const width = state.cursor.col;
  return [...lines.slice(0, -1), last.padEnd(width - (state.cols < width ? state.cols : 0))].join("\n");
}
