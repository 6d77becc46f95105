/**
 * Whoever watches a replay: the keys they press, and the signals that end it.
 * @module
 */

import { openUserTerminal, type UserTerminal } from "../../host/tty.ts";
import { KeyParser } from "../../replay/terminal/key_parser.ts";

/** How long the rest of an escape sequence may take; a lone Escape is believed after that. */
const ESCAPE_MS = 50;

/** A terminal in raw mode that gives keys. What is typed steers the player, and is not echoed into the picture. */
export class Viewer {
  readonly #terminal: UserTerminal;
  readonly #parser = new KeyParser();
  #escape: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  private constructor(terminal: UserTerminal) {
    this.#terminal = terminal;
  }

  /** The terminal this process was started from, or `undefined` without one; keys go to `onkey`. */
  static open(onkey: (key: string) => void): Viewer | undefined {
    const terminal = openUserTerminal();
    if (!terminal) return undefined;
    const viewer = new Viewer(terminal);
    terminal.makeRaw();
    viewer.#listen(onkey);
    return viewer;
  }

  /** How large it is now. */
  size(): { cols: number; rows: number } | undefined {
    return this.#terminal.size();
  }

  /** Takes raw mode back from a shell that had stopped us. */
  resume(): void {
    if (!this.#closed) this.#terminal.makeRaw();
  }

  /** Gives it back as it was. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#escape);
    this.#terminal.close();
  }

  async #listen(onkey: (key: string) => void): Promise<void> {
    try {
      const tty = await Deno.open("/dev/tty");
      const typed = new Uint8Array(256);
      for (let read = await tty.read(typed); read !== null; read = await tty.read(typed)) {
        if (this.#closed) return;
        clearTimeout(this.#escape);
        for (const key of this.#parser.push(typed.subarray(0, read))) onkey(key);
        if (this.#parser.isWaiting) this.#escape = setTimeout(() => this.#parser.flush().forEach(onkey), ESCAPE_MS);
      }
    } catch {
      // without keys it plays on
    }
  }
}

/** Listens for the signals that end a program; remembers with which status it is to exit then. */
export class EndSignals {
  readonly #listeners: [Deno.Signal, () => void][] = [];
  /** 128 and the number of the signal that came, else 0. */
  status = 0;

  /** Calls `stop` when one comes. */
  constructor(stop: () => void) {
    const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
    for (const [signal, status] of Object.entries(statuses) as [Deno.Signal, number][]) {
      this.on(signal, () => {
        this.status = status;
        stop();
      });
    }
  }

  /** Listens for another one. */
  on(signal: Deno.Signal, listener: () => void): void {
    Deno.addSignalListener(signal, listener);
    this.#listeners.push([signal, listener]);
  }

  /** Listens no more. */
  close(): void {
    for (const [signal, listener] of this.#listeners.splice(0)) Deno.removeSignalListener(signal, listener);
  }
}
