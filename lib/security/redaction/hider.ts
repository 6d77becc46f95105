/**
 * What those who look at text tell about it: secrets, the bytes to hide, and what may turn out to be one.
 *
 * This module is browser compatible.
 * @module
 */

import type { Found } from "./matcher.ts";

/** Hears of what was found and what must be hidden. */
export interface Hider {
  /** A secret; `text` has one character for each cell, and `print` tells it from others. */
  found(found: Found, cells: Uint32Array): void;
  /** A character that was written with `bytes` bytes, the first at `at`, and filled `width` cells. */
  hide(at: number, bytes: number, width: number): void;
  /** Whether what was written at a place has been passed on, so that it cannot be hidden any more. */
  isGone(at: number): boolean;
  /** Whether a second pass hides what is gone, for which it has to be whole. */
  readonly isRevised: boolean;
}

/** What the line of the cursor may turn out to hold. */
export interface OpenLine {
  /** The earliest byte that may have to be hidden. */
  readonly holdFrom: number;
  /** Hides what is likely to be the beginning of a secret. */
  readonly mask: () => void;
}
