/**
 * Places in a recording as people type them, and the flags that name a part of one.
 * @module
 */

import { openRecording } from "../../../formats/mod.ts";
import { UsageError } from "../../errors.ts";
import type { Nanos } from "../../event.ts";
import type { Source, UnwrapKey } from "../../ports.ts";
import type { SessionPoint, Span } from "../../transform/span.ts";
import { parseTime } from "../program/time.ts";
import type { FilterInput } from "../output/filter.ts";

/** The ends of a part, as flags. */
export interface SpanFlags {
  readonly from?: SessionPoint;
  readonly to?: SessionPoint;
}

const END = { kind: "parsed", parse: parsePoint, placeholder: "PLACE", optional: true } as const;

/** Flags for both ends of a part. */
export const SPAN_FLAGS = {
  from: { ...END, brief: "where the part begins; a time, a marker's label, or a share such as 25%" },
  to: { ...END, brief: "where it ends, likewise; that place itself is no part of it" },
} as const;

/**
 * Reads a place: `1m30s` or `01:30`, `25%`, and anything else as the label of a marker. `marker:LABEL` is always a label.
 *
 * @throws {UsageError} If it is empty, or a share of more than all.
 */
export function parsePoint(text: string): SessionPoint {
  const [, label] = /^marker:(.*)$/s.exec(text) ?? [];
  if (label !== undefined) return { marker: label };
  const [, percent] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text) ?? [];
  if (percent !== undefined && Number(percent) <= 100) return { part: Number(percent) / 100 };
  if (percent !== undefined || text === "") {
    throw new UsageError(`Cannot find the place ${JSON.stringify(text)}: expected 1m30s, 25% or a marker's label`);
  }
  try {
    return { time: parseTime(text) };
  } catch {
    return { marker: text };
  }
}

/** Whether the whole recording has to be looked at before the part can be told. */
export function needsDurations({ from, to }: SpanFlags): boolean {
  return [from, to].some((point) => point !== undefined && "part" in point);
}

/**
 * The part that the flags name, for a recording that can be read twice.
 *
 * @throws {UsageError} If they name none, or one that ends before it begins.
 */
export async function spanOf(
  flags: SpanFlags,
  { source, unwrap }: Pick<FilterInput, "source" | "unwrap">,
  verb: string,
): Promise<Span> {
  const { from, to } = flags;
  if (!from && !to) throw new UsageError(`Cannot ${verb} nothing: expected --from or --to, or both`);
  if (from && to && "time" in from && "time" in to && to.time <= from.time) {
    throw new UsageError(`Cannot ${verb} that part: --to has to be later than --from`);
  }
  if (from && to && "part" in from && "part" in to && to.part <= from.part) {
    throw new UsageError(`Cannot ${verb} that part: --to has to be more than --from`);
  }
  const ends = { ...(from && { from }), ...(to && { to }) };
  return needsDurations(flags) ? { ...ends, durations: await durationsOf(source, unwrap) } : ends;
}

/** How long each session of a recording is. */
async function durationsOf(source: Source, unwrap: UnwrapKey): Promise<Nanos[]> {
  const durations: Nanos[] = [];
  for await (const batch of (await openRecording(source, { unwrap })).events) {
    for (const event of batch) {
      if (event.kind === "header") durations.push(0);
      else durations[durations.length - 1] = event.time;
    }
  }
  return durations;
}
