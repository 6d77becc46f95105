/**
 * Terminals without a window: at hand, or in a thread of their own.
 *
 * This module is browser compatible.
 * @module
 */

import type { ScreenState } from "../event.ts";

/**
 * How a terminal emulator begins.
 *
 * @example
 * ```ts
 * const options: EmulatorOptions = { cols: 80, rows: 24, keepLines: true };
 * ```
 */
export interface EmulatorOptions {
  /** Width in cells; 2 to 2,048 are possible, others become the nearest. */
  readonly cols: number;
  /** Height in cells; 1 to 2,048. */
  readonly rows: number;
  /** Whether lines that scroll off the top are kept for {@linkcode Emulator.takeLines}. */
  readonly keepLines?: boolean;
}

/**
 * A terminal without a window: bytes in, a screen to look at.
 *
 * It answers no questions and does nothing but show. No bytes make it fail or take more than a moment.
 *
 * @example
 * ```ts
 * const redraw = (emulator: Emulator, output: Uint8Array) => {
 *   emulator.write(output);
 *   return emulator.snapshot();
 * };
 * ```
 */
export interface Emulator {
  /** Width in cells. */
  readonly cols: number;
  /** Height in cells. */
  readonly rows: number;
  /** Whether the alternate screen shows. */
  readonly isAlternate: boolean;
  /** Takes what a program printed, in pieces of any size. */
  write(data: Uint8Array): void;
  /** Gives it another size. */
  resize(cols: number, rows: number): void;
  /** All that shows or is pending; scrollback is not part of it. */
  snapshot(): ScreenState;
  /** Makes it show what `state` tells, and go on from there as if it had never been interrupted. */
  restore(state: ScreenState): void;
  /** The lines that scrolled off the top of the normal screen since the last time, those that were wrapped joined. */
  takeLines(): string[];
  /** The beginning, which has scrolled off, of the line that the first row goes on with. */
  readonly partialLine: string;
}

/**
 * Switches a terminal on.
 *
 * @example
 * ```ts
 * const usual = (make: EmulatorMaker) => make({ cols: 80, rows: 24 });
 * ```
 */
export type EmulatorMaker = (options: EmulatorOptions) => Emulator;

/**
 * A terminal that is drawn elsewhere, while what it draws is already on its way to others: nobody waits for it.
 *
 * @example One that knows nothing
 * ```ts
 * const blind: ScreenWatcher = {
 *   backlog: 0,
 *   write: () => {},
 *   resize: () => {},
 *   snapshot: () => Promise.resolve(undefined),
 *   close: () => {},
 * };
 * ```
 */
export interface ScreenWatcher {
  /** Output that was not drawn yet, in bytes. */
  readonly backlog: number;
  /** Takes what a program printed; it must not change any more. */
  write(data: Uint8Array): void;
  /** Gives it another size. */
  resize(cols: number, rows: number): void;
  /** What shows behind all that was written until now, once that is drawn; `undefined` where it is not known. */
  snapshot(): Promise<ScreenState | undefined>;
  /** Lets go of it. */
  close(): void;
}
