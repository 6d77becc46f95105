/**
 * Looks at what a session uses, now and then: for whoever asks, for the recording, and for its limits.
 * @module
 */

import type { Json } from "../../event.ts";
import { ProcessGroup, proportionalSize, type Usage, workingDirectory } from "./processes.ts";

/** An answer is good for so long: many may ask at once. */
const FRESH_MS = 200;

/** What was seen. */
export interface Sight {
  readonly usage: Usage;
  readonly hostMemoryBytes: number;
}

/** Looks at the processes of one session. */
export class Monitor {
  readonly group: ProcessGroup;
  /** What bounds the session, for whoever asks. */
  readonly limits: Json;
  readonly #pid: number;
  #seen: Sight | undefined;
  #seenAt = 0;

  /**
   * @param pid The program.
   * @param adopts Whether this process inherits the session's orphans, and those of no other session.
   */
  constructor(pid: number, adopts: boolean, limits: Json) {
    this.#pid = pid;
    this.group = new ProcessGroup(pid, adopts ? Deno.pid : 0);
    this.limits = limits;
  }

  /** Everything, with shared memory told apart. */
  look(): Sight {
    const now = performance.now();
    if (this.#seen && now - this.#seenAt < FRESH_MS) return this.#seen;
    this.#seenAt = now;
    return this.#seen = {
      usage: this.group.measure(true),
      hostMemoryBytes: proportionalSize(Deno.pid) ?? Deno.memoryUsage().rss,
    };
  }

  /** Where the program works, where that can be told. */
  get cwd(): string | undefined {
    return workingDirectory(this.#pid);
  }
}
