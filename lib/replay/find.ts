/**
 * Finds places in a recording: where the screen changes, where a command begins. `find_text.ts` finds where a text comes.
 *
 * Searches look at whole recordings, so they give way to whoever shares the thread, and end when they are told to.
 *
 * This module is browser compatible.
 * @module
 */

import type { ScreenState, SessionEvent } from "../event.ts";
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

/** How long a search goes on without giving way, in milliseconds. */
const TURN_MS = 8;

/** Gives way now and then. */
export class Turns {
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
export function mayDraw({ kind }: SessionEvent): boolean {
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
