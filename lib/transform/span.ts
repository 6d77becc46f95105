/**
 * A part of a session, by its two ends: a time, a marker, or a share of the whole.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../errors.ts";
import { type Nanos, SECOND, type SessionEvent } from "../event.ts";

/**
 * A place in a session: a time since its header, the first marker of a label, or a share of its length from 0 to 1.
 *
 * @example
 * ```ts
 * const points: SessionPoint[] = [{ time: 90e9 }, { marker: "the build" }, { part: 0.5 }];
 * ```
 */
export type SessionPoint = { readonly time: Nanos } | { readonly marker: string } | { readonly part: number };

/**
 * What lies between two places. What happened at `from` belongs to it, what happened at `to` does not.
 *
 * @example The second quarter of a session of 80 s
 * ```ts
 * const span: Span = { from: { part: 0.25 }, to: { part: 0.5 }, durations: [80e9] };
 * ```
 */
export interface Span {
  /** Where it begins; with the session if left out. A marker belongs to what it begins. */
  readonly from?: SessionPoint;
  /** Where it ends; with the session if left out. A marker counts from `from` on. */
  readonly to?: SessionPoint;
  /** How long each session of the stream is, which shares need to be known. */
  readonly durations?: readonly Nanos[];
}

/**
 * Tells of each event of a stream whether it lies before, inside or behind a span. A `header` starts afresh.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const finder = new SpanFinder({ from: { marker: "go" } });
 * equal(finder.place({ kind: "header", time: 0, header: { cols: 80, rows: 24 } }), "before");
 * equal(finder.place({ kind: "marker", time: 5, label: "go" }), "inside");
 * equal(finder.from, 5);
 * ```
 */
export class SpanFinder {
  readonly #span: Span;
  readonly #never: Set<"from" | "to">; // ends that no session has reached yet
  #session = -1;
  #place: "before" | "inside" | "behind" = "before";
  #from: Nanos = 0;
  #to: Nanos = Infinity;
  #longest: Nanos = 0; // when the session ended that went on for longest

  /**
   * Begins before the first session.
   *
   * @throws {RangeError} If a place is none, or the span ends before it begins.
   */
  constructor(span: Span) {
    const { from = { time: 0 }, to = { time: Infinity } } = span;
    for (const point of [from, to]) check(point);
    if (
      "time" in from && "time" in to && to.time <= from.time || "part" in from && "part" in to && to.part <= from.part
    ) {
      throw new RangeError(`Cannot take what lies between ${named(from)} and ${named(to)}: it ends before it begins`);
    }
    this.#span = { ...span, from, to };
    this.#never = new Set(["from", ...("marker" in to ? ["to"] as const : [])]);
  }

  /** Time at which the span begins, once it has begun. */
  get from(): Nanos {
    return this.#from;
  }

  /** Time at which it ends, once it has ended. */
  get to(): Nanos {
    return this.#to;
  }

  /** Where an event lies. Each has to be shown, in order. */
  place(event: SessionEvent): "before" | "inside" | "behind" {
    if (event.kind === "header") {
      this.#session++;
      this.#place = "before";
    }
    if (event.time > this.#longest) this.#longest = event.time;
    if (this.#place === "before" && this.#isAt("from", event)) {
      this.#from = this.#timeOf("from") ?? event.time;
      this.#place = "inside";
    }
    if (this.#place === "inside" && this.#isAt("to", event)) {
      this.#to = Math.max(this.#from, this.#timeOf("to") ?? event.time);
      this.#place = "behind";
    }
    return this.#place;
  }

  /**
   * To be asked when the stream is over.
   *
   * @throws {UsageError} If no session had a place that was asked for.
   */
  finish(): void {
    const [missing] = this.#never;
    if (missing === undefined || this.#session < 0) return;
    const point = this.#span[missing]!;
    const why = "marker" in point ? "no session has such a marker" : this.#tooLate();
    throw new UsageError(`Cannot find ${named(point)} in the recording: ${why}`);
  }

  #tooLate(): string {
    const end = `${this.#longest / SECOND} s`;
    return this.#session > 0 ? `no session is as long as that; the longest ends at ${end}` : `it ends at ${end}`;
  }

  #isAt(end: "from" | "to", event: SessionEvent): boolean {
    const point = this.#span[end]!;
    const isThere = "marker" in point
      ? event.kind === "marker" && event.label === point.marker
      : event.time >= this.#timeOf(end)!;
    if (isThere) this.#never.delete(end);
    return isThere;
  }

  /** `undefined` for a marker. */
  #timeOf(end: "from" | "to"): Nanos | undefined {
    const point = this.#span[end]!;
    if ("time" in point) return point.time;
    if ("marker" in point) return undefined;
    const duration = this.#span.durations?.[this.#session];
    if (duration === undefined) {
      throw new RangeError(`Cannot find ${named(point)}: the length of the session is not known`);
    }
    return point.part === 1 && end === "to" ? Infinity : Math.round(duration * point.part);
  }
}

function check(point: SessionPoint): void {
  if ("time" in point && !(point.time >= 0) || "part" in point && !(point.part >= 0 && point.part <= 1)) {
    throw new RangeError(`Cannot find ${named(point)}: expected a time >= 0 or a share from 0 to 1`);
  }
}

function named(point: SessionPoint): string {
  if ("marker" in point) return `the marker ${JSON.stringify(point.marker)}`;
  return "part" in point ? `${Number((100 * point.part).toFixed(3))} %` : `${point.time / SECOND} s`;
}
