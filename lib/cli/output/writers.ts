/**
 * Which format a recording is to be written in.
 *
 * @module
 */

import { WRITERS } from "../../../formats/mod.ts";
import { UsageError } from "../../errors.ts";
import type { EventStream } from "../../event.ts";
import type { SessionWriter } from "../../ports.ts";
import { drawScreens } from "../../transform/draw_screens.ts";

/** The names of formats, as one types them. */
export function namesOf(formats: readonly { readonly name: string }[]): string {
  return formats.map(({ name }) => name).join(", ");
}

/**
 * The writer by name, else by the extension of a path.
 *
 * @param flag What the name was given with.
 * @throws {UsageError} If there is none.
 */
export function writerFor(name: string | undefined, path: string, flag: string): SessionWriter {
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  const writer = name !== undefined
    ? WRITERS.find((writer) => writer.name === name)
    : WRITERS.find((writer) => writer.extensions.includes(extension));
  if (writer) return writer;
  const names = namesOf(WRITERS);
  if (name !== undefined) throw new UsageError(`Cannot write ${JSON.stringify(name)}: expected one of ${names}`);
  throw new UsageError(`Cannot tell the format of ${path} by its extension: say it with ${flag}, one of ${names}`);
}

/** The events for a writer: where it has no place for screens, they are drawn, since nothing else tells what shows there. */
export function drawnFor({ keeps }: SessionWriter, events: EventStream): EventStream {
  return keeps.has("screen") || !keeps.has("output") ? events : events.pipeThrough(drawScreens());
}
