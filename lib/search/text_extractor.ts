/**
 * Reads a session as its user did: the lines that could be read on the screen, and when.
 *
 * Bytes tell little: a line is typed key by key, coloured, overwritten. So the text is taken from a terminal emulator. A line
 * is told when it scrolls off, is wiped away or the session ends, once, with the times at which it began to show and last changed:
 * a hundred updates of a progress bar are one line. A full-screen program is looked at when its screen has been still for
 * half a second, or every five seconds, and only lines that have not been there before are told.
 *
 * This module is browser compatible.
 * @module
 */

import { MILLISECOND, type Nanos, SECOND, type SessionEvent } from "../event.ts";
import type { TextKind, TextLine } from "../models.ts";
import type { EmulatorMaker } from "../ports.ts";
import { concat } from "../stream/collect.ts";
import { screenText } from "../terminal/screen_text.ts";
import { ScreenTracker } from "../terminal/screen_tracker.ts";
import { SeenLines } from "./seen_lines.ts";

/** Output of so short a time, or so many bytes, is looked at at once: a look costs a tenth of a millisecond. */
const TOGETHER: Nanos = 100 * MILLISECOND;
const TOGETHER_BYTES = 32 << 10;
/** A full-screen program is looked at when it has been still for so long, or at the latest after so long. */
const STILL: Nanos = 500 * MILLISECOND;
const AT_LATEST: Nanos = 5 * SECOND;

/** A line that is still on the screen. */
interface ShownLine {
  text: string;
  time: Nanos;
  until: Nanos;
}

/**
 * Collects the lines of a session as its events are pushed.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { loadEmulator } from "@term2ai/term2ai";
 *
 * const extractor = new TextExtractor(await loadEmulator());
 * extractor.push({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
 * extractor.push({ kind: "output", time: 2e9, data: new TextEncoder().encode("\x1b[31mhel") });
 * extractor.push({ kind: "output", time: 3e9, data: new TextEncoder().encode("lo\r\n") });
 * extractor.finish();
 * deepEqual(extractor.take(), [{ time: 2e9, until: 3e9, kind: "output", text: "hello" }]);
 * ```
 */
export class TextExtractor {
  readonly #screen: ScreenTracker;
  #lines: TextLine[] = [];
  #shown: ShownLine[] = [];
  #base: Nanos = 0; // where this session begins in the recording
  #now: Nanos = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #waitingSince: Nanos = 0;
  #waitingUntil: Nanos = 0;
  #alternate: { seen: SeenLines; drawn: Nanos; looked: Nanos } | undefined;
  #title = "";
  #command = "";

  /** Terminals come from `make`. */
  constructor(make: EmulatorMaker) {
    this.#screen = new ScreenTracker(make, true);
  }

  /** Takes the next event. */
  push(event: SessionEvent): void {
    if (event.kind === "header") {
      this.finish();
      this.#base = this.#now;
      this.#screen.push(event);
      return;
    }
    this.#lookIfStill(this.#base + event.time);
    this.#now = Math.max(this.#now, this.#base + event.time);
    switch (event.kind) {
      case "output":
        return this.#print(event.data);
      case "resize":
      case "screen":
        this.#write();
        this.#screen.push(event);
        return this.#look(this.#now);
      case "marker":
        return this.#tell("marker", event.label);
      case "command":
        return this.#tellCommand(event.text);
    }
  }

  /** The session is over: tells what is still on the screen. */
  finish(): void {
    this.#write();
    this.#leaveAlternate();
    for (const line of this.#shown) this.#tellShown(line);
    this.#shown = [];
    this.#title = this.#command = "";
  }

  /** The lines since the last time. */
  take(): TextLine[] {
    return this.#lines.splice(0);
  }

  #print(data: Uint8Array): void {
    if (this.#waitingBytes > 0 && this.#now - this.#waitingSince >= TOGETHER) this.#write();
    if (this.#waitingBytes === 0) this.#waitingSince = this.#now;
    this.#waitingUntil = this.#now;
    this.#waiting.push(data);
    this.#waitingBytes += data.length;
    if (this.#waitingBytes >= TOGETHER_BYTES) this.#write();
  }

  #write(): void {
    if (this.#waitingBytes === 0) return;
    this.#screen.emulator.write(this.#waiting.length === 1 ? this.#waiting[0]! : concat(this.#waiting));
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#look(this.#waitingSince, this.#waitingUntil);
  }

  /** Something has changed at `time` or after it, `until` at the latest. */
  #look(time: Nanos, until = time): void {
    const { emulator } = this.#screen;
    const scrolled = emulator.takeLines();
    if (!emulator.isAlternate) {
      this.#leaveAlternate();
      const state = emulator.snapshot();
      this.#setTitle(state.title ?? "", until);
      const rows = screenText(state);
      if (emulator.partialLine !== "") rows[0] = emulator.partialLine + (rows[0] ?? "");
      return this.#compare(scrolled, rows, time, until);
    }
    this.#alternate ??= { seen: new SeenLines(), drawn: time, looked: time };
    this.#alternate.drawn = until;
    if (time - this.#alternate.looked >= AT_LATEST) this.#lookAtAlternate();
  }

  /** The old lines, the new ones behind each other: what is at the same place is the same line, longer perhaps. */
  #compare(scrolled: readonly string[], rows: readonly string[], time: Nanos, until: Nanos): void {
    const old = this.#shown, all = [...scrolled, ...rows];
    const isWiped = wiped(old, all);
    const lines = all.map((text, at): ShownLine => {
      const before = old[at];
      if (before === undefined) return { text, time, until };
      if (before.text === text) return before;
      if (before.text !== "" && (text === "" || isWiped)) this.#tellShown(before);
      const goesOn = before.text !== "" && text !== "" && !isWiped;
      return { text, time: goesOn ? before.time : time, until };
    });
    for (const gone of old.slice(all.length)) this.#tellShown(gone);
    for (const line of lines.slice(0, scrolled.length)) this.#tellShown(line);
    this.#shown = lines.slice(scrolled.length);
  }

  #lookIfStill(next: Nanos): void {
    if (this.#waitingBytes > 0 && next - this.#waitingSince >= TOGETHER) this.#write();
    if (this.#alternate && this.#alternate.drawn > this.#alternate.looked && next - this.#now >= STILL) {
      this.#lookAtAlternate();
    }
  }

  #lookAtAlternate(): void {
    const alternate = this.#alternate!;
    alternate.looked = this.#now;
    const state = this.#screen.state;
    this.#setTitle(state.title ?? "", alternate.drawn);
    for (const text of screenText(state)) {
      if (alternate.seen.isNew(text)) this.#add("screen", text, alternate.drawn, alternate.drawn);
    }
  }

  #leaveAlternate(): void {
    // What shows when it leaves was there for less than half a second, unless the session ends with it.
    if (this.#alternate && this.#screen.emulator.isAlternate) this.#lookAtAlternate();
    this.#alternate = undefined;
  }

  #setTitle(title: string, time: Nanos): void {
    if (title === this.#title) return;
    this.#title = title;
    this.#add("title", title, time, time);
  }

  #tellCommand(text = ""): void {
    if (text === this.#command) return;
    this.#command = text;
    this.#tell("command", text);
  }

  #tell(kind: TextKind, text: string): void {
    for (const line of text.split("\n")) this.#add(kind, line, this.#now, this.#now);
  }

  #tellShown({ text, time, until }: ShownLine): void {
    this.#add("output", text, time, until);
  }

  #add(kind: TextKind, text: string, time: Nanos, until: Nanos): void {
    const readable = text.replace(/[\0-\x1f\x7f]+/g, " ").trimEnd();
    if (readable.trim() !== "") this.#lines.push({ time, until, kind, text: readable });
  }
}

/** Whether the screen was wiped: half of what was to be read is gone, and not because it scrolled off. */
function wiped(old: readonly ShownLine[], all: readonly string[]): boolean {
  let before = 0, gone = 0;
  for (const [at, { text }] of old.entries()) {
    if (text === "") continue;
    before++;
    if ((all[at] ?? "") === "") gone++;
  }
  return before >= 2 && gone * 2 >= before;
}
