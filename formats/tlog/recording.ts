/**
 * Makes a session's events of the messages of one recording.
 *
 * This module is browser compatible.
 * @module
 */

import { MILLISECOND, type Nanos, type SessionEvent, type SessionHeader } from "../../lib/event.ts";
import type { Report } from "../../lib/report.ts";
import { concat } from "../../lib/stream/collect.ts";
import type { Message } from "./message.ts";
import { PayloadReader } from "./payload.ts";
import { type Direction, readTiming, type Step } from "./timing.ts";

const USUAL = { cols: 80, rows: 24 };
const MAX_SIZE = 2048; // cells that are believed, each way
const MAX_TIME: Nanos = 2 ** 62; // 146 years
const MIN_DRIFT = 1000; // ms; the wall clock of messages written in time differs by 1 or 2 from what their position says
const RECORDING_ID = /^[0-9a-f]{32}$/;

/**
 * What our writer calls a recording that has no id.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(UNNAMED.test("unnamed-1"), true);
 * ```
 */
export const UNNAMED = /^unnamed-\d+$/;

type Window = Extract<Step, { kind: "window" }>;

/** Output or input that goes on as long as its steps follow each other without a delay. */
interface Run {
  readonly from: Direction;
  readonly parts: Uint8Array[];
}

/**
 * Reads the messages of one recording, in the order in which they come.
 *
 * A message whose number is not the next one is read all the same, with a `gap` before it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Report, type SessionEvent } from "@term2ai/term2ai";
 * import { readMessage } from "./message.ts";
 *
 * const events: SessionEvent[] = [];
 * const recording = new RecordingReader(new Report(), (event) => events.push(event));
 * recording.read(readMessage('{"ver":"2.3","rec":"a","id":1,"pos":0,"timing":"=80x24+5>2","out_txt":"hi"}', 1)!);
 * equal(events.map((event) => `${event.kind} ${event.time}`).join(), "header 0,output 5000000");
 * ```
 */
export class RecordingReader {
  readonly #report: Report;
  readonly #emit: (event: SessionEvent) => void;
  #begun = false; // the header is out
  #inGap = false; // nothing was read since the last `gap`
  #time: Nanos = 0; // of the last event
  #now: Nanos = 0; // where the timing of the message at hand stands
  #lastId = 0;
  #cols = 0; // as the last window said; 0 where there is none
  #rows = 0;
  #startedAt: number | undefined;
  #drift = 0; // ms, as last told
  #run: Run | undefined;
  #line = 0;

  /** Events go to `emit`, findings to `report`. */
  constructor(report: Report, emit: (event: SessionEvent) => void) {
    this.#report = report;
    this.#emit = emit;
  }

  /** Reads the next message. */
  read(message: Message): void {
    this.#line = message.line;
    const window = windowOf(message.timing);
    if (!this.#begun) this.#header(message, window);
    if (!this.#checkId(message.id)) return;
    this.#place(message);
    // Every message begins with the window as it stands, which is no event unless it changed.
    const isKnown = window && window.cols === this.#cols && window.rows === this.#rows;
    this.#play(isKnown ? 1 : 0, message);
  }

  /** The next messages belong to the same recording, but to a session of its own. */
  split(): void {
    this.#begun = this.#inGap = false;
    this.#time = 0;
    this.#warn(
      "split-recording",
      "a recording was split into two sessions, since too much of others lies between its messages",
    );
  }

  /** Something is missing here. */
  gap(): void {
    if (this.#begun && !this.#inGap) this.#push({ kind: "gap", time: this.#time, reason: "damage" });
    this.#inGap = true;
  }

  #header(message: Message, window: Window | undefined): void {
    const { host, rec, user, term, session, wall, pos = 0 } = message;
    const size = window && this.#sizeOf(window.cols, window.rows);
    [this.#cols, this.#rows] = [window?.cols ?? 0, window?.rows ?? 0];
    if (!window) this.#warn("header-size", `a recording begins without a size, and 80x24 was taken`);
    this.#startedAt = wall === undefined ? undefined : wall - Math.round(pos);
    const id = RECORDING_ID.test(rec) ? rec : undefined;
    const extra = { ...(!id && !UNNAMED.test(rec) && { rec }), ...(session !== undefined && { session }) };
    const header: SessionHeader = {
      ...(size ?? USUAL),
      ...(id && { id }),
      ...(this.#startedAt !== undefined && { startedAt: this.#startedAt }),
      ...(user && { user }),
      ...(host && { host }),
      ...(term && { term }),
      ...(Object.keys(extra).length > 0 && { extra }),
    };
    this.#begun = true;
    this.#push({ kind: "header", time: 0, header });
  }

  /** Says whether the message is to be read. */
  #checkId(id: number | undefined): boolean {
    const expected = this.#lastId + 1;
    if (id === this.#lastId && id > 0) {
      this.#warn("repeated-message", "a message that came twice was left out the second time");
      return false;
    }
    if (id !== expected) {
      this.#warn("missing-message", "messages are missing: the numbers do not follow each other");
      this.gap();
    }
    this.#lastId = id ?? expected;
    return true;
  }

  /** Goes to where the message's delays count from, and notes how the wall clock stands there. */
  #place({ pos, wall }: Message): void {
    if (pos === undefined) {
      this.#warn("bad-position", "a message does not tell its time, and was put after the one before");
    } else this.#moveTo(pos * MILLISECOND);
    if (wall === undefined || pos === undefined) return;
    this.#startedAt ??= wall - pos;
    const drift = Math.round(wall - pos - this.#startedAt);
    if (Math.abs(drift - this.#drift) < MIN_DRIFT) return;
    this.#drift = drift;
    this.#push({ kind: "clock", time: this.#time, drift: drift * MILLISECOND });
  }

  #moveTo(time: Nanos): void {
    const next = Math.round(time);
    if (!(next <= MAX_TIME)) this.#warn("absurd-time", "a time of more than 146 years was held");
    else if (next < this.#time) this.#warn("clock-backwards", "time ran backwards and was held");
    else this.#time = next;
    this.#now = this.#time;
  }

  /** All steps of a message but the first `skip`. */
  #play(skip: number, message: Message): void {
    const payloads = { input: new PayloadReader(message.input), output: new PayloadReader(message.output) };
    if (!message.input.bytes || !message.output.bytes) this.#fault("bad-bytes", "a list of bytes holds what are none");
    for (const step of readTiming(message.timing).drop(skip)) this.#step(step, payloads);
    this.#endRun();
    if (payloads.input.isShort || payloads.output.isShort) {
      this.#fault("short-text", "a message holds less than its timing says");
    }
    for (const from of ["input", "output"] as const) this.#rest(from, payloads[from].rest());
  }

  #step(step: Step, payloads: Readonly<Record<Direction, PayloadReader>>): void {
    if (step.kind === "fault") {
      this.#endRun();
      return this.#fault("bad-timing", "a timing that makes no sense was read only up to there");
    }
    if (step.delay !== undefined) {
      this.#endRun();
      this.#moveTo(this.#now + step.delay * MILLISECOND);
    }
    if (step.kind === "window") return this.#resize(step.cols, step.rows);
    const payload = payloads[step.from];
    if (this.#run?.from !== step.from) this.#endRun();
    this.#run ??= { from: step.from, parts: [] };
    this.#run.parts.push(step.kind === "text" ? payload.text(step.count) : payload.bytes(step.skip, step.count));
  }

  #endRun(): void {
    const run = this.#run;
    this.#run = undefined;
    if (run) this.#push({ kind: run.from, time: this.#time, data: joined(run.parts) });
  }

  #resize(cols: number, rows: number): void {
    this.#endRun();
    [this.#cols, this.#rows] = [cols, rows];
    const size = this.#sizeOf(cols, rows);
    if (size) this.#push({ kind: "resize", time: this.#time, ...size });
  }

  /** A size as we take it; `undefined` for that of a terminal without any. */
  #sizeOf(cols: number, rows: number): { cols: number; rows: number } | undefined {
    if (cols === 0 || rows === 0) return undefined;
    if (cols > MAX_SIZE || rows > MAX_SIZE) this.#warn("big-resize", `a size was cut to ${MAX_SIZE} cells each way`);
    return { cols: Math.min(cols, MAX_SIZE), rows: Math.min(rows, MAX_SIZE) };
  }

  #rest(from: Direction, data: Uint8Array): void {
    if (data.length === 0) return;
    this.#warn("text-left", "text that no timing speaks of was put at the end of its message");
    this.#push({ kind: from, time: this.#time, data });
  }

  #fault(code: string, message: string): void {
    this.#warn(code, message);
    this.gap();
  }

  #push(event: SessionEvent): void {
    this.#inGap = false;
    this.#emit(event);
  }

  #warn(code: string, message: string): void {
    this.#report.warn(code, message, { line: this.#line });
  }
}

/** The size that a timing begins with. */
function windowOf(timing: string): Window | undefined {
  const { value: first } = readTiming(timing).next();
  return first?.kind === "window" && first.delay === undefined ? first : undefined;
}

/** Most runs have one part, which need not be copied. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : concat(parts);
}
