/**
 * Puts what shows into a recording: a keyframe now and then, a `screen` where nothing else can tell it.
 *
 * The terminal is drawn elsewhere and says some milliseconds later what showed at a moment. Events behind that moment wait for
 * it here, while the session and its recording go on; an answer that takes too long is done without.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, ScreenState, SessionEvent } from "../event.ts";
import type { ScreenWatcher } from "../ports.ts";
import { KEYFRAME_EVERY } from "../transform/keyframe_every.ts";

/** How long events wait for a keyframe, in milliseconds: with it, whoever is killed has still kept all but the last 100 ms. */
const KEYFRAME_PATIENCE = 40;
/** And for a screen, which nothing stands in for. */
const SCREEN_PATIENCE = 500;
/** After a keyframe that did not come, the next is asked for behind this much output. */
const AGAIN_AFTER = 32 << 10;
/** A terminal that is further behind than this is not asked for keyframes. */
const MOST_BEHIND = 1 << 20;

/** A place in the stream that waits for what showed there. */
interface Wait {
  readonly over: Promise<void>;
  /** Known, or known not to come. */
  isOver: boolean;
  state: ScreenState | undefined;
}

/**
 * Watches what is recorded.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const nobody = { backlog: 0, write: () => {}, resize: () => {}, snapshot: () => Promise.resolve(undefined), close: () => {} };
 * const screens = new ScreenRecorder(nobody);
 * screens.hold([{ kind: "marker", time: 1, label: "a" }]);
 * deepEqual(screens.release(), [{ kind: "marker", time: 1, label: "a" }]);
 * ```
 */
export class ScreenRecorder {
  readonly #watcher: ScreenWatcher;
  readonly #waits = new Map<ScreenState, Wait>(); // by the state that stands in for what will come
  #held: SessionEvent[] = [];
  #drawn = 0; // output since the last keyframe

  /** Asks `watcher`. */
  constructor(watcher: ScreenWatcher) {
    this.#watcher = watcher;
  }

  /** Shows output; says whether a keyframe is due behind it. */
  write(data: Uint8Array, isRecorded: boolean): boolean {
    this.#watcher.write(data);
    if (isRecorded) this.#drawn += data.length;
    return isRecorded && this.#drawn >= KEYFRAME_EVERY && this.#watcher.backlog < MOST_BEHIND;
  }

  /** Gives the terminal another size. */
  resize(cols: number, rows: number): void {
    this.#watcher.resize(cols, rows);
  }

  /** Recording will be switched on again: a terminal that is started only then would be late. */
  prepare(): void {
    void this.#watcher.snapshot();
  }

  /** An event with what shows now, which is not known yet: it has to pass through {@linkcode hold} and {@linkcode release}. */
  ask(kind: "keyframe" | "screen", time: Nanos): SessionEvent {
    const standIn = { ...UNKNOWN };
    const answer = this.#answer(kind === "keyframe" ? KEYFRAME_PATIENCE : SCREEN_PATIENCE);
    const wait: Wait = { isOver: false, state: undefined, over: answer.then((state) => this.#settle(wait, state)) };
    this.#waits.set(standIn, wait);
    this.#drawn = 0;
    return { kind, time, state: standIn };
  }

  /** Whether anything waits. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Takes events in order. */
  hold(events: readonly SessionEvent[]): void {
    for (const event of events) this.#held.push(event);
  }

  /** Gives out those that wait for nothing, in order. */
  release(): SessionEvent[] {
    const ready: SessionEvent[] = [];
    let at = 0;
    for (; at < this.#held.length; at++) {
      const event = this.#held[at]!, wait = this.#waitOf(event);
      if (wait && !wait.isOver) break;
      if (!wait) ready.push(event);
      else if (wait.state) ready.push({ ...event, state: wait.state } as SessionEvent);
      if (wait) this.#waits.delete((event as { state: ScreenState }).state);
    }
    this.#held.splice(0, at);
    return ready;
  }

  /** Resolves when the first event that is held need not wait longer. */
  async settled(): Promise<void> {
    const first = this.#held[0];
    await (first && this.#waitOf(first)?.over);
  }

  /** Lets go of the terminal. */
  close(): void {
    this.#watcher.close();
  }

  #settle(wait: Wait, state: ScreenState | undefined): void {
    wait.isOver = true;
    wait.state = state;
    if (!state) this.#drawn = Math.max(this.#drawn, KEYFRAME_EVERY - AGAIN_AFTER);
  }

  #waitOf(event: SessionEvent): Wait | undefined {
    return "state" in event ? this.#waits.get(event.state) : undefined;
  }

  async #answer(patience: number): Promise<ScreenState | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), patience));
    const state = await Promise.race([this.#watcher.snapshot().catch(() => undefined), late]);
    clearTimeout(timer);
    return state;
  }
}

const UNKNOWN: ScreenState = {
  cols: 1,
  rows: 1,
  styles: [{}],
  normal: { rows: [] },
  cursor: { col: 0, row: 0, style: 0, charsets: ["B", "B", "B", "B"], charset: 0 },
  modes: {},
};
