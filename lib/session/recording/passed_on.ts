/**
 * Remembers what was written to where nothing can be taken back, so that at the end it can be told whether secrets are in it.
 *
 * A value is often told only later what it is: printed first, and then behind `password=`. Whoever reads a pipe cannot find
 * that out any more, since the second time it is masked; here both are known.
 * @module
 */

import { type EventOf, SECOND, type SessionEvent } from "../../event.ts";
import { findSecrets, type Secrets } from "../../security/redact.ts";
import { streamOf } from "../../stream/collect.ts";

/** The latest so many bytes are remembered. */
const MOST_BYTES = 4 << 20;
/** What an event takes beside its bytes, about. */
const EVENT_BYTES = 64;

/** The last that was written, in memory. */
export class PassedOn {
  #events: SessionEvent[] = [];
  #first = 0; // what stands before was forgotten
  #bytes = 0;
  #header: EventOf<"header"> | undefined;
  #forgot = false;

  /** Takes what was written. */
  push(event: SessionEvent): void {
    if (event.kind === "keyframe" || event.kind === "screen") return;
    if (event.kind === "header") this.#header = event;
    this.#events.push(owned(event));
    this.#bytes += sizeOf(event);
    while (this.#bytes > MOST_BYTES) {
      this.#bytes -= sizeOf(this.#events[this.#first]!);
      this.#first++;
      this.#forgot = true;
    }
    if (this.#first < 1024 || this.#first * 2 < this.#events.length) return;
    this.#events.splice(0, this.#first);
    this.#first = 0;
  }

  /**
   * What stays in it, in words; nothing where nothing does. By now everything is known that was to be hidden.
   *
   * @param late Whether some bytes of a secret were written before it was told.
   */
  async secrets(secrets: Secrets, late: boolean): Promise<string | undefined> {
    const events = this.#events.slice(this.#first), from = events[0]?.time ?? 0;
    if (this.#forgot && this.#header) events.unshift(this.#header);
    const { list } = (await findSecrets(() => streamOf(...events), secrets)).findings;
    if (list.length > 0) return staysIn(list.length);
    if (late) return "some of a secret that was told only later stays in what was written before";
    if (!this.#forgot) return undefined;
    return `secrets that were told only later may stay in what was written before ${Math.floor(from / SECOND)} s`;
  }
}

/** Says in how many places there still are secrets. One that is drawn letter by letter, from its end on, stands in many. */
export function staysIn(places: number): string {
  return places === 1
    ? "a secret that was told only later stays in 1 place of what was written before"
    : `secrets that were told only later stay in ${places} places of what was written before`;
}

/** One byte of a large buffer keeps all of it. */
function owned(event: SessionEvent): SessionEvent {
  if (event.kind !== "output" && event.kind !== "input") return event;
  return event.data.buffer.byteLength > 2 * event.data.length ? { ...event, data: event.data.slice() } : event;
}

function sizeOf(event: SessionEvent): number {
  return EVENT_BYTES + (event.kind === "output" || event.kind === "input" ? event.data.length : 0);
}
