/**
 * Who is let in by which link, and for how long: links are looked up by their tokens, and whoever came by one that is void is
 * sent away.
 * @module
 */

import type { LinkBook, ShareLink } from "./links.ts";
import { hashOf, isValid, newLink, TOKEN } from "./links.ts";
import type { LinkWish } from "./links.ts";

/** How often links are looked at. */
const LOOK_MS = 250;
/** How long a ticket is good that nobody has used lately. */
const TICKET_MS = 10 * 60_000;
const MOST_TICKETS = 4096;

/** Somebody who is connected. */
export interface Visitor {
  readonly id: string;
  readonly link: ShareLink;
  /** Who they are. */
  readonly name: string;
  readonly role: "viewer" | "operator";
  /** Name of the session. */
  readonly session: string;
  readonly address: string;
  /** `page` or `terminal`. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Whether they cannot keep up. */
  readonly isBehind: () => boolean;
  /** Closes the connection now; `isFinal` tells that there is no sense in coming back. */
  kick(reason: string, isFinal: boolean): void;
}

/** What lets a connection in that cannot send a token: browsers let no page set the headers of a WebSocket. */
interface Ticket {
  readonly link: ShareLink;
  usedAt: number;
}

/** The links that are good now, and those who came by them. */
export class Access {
  readonly visitors: Set<Visitor> = new Set();
  readonly #book: LinkBook;
  readonly #own: ShareLink[] = [];
  readonly #tickets = new Map<string, Ticket>();
  readonly #onchange: () => void;
  #links: readonly ShareLink[] = [];
  #version = "";
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param onchange Hears that links came or went. */
  private constructor(book: LinkBook, onchange: () => void) {
    this.#book = book;
    this.#onchange = onchange;
  }

  static async open(book: LinkBook, onchange: () => void = () => {}): Promise<Access> {
    const access = new Access(book, onchange);
    await access.look();
    access.#timer = setInterval(() => void access.look().catch(() => {}), LOOK_MS);
    return access;
  }

  /** Links that anybody could come by. */
  get links(): readonly ShareLink[] {
    return [...this.#own, ...this.#links].filter((link) => isValid(link));
  }

  /** Makes a link that is void when this process ends; returns its token. */
  async addOwn(wish: LinkWish): Promise<string> {
    const { link, token } = await newLink(wish);
    this.#own.push(link);
    return token;
  }

  /** The link that a token opens. */
  async find(token: string): Promise<ShareLink | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const hash = await hashOf(token);
    const known = this.links.find((link) => link.hash === hash);
    if (known) return known;
    await this.look(); // it may be new
    return this.links.find((link) => link.hash === hash);
  }

  /** Makes a ticket for a link. */
  ticketFor(link: ShareLink): string {
    const now = Date.now();
    for (const [ticket, { usedAt }] of this.#tickets) if (now - usedAt > TICKET_MS) this.#tickets.delete(ticket);
    if (this.#tickets.size >= MOST_TICKETS) this.#tickets.delete(this.#tickets.keys().next().value!);
    const ticket = crypto.randomUUID();
    this.#tickets.set(ticket, { link, usedAt: now });
    return ticket;
  }

  /** The link that a ticket stands for, while that is good. A ticket can be used again, by whom the network has dropped. */
  findTicket(ticket: string): ShareLink | undefined {
    const found = this.#tickets.get(ticket);
    if (!found || Date.now() - found.usedAt > TICKET_MS || !this.#isGood(found.link)) return undefined;
    found.usedAt = Date.now();
    return found.link;
  }

  /** Somebody who has been let in, until the function that is returned is called. */
  enter(visitor: Visitor): () => void {
    this.visitors.add(visitor);
    return () => this.visitors.delete(visitor);
  }

  /** Reads the links where they have changed, and sends away who came by one that is void. */
  async look(): Promise<void> {
    const version = await this.#book.version();
    const hasChanged = version !== this.#version;
    if (hasChanged) {
      this.#links = await this.#book.all();
      this.#version = version;
    }
    for (const visitor of this.visitors) {
      if (!this.#isGood(visitor.link)) {
        visitor.kick(isValid(visitor.link) ? "The link was revoked" : "The link has expired", true);
      }
    }
    if (hasChanged) this.#onchange();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #isGood({ id }: ShareLink): boolean {
    return this.links.some((link) => link.id === id);
  }
}
