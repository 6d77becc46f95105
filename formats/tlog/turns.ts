/**
 * Puts the messages of several recordings, mixed as they come, into an order in which session follows session.
 *
 * The recording that began first is read as it comes, and the messages of the others wait for its end. Nothing tells that end
 * but the log's own: when more than {@linkcode MAX_WAITING} bytes wait, the first recording is taken for ended and the next one
 * has its turn. Should there be more of the first one after all, it becomes a session of its own, with a warning. No message
 * is left out.
 *
 * This module is browser compatible.
 * @module
 */

import type { Message } from "./message.ts";
import type { RecordingReader } from "./recording.ts";

/**
 * How many bytes of messages wait for their turn at the most: 8,000 messages of the usual 2 KiB.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAX_WAITING, 16 * 1024 * 1024);
 * ```
 */
export const MAX_WAITING = 16 << 20;

const MAX_REMEMBERED = 1000; // recordings whose turn is over, to know them again

/** A recording in the order of turns. */
interface Turn {
  readonly key: string;
  readonly reader: RecordingReader;
  /** It had a turn before, and its reader does not know yet that it goes on as another session. */
  isSplit: boolean;
  /** It was taken for ended. */
  isOver: boolean;
  /** Number of the last message, read or waiting. */
  lastId: number;
  /** What is to be read when its turn comes: messages, and places where something is missing. */
  waiting: (Message | "gap")[];
  /** How many of them have been read. */
  read: number;
}

/**
 * The recordings of a log, each with a reader of its own.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Report, type SessionEvent } from "@term2ai/term2ai";
 * import { readMessage } from "./message.ts";
 * import { RecordingReader } from "./recording.ts";
 *
 * const events: SessionEvent[] = [];
 * const turns = new Turns(() => new RecordingReader(new Report(), (event) => events.push(event)));
 * for (const [rec, id] of [["a", 1], ["b", 1], ["a", 2]]) {
 *   turns.add(readMessage(JSON.stringify({ ver: "2.3", rec, id, pos: id, timing: "=80x24>1", out_txt: rec }), 1)!);
 * }
 * turns.end();
 * while (turns.advance());
 * equal(events.map((event) => event.kind).join(), "header,output,output,header,output");
 * ```
 */
export class Turns {
  readonly #makeReader: () => RecordingReader;
  readonly #turns: Turn[] = []; // the first one is being read
  readonly #latest = new Map<string, Turn>(); // by host and id
  readonly #over: Turn[] = []; // those to know again
  #waiting = 0; // bytes
  #last: Turn | undefined; // whose message came last
  #isEnded = false;

  /** Each recording gets a reader from `makeReader`. */
  constructor(makeReader: () => RecordingReader) {
    this.#makeReader = makeReader;
  }

  /** Whether there has been a message. */
  get haveBegun(): boolean {
    return this.#last !== undefined;
  }

  /** A message joins its recording; number 1 begins it anew, so that logs can be joined even if they are the same. */
  add(message: Message): void {
    const key = `${message.host}\0${message.rec}`;
    let turn = this.#latest.get(key);
    if (!turn || message.id === 1 && turn.lastId > 0) turn = this.#append(key);
    else if (turn.isOver) turn = this.#append(key, turn);
    turn.lastId = message.id ?? turn.lastId + 1;
    turn.waiting.push(message);
    this.#waiting += message.size;
    this.#last = turn;
  }

  /** Something is missing, most likely of the recording whose message came last. */
  gap(): void {
    this.#last?.waiting.push("gap");
  }

  /** There will be no more messages. */
  end(): void {
    this.#isEnded = true;
  }

  /** Reads one message of the recording whose turn it is, or goes on to the next recording; says whether it could. */
  advance(): boolean {
    const turn = this.#turns[0];
    if (!turn) return false;
    const next = turn.waiting[turn.read];
    if (next) {
      turn.read++;
      this.#read(turn, next);
      return true;
    }
    turn.waiting = [];
    turn.read = 0;
    return this.#endTurn(turn);
  }

  #append(key: string, before?: Turn): Turn {
    const turn: Turn = {
      key,
      reader: before?.reader ?? this.#makeReader(),
      isSplit: before !== undefined,
      isOver: false,
      lastId: before?.lastId ?? 0,
      waiting: [],
      read: 0,
    };
    this.#turns.push(turn);
    this.#latest.set(key, turn);
    return turn;
  }

  #read(turn: Turn, next: Message | "gap"): void {
    if (turn.isSplit) turn.reader.split();
    turn.isSplit = false;
    if (next === "gap") return turn.reader.gap();
    this.#waiting -= next.size;
    turn.reader.read(next);
  }

  #endTurn(turn: Turn): boolean {
    const isReplaced = this.#latest.get(turn.key) !== turn;
    const isCrowded = this.#waiting > MAX_WAITING && this.#turns.length > 1;
    if (!this.#isEnded && !isReplaced && !isCrowded) return false;
    this.#turns.shift();
    turn.isOver = true;
    if (!isReplaced) this.#remember(turn);
    return true;
  }

  #remember(turn: Turn): void {
    this.#over.push(turn);
    if (this.#over.length <= MAX_REMEMBERED) return;
    const forgotten = this.#over.shift()!;
    if (this.#latest.get(forgotten.key) === forgotten) this.#latest.delete(forgotten.key);
  }
}
