/**
 * What was hidden, told without showing it.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../../event.ts";

/**
 * Where a secret stood.
 *
 * @example
 * ```ts
 * const place: SecretPlace = "output";
 * ```
 */
export type SecretPlace =
  | "output"
  | "input"
  | "terminal-string"
  | "header"
  | "marker"
  | "note"
  | "command"
  | "custom"
  | "screen";

/**
 * One secret, however often it stands in a recording.
 *
 * @example
 * ```ts
 * const finding: SecretFinding = { rule: "github-token", id: "9f3ac0d1", time: 0, places: ["output"], count: 2 };
 * ```
 */
export interface SecretFinding {
  /** Which rule found it. */
  readonly rule: string;
  /** Tells it from other secrets of this report: eight digits of a hash with a salt of this run, which lead nowhere. */
  readonly id: string;
  /** When it came up first. */
  readonly time: Nanos;
  /** Where it stands. */
  readonly places: readonly SecretPlace[];
  /** How often it was drawn or written. */
  readonly count: number;
}

/** How many different secrets are told apart; more are counted by their rule alone. */
const MOST = 10_000;

/**
 * A list of findings, without the secrets.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const findings = new SecretFindings();
 * findings.add("jwt", "0123456789abcdef", 5, "output");
 * findings.add("jwt", "0123456789abcdef", 9, "input");
 * equal(findings.list[0]?.count, 2);
 * ```
 */
export class SecretFindings {
  readonly #all = new Map<string, { rule: string; id: string; time: Nanos; places: Set<SecretPlace>; count: number }>();

  #isClosed = false;

  /** Notes a secret by its salted hash. */
  add(rule: string, hash: string, time: Nanos, place: SecretPlace): void {
    if (this.#isClosed) return;
    const id = this.#all.size < MOST || this.#all.has(`${rule} ${hash}`) ? hash : "";
    const key = `${rule} ${id}`;
    const known = this.#all.get(key);
    if (!known) {
      this.#all.set(key, { rule, id: id.slice(0, 8), time, places: new Set([place]), count: 1 });
      return;
    }
    known.places.add(place);
    known.count++;
  }

  /** Takes no more: all that there is has been looked at. */
  close(): void {
    this.#isClosed = true;
  }

  /** In the order in which they came up. */
  get list(): readonly SecretFinding[] {
    return Array.from(this.#all.values(), ({ places, ...finding }) => ({ ...finding, places: [...places] }))
      .sort((one, other) => one.time - other.time);
  }
}
