/**
 * Decides which of the typed bytes may be recorded.
 *
 * Never by the text of a prompt, which can be split, translated or absent, but by what the terminal does:
 *
 * - it echoes: recorded;
 * - it collects whole lines and does not echo: a password prompt, never recorded;
 * - the program reads key by key and does its own echo (shells, editors): held until the output shows what was typed, up to
 *   the end of the line or 250 ms; withheld when the output shows none of it, or only mask characters.
 *
 * What is withheld leaves a `note` of topic `input-withheld`, which tells neither the text nor its length. Keys that print
 * nothing (arrows, Enter, Ctrl combinations) are no secret and are always recorded.
 *
 * One hole is known: a program that reads a secret key by key and prints something that happens to contain it.
 *
 * This module is browser compatible.
 * @module
 */

import { MILLISECOND, type Nanos, type SessionEvent } from "../event.ts";

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
  readonly later: SessionEvent[]; // in order, to be emitted after it
}

/** Keeps the order of events while it makes up its mind. */
export class InputGuard {
  readonly #sink: (event: SessionEvent) => void;
  #held: Held[] = [];
  #withholding = false; // within one secret: it leaves one note, however many keys it has
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
    if (typed.echo || (text === "" && !typed.canonical)) this.#queue(inputOf(typed));
    else if (typed.canonical) this.#queue(this.#note(typed));
    else this.#held.push({ typed, text, shown: 0, later: [] });
  }

  /** Takes any other event. Output may show what was typed. */
  pass(event: SessionEvent): void {
    if (event.kind === "output" && this.#held.length > 0) this.#compare(printable(event.data));
    this.#queue(event);
    while (this.#held[0] && isShown(this.#held[0])) this.#settle();
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

  #compare(text: string): void {
    let at = 0;
    for (const held of this.#held) {
      for (; held.shown < held.text.length; held.shown++) {
        const found = text.indexOf(held.text[held.shown]!, at);
        if (found < 0) return;
        at = found + 1;
      }
    }
  }

  #settle(): void {
    const held = this.#held.shift()!;
    this.#emit(isShown(held) ? inputOf(held.typed) : this.#note(held.typed));
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

const latin1 = new TextDecoder("latin1"); // a character for each byte: characters split over reads compare as well
const SEQUENCES =
  /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[ -~]|\x1b[ -/]*[0-~]|[\0-\x1f\x7f]/g;

/** What would stand on the screen: without control characters and escape sequences. */
function printable(data: Uint8Array): string {
  return latin1.decode(data).replace(SEQUENCES, "");
}
