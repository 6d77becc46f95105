/**
 * Events in, events without secrets out, as they come.
 *
 * What may be the beginning of a secret waits for what follows: 4 KiB or 250 ms, and then what is likely to be one is hidden.
 *
 * This module is browser compatible.
 * @module
 */

import { type EventOf, MILLISECOND, type Nanos, type SessionEvent } from "../../event.ts";
import type { StageCore } from "../../stream/stage.ts";
import { SecretFindings } from "./findings.ts";
import { pendingWithOutput } from "./pending_bytes.ts";
import type { Secrets } from "./secrets.ts";
import { type ByteStream, Watch } from "./watch.ts";

/** How long anything waits. */
export const LONGEST_HOLD: Nanos = 250 * MILLISECOND;
/** How many bytes wait. */
export const MOST_HELD = 4096;
/** How many events wait behind them. */
const MOST_EVENTS = 4096;

type BytesEvent = EventOf<"output"> | EventOf<"input">;

/** Bytes that wait, and where in their stream they begin. */
interface Slot {
  readonly event: BytesEvent;
  readonly at: number;
}

/**
 * The core of the stage, with a clock of its owner's.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Secrets } from "./secrets.ts";
 *
 * let text = "";
 * const redactor = new Redactor(new Secrets(), (event) => text += event.kind === "marker" ? event.label : "");
 * redactor.push({ kind: "marker", time: 0, label: "curl -u ada:s3cr3t" });
 * equal(text, "curl -u ada:******");
 * ```
 */
export class Redactor implements StageCore {
  readonly #watch: Watch;
  readonly #emit: (event: SessionEvent) => void;
  #queue: (SessionEvent | Slot)[] = [];
  #held = 0; // bytes in the queue
  #since: Nanos = 0; // when the first of what waits happened
  #passed = 0; // bytes of output
  readonly #given: StageCore;

  /**
   * @param isRevised Whether a second pass over all that was emitted follows. What could be told only when some of it had been
   *   passed on is left whole for it.
   */
  constructor(
    secrets: Secrets,
    emit: (event: SessionEvent) => void,
    findings: SecretFindings = new SecretFindings(),
    isRevised = false,
  ) {
    this.#watch = new Watch(secrets, findings, isRevised);
    this.#emit = emit;
    this.#given = pendingWithOutput((event) => this.#pushed(event));
  }

  /** When {@linkcode release} has something to do at the latest; `Infinity` for never. */
  get deadline(): Nanos {
    return this.#queue.length === 0 ? Infinity : this.#since + LONGEST_HOLD;
  }

  /** How many bytes of secrets were found when they had been passed on already. */
  get late(): number {
    return this.#watch.edits.output.late + this.#watch.edits.input.late;
  }

  push(event: SessionEvent): void {
    this.#given.push(event);
  }

  #pushed(event: SessionEvent): void {
    if (event.kind === "keyframe") return; // it can be computed again, from what is left
    if (event.kind === "header" || event.kind === "screen") this.#end();
    else this.release(event.time);
    if (event.kind === "output" || event.kind === "input") this.#take(event);
    else this.#enqueue(this.#other(event), event.time);
    this.#pass();
    if (this.#held > MOST_HELD || this.#queue.length > MOST_EVENTS) this.#hurry();
  }

  /** Lets go of what has waited for long enough at `now`. */
  release(now: Nanos): void {
    if (now >= this.deadline) this.#hurry();
  }

  flush(): void {
    this.#given.flush();
    this.#end();
  }

  #end(): void {
    this.#watch.peek(this.#passed);
    this.#watch.hurry();
    this.#watch.finish();
    this.#passAll();
  }

  #take(event: BytesEvent): void {
    const at = this.#watch.length[event.kind];
    this.#watch.push(event);
    this.#enqueue({ event, at }, event.time);
    this.#held += event.data.length;
    this.#watch.peek(this.#passed);
  }

  #other(event: Exclude<SessionEvent, BytesEvent | { kind: "keyframe" }>): SessionEvent {
    this.#watch.push(event);
    return this.#watch.text.inEvent(event);
  }

  #enqueue(next: SessionEvent | Slot, time: Nanos): void {
    if (this.#queue.length === 0) this.#since = time;
    this.#queue.push(next);
  }

  #hurry(): void {
    this.#watch.hurry();
    this.#passAll();
  }

  #passAll(): void {
    for (const next of this.#queue.splice(0)) this.#give(next);
    this.#held = 0;
  }

  /** Passes on what is decided. Of a large event the decided part goes ahead. */
  #pass(): void {
    const hold: Record<ByteStream, number> = {
      output: this.#watch.holdFrom("output"),
      input: this.#watch.holdFrom("input"),
    };
    let count = 0;
    for (const next of this.#queue) {
      if ("at" in next && next.at + next.event.data.length > hold[next.event.kind]) break;
      if ("at" in next) this.#held -= next.event.data.length;
      this.#give(next);
      count++;
    }
    if (count > 0) this.#queue.splice(0, count);
    const first = this.#queue[0];
    if (first === undefined) return;
    if (count > 0) this.#since = "at" in first ? first.event.time : first.time;
    if ("at" in first) this.#split(first, hold[first.event.kind]);
  }

  #split({ event, at }: Slot, hold: number): void {
    const decided = hold - at;
    if (event.data.length <= MOST_HELD || decided <= 0) return;
    this.#give({ event: { ...event, data: event.data.subarray(0, decided) }, at });
    this.#queue[0] = { event: { ...event, data: event.data.subarray(decided) }, at: hold };
    this.#held -= decided;
  }

  #give(next: SessionEvent | Slot): void {
    if (!("at" in next)) return this.#emit(next);
    const { event, at } = next;
    if (event.kind === "output") this.#passed = at + event.data.length;
    const data = this.#watch.edits[event.kind].apply(at, event.data);
    if (data === event.data) this.#emit(event);
    else if (data.length > 0) this.#emit({ ...event, data });
  }
}
