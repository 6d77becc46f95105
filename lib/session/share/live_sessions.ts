/**
 * The sessions that are shared, and the feeds of those that somebody looks at.
 * @module
 */

import type { SessionInfo } from "../control/protocol.ts";
import type { Session } from "../session.ts";
import type { SessionManager } from "../session_manager.ts";
import { Feed } from "./feed.ts";
import type { ShareLink } from "./links.ts";

/** However many ask, sessions are asked once in this time. */
const FRESH_MS = 500;

/** The live sessions of one user, as far as a link opens them. */
export class LiveSessions {
  readonly #manager: SessionManager;
  readonly #feeds = new Map<string, Promise<Feed>>();
  #list: Promise<SessionInfo[]> = Promise.resolve([]);
  #listedAt = -Infinity;

  constructor(manager: SessionManager) {
    this.#manager = manager;
  }

  /** What a link opens. */
  async openTo(link: ShareLink): Promise<SessionInfo[]> {
    return (await this.#all()).filter((info) => opens(link, info));
  }

  /** A session by its name, if there is one and the link opens it. */
  async find(link: ShareLink, name: string): Promise<{ session: Session; info: SessionInfo } | undefined> {
    const isMeant = (info: SessionInfo) => info.name === name && opens(link, info);
    let info = (await this.#all()).find(isMeant);
    if (!info) {
      this.#listedAt = -Infinity; // it may be new
      info = (await this.#all()).find(isMeant);
    }
    return info && { info, session: await this.#manager.getSession(info.name) };
  }

  /** What a session tells all who look on. */
  async feedOf(session: Session, { id }: SessionInfo): Promise<Feed> {
    const known = this.#feeds.get(id);
    if (known) return await known;
    const opening = Feed.open(session);
    this.#feeds.set(id, opening);
    const forget = () => this.#feeds.get(id) === opening && this.#feeds.delete(id);
    opening.then((feed) => feed.over.then(forget), forget);
    return await opening;
  }

  /** Lets go of all sessions. */
  async close(): Promise<void> {
    for (const opening of [...this.#feeds.values()]) {
      const feed = await opening.catch(() => undefined);
      feed?.close();
      await feed?.over;
    }
  }

  #all(): Promise<SessionInfo[]> {
    if (performance.now() - this.#listedAt > FRESH_MS) {
      this.#listedAt = performance.now();
      this.#list = this.#manager.listSessions().catch(() => []);
    }
    return this.#list;
  }
}

/** A session that came later under the same name is another one. */
function opens({ session }: ShareLink, { id }: SessionInfo): boolean {
  return session === undefined || session.id === id;
}
