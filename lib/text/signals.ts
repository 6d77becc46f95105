/**
 * The numbers of signals, and how shells tell an exit by one.
 *
 * This module is browser compatible.
 * @module
 */

import type { ExitStatus } from "../event.ts";

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

/**
 * The name of a signal by its number; `SIG40` where it has none of its own.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([9, 40].map(signalName), ["SIGKILL", "SIG40"]);
 * ```
 */
export function signalName(number: number): string {
  return `SIG${NAMES[number - 1] ?? number}`;
}

/**
 * The status as a shell's `$?` has it: 128 and the signal's number for an exit by signal.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([exitCodeOf({ code: 3 }), exitCodeOf({ signal: "SIGKILL" })], [3, 137]);
 * ```
 */
export function exitCodeOf(status: ExitStatus): number {
  return "code" in status ? status.code : 128 + signalNumber(status.signal);
}
