/**
 * Tells on stderr what was wrong with a recording and what could not be kept.
 * @module
 */

import { describeFinding, type Report } from "../../report.ts";
import { harmless, harmlessLines, tell } from "../source/stdio.ts";

/** Findings that something which was recorded is altered or missing: all other recordings are read as they were written. */
const DAMAGE =
  /^(?:damaged-\w+|missing-\w+|data-missing|torn|torn-end|chain-mismatch|untrusted-block|repeated-\w+|unknown-codec|too-large|bad-(?:line|record|entry|json|log|field)|long-(?:line|record)|no-more-records)$/;

/** Whether something of the recording is lost, so that an answer may be incomplete. */
export function isDamaged({ warnings }: Report): boolean {
  return warnings.some(({ code }) => DAMAGE.test(code));
}

/** A line for each kind of finding, and one for all that the new format, if there is one, has no place for. */
export function warnAbout(name: string, report: Report, format?: string): void {
  const shown = harmless(name);
  for (const finding of report.warnings) tell(`${shown}: ${harmlessLines(describeFinding(finding))}\n`);
  for (const line of lostProtection(report, format)) tell(`${shown}: ${line}\n`);
  const losses = [...report.losses].filter(([what]) => what !== "keyframe" && what !== "command"); // computed again at will
  const lost = losses.map(([what, count]) => count > 1 ? `${what} (${count})` : what);
  if (lost.length > 0) {
    tell(`${shown}: not kept, because ${format ?? "the format"} has no place for it: ${harmless(lost.join(", "))}\n`);
  }
}

/** What a new recording made of this one does not have any more; nothing where nothing was made. */
function lostProtection({ encrypted, signed }: Report, format: string | undefined): string[] {
  if (format === undefined) return [];
  return [
    ...(encrypted ? ["it is encrypted, and what was made of it is not; see: term2ai encrypt --help"] : []),
    ...(signed ? ["it is signed, and what was made of it is not; see: term2ai sign --help"] : []),
  ];
}
