/**
 * The numbers of signals, for formats that tell the end by signal as an exit code.
 *
 * This module is browser compatible.
 * @module
 */

/** As Linux counts them; 1 to 15 are the same everywhere but for a few that end no session. */
const NAMES =
  ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU " +
    "URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS").split(" ");

/**
 * The number of a signal on Linux, 0 if it is not known.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(signalNumber("SIGKILL"), 9);
 * equal(signalNumber("SIGNIX"), 0);
 * ```
 */
export function signalNumber(name: string): number {
  return NAMES.indexOf(name.replace(/^SIG/, "")) + 1;
}
