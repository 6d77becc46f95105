/**
 * The lines of a screen of cells, for whoever only wants to read them.
 *
 * This module is browser compatible.
 * @module
 */

import type { LineLooker, WrittenScreen } from "./written_screen.ts";

/** Gives each line as it stands when the cursor leaves it. */
export class LineTexts implements LineLooker {
  readonly #line: (cells: Uint32Array, length: number) => void;

  constructor(line: (cells: Uint32Array, length: number) => void) {
    this.#line = line;
  }

  look({ rows, cols }: WrittenScreen, row: number): void {
    let first = row;
    while (first > 0 && rows[first - 1]!.wraps) first--;
    const cells = new Uint32Array((row - first + 1) * cols);
    for (let at = first; at <= row; at++) cells.set(rows[at]!.codes, (at - first) * cols);
    this.#line(cells, (row - first) * cols + rows[row]!.end);
  }

  scrolledOff(): void {}
}
