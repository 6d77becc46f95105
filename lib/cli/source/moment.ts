/**
 * A moment of a recording as people type it: `FILE@TIME`, which is how `search` tells what it has found.
 * @module
 */

import type { EventStream, Nanos } from "../../event.ts";
import { loadEmulator } from "../../terminal/emulator.ts";
import { trim } from "../../transform/trim.ts";
import { mayBeStored } from "./chosen_store.ts";
import { partsOfMoment } from "./recording_name.ts";
import { exists } from "./stdio.ts";
import { parseTime } from "../program/time.ts";

/** A recording, and where in it. */
export interface NamedMoment {
  readonly file: string;
  readonly at?: Nanos;
}

/**
 * Reads `FILE@TIME` and `ID@TIME`, unless a file has just that name, or there is nothing before the `@` that it could be of.
 *
 * @throws {UsageError} If the time is none.
 */
export async function namedMoment(path: string): Promise<NamedMoment> {
  const parts = partsOfMoment(path);
  if (!parts || await exists(path)) return { file: path };
  const { file, time } = parts;
  const isNone = file !== "-" && !mayBeStored(file) && !await exists(file);
  return isNone ? { file: path } : { file, at: parseTime(time) };
}

/** What is left of a recording from a moment on. */
export async function fromMoment(events: EventStream, at: Nanos | undefined): Promise<EventStream> {
  return at === undefined ? events : events.pipeThrough(trim({ from: { time: at } }, await loadEmulator()));
}
