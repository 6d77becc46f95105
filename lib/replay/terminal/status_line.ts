/**
 * The line under a replay: where it stands, how fast it goes, where its markers are.
 *
 * This module is browser compatible.
 * @module
 */

import { type Nanos, SECOND } from "../../event.ts";
import type { PlaybackState } from "../../models.ts";
import type { MarkerPoint } from "../event_blocks.ts";

/** What the line tells. */
export interface Status {
  readonly state: PlaybackState;
  readonly duration: Nanos;
  /** Whether `duration` is final. */
  readonly complete: boolean;
  readonly markers: readonly MarkerPoint[];
  /** Words for the moment, at the end of the line. */
  readonly words: string;
}

/** `1:05` or `1:02:03`, with milliseconds if asked. */
export function clockTime(time: Nanos, exact = false): string {
  const seconds = Math.floor(time / SECOND);
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  const clock = hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  return exact ? `${clock}.${String(Math.floor(time / 1e6) % 1000).padStart(3, "0")}` : clock;
}

/** The line, `width` columns of plain text. */
export function statusLine({ state, duration, complete, markers, words }: Status, width: number): string {
  const { phase, position, speed, seeking } = state;
  const sign = seeking ? "»" : phase === "playing" ? "▶" : "‖";
  const pace = speed === Infinity ? "max" : `${Number(speed.toPrecision(3))}x`;
  const left = ` ${sign} ${clockTime(position, phase !== "playing")}/${clockTime(duration)}${complete ? "" : "+"} `;
  const right = ` ${pace} ${words === "" ? "" : `${words} `}`;
  const room = width - left.length - columns(right);
  if (room < 8) return fit(left + right, width);
  return fit(left + scrubber(position, duration, markers, room) + right, width);
}

/** How far it is, as a line with a knob; markers are strokes through it. */
function scrubber(position: Nanos, duration: Nanos, markers: readonly MarkerPoint[], width: number): string {
  const at = (time: Nanos) => duration > 0 ? Math.round(Math.min(1, time / duration) * (width - 1)) : 0;
  const knob = at(position);
  const line: string[] = Array.from({ length: width }, (_, col) => col < knob ? "━" : "─");
  for (const { time } of markers) line[at(time)] = "┿";
  line[knob] = "●";
  return line.join("");
}

/** As many columns of a text as there is room for, filled up with blanks. Control characters are shown as such. */
export function fit(text: string, width: number): string {
  let [line, used] = ["", 0];
  for (const character of text.replace(/[\0-\x1f\x7f-\x9f]/g, "\u00b7")) {
    const wide = columns(character);
    if (used + wide > width) break;
    line += character;
    used += wide;
  }
  return line + " ".repeat(width - used);
}

/** Columns that a text may take, rather too many than too few. */
export function columns(text: string): number {
  let width = 0;
  for (const character of text) width += character >= "\u1100" && !/[\u2000-\u2bff]/.test(character) ? 2 : 1;
  return width;
}
