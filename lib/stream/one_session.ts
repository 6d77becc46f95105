/**
 * Sessions that follow each other in a stream, as the one session that most formats can hold.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../errors.ts";
import type { EventKind, EventOf, Nanos, SessionEvent, SessionHeader } from "../event.ts";
import type { Report } from "../report.ts";

/**
 * What a writer tells about its format.
 *
 * @example
 * ```ts
 * import { Report } from "@term2ai/term2ai";
 * const rules: OneSessionRules = { name: "ttyrec", keeps: new Set(["header", "output"]), report: new Report() };
 * ```
 */
export interface OneSessionRules {
  /** The format's name, for messages. */
  readonly name: string;
  /** The kinds of event that it can hold. */
  readonly keeps: ReadonlySet<EventKind>;
  /** The fields of a header that it can hold; left out by a format that tells of lost fields itself. */
  readonly fields?: ReadonlySet<keyof SessionHeader>;
  /** Hears of what it cannot hold. */
  readonly report: Report;
  /** What is written continues a recording that ends at this time, so the first header is one that follows another. */
  readonly continueFrom?: Nanos;
}

/**
 * Lets through what a format of one session can hold, and counts the rest as lost.
 *
 * A second `header` goes on in time where the first session ended, with a `resize` if the size differs; the rest of that
 * header is reported as lost.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { Report } from "@term2ai/term2ai";
 *
 * const session = new OneSession({ name: "demo", keeps: new Set(["header", "marker"]), report: new Report() });
 * const header = { kind: "header", time: 0, header: { cols: 80, rows: 24 } } as const;
 * deepEqual(session.admit(header), header);
 * deepEqual(session.admit({ kind: "marker", time: 5, label: "a" }), { kind: "marker", time: 5, label: "a" });
 * deepEqual(session.admit(header), undefined);
 * deepEqual(session.admit({ kind: "marker", time: 1, label: "b" }), { kind: "marker", time: 6, label: "b" });
 * ```
 */
export class OneSession {
  readonly #rules: OneSessionRules;
  #begun: boolean; // a header has been let through
  #base: Nanos; // where the session at hand begins in the recording
  #end: Nanos; // time of the last event in the recording
  #cols = 0; // of the terminal, as it is now
  #rows = 0;

  /** Begins a recording, or continues one. */
  constructor(rules: OneSessionRules) {
    this.#rules = rules;
    this.#begun = rules.continueFrom !== undefined;
    this.#base = this.#end = rules.continueFrom ?? 0;
  }

  /** Time of the last event, in the recording; 0 before the first. */
  get end(): Nanos {
    return this.#end;
  }

  /**
   * The event as the recording holds it, or `undefined` where it does not.
   *
   * @throws {UsageError} If the first event is no `header`.
   */
  admit(event: SessionEvent): SessionEvent | undefined {
    if (event.kind === "header") return this.#header(event);
    const { name, keeps, report } = this.#rules;
    if (!this.#begun) {
      throw new UsageError(`Cannot write ${name}: the first event is of kind ${event.kind}, expected a header`);
    }
    this.#end = Math.max(this.#end, this.#base + event.time);
    if (event.kind === "resize") [this.#cols, this.#rows] = [event.cols, event.rows];
    if (!keeps.has(event.kind)) return void report.lose(event.kind);
    return event.time === this.#end ? event : { ...event, time: this.#end };
  }

  #begin(event: EventOf<"header">): SessionEvent {
    this.#begun = true;
    const { fields, report } = this.#rules;
    for (const name of fields ? namesOf(event.header) : []) if (!fields!.has(name)) report.lose(`header field ${name}`);
    return event;
  }

  #header(event: EventOf<"header">): SessionEvent | undefined {
    const { cols, rows } = event.header;
    const { keeps, report } = this.#rules;
    const isOther = this.#cols !== cols || this.#rows !== rows;
    [this.#cols, this.#rows] = [cols, rows];
    if (!this.#begun) return this.#begin(event);
    this.#base = this.#end;
    report.lose("header fields of a session that follows another", namesOf(event.header).length - 2);
    if (!isOther) return undefined;
    if (!keeps.has("resize")) return void report.lose("resize");
    return { kind: "resize", time: this.#end, cols, rows };
  }
}

function namesOf(header: SessionHeader): (keyof SessionHeader)[] {
  return (Object.keys(header) as (keyof SessionHeader)[]).filter((name) => header[name] !== undefined);
}
