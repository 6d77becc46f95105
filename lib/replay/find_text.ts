/**
 * Finds the places in a recording at which a text comes onto the screen, or runs over it.
 *
 * A viewer sees states of the screen, and what a flood prints is gone before there is one. It was printed all the same, and on a
 * real terminal one would scroll back to it: so lines that scroll off count too, unless they could be read before.
 *
 * This module is browser compatible.
 * @module
 */

import { MILLISECOND, type Nanos, type ScreenState } from "../event.ts";
import { screenText } from "../terminal/screen_text.ts";
import type { ScreenTracker } from "../terminal/screen_tracker.ts";
import type { Position } from "./block_reader.ts";
import { type Direction, mayDraw, Turns } from "./find.ts";
import type { Timeline } from "./timeline.ts";

/** Nobody sees what stays on the screen for less. */
const GLANCE: Nanos = 10 * MILLISECOND;
/** Where a text has run over the screen, so many events before its end are looked at one by one: a look takes 0.1 ms. */
const CLOSELY = 64;

/** Says whether a line holds a text; one in small letters means large ones as well. */
function finderOf(text: string): (line: string) => boolean {
  const isExact = text !== text.toLowerCase();
  return (line) => (isExact ? line : line.toLowerCase()).includes(text);
}

/** A place at which a text has come. */
interface Appearance {
  /** There it shows, or has just run over the screen. */
  readonly place: Position;
  /** Of one that has run over the screen: from where on it may have shown for less than a glance, and whether it did before that. */
  readonly passed?: { readonly since: Position; readonly showed: boolean };
}

/**
 * The next moment, or the one before, at which `text` comes onto the screen; `undefined` where there is none.
 *
 * A text that is printed and scrolls off at once is found where it shows between two events, be it for no time at all, and where
 * it never does, behind the event that it was printed with. What is wiped away again in less than 10 ms is not found.
 *
 * @param told Hears how far the search has come, as a time in the session.
 *
 * @example
 * ```ts
 * import type { Timeline } from "@term2ai/term2ai";
 * const failure = (timeline: Timeline) => findText(timeline, "error:", timeline.beginning, 1);
 * ```
 */
export async function findText(
  timeline: Timeline,
  text: string,
  from: Position,
  direction: Direction,
  signal?: AbortSignal,
  told: (time: Nanos) => void = () => {},
): Promise<Position | undefined> {
  const holds = finderOf(text);
  const turns = new Turns(signal);
  if (direction > 0) {
    for await (const found of appearances(timeline, holds, from, undefined, turns, told)) {
      return await whereItShows(timeline, holds, found, turns);
    }
    return undefined;
  }
  let end = from;
  for await (const { from: start } of timeline.anchors(from)) {
    if (!isBefore(start, end)) continue;
    let found: Appearance | undefined;
    for await (const one of appearances(timeline, holds, start, end, turns, () => {})) {
      if (await isAnythingBetween(timeline, one.place, from)) found = one;
    }
    if (signal?.aborted) return undefined;
    if (found) return await whereItShows(timeline, holds, found, turns);
    told(start.time);
    end = start;
  }
}

function isBefore(one: Position, other: Position): boolean {
  return one.block < other.block || (one.block === other.block && one.index < other.index);
}

/** The end of a block and the beginning of the next are one place. */
async function isAnythingBetween(timeline: Timeline, one: Position, other: Position): Promise<boolean> {
  for await (const _ of timeline.places(one, other)) return true;
  return false;
}

/** The places at which it comes, in order. A viewer looks where nothing more is drawn for a moment. */
async function* appearances(
  timeline: Timeline,
  holds: (line: string) => boolean,
  from: Position,
  to: Position | undefined,
  turns: Turns,
  told: (time: Nanos) => void,
): AsyncGenerator<Appearance, void, void> {
  const watch = new Watch(await timeline.track(from, undefined, true), holds);
  let looked = from;
  let recent = [looked]; // and the places behind what has been drawn since, or the last of them
  for await (const { event, behind } of timeline.places(from, to)) {
    const drawn = recent.at(-1)!;
    if (recent.length > 1 && event.time - drawn.time >= GLANCE) {
      if (watch.look()) yield { place: drawn };
      told(drawn.time);
      recent = [looked = drawn];
    }
    watch.tracker.push(event);
    if (mayDraw(event)) {
      if (watch.hasPassed()) {
        const since = recent[0]!;
        yield { place: behind, passed: { since, showed: since === looked && watch.showed } };
      }
      recent.push(behind);
      if (recent.length > CLOSELY) recent.shift();
    }
    if (!await turns.next()) return;
  }
  if (recent.length > 1 && watch.look()) yield { place: recent.at(-1)! };
}

/** A terminal, and what was last seen of a text on it. */
class Watch {
  readonly tracker: ScreenTracker;
  readonly #holds: (line: string) => boolean;
  #read: string[] = []; // lines with the text that a viewer could read at the last look, and that have not scrolled off since

  constructor(tracker: ScreenTracker, holds: (line: string) => boolean) {
    this.tracker = tracker;
    this.#holds = holds;
    tracker.emulator.takeLines(); // from before
    this.look();
  }

  /** Whether the text showed at the last look. */
  showed = false;

  /** Looks at the screen; says whether the text has come onto it. */
  look(): boolean {
    const showed = this.showed;
    this.#read = screenText(this.tracker.state).filter(this.#holds);
    this.showed = this.#read.length > 0;
    return this.showed && !showed;
  }

  /** Whether a line with the text has scrolled off that nobody could read at the last look. */
  hasPassed(): boolean {
    let hasPassed = false;
    for (const line of this.tracker.emulator.takeLines()) {
      if (!this.#holds(line)) continue;
      const at = this.#read.indexOf(line);
      if (at < 0) hasPassed = true;
      else this.#read.splice(at, 1);
    }
    return hasPassed;
  }
}

/** Of what has run over the screen, the place between two events at which it shows, if there is one. */
async function whereItShows(
  timeline: Timeline,
  holds: (line: string) => boolean,
  { place, passed }: Appearance,
  turns: Turns,
): Promise<Position> {
  if (!passed) return place;
  const shows = (state: ScreenState) => screenText(state).some(holds);
  const tracker = await timeline.track(passed.since);
  let { showed } = passed;
  if (!showed && shows(tracker.state)) return passed.since;
  for await (const { event, behind } of timeline.places(passed.since, place)) {
    tracker.push(event);
    if (!mayDraw(event)) continue;
    const does = shows(tracker.state);
    if (does && !showed) return behind;
    showed = does;
    if (!await turns.next()) break;
  }
  return place;
}
