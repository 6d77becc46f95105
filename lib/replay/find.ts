/**
 * Finds places in a recording: where the screen changes, where a text comes onto it, where a command begins.
 *
 * Searches look at whole recordings, so they give way to whoever shares the thread, and end when they are told to.
 *
 * This module is browser compatible.
 * @module
 */

import { MILLISECOND, type Nanos, type ScreenState, type SessionEvent } from "../event.ts";
import { screenText } from "../terminal/screen_text.ts";
import type { Position } from "./block_reader.ts";
import { type Timeline, turn } from "./timeline.ts";

/**
 * Which way to search.
 *
 * @example
 * ```ts
 * const backwards: Direction = -1;
 * ```
 */
export type Direction = 1 | -1;

/** Nobody sees what stays on the screen for less. */
const GLANCE: Nanos = 10 * MILLISECOND;
/** How long a search goes on without giving way, in milliseconds. */
const TURN_MS = 8;

/** Gives way now and then. */
class Turns {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Says whether to go on. */
  async next(): Promise<boolean> {
    if (performance.now() - this.#since > TURN_MS) {
      await turn();
      this.#since = performance.now();
    }
    return !this.#signal?.aborted;
  }
}

/** Whether an event may change what shows. */
function mayDraw({ kind }: SessionEvent): boolean {
  return kind === "output" || kind === "resize" || kind === "screen" || kind === "header";
}

/** What a viewer sees of a state: cells and their looks, the size, and the cursor. */
export function lookOf(state: ScreenState): string {
  const { cols, rows, styles, cursor: { col, row }, modes, active } = state;
  const shown = active === "alternate" && state.alternate ? state.alternate : state.normal;
  const cells = shown.rows.map((line) => line.cells.map(([style, ...what]) => [styles[style], ...what]));
  while (cells.length > 0 && cells.at(-1)!.length === 0) cells.pop();
  return JSON.stringify([cols, rows, cells, modes["?25"] === false ? null : [Math.min(col, cols - 1), row]]);
}

/**
 * The next moment, or the one before, at which the screen is another than at `from`; `undefined` where there is none.
 *
 * @example
 * ```ts
 * import type { Position, Timeline } from "@term2ai/term2ai";
 * const changes = async (timeline: Timeline, from: Position) => await findChange(timeline, from, 1) !== undefined;
 * ```
 */
export async function findChange(
  timeline: Timeline,
  from: Position,
  direction: Direction,
  signal?: AbortSignal,
): Promise<Position | undefined> {
  const tracker = await timeline.track(from, signal);
  const look = lookOf(tracker.state);
  const turns = new Turns(signal);
  if (direction < 0) return await findChangeBefore(timeline, from, look, turns);
  for await (const { event, behind } of timeline.places(from)) {
    tracker.push(event);
    if (mayDraw(event) && lookOf(tracker.state) !== look) return behind;
    if (!await turns.next()) return undefined;
  }
}

/** How many events are looked at one by one; those before them are only drawn. */
const CLOSELY = 64;

/** From stretch to stretch, the last one first: in each the last place at which the screen is another. */
async function findChangeBefore(timeline: Timeline, from: Position, look: string, turns: Turns) {
  for (let end = from;;) {
    const stretch: Position[] = [];
    for await (const { event, before } of timeline.backward(end)) {
      if (event.kind === "header") break;
      if (mayDraw(event)) stretch.unshift(before);
      if (stretch.length === CLOSELY) break;
    }
    const start = stretch[0];
    if (!start) return undefined;
    const tracker = await timeline.track(start);
    let found = lookOf(tracker.state) === look ? undefined : start;
    for await (const { event, behind } of timeline.places(start, end)) {
      tracker.push(event);
      if (mayDraw(event) && lookOf(tracker.state) !== look) found = behind;
    }
    if (found || !await turns.next()) return found;
    end = start;
  }
}

/** Says whether a screen shows a text, wrapped lines joined; a text in small letters means large ones as well. */
export function textFinder(text: string): (state: ScreenState) => boolean {
  const isExact = text !== text.toLowerCase();
  return (state) => {
    const shown = screenText(state).join("\n");
    return (isExact ? shown : shown.toLowerCase()).includes(text);
  };
}

/**
 * The next moment, or the one before, at which `text` comes onto the screen; `undefined` where there is none.
 *
 * What is gone again after less than 10 ms is not found.
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
  const shows = textFinder(text);
  const turns = new Turns(signal);
  if (direction > 0) {
    for await (const place of appearances(timeline, shows, from, undefined, turns, told)) return place;
    return undefined;
  }
  let end = from;
  for await (const { from: start } of timeline.anchors(from)) {
    if (!isBefore(start, end)) continue;
    let found: Position | undefined;
    for await (const place of appearances(timeline, shows, start, end, turns, () => {})) {
      if (isBefore(place, from)) found = place;
    }
    if (found || signal?.aborted) return signal?.aborted ? undefined : found;
    told(start.time);
    end = start;
  }
}

function isBefore(one: Position, other: Position): boolean {
  return one.block < other.block || (one.block === other.block && one.index < other.index);
}

/** The places at which a screen that did not show it shows it. */
async function* appearances(
  timeline: Timeline,
  shows: (state: ScreenState) => boolean,
  from: Position,
  to: Position | undefined,
  turns: Turns,
  told: (time: Nanos) => void,
): AsyncGenerator<Position, void, void> {
  const tracker = await timeline.track(from);
  let showed = shows(tracker.state);
  for await (const behind of glances(timeline, from, to, (event) => tracker.push(event))) {
    const does = shows(tracker.state);
    if (does && !showed) yield behind;
    showed = does;
    told(behind.time);
    if (!await turns.next()) return;
  }
}

/** Goes over events, and stops wherever a viewer could look: where nothing more is drawn for a moment. */
async function* glances(
  timeline: Timeline,
  from: Position,
  to: Position | undefined,
  push: (event: SessionEvent) => void,
): AsyncGenerator<Position, void, void> {
  let drawn: Position | undefined; // behind the last event that may have changed something
  for await (const { event, behind } of timeline.places(from, to)) {
    if (drawn && event.time - drawn.time >= GLANCE) {
      yield drawn;
      drawn = undefined;
    }
    push(event);
    if (mayDraw(event)) drawn = behind;
  }
  if (drawn) yield drawn;
}

/** What shells print where a command begins to run (OSC 133 and OSC 633), and where nothing runs yet, a prompt. */
const MARKS = /\x1b\](?:133|633);C/;
const latin1 = new TextDecoder("latin1");

/** Whether a command begins with an event, as a `command` event tells, the shell's own marks, or a line that was typed. */
export function beginsCommand(event: SessionEvent): boolean {
  if (event.kind === "command") return event.phase === "output";
  if (event.kind === "output") return MARKS.test(latin1.decode(event.data));
  return event.kind === "input" && event.data.includes(13);
}

/**
 * The next moment, or the one before, at which a command begins; `undefined` where there is none.
 *
 * @example
 * ```ts
 * import type { Position, Timeline } from "@term2ai/term2ai";
 * const next = (timeline: Timeline, from: Position) => findCommand(timeline, from, 1);
 * ```
 */
export async function findCommand(
  timeline: Timeline,
  from: Position,
  direction: Direction,
  signal?: AbortSignal,
): Promise<Position | undefined> {
  const turns = new Turns(signal);
  // Marks, events and keys of one command have one time, or nearly: it is one place.
  if (direction > 0) {
    for await (const { event, behind } of timeline.places(from)) {
      if (event.time > from.time && beginsCommand(event)) return behind;
      if (!await turns.next()) return undefined;
    }
    return undefined;
  }
  for await (const { event, before } of timeline.backward(from)) {
    if (event.time < from.time && beginsCommand(event)) return { ...before, index: before.index + 1, time: event.time };
    if (!await turns.next()) return undefined;
  }
}
