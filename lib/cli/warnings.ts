/**
 * Tells on stderr what was wrong with a recording and what could not be kept.
 * @module
 */

import { describeFinding, type Report } from "../report.ts";
import { harmless, tell } from "./stdio.ts";

/** A line for each kind of finding, each kind of loss, and a torn end. */
export function warnAbout(name: string, report: Report): void {
  const shown = harmless(name);
  for (const finding of report.warnings) tell(`${shown}: ${harmless(describeFinding(finding))}\n`);
  for (const [what, count] of report.losses) {
    tell(`${shown}: not kept, because the format has no place for it: ${what} (${count})\n`);
  }
}
