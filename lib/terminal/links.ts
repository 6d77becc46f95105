/**
 * The targets of links (OSC 8), by number.
 *
 * This module is browser compatible.
 * @module
 */

/** A target; links of one id belong together. */
export interface Link {
  readonly uri: string;
  readonly id?: string;
}

/** More targets at a time are a hostile recording's; those that no cell has any more are forgotten first. */
const MOST = 4096;
/** As VTE and others have it. */
const LONGEST = 2083;

/** Numbers targets from 1. 0 is no link. */
export class Links {
  #numbers = new Map<string, number>();
  #targets = new Map<number, Link>();
  #next = 1;
  readonly #used: () => ReadonlySet<number>;

  /** @param used The numbers that are still on some screen. */
  constructor(used: () => ReadonlySet<number>) {
    this.#used = used;
  }

  /** The number of a target, 0 if it is too long or there are too many. */
  register({ uri, id }: Link): number {
    if (uri.length > LONGEST || (id?.length ?? 0) > 250) return 0;
    const key = `${id ?? ""};${uri}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#targets.size >= MOST) this.#forget();
    if (this.#targets.size >= MOST) return 0;
    this.#numbers.set(key, this.#next);
    this.#targets.set(this.#next, id === undefined ? { uri } : { uri, id });
    return this.#next++;
  }

  /** The target of a number. */
  get(number: number): Link | undefined {
    return this.#targets.get(number);
  }

  #forget(): void {
    const used = this.#used();
    for (const [key, number] of this.#numbers) {
      if (used.has(number)) continue;
      this.#numbers.delete(key);
      this.#targets.delete(number);
    }
  }
}
