/**
 * Puts live sessions and recordings on a web page, for whoever has a link.
 *
 * It is a client of sessions like any other, in a process of its own: what happens to it happens to no session. Everything that
 * comes from outside is bounded: connections, the time a request may take, its length, messages, guesses.
 * @module
 */

import { SessionError } from "../../errors.ts";
import type { Applicant } from "../attach/audience.ts";
import { Wire } from "../control/http.ts";
import type { SessionInfo } from "../control/protocol.ts";
import type { Session } from "../session.ts";
import { SocketConnection } from "../control/web_socket.ts";
import type { Access, Visitor } from "./access.ts";
import { ALIS } from "./alis.ts";
import { loadAssets } from "./assets.ts";
import { type Doorkeeper, GuessCounter } from "./guard.ts";
import type { ShareLink } from "./links.ts";
import {
  asRefusal,
  LONGEST_LOOKED,
  LONGEST_TYPED,
  lookOn,
  takePart,
  type Wanted,
  wantedOf,
} from "./live_connection.ts";
import type { LiveSessions } from "./live_sessions.ts";
import type { Pieces } from "./pieces.ts";
import { acceptSocket, type Asked, json, readRequest, Refusal, type Reply, replyBytes } from "./request.ts";
import type { Shelf, ShelfItem } from "./shelf.ts";
import { CLOSING } from "./viewer_link.ts";

/** An answer must be taken by then. */
const ANSWER_MS = 120_000;
/** So many connections at once; of these, so many that have not said who they are. */
const MOST = 2000, MOST_STRANGERS = 200;
/** Recordings in one list. */
const LISTED = 200;

/** What is served, and to whom. */
export interface WebParts {
  readonly access: Access;
  readonly sessions: LiveSessions;
  readonly doorkeeper: Doorkeeper;
  readonly shelf: Shelf;
  readonly pieces: Pieces;
  /** A request must be whole by then, in milliseconds. */
  readonly patience: number;
}

/** A connection: what it is, who is at the other end, and how to hang up. */
interface Caller {
  readonly wire: Wire;
  readonly address: string;
  isStranger: boolean;
}

/** A server of pages. */
export class WebServer {
  readonly #parts: WebParts;
  readonly #listener: Deno.Listener;
  readonly #guesses = new GuessCounter();
  readonly #callers = new Set<Caller>();
  readonly #running = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;
  #assets: Promise<ReadonlyMap<string, Reply>> | undefined;
  #closed = false;

  /** Answers whoever connects to `listener`, which is its own from then on. */
  constructor(listener: Deno.Listener, parts: WebParts) {
    this.#listener = listener;
    this.#parts = parts;
    this.#accepting = this.#accept();
  }

  /** Hangs up on everybody. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#listener.close();
    await this.#accepting;
    for (const visitor of this.#parts.access.visitors) visitor.kick("The server has ended", false);
    for (const { wire, isStranger } of this.#callers) if (isStranger) wire.close();
    await Promise.all(this.#running);
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      let connection: Deno.Conn;
      try {
        connection = await this.#listener.accept();
      } catch (error) {
        if (this.#closed || error instanceof Deno.errors.BadResource) return;
        await sleep(50); // out of descriptors, or a handshake that failed
        continue;
      }
      const running = this.#take(connection).catch(() => {}).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  async #take(connection: Deno.Conn): Promise<void> {
    const wire = new Wire(connection);
    const address = (connection.remoteAddr as Deno.NetAddr).hostname;
    const caller: Caller = { wire, address, isStranger: true };
    const strangers = [...this.#callers].filter(({ isStranger }) => isStranger);
    if (this.#callers.size >= MOST) return wire.close();
    if (strangers.length >= MOST_STRANGERS) strangers[0]!.wire.close(); // the one that takes longest
    this.#callers.add(caller);
    const timer = setTimeout(() => wire.close(), this.#parts.patience);
    try {
      const asked = await readRequest(wire, address);
      clearTimeout(timer);
      if (asked) await this.#handle(caller, asked);
    } catch (error) {
      await this.#answer(wire, replyTo(error));
    } finally {
      clearTimeout(timer);
      this.#callers.delete(caller);
      wire.close();
    }
  }

  async #handle(caller: Caller, asked: Asked): Promise<void> {
    this.#parts.doorkeeper.check(asked);
    const name = /^\/live\/([A-Za-z0-9._-]+)$/.exec(asked.path)?.[1];
    if (name !== undefined) return await this.#live(caller, asked, name);
    await this.#answer(caller.wire, await this.#reply(asked));
  }

  async #answer(wire: Wire, reply: Reply): Promise<void> {
    const timer = setTimeout(() => wire.close(), ANSWER_MS);
    try {
      await wire.write(replyBytes(reply));
      const soon = setTimeout(() => wire.close(), 1000);
      await wire.finish();
      clearTimeout(soon);
    } catch {
      // whoever asked is gone
    } finally {
      clearTimeout(timer);
    }
  }

  async #reply(asked: Asked): Promise<Reply> {
    const { method, path } = asked;
    if (path === "/" || path.startsWith("/assets/")) {
      if (method !== "GET") throw new Refusal(405, "This can only be read");
      const asset = (await (this.#assets ??= loadAssets())).get(path);
      return asset ?? { status: 404, body: "There is nothing here" };
    }
    if (!path.startsWith("/api/")) throw new Refusal(404, "There is nothing here");
    const link = await this.#linkOf(asked);
    switch (`${method} ${path}`) {
      case "GET /api/me":
        return json(meOf(link));
      case "GET /api/sessions":
        return json(await this.#liveList(link));
      case "GET /api/recordings":
        return json(await this.#recordings(link, asked.query.get("q") ?? ""));
      case "POST /api/tickets":
        return json({ ticket: this.#parts.access.ticketFor(link) });
    }
    const [, id, file] = /^\/api\/recordings\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    if (method === "GET" && id && file && link.session === undefined) return await this.#piece(id, file);
    throw new Refusal(404, "There is nothing here");
  }

  /** @throws {Refusal} If the request has no right token. */
  async #linkOf({ headers, query, address }: Asked): Promise<ShareLink> {
    const { access } = this.#parts;
    const [, token] = /^Bearer ([\w-]+)$/i.exec(headers.get("authorization") ?? "") ?? [];
    const ticket = query.get("ticket");
    const link = token ? await access.find(token) : ticket ? access.findTicket(ticket) : undefined;
    if (link) return link;
    if (!token && !ticket) throw new Refusal(401, "A link is needed");
    return this.#guesses.refuse(address, "This link is not valid: it may have expired or been revoked");
  }

  async #liveList(link: ShareLink) {
    const { sessions, access } = this.#parts;
    const all = await sessions.openTo(link);
    return all.map((info) => ({
      name: info.name,
      title: info.title ?? "",
      command: info.command,
      kind: info.kind,
      cols: info.cols,
      rows: info.rows,
      startedAt: info.startedAt,
      idleSeconds: info.idleSeconds,
      recording: info.recording,
      visitors: [...access.visitors].filter(({ session }) => session === info.name)
        .map(({ name, role }) => ({ name, role })),
      mayLook: mayLook(info),
      mayType: link.role === "operator" && info.input === "operators",
    }));
  }

  async #recordings(link: ShareLink, query: string) {
    if (link.session !== undefined) return { recordings: [], more: 0 };
    const found = await this.#parts.shelf.search(query.slice(0, 200));
    const shown = ({ version: _, ...item }: ShelfItem) => item;
    return { recordings: found.slice(0, LISTED).map(shown), more: Math.max(0, found.length - LISTED) };
  }

  async #piece(id: string, file: string): Promise<Reply> {
    const { shelf, pieces } = this.#parts;
    const item = await shelf.find(decoded(id));
    const body = item && await pieces.file(item, file);
    return body ? { status: 200, type: "application/json", body } : { status: 404, body: "There is no such recording" };
  }

  async #live(caller: Caller, asked: Asked, name: string): Promise<void> {
    const wanted = wantedOf(asked);
    const link = await this.#linkOf(asked);
    if (wanted.role === "operator" && link.role !== "operator") throw new Refusal(403, "This link lets nobody type");
    const found = await this.#parts.sessions.find(link, name);
    if (!found) throw new Refusal(404, `There is no session ${name} for this link`);
    // Asked anew: what its owner has just said counts.
    if (wanted.role === "operator" && (await found.session.info()).input !== "operators") {
      throw new Refusal(403, `${name} takes no input from here; its owner can share it with --role operator`);
    }
    try {
      if (wanted.role === "operator") await this.#operator(caller, asked, wanted, link, found.session);
      else await this.#viewer(caller, asked, wanted, link, found);
    } catch (error) {
      throw asRefusal(error);
    }
  }

  async #viewer(
    caller: Caller,
    asked: Asked,
    { protocol, name, cols, rows }: Wanted,
    link: ShareLink,
    { session, info }: { session: Session; info: SessionInfo },
  ): Promise<void> {
    const feed = await this.#parts.sessions.feedOf(session, info);
    const connection = await this.#connect(caller, asked, protocol, LONGEST_LOOKED);
    const applicant: Applicant = {
      name: whoIs(link, name),
      role: "viewer",
      via: "web",
      tag: link.id,
      ...(cols && rows ? { cols, rows } : {}),
    };
    const client = feed.add(applicant, connection, protocol === ALIS ? "alis" : "terminal");
    const leave = this.#enter(caller, connection, {
      link,
      name: applicant.name,
      role: "viewer",
      session: info.name,
      by: byOf(protocol, asked),
      isBehind: () => client.branch.isBehind,
    });
    try {
      await lookOn(connection, feed, () => feed.refresh(client));
    } finally {
      leave();
      feed.remove(client);
      connection.close();
      await connection.gone;
    }
  }

  async #operator(
    caller: Caller,
    asked: Asked,
    { protocol, name, cols, rows }: Wanted,
    link: ShareLink,
    session: Session,
  ): Promise<void> {
    const who = whoIs(link, name);
    const connection = await this.#connect(caller, asked, protocol, LONGEST_TYPED);
    let host: SocketConnection | undefined;
    const leave = this.#enter(caller, connection, {
      link,
      name: who,
      role: "operator",
      session: session.name,
      by: byOf(protocol, asked),
      isBehind: () => false,
    }, () => host?.drop());
    const options = {
      role: "operator",
      name: who,
      via: "web",
      tag: link.id,
      ...(cols && rows ? { cols, rows } : {}),
    } as const;
    try {
      await takePart(connection, session, options, (held) => host = held);
    } catch (error) {
      connection.close(
        CLOSING.refused,
        error instanceof SessionError ? error.message : "The session cannot be reached",
      );
    } finally {
      leave();
      connection.close();
      await connection.gone;
    }
  }

  async #connect(caller: Caller, asked: Asked, protocol: string, longest: number): Promise<SocketConnection> {
    await acceptSocket(caller.wire, asked, protocol);
    caller.isStranger = false;
    return new SocketConnection(caller.wire, { longest, isServer: true });
  }

  #enter(
    { address }: Caller,
    connection: SocketConnection,
    visitor: Omit<Visitor, "id" | "address" | "since" | "kick">,
    also: () => void = () => {},
  ): () => void {
    return this.#parts.access.enter({
      ...visitor,
      id: crypto.randomUUID().slice(0, 8),
      address,
      since: Date.now(),
      kick: (reason, isFinal) => {
        connection.close(isFinal ? CLOSING.refused : CLOSING.again, reason);
        also();
      },
    });
  }
}

function replyTo(error: unknown): Reply {
  if (!(error instanceof Refusal)) return json({ error: "The server could not do that" }, 500);
  const reply = json({ error: error.message }, error.status);
  return error.status === 429 ? { ...reply, headers: { "retry-after": "60" } } : reply;
}

function meOf({ id, role, session, name, expiresAt }: ShareLink) {
  return { link: id, role, ...(session && { session: session.name }), ...(name && { name }), expiresAt };
}

/** Whoever a link is made for is recorded so; others as they call themselves, with the link they came by. */
function whoIs(link: ShareLink, name: string): string {
  return link.name ?? `${name || "somebody"} (link ${link.id})`;
}

function byOf(protocol: string, { headers }: Asked): string {
  return protocol === ALIS || headers.has("origin") ? "page" : "terminal";
}

/** A recording at somebody's terminal can be looked at where it was started so. */
function mayLook({ kind, input }: SessionInfo): boolean {
  return kind === "session" || input !== "nobody";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
