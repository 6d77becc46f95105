/**
 * Watches a session's screen on a thread of its own, beside a recording that must not wait for it.
 *
 * Nothing is started before there is something to draw that somebody may want to see: a short recording never pays for it. Output
 * is handed over in large pieces, and no more of it at once than is drawn in some milliseconds. When the terminal falls too
 * far behind it is given up: then nobody knows what shows, and whoever asks is told so.
 *
 * The terminal's engine may die. Then another one takes its place, from what showed last and what came since, one order at a
 * time; an order that ends that one too is left out.
 * @module
 */

import type { ScreenState } from "../event.ts";
import type { ScreenWatcher } from "../ports.ts";
import type { EmulatorOrder, EmulatorReply } from "./emulator_worker.ts";

/** Output is handed over in pieces of about this many bytes: one message costs as much as drawing 1 KiB. */
const PIECE = 64 << 10;
/** Pieces that are on their way at a time: the next one is there when one is done. */
const IN_FLIGHT = 2;
/** Where this much waits, a program floods the terminal: nothing is drawn before it is quiet, for others need the processor more. */
const FLOOD = 512 << 10;
/** How long it is quiet then, in milliseconds. */
const QUIET_MS = 150;
/** Output that may wait; it is drawn at 36 MB/s. */
const MOST_WAITING = 8 << 20;
/** Output behind the last snapshot that is kept to rebuild an engine from. */
const MOST_KEPT = 512 << 10;

/** An order that was given, until a later snapshot makes it needless. */
interface Entry {
  readonly order: Exclude<EmulatorOrder, { op: "begin" }>;
  readonly bytes: number;
  readonly answer?: PromiseWithResolvers<ScreenState | undefined>;
}

/**
 * What a thread is made with.
 *
 * @example
 * ```ts
 * const options: EmulatorThreadOptions = { cols: 80, rows: 24 };
 * ```
 */
export interface EmulatorThreadOptions {
  /** Width in cells. */
  readonly cols: number;
  /** Height in cells. */
  readonly rows: number;
  /** Starts a thread; that of `emulator_worker.ts` if absent. */
  readonly start?: () => Worker;
}

/**
 * A terminal on a thread of its own.
 *
 * @example
 * ```ts ignore
 * import { equal } from "node:assert/strict";
 *
 * const thread = new EmulatorThread({ cols: 80, rows: 24 });
 * thread.write(new TextEncoder().encode("hello"));
 * equal((await thread.snapshot())?.cursor.col, 5);
 * thread.close();
 * ```
 */
export class EmulatorThread implements ScreenWatcher {
  readonly #start: () => Worker;
  #size: { cols: number; rows: number };
  #worker: Worker | undefined;
  #base: ScreenState | undefined; // what showed before the entries
  #entries: Entry[] = [];
  #done = 0; // entries that this engine has done
  #sent = 0; // entries that this engine was given, in part done
  #begun = false; // this engine has begun
  #careful = false; // the one before it has died
  #open: Uint8Array[] = []; // output that is not an entry yet
  #openBytes = 0;
  #waiting = 0; // bytes in entries that are not done
  #closed = false;
  #flood: ReturnType<typeof setInterval> | undefined; // while there is one: looks whether it is over
  #isQuiet = true; // since it was looked last

  /** A terminal of some size, just switched on. */
  constructor({ cols, rows, start = startWorker }: EmulatorThreadOptions) {
    this.#size = { cols, rows };
    this.#start = start;
  }

  get backlog(): number {
    return this.#openBytes + this.#waiting;
  }

  /** Whether it has been given up, or closed. */
  get isLost(): boolean {
    return this.#closed;
  }

  write(data: Uint8Array): void {
    if (this.#closed) return;
    this.#open.push(data);
    this.#openBytes += data.length;
    this.#isQuiet = false;
    if (this.#openBytes >= PIECE) this.#enter();
    if (this.backlog > MOST_WAITING) this.close();
    else if (this.backlog > FLOOD) this.#flood ??= setInterval(() => this.#look(), QUIET_MS);
  }

  resize(cols: number, rows: number): void {
    if (this.#closed) return;
    this.#enter();
    this.#add({ op: "resize", cols, rows }, 0);
  }

  async snapshot(): Promise<ScreenState | undefined> {
    if (this.#closed) return undefined;
    this.#enter();
    const answer = Promise.withResolvers<ScreenState | undefined>();
    this.#add({ op: "snapshot" }, 0, answer);
    return await answer.promise;
  }

  close(): void {
    this.#closed = true;
    if (this.#flood !== undefined) clearInterval(this.#flood); // the first use of a timer in a process takes 5 ms
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { answer } of this.#entries) answer?.resolve(undefined);
    this.#entries = [];
    this.#open = [];
    this.#openBytes = this.#waiting = 0;
  }

  /** Makes an entry of the output that is open. */
  #enter(): void {
    if (this.#openBytes === 0) return;
    const [data, bytes] = [this.#open, this.#openBytes];
    this.#open = [];
    this.#openBytes = 0;
    this.#add({ op: "write", data }, bytes);
  }

  #add(order: Entry["order"], bytes: number, answer?: Entry["answer"]): void {
    this.#entries.push({ order, bytes, ...(answer && { answer }) });
    this.#waiting += bytes;
    this.#send();
  }

  /** A flood is over when nothing has come for a while. */
  #look(): void {
    if (this.#isQuiet) {
      clearInterval(this.#flood);
      this.#flood = undefined;
      this.#send();
    }
    this.#isQuiet = true;
  }

  #send(): void {
    if (this.#flood !== undefined) return;
    if (!this.#worker) this.#begin();
    while (
      this.#begun && this.#sent < this.#entries.length && this.#sent - this.#done < (this.#careful ? 1 : IN_FLIGHT)
    ) {
      this.#worker!.postMessage(this.#entries[this.#sent++]!.order);
    }
  }

  #begin(): void {
    const worker = this.#worker = this.#start();
    this.#begun = false;
    this.#sent = this.#done = 0;
    worker.onmessage = ({ data }: MessageEvent<EmulatorReply>) => {
      if (worker === this.#worker) data.died ? this.#mourn() : this.#hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#mourn();
    };
    const engine = new URL("../terminal/emulator.ts", import.meta.url).href;
    worker.postMessage({
      op: "begin",
      engine,
      ...this.#size,
      careful: this.#careful,
      ...(this.#base && { state: this.#base }),
    });
  }

  #hear({ state }: EmulatorReply): void {
    if (!this.#begun) this.#begun = true;
    else {
      const entry = this.#entries[this.#done++]!;
      this.#waiting -= entry.bytes;
      entry.answer?.resolve(state);
      if (state) this.#restOn(state);
      else if (this.#keptBytes() > MOST_KEPT && !this.#entries.some(({ answer }) => answer)) {
        void this.snapshot(); // to rest on
      }
    }
    this.#send();
  }

  #keptBytes(): number {
    let bytes = 0;
    for (let at = 0; at < this.#done; at++) bytes += this.#entries[at]!.bytes;
    return bytes;
  }

  /** What came before a state is needed no more. */
  #restOn(state: ScreenState): void {
    this.#base = state;
    this.#size = { cols: state.cols, rows: state.rows };
    this.#entries.splice(0, this.#done);
    this.#sent -= this.#done;
    this.#done = 0;
  }

  /** The engine has died: another one does everything since the last state, but what has ended two. */
  #mourn(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const culprit = this.#entries[this.#done];
    if (!this.#begun || !culprit) return this.close(); // none can even begin
    if (this.#careful) {
      culprit.answer?.resolve(undefined);
      this.#entries.splice(this.#done, 1);
    }
    this.#careful = true;
    this.#waiting = this.#entries.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#entries.length > 0) this.#send();
  }
}

function startWorker(): Worker {
  return new Worker(new URL("./emulator_worker.ts", import.meta.url), { type: "module" });
}
