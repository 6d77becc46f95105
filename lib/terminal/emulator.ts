/**
 * Loads the terminal emulator, which nobody should wait for who does not need one.
 *
 * This module is browser compatible.
 * @module
 */

import type { EmulatorMaker } from "../ports.ts";

/**
 * What makes terminals. The first call loads the engine (about 60 ms).
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const makeEmulator = await loadEmulator();
 * const emulator = makeEmulator({ cols: 80, rows: 24 });
 * emulator.write(new TextEncoder().encode("\x1b[1mhello"));
 * equal(emulator.snapshot().normal.rows.length, 1);
 * ```
 */
export async function loadEmulator(): Promise<EmulatorMaker> {
  const { XtermEmulator } = await import("./xterm_emulator.ts");
  return (options) => new XtermEmulator(options);
}
