/**
 * The servers of one user that share something now: where they are, who is connected to them, and how to send those away.
 *
 * Each has a socket for its owner beside those of the sessions, with the same protection.
 * @module
 */

import type { SessionDirectory } from "../directory.ts";
import { ask } from "../control/http.ts";
import type { Access, Visitor } from "./access.ts";

const SUFFIX = ".web";
const UMASK = 0o177;

/** Somebody who is connected, as their host is told. */
export type VisitorInfo = Omit<Visitor, "link" | "isBehind" | "kick"> & {
  readonly link: string;
  readonly isBehind: boolean;
};

/** What a server tells its owner. */
export interface ServerInfo {
  readonly pid: number;
  /** What links to it begin with. */
  readonly url: string;
  readonly visitors: readonly VisitorInfo[];
}

/** The owner's socket of a server of this process. */
export class OwnerSocket {
  readonly #server: Deno.HttpServer;

  constructor(directory: SessionDirectory, url: string, access: Access) {
    const before = Deno.umask(UMASK);
    try {
      this.#server = Deno.serve({
        path: `${directory.path}/${crypto.randomUUID().slice(0, 8)}${SUFFIX}`,
        onListen: () => {},
        onError: () => Response.json({ error: "the server could not do that" }, { status: 500 }),
      }, (request) => answer(request, url, access));
    } finally {
      Deno.umask(before);
    }
  }

  async close(): Promise<void> {
    await this.#server.shutdown();
  }
}

async function answer(request: Request, url: string, access: Access): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/v1/links" && request.method === "POST") {
    await access.look();
    return Response.json({ ok: true });
  }
  if (pathname !== "/v1/server") return Response.json({ error: `there is no ${pathname}` }, { status: 404 });
  const visitors = [...access.visitors];
  if (request.method === "GET") {
    return Response.json({ pid: Deno.pid, url, visitors: visitors.map(infoOf) } satisfies ServerInfo);
  }
  if (request.method !== "DELETE") return Response.json({ error: "GET or DELETE is expected" }, { status: 405 });
  const meant = visitors.filter(({ id }) => id === searchParams.get("visitor"));
  for (const visitor of meant) visitor.kick("You were sent away", true);
  return Response.json({ dismissed: meant.length });
}

function infoOf({ link, isBehind, kick: _, ...visitor }: Visitor): VisitorInfo {
  return { ...visitor, link: link.id, isBehind: isBehind() };
}

/** The servers that answer; what is left of others is removed. */
export async function runningServers(
  directory: SessionDirectory,
): Promise<(ServerInfo & { readonly socket: string })[]> {
  const names = await Array.fromAsync(Deno.readDir(directory.path), ({ name }) => name);
  const all = await Promise.all(
    names.filter((name) => name.endsWith(SUFFIX)).map(async (name) => {
      const socket = `${directory.path}/${name}`;
      try {
        const info: ServerInfo = JSON.parse(new TextDecoder().decode((await ask(socket, "GET", "/v1/server")).body));
        return { ...info, socket };
      } catch (error) {
        const isDead = error instanceof Deno.errors.ConnectionRefused;
        if (isDead) await Deno.remove(socket).catch(() => {});
        return undefined;
      }
    }),
  );
  return all.filter((info) => info !== undefined);
}

/** Has all servers look at the links now, rather than in a moment. */
export async function tellServers(directory: SessionDirectory): Promise<void> {
  const servers = await runningServers(directory);
  await Promise.all(servers.map(({ socket }) => ask(socket, "POST", "/v1/links").catch(() => {})));
}

/** Sends somebody away; returns whether they were there. */
export async function kickVisitor(directory: SessionDirectory, id: string): Promise<boolean> {
  const servers = await runningServers(directory);
  const answers = await Promise.all(servers.map(({ socket }) => ask(socket, "DELETE", `/v1/server?visitor=${id}`)));
  return answers.some(({ body }) => JSON.parse(new TextDecoder().decode(body)).dismissed > 0);
}
