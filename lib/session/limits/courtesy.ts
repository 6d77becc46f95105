/**
 * Lets others go first while nobody is attached.
 *
 * A key typed into one session goes through several threads, each of which waits for its turn among the hosts of all that print.
 * With thirty floods on two cores an echo took 30 ms, and 2 ms with hosts that stand back while nobody looks at them. The kernel
 * puts each host and each program in a group of its own (`CONFIG_SCHED_AUTOGROUP`), so it is the group that stands back, and
 * the program that runs in the session does not.
 * @module
 */

import { setGroupNiceness } from "../../host/process_limits.ts";

const NICENESS = 10;
/** Whoever leaves is often back at once, and each change takes locks of the whole system. */
const LINGER_MS = 1000;
/** The kernel takes so few changes a second of all processes together. */
const AGAIN_MS = 150;

/** The place of one host among others. */
export class Courtesy {
  readonly #set: (niceness: number) => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #niceness = 0;

  /** @param set Says whether there is no sense in trying again. */
  constructor(set: (niceness: number) => boolean = setGroupNiceness) {
    this.#set = set;
  }

  /** So many are attached from now on. */
  attended(clients: number): void {
    clearTimeout(this.#timer);
    if (clients > 0) this.#become(0);
    else this.#timer = setTimeout(() => this.#become(NICENESS), LINGER_MS);
  }

  /** Nothing changes any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #become(niceness: number): void {
    if (niceness === this.#niceness) return;
    if (this.#set(niceness)) this.#niceness = niceness;
    else this.#timer = setTimeout(() => this.#become(niceness), AGAIN_MS);
  }
}
