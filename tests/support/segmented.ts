/**
 * The rules that asciinema-player has for recordings in pieces, as its loader checks them.
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import type { SegmentFile } from "../../lib/render/segmented.ts";

/** A piece. */
export interface Piece {
  readonly snapshot: { readonly cols: number; readonly rows: number; readonly init: string };
  readonly events: readonly (readonly [number, string, string])[];
}

/** The index. */
export interface Index {
  readonly version: number;
  readonly duration: number;
  readonly term: { readonly cols: number; readonly rows: number; readonly theme?: unknown };
  readonly markers: readonly (readonly [number, string])[];
  readonly segments: readonly { readonly start: number; readonly url: string }[];
}

const isTime = (time: unknown) => typeof time === "number" && Number.isFinite(time) && time >= 0;
const isSize = (size: unknown) => Number.isInteger(size) && (size as number) > 0;

/** Checks every rule; gives back what the files hold. */
export function checkedPieces(files: readonly SegmentFile[]): { index: Index; pieces: Piece[] } {
  const byName = new Map(files.map(({ name, text }) => [name, JSON.parse(text)]));
  equal(byName.size, files.length, "each name once");
  const index: Index = byName.get("index.json");
  const { duration, segments, markers, term } = index;
  equal(index.version, 1);
  ok(isTime(duration) && isSize(term.cols) && isSize(term.rows));
  ok(segments.length > 0 && segments[0]!.start === 0);
  for (const [at, { start }] of segments.entries()) {
    ok(at === 0 || (start > segments[at - 1]!.start && start < duration), `start of piece ${at}`);
  }
  for (const [at, [time, label]] of markers.entries()) {
    ok(isTime(time) && time >= (markers[at - 1]?.[0] ?? 0) && time <= duration && typeof label === "string");
  }
  const pieces = segments.map(({ url }) => byName.get(url) as Piece);
  for (const [at, piece] of pieces.entries()) checkPiece(piece, at, index);
  const told = pieces.flatMap(({ events }) =>
    events.filter(([, code]) => code === "m").map(([time, , label]) => [time, label])
  );
  deepEqual(told, markers, "markers of the index and of the pieces");
  return { index, pieces };
}

/** Times are compared as the player compares them: after they were made milliseconds. */
function checkPiece({ snapshot, events }: Piece, at: number, { segments, duration }: Index): void {
  const isLast = at === segments.length - 1;
  const [start, end] = [segments[at]!.start * 1000, (isLast ? duration : segments[at + 1]!.start) * 1000];
  ok(isSize(snapshot.cols) && isSize(snapshot.rows) && typeof snapshot.init === "string");
  ok(events.length > 0, `piece ${at} has events`);
  let previous = -1;
  for (const event of events) {
    const time = event[0] * 1000;
    ok(event.length === 3 && isTime(time) && typeof event[1] === "string" && typeof event[2] === "string");
    ok(time >= previous && time >= start && (isLast ? time <= end : time < end), `piece ${at}, event at ${event[0]}`);
    previous = time;
  }
  if (at > 0) equal(events[0]![0] * 1000, start);
  if (isLast) equal(events.at(-1)![0] * 1000, end);
}
