/**
 * What a reader or writer has to say about a recording beside its events: what was wrong with it, what could not be kept.
 *
 * A damaged line, a clock that ran backwards or a byte that is no UTF-8 stops nobody. Each kind of finding is counted and
 * told once, so a thousand bad lines are one warning with a number.
 *
 * This module is browser compatible.
 * @module
 */

import type { Place } from "./errors.ts";

/**
 * One kind of finding: how often, and where first.
 *
 * @example
 * ```ts
 * const finding: Finding = { code: "bad-line", message: "a line that is not an event was left out", count: 3, first: { line: 12 } };
 * ```
 */
export interface Finding {
  /** Stable name of the kind. */
  readonly code: string;
  /** What happened, for people, as a clause that a count can follow. */
  readonly message: string;
  /** How often it came up. */
  readonly count: number;
  /** Where it came up first. */
  readonly first: Place;
}

/**
 * Whether the end of a recording is really its end: `complete` as its format says, `unfinished` when it stops without an
 * end, `unknown` when the format does not tell.
 *
 * @example
 * ```ts
 * const state: Completeness = "unfinished";
 * ```
 */
export type Completeness = "complete" | "unfinished" | "unknown";

/**
 * Collects findings while a recording is read or written.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const report = new Report();
 * report.warn("clock-backwards", "time ran backwards and was held", { line: 4 });
 * report.warn("clock-backwards", "time ran backwards and was held", { line: 9 });
 * report.lose("input", 2);
 * deepEqual(report.warnings.map((warning) => [warning.code, warning.count, warning.first.line]), [["clock-backwards", 2, 4]]);
 * deepEqual([...report.losses], [["input", 2]]);
 * ```
 */
export class Report {
  readonly #findings = new Map<string, { -readonly [Key in keyof Finding]: Finding[Key] }>();
  readonly #losses = new Map<string, number>();

  /** What the format said about the recording's end; set by its reader. */
  completeness: Completeness = "unknown";

  /** Bytes at the end that belong to no whole event or block: the torn tail of a crash. Set by the reader. */
  tornBytes = 0;

  /** Whether any of it was encrypted: then nothing of what it holds may be kept elsewhere unasked. Set by the reader. */
  encrypted = false;

  /** Whether any of it was signed: what is made of it is not. Set by the reader. */
  signed = false;

  /** Up to where its end, which has no seal, says that it was signed, by checkpoints. Set by the reader. */
  signedUntil: number | undefined;

  /** Counts one finding, and remembers the first place. */
  warn(code: string, message: string, place: Place = {}): void {
    const known = this.#findings.get(code);
    if (known) known.count++;
    else this.#findings.set(code, { code, message, count: 1, first: place });
  }

  /** Counts `count` things of a kind that a writer's format cannot hold. */
  lose(what: string, count = 1): void {
    if (count > 0) this.#losses.set(what, (this.#losses.get(what) ?? 0) + count);
  }

  /** All findings, in the order in which each kind came up first. */
  get warnings(): readonly Finding[] {
    return [...this.#findings.values()];
  }

  /** What was lost in writing, by kind. */
  get losses(): ReadonlyMap<string, number> {
    return this.#losses;
  }
}

/**
 * Tells a finding in one line.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(
 *   describeFinding({ code: "x", message: "a line that is not an event was left out", count: 3, first: { line: 12 } }),
 *   "a line that is not an event was left out (3 times, first at line 12)",
 * );
 * ```
 */
export function describeFinding({ message, count, first }: Finding): string {
  const place = first.line !== undefined ? `line ${first.line}` : first.byte !== undefined ? `byte ${first.byte}` : "";
  if (count === 1) return place ? `${message} (at ${place})` : message;
  return `${message} (${count} times${place ? `, first at ${place}` : ""})`;
}
