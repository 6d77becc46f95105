/**
 * Who may ask at all: requests that a browser was tricked into, and whoever guesses, are refused before anything else.
 * @module
 */

import { type Asked, Refusal } from "./request.ts";

/**
 * Refuses requests for other machines and from other pages.
 *
 * A page of somebody else can have a browser send requests here. They come with its origin. And a name of somebody else can lead
 * to this address ("DNS rebinding"): then the page has our origin, but its host is not ours.
 */
export class Doorkeeper {
  readonly #hosts: ReadonlySet<string>;

  readonly #origin: string | undefined;

  /**
   * @param hosts Names and addresses that are ours, without ports.
   * @param origin Of our pages, where a proxy leads here and tells another host than browsers do.
   */
  constructor(hosts: Iterable<string>, origin?: string) {
    this.#origin = origin;
    this.#hosts = new Set([...hosts].map((host) => host.toLowerCase()));
  }

  /** @throws {Refusal} If the request is not from a page of ours, or from a program. */
  check({ headers }: Asked): void {
    const host = headers.get("host")?.toLowerCase() ?? "";
    if (!this.#hosts.has(nameOf(host))) {
      throw new Refusal(421, "This host is not served here; whoever runs the server can name it with --url");
    }
    const origin = headers.get("origin")?.toLowerCase();
    const ours = [`http://${host}`, `https://${host}`, this.#origin];
    if (origin !== undefined && !ours.includes(origin)) {
      throw new Refusal(403, "Pages of other origins are not answered");
    }
    const site = headers.get("sec-fetch-site");
    if (site !== undefined && site !== "same-origin" && site !== "none" && !isVisit(headers)) {
      throw new Refusal(403, "Pages of other sites are not answered");
    }
  }
}

/** Somebody follows a link to the page itself. */
function isVisit(headers: ReadonlyMap<string, string>): boolean {
  return headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
}

/** A host without its port. */
export function nameOf(host: string): string {
  return host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
}

/** So many wrong tokens are heard from one address … */
const WRONG = 20;
/** … in this time. */
const WINDOW_MS = 60_000;
/** Addresses that are remembered. */
const ADDRESSES = 10_000;

/**
 * Counts wrong tokens.
 *
 * A right one is never refused for the wrong ones of others: behind a proxy everybody comes from one address, and whoever
 * guesses could keep all others out. It need not be, since nobody finds a token of 256 bits by trying.
 */
export class GuessCounter {
  readonly #wrong = new Map<string, { count: number; until: number }>();

  /** @throws {Refusal} Always: how, tells whether it was too many. */
  refuse(address: string, why: string, now: number = Date.now()): never {
    const known = this.#wrong.get(address);
    const entry = known && now < known.until ? known : { count: 0, until: now + WINDOW_MS };
    entry.count++;
    this.#wrong.delete(address);
    this.#wrong.set(address, entry);
    if (this.#wrong.size > ADDRESSES) this.#wrong.delete(this.#wrong.keys().next().value!);
    if (entry.count > WRONG) throw new Refusal(429, "Too many wrong links from this address; wait a minute");
    throw new Refusal(401, why);
  }
}
