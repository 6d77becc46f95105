/**
 * How long a command ran, where its marks were read late.
 *
 * The mark behind a command is printed a little after its end: bash has to start a process for it, and a busy machine lets that one,
 * or the recorder, wait; so it does with the mark of the beginning. So the shell tells what its own clock said, how long the command
 * ran and how late the mark is. Its clock is the machine's, which people and servers set while commands run; what it says counts
 * only as far as what was observed bears it out.
 *
 * This module is browser compatible.
 * @module
 */

import { MILLISECOND, type Nanos, SECOND } from "../../event.ts";

/** More than a mark waits to be read on a busy machine; clocks that are set are mostly set by more. */
const WAIT: Nanos = 150 * MILLISECOND;
/** More than starting a process takes. */
const MOST: Nanos = 10 * SECOND;

/**
 * Tells how much of the time between two marks comes after the end of the command. Less than 0 where the command ran longer than
 * that: it began before the first mark was read.
 *
 * @param told What the shell says: how long the command took, and how long after its end the mark was printed.
 * @param observed From the mark of the beginning to that of the end.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(latenessOf({ took: 1000e6, ago: 40e6 }, 1050e6), 50e6);
 * equal(latenessOf({ took: 1000e6, ago: 1e6 }, 980e6), -20e6);
 * equal(latenessOf({ took: 9000e6, ago: 40e6 }, 1050e6), 40e6); // somebody has set the clock
 * equal(latenessOf({}, 1050e6), 0);
 * ```
 */
export function latenessOf(
  { took, ago = 0 }: { readonly took?: Nanos | undefined; readonly ago?: Nanos | undefined },
  observed: Nanos,
): Nanos {
  const known = ago <= MOST ? Math.min(ago, observed) : 0;
  const late = took === undefined ? known : observed - took;
  return -WAIT <= late && late <= known + WAIT ? late : known;
}
