/**
 * Takes the echo of what was typed out of what a command printed.
 *
 * Whoever types while a command runs, for it or ahead of the next prompt, sees that at once: the terminal shows it, and no program has
 * printed it. Where the recording has the input, the echo is known; where it has not, nothing tells it from output.
 *
 * This module is browser compatible.
 * @module
 */

import { type EventOf, type Nanos, SECOND } from "../../event.ts";

const PATIENCE: Nanos = SECOND; // what shows later is no echo
const MAX_BYTES = 4096; // as much as a terminal takes for a line
const CR = 0x0d, LF = 0x0a, TAB = 0x09, DEL = 0x7f, CARET = 0x5e;

/**
 * Input and output in, output without the echo out.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const echo = new TypedEcho();
 * echo.input({ kind: "input", time: 0, data: bytes("ls\r") });
 * equal(new TextDecoder().decode(echo.without({ kind: "output", time: 5, data: bytes("ls\r\ndone\r\n") })), "done\r\n");
 * ```
 */
export class TypedEcho {
  #expected: number[] = [];
  #last: Nanos = 0;

  /** Something was typed. */
  input({ data, time }: EventOf<"input">): void {
    this.#expire(time);
    this.#last = time;
    for (const byte of data) this.#expected.push(...shown(byte));
    if (this.#expected.length > MAX_BYTES) this.forget();
  }

  /** The output but for the echo, which stands at its beginning. */
  without({ data, time }: EventOf<"output">): Uint8Array {
    this.#expire(time);
    let length = 0;
    while (length < data.length && length < this.#expected.length && data[length] === this.#expected[length]) length++;
    const isEcho = length > 0 && (length === data.length || length === this.#expected.length);
    if (!isEcho) return data;
    this.#expected.splice(0, length);
    return data.subarray(length);
  }

  /** What was typed before this does not show any more. */
  forget(): void {
    this.#expected = [];
  }

  #expire(time: Nanos): void {
    if (time - this.#last > PATIENCE) this.forget();
  }
}

/** How a terminal shows a byte that is typed. */
function shown(byte: number): number[] {
  if (byte === CR || byte === LF) return [CR, LF];
  if (byte === DEL) return [0x08, 0x20, 0x08];
  return byte < 0x20 && byte !== TAB ? [CARET, byte + 0x40] : [byte];
}
