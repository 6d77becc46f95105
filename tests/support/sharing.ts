/** A server of a test's own, and clients that do to it what no honest one would. */

import { SessionDirectory } from "../../lib/session/directory.ts";
import { Wire } from "../../lib/session/control/http.ts";
import type { Role, Session } from "../../mod.ts";
import { LinkBook, type ShareLink } from "../../lib/session/share/links.ts";
import { type ServeOptions, Sharing } from "../../lib/session/share/serve.ts";
import { FolderShelf } from "../../lib/session/share/shelf.ts";
import { SocketConnection } from "../../lib/session/control/web_socket.ts";
import { type SessionTest, withSessions } from "./sessions.ts";

/** What a test of sharing is given. */
export interface SharingTest extends SessionTest {
  readonly sharing: Sharing;
  readonly book: LinkBook;
  readonly port: number;
  /** Makes a link to a session, or to everything; returns its token. */
  share(session: Session | undefined, role?: Role, seconds?: number, name?: string): Promise<Shared>;
}

export interface Shared {
  readonly link: ShareLink;
  readonly token: string;
}

/** Runs `body` with a server on this machine. */
export async function withSharing(
  body: (test: SharingTest) => Promise<void>,
  options: Partial<ServeOptions> = {},
): Promise<void> {
  await withSessions(async (test) => {
    const directory = await SessionDirectory.open(`${test.folder}/run`);
    await Deno.mkdir(`${test.folder}/recordings`);
    const sharing = await Sharing.start({
      directory,
      manager: test.manager,
      shelf: new FolderShelf(`${test.folder}/recordings`),
      hostname: "127.0.0.1",
      port: 0,
      allowsPlain: false,
      ...options,
    });
    const book = new LinkBook(directory);
    const share: SharingTest["share"] = async (session, role = "viewer", seconds = 600, name) => {
      const info = await session?.info();
      if (role === "operator") await session?.allow("operators");
      const link = await book.add({
        role,
        seconds,
        ...(info && { session: { name: info.name, id: info.id } }),
        ...(name !== undefined && { name }),
      });
      await sharing.access.look();
      return link;
    };
    try {
      await body({ ...test, sharing, book, share, port: Number(new URL(sharing.url).port) });
    } finally {
      await sharing.close();
    }
  });
}

/** Sends bytes to a port, and returns all that comes back until the other side closes. */
export async function exchange(port: number, text: string): Promise<string> {
  const connection = await Deno.connect({ port, hostname: "127.0.0.1" });
  try {
    await connection.write(new TextEncoder().encode(text));
    let answer = "";
    const decoder = new TextDecoder(), bytes = new Uint8Array(65_536);
    for (let read = await connection.read(bytes); read; read = await connection.read(bytes)) {
      answer += decoder.decode(bytes.subarray(0, read), { stream: true });
    }
    return answer;
  } finally {
    connection.close();
  }
}

/** A request with headers of one's choice. */
export async function request(
  port: number,
  target: string,
  { method = "GET", token, ...headers }: Record<string, string> = {},
): Promise<{ status: number; head: string; body: string }> {
  const all = {
    host: `127.0.0.1:${port}`,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const answer = await exchange(port, `${method} ${target} HTTP/1.1\r\n${lines}\r\n`);
  const [head = "", ...body] = answer.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head, body: body.join("\r\n\r\n") };
}

/** Opens a WebSocket as a program does. */
export async function connect(
  port: number,
  target: string,
  token: string,
  protocol = "v1.term2ai",
  headers: readonly string[] = [],
): Promise<SocketConnection> {
  return (await connectRaw(port, target, token, protocol, headers)).socket;
}

/** The same, with the connection under it. */
export async function connectRaw(
  port: number,
  target: string,
  token: string,
  protocol = "v1.term2ai",
  headers: readonly string[] = [],
): Promise<{ socket: SocketConnection; connection: Deno.TcpConn }> {
  const connection = await Deno.connect({ port, hostname: "127.0.0.1" });
  const lines = [
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${token}`,
    `sec-websocket-protocol: ${protocol}`,
    ...headers,
  ];
  return { connection, socket: await SocketConnection.over(new Wire(connection), target, lines) };
}

/** Reads until a connection ends; what was shown, and what was said. */
export class Watcher {
  readonly messages: Record<string, unknown>[] = [];
  text = "";
  bytes = 0;
  screens = 0;
  readonly over: Promise<void>;
  readonly socket: SocketConnection;

  constructor(socket: SocketConnection) {
    this.socket = socket;
    this.over = this.#read();
  }

  async leave(): Promise<void> {
    this.socket.close();
    await this.socket.gone;
    await this.over;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for (let message = await this.socket.next(); message; message = await this.socket.next()) {
      if ("text" in message) {
        const told = JSON.parse(message.text);
        this.messages.push(told);
        if (told.type === "screen") this.screens++;
        continue;
      }
      this.bytes += message.bytes.length;
      this.text = (this.text + decoder.decode(message.bytes, { stream: true })).slice(-50_000);
    }
    this.socket.close();
    await this.socket.gone;
  }
}
