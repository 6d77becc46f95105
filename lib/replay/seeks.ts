/**
 * The one seek that is to be done next.
 *
 * Whoever asks for another one before it is done replaces it: what showed for a moment on the way would only be in the way.
 *
 * This module is browser compatible.
 * @module
 */

import type { Position } from "./block_reader.ts";

/**
 * Finds where to go, seen from where the replay is; `undefined` to stay there.
 *
 * @example
 * ```ts
 * const nowhere: PositionFinder = () => Promise.resolve(undefined);
 * ```
 */
export type PositionFinder = (from: Position, signal: AbortSignal) => Promise<Position | undefined>;

/**
 * A seek that was asked for.
 *
 * @example
 * ```ts
 * const isStale = (request: SeekRequest) => request.signal.aborted;
 * ```
 */
export interface SeekRequest {
  /** Where it leads. */
  readonly find: PositionFinder;
  /** Aborts when another one takes its place. */
  readonly signal: AbortSignal;
}

/**
 * Holds that seek.
 *
 * @example The second one wins
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const seeks = new Seeks();
 * const stay: PositionFinder = () => Promise.resolve(undefined);
 * const [first, second] = [seeks.ask(stay), seeks.ask(stay)];
 * seeks.settle(seeks.request!, true);
 * deepEqual(await Promise.all([first, second]), [false, true]);
 * ```
 */
export class Seeks {
  #request: { find: PositionFinder; signal: AbortSignal } | undefined;
  #abort = new AbortController();
  #done = Promise.withResolvers<boolean>();
  #closed = false;

  /** The seek that is to be done, if there is one. */
  get request(): SeekRequest | undefined {
    return this.#request;
  }

  /** Asks for a seek in place of any before it; resolves with whether it was done. */
  ask(find: PositionFinder): Promise<boolean> {
    this.#drop();
    if (this.#closed) return Promise.resolve(false);
    this.#abort = new AbortController();
    this.#done = Promise.withResolvers();
    this.#request = { find, signal: this.#abort.signal };
    return this.#done.promise;
  }

  /** Asks for one that goes on from where the one before it leads, which need not show. */
  askThen(find: PositionFinder): Promise<boolean> {
    const before = this.#request?.find;
    if (!before) return this.ask(find);
    return this.ask(async (from, signal) => {
      const first = await before(from, signal) ?? from;
      return await find(first, signal) ?? first;
    });
  }

  /** Resolves when no seek is under way. */
  async settled(): Promise<void> {
    while (this.#request) await this.#done.promise;
  }

  /** Hears what became of a request; nothing happens if it is not the one at hand any more. */
  settle(request: SeekRequest, isDone: boolean): void {
    if (this.#request !== request) return;
    this.#request = undefined;
    this.#done.resolve(isDone);
  }

  /** No seek is done any more. */
  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #drop(): void {
    if (!this.#request) return;
    this.#request = undefined;
    this.#abort.abort();
    this.#done.resolve(false);
  }
}
