/**
 * What the lines of letter H in an advanced timing log tell of a session.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionHeader } from "../../lib/event.ts";
import { readDate, sizeOf } from "./log.ts";
import type { TimingEntry } from "./timing.ts";

/** Names beyond these are a hostile file's. */
const MOST = 100;

/**
 * Facts by name.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const facts = new Facts();
 * facts.add({ letter: "H", delta: 0, rest: "SHELL /bin/sh" });
 * facts.add({ letter: "H", delta: 0, rest: "EXIT_CODE 3" });
 * deepEqual(facts.header, { shell: "/bin/sh" });
 * equal(facts.number("EXIT_CODE"), 3);
 * ```
 */
export class Facts {
  readonly #values = new Map<string, string>();

  /** Takes one line. */
  add({ rest }: TimingEntry): void {
    const [, name, value] = /^(\S+) ?(.*)$/s.exec(rest) ?? [];
    if (name !== undefined && this.#values.size < MOST) this.#values.set(name, value!);
  }

  /** The value of a name. */
  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** The value of a name, if it is a number. */
  number(name: string): number | undefined {
    const value = this.#values.get(name) ?? "";
    return /^-?\d{1,10}(\.\d{1,9})?$/.test(value) ? Number(value) : undefined;
  }

  /** What there is for the header of a session. */
  get header(): Partial<SessionHeader> {
    const startedAt = readDate(this.get("START_TIME") ?? "");
    const named = { command: this.get("COMMAND"), shell: this.get("SHELL"), term: this.get("TERM") };
    const sizes = { cols: sizeOf(this.get("COLUMNS")), rows: sizeOf(this.get("LINES")) };
    return Object.fromEntries(Object.entries({ startedAt, ...named, ...sizes }).filter(isTold));
  }
}

function isTold([, value]: [string, unknown]): boolean {
  return value !== undefined && value !== "";
}
