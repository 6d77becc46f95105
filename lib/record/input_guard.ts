/**
 * Decides which of the typed bytes may be recorded.
 *
 * Never by the text of a prompt, which can be split, translated or absent, but by what the terminal does:
 *
 * - it echoes: recorded;
 * - it collects whole lines and does not echo: a password prompt, never recorded;
 * - the program reads key by key and does its own echo (shells, editors): held until the output shows what was typed, up to
 *   the end of the line or 250 ms; withheld when the output shows none of it. What counts as shown is told by {@linkcode Echo};
 *   once a mask character answers a key, nothing more of that line is kept.
 *
 * What is withheld leaves a `note` of topic `input-withheld`, which tells neither the text nor its length. Keys that print
 * nothing (arrows, Enter, Ctrl combinations) are no secret and are always recorded.
 *
 * A hole is left: a program that reads a secret key by key, and shows each key before it masks it, shows its first one to us too.
 *
 * This module is browser compatible.
 * @module
 */

import { MILLISECOND, type Nanos, type SessionEvent } from "../event.ts";
import { corrected, Echo, isAllMasks, masksWhatItShowed, printable, TypedTail } from "./echo.ts";

/** How long typed text is held while the output has not shown it. */
export const HOLD: Nanos = 250 * MILLISECOND;

/** What was typed, and how the terminal stood at that moment. */
export interface Typed {
  readonly time: Nanos;
  readonly data: Uint8Array;
  readonly echo: boolean;
  readonly canonical: boolean;
  /** Who typed it, where several can. */
  readonly by?: string;
}

/** Typed text that the output has not shown yet, and all that has happened since. */
interface Held {
  readonly typed: Typed;
  readonly text: string; // its printable characters
  shown: number; // how many of them the output has shown so far, in order
  masked: boolean; // something else stands in its place
  ended: boolean; // Enter was pressed behind it
  readonly before: string; // what was typed of the line before it
  readonly later: SessionEvent[]; // in order, to be emitted after it
}

/** Keeps the order of events while it makes up its mind. */
export class InputGuard {
  readonly #sink: (event: SessionEvent) => void;
  #held: Held[] = [];
  #withholding = false; // within one secret: it leaves one note, however many keys it has
  #isMasked = false; // the line that is being typed shows as mask characters
  readonly #tail = new TypedTail();
  readonly #withheld: (data: Uint8Array) => void;
  readonly #bytes = new WeakMap<SessionEvent, Uint8Array>(); // what a note stands for

  /**
   * @param sink Gets all events, in order of their time.
   * @param withheld Gets the bytes that are not recorded, and those of the Enter that ends them.
   */
  constructor(sink: (event: SessionEvent) => void, withheld: (data: Uint8Array) => void = () => {}) {
    this.#sink = sink;
    this.#withheld = withheld;
  }

  /** When {@linkcode release} has to be called, or `undefined` while nothing is held. */
  get deadline(): Nanos | undefined {
    return this.#held[0] && this.#held[0].typed.time + HOLD;
  }

  /** Takes what was typed. */
  type(typed: Typed): void {
    const text = printable(typed.data);
    const before = this.#tail.text;
    this.#tail.type(typed.data, text);
    if (typed.echo || (text === "" && !typed.canonical)) this.#queue(inputOf(typed));
    else if (typed.canonical || this.#isMasked) this.#queue(this.#note(typed));
    else this.#held.push({ typed, text, shown: 0, masked: false, ended: false, before, later: [] });
    if (!endsLine(typed.data)) return;
    this.#isMasked = false;
    for (const held of this.#held) held.ended = true;
  }

  /** Takes any other event. Output may show what was typed. */
  pass(event: SessionEvent): void {
    if (event.kind === "output") this.#look(event.data);
    this.#queue(event);
    while (this.#held[0] && isDecided(this.#held[0])) this.#settle();
  }

  /** Decides whatever has been held for long enough at `time`. */
  release(time: Nanos): void {
    while (this.#held[0] && time >= this.#held[0].typed.time + HOLD) this.#settle();
  }

  /** Decides everything: the session is over. */
  flush(): void {
    while (this.#held[0]) this.#settle();
  }

  #note(typed: Typed): SessionEvent {
    const note: SessionEvent = { kind: "note", time: typed.time, topic: TOPIC, data: null };
    this.#bytes.set(note, typed.data);
    return note;
  }

  #queue(event: SessionEvent): void {
    const last = this.#held.at(-1);
    if (last) last.later.push(event);
    else this.#emit(event);
  }

  #look(data: Uint8Array): void {
    if (this.#held.length === 0 && this.#tail.text === "") return;
    const open = this.#held.filter((held) => !isDecided(held));
    if (masksWhatItShowed(data, this.#tail.text)) return this.#mask(open, Infinity);
    if (open.length === 0) return;
    const echo = new Echo(data);
    if (isAllMasks(echo.text) && !echo.text.startsWith(open[0]!.text)) return this.#mask(open, echo.masks);
    for (const held of open) {
      this.#compare(held, echo);
      if (!isShown(held)) break;
    }
    // What is printed on another line when Enter was pressed is the answer to it.
    if (echo.hasMoved) { for (const held of open) held.masked ||= held.ended && !isShown(held); }
  }

  #compare(held: Held, echo: Echo): void {
    const text = held.shown === 0 ? corrected(held.typed.data) : held.text; // as who got all of it at once draws it
    if (text !== held.text && text.length > 1 && echo.showsAll(text, held.ended)) held.shown = held.text.length;
    else held.shown += echo.shows(held.text.slice(held.shown), held.before, held.ended);
  }

  /** Mask characters stand in the place of as many keys, and of whatever else is typed in this line. */
  #mask(open: readonly Held[], masks: number): void {
    for (const held of open) {
      if (masks <= 0) break;
      held.masked = true;
      masks -= held.text.length;
    }
    this.#isMasked = !open.some(({ ended }) => ended);
  }

  #settle(): void {
    const held = this.#held.shift()!;
    this.#emit(isShown(held) && !held.masked ? inputOf(held.typed) : this.#note(held.typed));
    for (const event of held.later) this.#emit(event);
  }

  /** Emits, but of a row of notes about one secret only the first; the end of the line ends the secret. */
  #emit(event: SessionEvent): void {
    const bytes = this.#bytes.get(event);
    if (bytes) this.#withheld(bytes);
    if (isNote(event)) {
      if (!this.#withholding) this.#sink(event);
      this.#withholding = true;
      return;
    }
    if (event.kind === "input") {
      if (this.#withholding) this.#withheld(ENTER);
      this.#withholding = false;
    }
    this.#sink(event);
  }
}

function isShown({ shown, text }: Held): boolean {
  return shown === text.length;
}

function isDecided(held: Held): boolean {
  return held.masked || isShown(held);
}

/** Enter, Ctrl-C, Ctrl-D, Tab, Escape: what comes behind is something else. */
function endsLine(data: Uint8Array): boolean {
  if (data.length === 1 && data[0] === 0x1b) return true;
  return data.some((code) => code === 0x0d || code === 0x0a || code === 0x03 || code === 0x04 || code === 0x09);
}

const TOPIC = "input-withheld";
const ENTER = Uint8Array.of(0x0d);

/** The event of what was typed and may be kept. */
export function inputOf({ time, data, by }: Typed): SessionEvent {
  return by === undefined ? { kind: "input", time, data } : { kind: "input", time, data, by };
}

/** Whether an event says that something typed was not recorded. */
export function isNote(event: SessionEvent): boolean {
  return event.kind === "note" && event.topic === TOPIC;
}
