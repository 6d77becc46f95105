/**
 * Which lines of a full-screen program have been there before.
 *
 * This module is browser compatible.
 * @module
 */

/** A process monitor changes the numbers in a line every second; a log may differ in nothing else. So a few are told. */
const VARIANTS = 8;
/** Lines that are remembered; an editor shows fewer. */
const REMEMBERED = 20_000;

/** Remembers lines. */
export class SeenLines {
  readonly #lines = new Set<string>();
  readonly #shapes = new Map<string, number>();

  /** Whether a line is worth telling: it was not there before, nor were many that differ from it only in their numbers. */
  isNew(text: string): boolean {
    if (text === "" || this.#lines.has(text)) return false;
    if (this.#lines.size >= REMEMBERED) this.#forget();
    this.#lines.add(text);
    const shape = text.replace(/\d+/g, "0").replace(/\s+/g, " ");
    const count = (this.#shapes.get(shape) ?? 0) + 1;
    this.#shapes.set(shape, count);
    return count <= VARIANTS;
  }

  #forget(): void {
    this.#lines.clear();
    this.#shapes.clear();
  }
}
