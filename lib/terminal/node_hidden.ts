/**
 * Keeps the engine from asking whether it runs in Node.js, which Deno would answer by loading what imitates it: 47 of the 115 ms that
 * the engine took, and 10 MB. Imported before the engine; `node_shown.ts` behind it puts everything back. Modules without `await`
 * run one right after the other, so nobody else ever sees this.
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
