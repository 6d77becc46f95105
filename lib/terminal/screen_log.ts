/**
 * What a session said, line by line: as somebody would have read it who never looked away.
 *
 * Output is put through a terminal, so that what was corrected, redrawn or wrapped is one line, as it stood at last. Lines come
 * when nothing can change them any more: when they scroll off, when they are wiped (`clear`, a reset), and at the end of the
 * session. Of a program that uses the whole screen, its last screen comes, at the place where it ran.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, ScreenState, SessionEvent } from "../event.ts";
import type { EmulatorMaker } from "../ports.ts";
import { screenText } from "./screen_text.ts";
import { ScreenTracker } from "./screen_tracker.ts";

/**
 * A line of a session.
 *
 * @example
 * ```ts
 * const line: LogLine = { time: 1_500_000_000, text: "$ make", isFullScreen: false };
 * ```
 */
export interface LogLine {
  /** When there first was something in it, of a full screen when it was left; 0 where times are not kept. */
  readonly time: Nanos;
  /** What it says, without blanks at its end. */
  readonly text: string;
  /** It is of the last screen of a program that used the whole of it. */
  readonly isFullScreen: boolean;
}

/**
 * How a log is to be kept.
 *
 * @example
 * ```ts
 * const options: ScreenLogOptions = { times: true };
 * ```
 */
export interface ScreenLogOptions {
  /** Whether to find out when there first was something in a line; it costs 0.1 ms for each event that brings one. */
  readonly times?: boolean;
}

/** Before these act, what shows has to be taken: the alternate screen goes, the screen is wiped, the terminal is reset. */
const TURNS = /\x1b(?:\[(?:\?(?:1049|1047|47)l|2J)|c)/g;
/** A beginning of one, at the end of output. */
const BEGUN = /\x1b(?:\[(?:\?(?:1(?:0(?:4[79]?)?)?|47?)?|2)?)?$/;
const ESC = 0x1b;

/**
 * Follows events, and gives lines.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { loadEmulator } from "@term2ai/term2ai";
 *
 * const log = new ScreenLog(await loadEmulator());
 * log.push({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
 * log.push({ kind: "output", time: 5, data: new TextEncoder().encode("10 %\r100 %\r\ndone") });
 * log.finish();
 * deepEqual(log.take().map(({ text }) => text), ["100 %", "done"]);
 * ```
 */
export class ScreenLog {
  readonly #tracker: ScreenTracker;
  readonly #keepsTimes: boolean;
  readonly #latin = new TextDecoder("latin1");
  #lines: LogLine[] = [];
  #times: Nanos[] = []; // of the lines that show
  #time: Nanos = 0; // of the event at hand
  #begun = ""; // a beginning of a sequence, at the end of the output so far
  #left: { at: number; lines: LogLine[] }[] = []; // last full screens, and behind how many of the lines that show they belong
  #frame: LogLine[] = []; // what was wiped last: the next frame may take its place
  #known = 0; // how much of a line that still shows was given before
  #isNewLine = true; // the cursor may be in a line that has no time yet

  /** Terminals come from `make`. */
  constructor(make: EmulatorMaker, { times = false }: ScreenLogOptions = {}) {
    this.#tracker = new ScreenTracker(make, true);
    this.#keepsTimes = times;
  }

  /** Takes the next event. */
  push(event: SessionEvent): void {
    if (event.kind === "header") this.finish();
    this.#time = event.time;
    if (event.kind === "output") return this.#output(event.data);
    if (event.kind === "screen") this.#endScreens();
    this.#tracker.push(event);
    if (event.kind === "header") this.#known = 0;
    if (event.kind === "resize" || event.kind === "screen") this.#settle();
  }

  /** The session is over: what still shows comes too. */
  finish(): void {
    this.#endScreens();
    this.#give(this.#frame.splice(0));
    this.#begun = "";
  }

  /** The lines since the last time. */
  take(): LogLine[] {
    return this.#lines.splice(0);
  }

  #output(data: Uint8Array): void {
    if (this.#begun === "" && data.indexOf(ESC) < 0) return this.#write(data);
    const text = this.#begun + this.#latin.decode(data);
    let at = 0;
    for (const { 0: turn, index } of text.matchAll(TURNS)) {
      const last = index + turn.length - 1 - this.#begun.length;
      this.#write(data.subarray(at, last));
      this.#turn(turn);
      at = last;
    }
    this.#write(data.subarray(at));
    this.#begun = BEGUN.exec(text.slice(-8))?.[0] ?? "";
  }

  #turn(sequence: string): void {
    const { isAlternate } = this.#tracker.emulator;
    if (sequence.endsWith("c")) this.#endScreens();
    else if (isAlternate && sequence.endsWith("l")) this.#leave();
    else if (!isAlternate && sequence.endsWith("J")) this.#wipe();
  }

  #write(data: Uint8Array): void {
    if (data.length === 0) return;
    const wasAlternate = this.#tracker.emulator.isAlternate;
    this.#tracker.push({ kind: "output", time: this.#time, data });
    const line = this.#isNewLine || data.some((byte) => byte < 0x20 && byte !== 0x0d && byte !== 0x08 && byte !== 0x07);
    this.#settle(line, wasAlternate);
  }

  /** Takes what has scrolled off, and finds out which lines are new. */
  #settle(mayBeNew = true, wasAlternate = false): void {
    const { emulator } = this.#tracker;
    const lines = emulator.takeLines();
    if (lines.length > 0) this.#scrolledOff(lines);
    if (!this.#keepsTimes || !mayBeNew || wasAlternate && emulator.isAlternate) return;
    const state = emulator.snapshot();
    const count = this.#shown(state).length;
    while (this.#times.length < count) this.#times.push(this.#time);
    this.#times.length = count;
    this.#isNewLine = (state.normal.rows[state.cursor.row]?.cells.length ?? 0) === 0;
  }

  #scrolledOff([first, ...others]: string[]): void {
    this.#give(this.#frame.splice(0));
    this.#give(this.#inOrder([first!.slice(this.#known), ...others]));
    this.#known = 0;
  }

  /** Lines of the normal screen, the first from its very beginning. */
  #shown({ active: _, ...state }: ScreenState = this.#tracker.state): string[] {
    const lines = screenText(state);
    const before = this.#tracker.emulator.partialLine.slice(this.#known);
    return before === "" ? lines : [before + (lines[0] ?? ""), ...lines.slice(1)];
  }

  /** Lines that are not there any more, with the full screens that belong between them. */
  #inOrder(texts: readonly string[]): LogLine[] {
    const all: LogLine[] = [];
    for (const text of texts) {
      all.push(...this.#leftBehind(0));
      all.push({
        time: this.#times.shift() ?? (this.#keepsTimes ? this.#time : 0),
        text: text.trimEnd(),
        isFullScreen: false,
      });
      for (const screen of this.#left) screen.at--;
    }
    return [...all, ...this.#leftBehind(0)];
  }

  #leftBehind(count: number): LogLine[] {
    const due = this.#left.filter(({ at }) => at <= count);
    this.#left = this.#left.filter(({ at }) => at > count);
    return due.flatMap(({ lines }) => lines);
  }

  /** A program that used the whole screen lets go of it. */
  #leave(): void {
    const { state } = this.#tracker;
    const time = this.#keepsTimes ? this.#time : 0;
    const lines = screenText(state).map((text) => ({ time, text, isFullScreen: true }));
    if (lines.length > 0) this.#left.push({ at: this.#shown(state).length, lines });
  }

  /** What shows is wiped. A frame that looks like the one before takes its place: programs that redraw wipe each time. */
  #wipe(): void {
    const frame = [...this.#inOrder(this.#shown()), ...this.#leftBehind(Infinity)];
    this.#known = this.#tracker.emulator.partialLine.length;
    this.#times = [];
    this.#isNewLine = true;
    if (frame.length === 0) return;
    if (!isAlike(this.#frame, frame)) this.#give(this.#frame);
    this.#frame = frame;
  }

  #endScreens(): void {
    if (this.#tracker.emulator.isAlternate) this.#leave();
    this.#wipe();
  }

  #give(lines: readonly LogLine[]): void {
    for (const line of lines) this.#lines.push(line);
  }
}

/** Whether two frames are of one program: half of their lines are the same, but for numbers. */
function isAlike(one: readonly LogLine[], other: readonly LogLine[]): boolean {
  const plain = ({ text }: LogLine) => text.replace(/\d+/g, "0");
  const same = other.filter((line, at) => one[at] !== undefined && plain(one[at]) === plain(line)).length;
  return same * 2 >= Math.max(one.length, other.length);
}
