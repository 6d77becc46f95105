/**
 * What all commands that analyse have in common: which recordings, and which of their sessions.
 * @module
 */

import { openRecording } from "../../../formats/mod.ts";
import { type SessionQuery, sessionsLike } from "../../analyze/session_filter.ts";
import { UsageError } from "../../errors.ts";
import type { EventStream, Nanos, SessionEvent } from "../../event.ts";
import type { EmulatorMaker, SessionAnalyzer } from "../../ports.ts";
import { loadEmulator } from "../../terminal/emulator.ts";
import { deriveCommands } from "../../transform/commands.ts";
import { isBrokenPipe, messageFor } from "../program/failure.ts";
import { fromMoment, namedMoment } from "../source/moment.ts";
import { showProgress } from "../program/progress.ts";
import { harmless, openSource, tell } from "../source/stdio.ts";
import { formatTime, parseTime } from "../program/time.ts";
import { isDamaged, warnAbout } from "../program/warnings.ts";
import { unwrapWithFlags } from "../keys/key_sources.ts";

/** Flags that choose sessions. */
export interface QueryFlags {
  readonly since?: number;
  readonly until?: number;
  readonly host?: string;
  readonly user?: string;
  readonly tag?: readonly string[];
}

/** The same for the argument parser. */
export const QUERY_FLAGS = {
  since: {
    kind: "parsed",
    parse: parseMoment,
    brief: "only sessions begun since then: 7d, 2h30m ago, or a date",
    placeholder: "TIME",
    optional: true,
  },
  until: {
    kind: "parsed",
    parse: parseMoment,
    brief: "only sessions begun before then",
    placeholder: "TIME",
    optional: true,
  },
  host: { kind: "parsed", parse: String, brief: "only sessions of this machine", placeholder: "NAME", optional: true },
  user: { kind: "parsed", parse: String, brief: "only sessions of this user", placeholder: "NAME", optional: true },
  tag: {
    kind: "parsed",
    parse: String,
    brief: "only sessions with this tag; may be given again",
    placeholder: "WORD",
    variadic: true,
    optional: true,
  },
} as const;

/** `7d` is seven days ago; anything else is a date. */
export function parseMoment(text: string): number {
  const date = /^\d{4}-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(date)) return date;
  try {
    return Date.now() - parseTime(text.replace(/ ago$/, "")) / 1e6;
  } catch {
    throw new UsageError(
      `Cannot read ${JSON.stringify(text)} as a moment: expected 7d, 2h30m, or 2026-11-27T10:00:00Z`,
    );
  }
}

export function queryOf({ since, until, host, user, tag }: QueryFlags): SessionQuery {
  return {
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(host !== undefined && { host }),
    ...(user !== undefined && { user }),
    ...(tag && { tags: tag }),
  };
}

/** Derives commands with lines read off the screen where no mark tells them. */
export async function derive(events: EventStream): Promise<EventStream> {
  return events.pipeThrough(deriveCommands({ emulator: await emulator(), cut: true }));
}

let loading: Promise<EmulatorMaker> | undefined;
const emulator = () => loading ??= loadEmulator();

/**
 * Gives the wanted sessions of all recordings to analyzers, in one pass.
 *
 * @returns How many recordings could not be read whole; each was told of.
 */
export async function analyzeFiles(
  files: readonly string[],
  query: SessionQuery,
  analyzers: readonly SessionAnalyzer<unknown>[],
): Promise<number> {
  return await eachRecording(files, (file) =>
    readFile(file, query, (event) => {
      for (const analyzer of analyzers) analyzer.push(event);
    }));
}

/** Whether a recording was all there. */
export type Wholeness = "whole" | "damaged";

/**
 * Reads one recording after the other; one that cannot be read does not keep the others from it, and is told.
 *
 * @param alone What happens when there is only one: what was wrong with it is thrown, or told as of many.
 * @returns How many could not be read whole.
 */
export async function eachRecording(
  names: readonly string[],
  read: (name: string) => Promise<Wholeness>,
  alone: "throw" | "tell" = "throw",
): Promise<number> {
  let unreadable = 0;
  for (const name of names) {
    try {
      if (await read(name) === "damaged") unreadable++;
    } catch (error) {
      if ((names.length < 2 && alone === "throw") || isBrokenPipe(error)) throw error;
      unreadable++;
      tell(`${harmless(name)}: ${messageFor(error)}\n`);
    }
  }
  return unreadable;
}

/** The events of one recording's wanted sessions, commands derived. Of a damaged one it is told what is missing, and how much is good. */
export async function readFile(
  file: string,
  query: SessionQuery,
  push: (event: SessionEvent) => void,
  after: () => Promise<void> = () => Promise.resolve(),
): Promise<Wholeness> {
  const { file: name, at } = await namedMoment(file);
  let events = 0, last: Nanos = 0;
  const progress = await showProgress(await openSource(name));
  try {
    const recording = await openRecording(progress.source, { unwrap: unwrapWithFlags({}) });
    const wanted = onlyWanted(await fromMoment(recording.events, at), query);
    for await (const batch of await derive(wanted)) {
      for (const event of batch) push(event);
      events += batch.length;
      last = batch.at(-1)?.time ?? last;
      await after();
    }
    warnAbout(file, recording.report);
    if (!isDamaged(recording.report)) return "whole";
    tell(
      `${harmless(file)}: it is damaged; what could be read of it, ${events} events up to ${
        formatTime(last)
      }, is all that counts here\n` +
        `  Save what is good of it with: term2ai repair\n`,
    );
    return "damaged";
  } finally {
    progress.end();
  }
}

/** Opens a recording that is named as `play` takes it: of `FILE@TIME` what comes from there on. */
export async function openPart(name: string, options: Parameters<typeof openRecording>[1]) {
  const { file, at } = await namedMoment(name);
  const { events, report } = await openRecording(await openSource(file), options);
  return { events: await fromMoment(events, at), report };
}

function onlyWanted(events: EventStream, query: SessionQuery): EventStream {
  if (Object.keys(query).length === 0) return events;
  return events.pipeThrough(sessionsLike(query));
}
