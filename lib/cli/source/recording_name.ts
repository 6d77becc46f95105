/**
 * What is said of a name that leads to no recording: what was found, what a name may be, and what to do next.
 *
 * All commands that take a recording say it in these words.
 * @module
 */

import { UsageError } from "../../errors.ts";

/** What a name of a recording may be. */
export const EXPECTED = "\n  Expected a file, - for stdin, or the id of a recording in the store: term2ai store ls";

/** Commands that take a moment behind the name. */
const WITH_MOMENTS = "play, render, analyze, diff and export";

/** The two parts of `NAME@TIME`, if it has both; whether the second is a time is not looked at. */
export function partsOfMoment(name: string): { readonly file: string; readonly time: string } | undefined {
  const [, file, time] = /^(.+)@([^@/]+)$/s.exec(name) ?? [];
  return file === undefined ? undefined : { file, time: time! };
}

/**
 * There is nothing of that name.
 *
 * @param looked Where else it was looked for.
 * @param hasMoment Whether there may be one, were it not for the time behind it.
 */
export function notFound(name: string, looked = "", hasMoment = false): UsageError {
  const next = hasMoment ? `\n  A time behind @ is for ${WITH_MOMENTS}; here a whole recording is wanted` : EXPECTED;
  return new UsageError(`Cannot read ${name}: there is no such file${looked}${next}`);
}
