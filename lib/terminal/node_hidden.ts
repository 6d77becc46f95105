/**
 * Keeps the engine from asking whether it runs in Node.js. Imported before it; `node_shown.ts` behind it puts everything back. Modules
 * without `await` run one right after the other, so nobody else ever sees this.
 *
 * - Deno would answer by loading what imitates Node.js: 47 of the 115 ms that the engine took, and 10 MB.
 * - `@xterm/addon-unicode-graphemes` 0.4.0 reads its table by the `buffer` of a `Buffer`. That is a pool which others have written to
 *   before, so it hung, threw "Data error", or took wrong widths; by `atob` it has bytes of its own.
 *
 * This module is browser compatible.
 * @module
 */

/** What stands in for the globals: a `process` with the title that the engine looks for, and no `Buffer`. */
const STAND_INS = { process: { title: "" }, Buffer: undefined };

/** What the globals were. */
export const hidden = Object.entries(STAND_INS).map(([name, value]) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  if (before?.configurable !== false) Object.defineProperty(globalThis, name, { value, configurable: true });
  return { name, before };
});
