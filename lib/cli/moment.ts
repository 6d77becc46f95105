/**
 * A moment of a recording as people type it: `FILE@TIME`, which is how `search` tells what it has found.
 * @module
 */

import type { EventStream, Nanos } from "../event.ts";
import { loadEmulator } from "../terminal/emulator.ts";
import { trim } from "../transform/trim.ts";
import { exists } from "./stdio.ts";
import { parseTime } from "./time.ts";

/** A recording, and where in it. */
export interface NamedMoment {
  readonly file: string;
  readonly at?: Nanos;
}

/**
 * Reads `FILE@TIME`, unless a file has just that name.
 *
 * @throws {UsageError} If the time is none.
 */
export async function namedMoment(path: string): Promise<NamedMoment> {
  const [, file, time] = /^(.+)@([^@/]+)$/.exec(path) ?? [];
  if (file === undefined || await exists(path)) return { file: path };
  return { file, at: parseTime(time!) };
}

/** What is left of a recording from a moment on. */
export async function fromMoment(events: EventStream, at: Nanos | undefined): Promise<EventStream> {
  return at === undefined ? events : events.pipeThrough(trim({ from: { time: at } }, await loadEmulator()));
}
