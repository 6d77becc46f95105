/**
 * What a command that cannot go on says, and the status it ends with.
 * @module
 */

import { PtyError, Term2aiError, UsageError } from "../../errors.ts";
import { harmless, harmlessLines } from "../source/stdio.ts";

/** A command asks to end with this status; whatever had to be said was said. */
export class Exit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

/** Whoever read our output has had enough (`| head`); that is no failure. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe;
}

/** The status for an error: 0 a broken pipe, 2 wrong usage, 126 and 127 as shells do, 1 everything else. */
export function statusFor(error: unknown): number {
  if (error instanceof Exit) return error.status;
  if (isBrokenPipe(error)) return 0;
  if (error instanceof UsageError) return 2;
  if (error instanceof PtyError) return statusForErrno(error.errno);
  return 1;
}

function statusForErrno(errno: string): number {
  if (errno === "ENOENT") return 127;
  return errno === "EACCES" || errno === "ENOEXEC" ? 126 : 125;
}

/** One clear message; empty when there is nothing to say. */
export function messageFor(error: unknown): string {
  if (error instanceof Exit || isBrokenPipe(error)) return "";
  if (error instanceof Term2aiError) return harmlessLines(error.message);
  return harmless(error instanceof Error ? error.message : String(error));
}
