/**
 * How large a picture may be.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../errors.ts";

/** Four times a screen of 4K; browsers need four bytes for each pixel, and we do too. */
const MOST_PIXELS = 32e6;
/** What a GIF can say. */
const LONGEST_SIDE = 65_535;

/**
 * Refuses a picture of more pixels than programs can show.
 *
 * @throws {UsageError} And says what is possible instead.
 */
export function checkSize(cols: number, rows: number, cell: { width: number; height: number }, padding: number): void {
  const [width, height] = [cols * cell.width + 2 * padding, rows * cell.height + 2 * padding];
  if (width * height <= MOST_PIXELS && width <= LONGEST_SIDE && height <= LONGEST_SIDE) return;
  throw new UsageError(
    `Cannot draw ${cols}x${rows} cells: that makes ${width}x${height} pixels, and ${
      MOST_PIXELS / 1e6
    } million are the most\n` +
      "  Choose a smaller --font-size, or draw it as svg",
  );
}
