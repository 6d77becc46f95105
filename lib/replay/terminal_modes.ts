/**
 * Remembers what a recording has switched on in the terminal that shows it, so that it can be switched off afterwards.
 *
 * A session may stop in the middle of an editor: on the alternate screen, without a cursor, with mouse reports on. Nobody
 * else will undo that.
 *
 * This module is browser compatible.
 * @module
 */

/** DEC private modes that are on in a terminal just switched on; for all others the start is off. */
const USUALLY_ON: ReadonlySet<number> = new Set([7, 12, 25]);
/** Left alone: 3 and 40 change the window's size, 12 is the user's taste. */
const LEFT_ALONE: ReadonlySet<number> = new Set([3, 12, 40]);
const ALTERNATE_SCREENS: ReadonlySet<number> = new Set([47, 1047, 1049]);
/** Longer than any sequence that a terminal obeys; xterm takes 30 parameters. */
const LONGEST = 1024;

const latin1 = new TextDecoder("latin1");
const SEQUENCES = /\x1b(?:\[(\?)([\d;]*)([hl])|\[([\d;]*)r|\[>[\d;]*u|\[(\d*) q|([=>c])|\(([0-9A-Z])|\[(\d*)h)/g;

/**
 * Watches output on its way to a terminal.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const modes = new TerminalModes();
 * modes.watch(new TextEncoder().encode("\x1b[?1049h\x1b[?25l"));
 * equal(modes.undo(), "\x1b[?25h\x1b[?1049l\x1b[0m");
 * ```
 */
export class TerminalModes {
  readonly #changed = new Map<number, boolean>();
  #extras = new Set<string>(); // sequences that undo anything that is not a DEC private mode
  #carry = "";

  /** Looks at bytes that are being shown; sequences may be split over calls. */
  watch(output: Uint8Array): void {
    const text = this.#carry + latin1.decode(output);
    let end = 0;
    for (const match of text.matchAll(SEQUENCES)) {
      this.#see(match);
      end = match.index + match[0].length;
    }
    const begun = text.lastIndexOf("\x1b"); // no sequence looked for has a second one
    this.#carry = begun >= end && text.length - begun <= LONGEST ? text.slice(begun) : "";
  }

  /** What to send so that the terminal is as it was. */
  undo(): string {
    const modes = [...this.#changed].sort(([a], [b]) =>
      Number(ALTERNATE_SCREENS.has(a)) - Number(ALTERNATE_SCREENS.has(b))
    );
    const resets = modes.map(([mode, on]) => `\x1b[?${mode}${on ? "l" : "h"}`);
    return [...this.#extras, ...resets].join("") + "\x1b[0m";
  }

  #see(match: RegExpMatchArray): void {
    const [all, privately, numbers, onOff, margins, shape, escape, charset, ansiMode] = match;
    if (privately) { for (const mode of numbers!.split(";")) this.#set(Number(mode), onOff === "h"); }
    else if (margins !== undefined) this.#extras.add("\x1b7\x1b[r\x1b8");
    else if (all.endsWith("u")) this.#extras.add("\x1b[<99u");
    else if (shape !== undefined) this.#extras.add("\x1b[0 q");
    else if (charset !== undefined) this.#remember("\x1b(B", charset !== "B");
    else if (ansiMode === "4") this.#extras.add("\x1b[4l");
    else if (escape === "=") this.#extras.add("\x1b>");
    else if (escape === "c") this.#forget();
  }

  #set(mode: number, on: boolean): void {
    if (LEFT_ALONE.has(mode)) return;
    if (on === USUALLY_ON.has(mode)) this.#changed.delete(mode);
    else this.#changed.set(mode, on);
  }

  #remember(undo: string, needed: boolean): void {
    if (needed) this.#extras.add(undo);
    else this.#extras.delete(undo);
  }

  /** A full reset undoes everything by itself. */
  #forget(): void {
    this.#changed.clear();
    this.#extras.clear();
  }
}
