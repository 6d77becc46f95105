/**
 * Starts a server of sessions and recordings, where its address lets it.
 * @module
 */

import { UsageError } from "../../errors.ts";
import { reason } from "../../host/file.ts";
import type { SessionDirectory } from "../directory.ts";
import type { SessionManager } from "../session_manager.ts";
import { Access } from "./access.ts";
import { Doorkeeper, nameOf } from "./guard.ts";
import { LinkBook, type LinkWish } from "./links.ts";
import { LiveSessions } from "./live_sessions.ts";
import { Pieces } from "./pieces.ts";
import { OwnerSocket } from "./servers.ts";
import type { Shelf } from "./shelf.ts";
import { WebServer } from "./web_server.ts";

/** What a server is to be. */
export interface ServeOptions {
  readonly directory: SessionDirectory;
  readonly manager: SessionManager;
  readonly shelf: Shelf;
  readonly hostname: string;
  /** 0 for any. */
  readonly port: number;
  /** Certificate and key, as PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Whether others may be let in without TLS. */
  readonly allowsPlain: boolean;
  /** What links are to begin with, where that is not the address itself. */
  readonly url?: string;
  /** How long somebody may take to say what they want, in milliseconds; 10 s when absent. */
  readonly patience?: number;
}

const PATIENCE_MS = 10_000;

/** A server that runs. */
export class Sharing {
  readonly url: string;
  readonly access: Access;
  readonly #web: WebServer;
  readonly #owner: OwnerSocket;
  readonly #sessions: LiveSessions;
  readonly #pieces: Pieces;

  private constructor(url: string, access: Access, parts: [WebServer, OwnerSocket, LiveSessions, Pieces]) {
    this.url = url;
    this.access = access;
    [this.#web, this.#owner, this.#sessions, this.#pieces] = parts;
  }

  /**
   * Starts it.
   *
   * @throws {UsageError} If the address cannot be listened on, or others could listen in there.
   */
  static async start(options: ServeOptions): Promise<Sharing> {
    const { directory, manager, shelf, tls, patience = PATIENCE_MS } = options;
    if (!tls && !options.allowsPlain && !isLoopback(options.hostname)) throw plainRefused(options.hostname);
    const listener = listen(options);
    const { port } = listener.addr as Deno.NetAddr;
    const url = options.url ?? `${tls ? "https" : "http"}://${hostIn(options.hostname)}:${port}`;
    const access = await Access.open(new LinkBook(directory));
    const sessions = new LiveSessions(manager);
    const pieces = new Pieces(shelf);
    const doorkeeper = new Doorkeeper([...ownNames(options.hostname), nameOf(new URL(url).host)], new URL(url).origin);
    const web = new WebServer(listener, { access, sessions, doorkeeper, shelf, pieces, patience });
    return new Sharing(url, access, [web, new OwnerSocket(directory, url, access), sessions, pieces]);
  }

  /** The address of a link. */
  linkTo(token: string): string {
    return linkOf(this.url, token);
  }

  /** Makes a link that is void when this server ends. */
  async ownLink(wish: LinkWish): Promise<string> {
    return this.linkTo(await this.access.addOwn(wish));
  }

  /** Sends everybody away, and ends. */
  async close(): Promise<void> {
    this.access.close();
    await this.#owner.close();
    await this.#web.close();
    await this.#sessions.close();
    await this.#pieces.close();
  }
}

/** The address of a link: what is behind the # goes to no server and into no log. */
export function linkOf(url: string, token: string): string {
  return `${url.replace(/\/+$/, "")}/#${token}`;
}

function listen({ hostname, port, tls }: ServeOptions): Deno.Listener {
  try {
    return tls ? Deno.listenTls({ hostname, port, ...tls }) : Deno.listen({ hostname, port });
  } catch (error) {
    const why = error instanceof Deno.errors.AddrInUse ? "the port is in use; --listen names another" : reason(error);
    throw new UsageError(`Cannot listen on ${hostIn(hostname)}:${port}: ${why}`, { cause: error });
  }
}

function plainRefused(hostname: string): UsageError {
  return new UsageError(
    `Cannot listen on ${hostname} without TLS: whoever is on the way could read everything, and type
  Give it a certificate with --tls-cert and --tls-key, or let a proxy or ssh -L come to 127.0.0.1; --plain does it all the same`,
  );
}

/** Whether only this machine can come by an address. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function isAnywhere(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}

/** An address as it stands in a link. */
function hostIn(hostname: string): string {
  if (isAnywhere(hostname)) return Deno.hostname();
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** By which names a browser may come here. */
function ownNames(hostname: string): string[] {
  const local = ["localhost", "127.0.0.1", "::1"];
  if (isLoopback(hostname)) return [hostname, ...local];
  if (!isAnywhere(hostname)) return [hostname];
  return [...local, Deno.hostname(), ...Deno.networkInterfaces().map(({ address }) => address)];
}
