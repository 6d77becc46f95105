/**
 * Connections to live sessions: of those who look on, and of those who type.
 *
 * Whoever looks on hangs on a feed, and nothing they send goes anywhere. Whoever types has a connection of their own to the host,
 * which says who they are with each key.
 * @module
 */

import { SessionError } from "../../errors.ts";
import { isSize, readFromClient } from "../control/protocol.ts";
import type { Session } from "../session.ts";
import type { SocketConnection } from "../control/web_socket.ts";
import { ALIS } from "./alis.ts";
import type { Feed } from "./feed.ts";
import { type Asked, Refusal } from "./request.ts";
import { CLOSING } from "./viewer_link.ts";

/** What our own terminals speak: the messages of `GET /v1/attach`. */
export const TERMINAL = "v1.term2ai";

/** Longest message that somebody may send: more than one types, as much as one pastes. */
export const LONGEST_TYPED = 65_536;
/** Longest message of somebody who only looks on. */
export const LONGEST_LOOKED = 1024;

/** So many messages may come within a second. */
const RATE = { viewer: 20, operator: 2000 } as const;
/** How often the other side is asked whether it is there; one that was not heard of for three times as long is gone. */
const PING_MS = 20_000;
/** A whole screen is not drawn for one viewer more often than this. */
const REFRESH_MS = 250;

/** What a connection is to be. */
export interface Wanted {
  readonly protocol: string;
  readonly role: "viewer" | "operator";
  readonly name: string;
  readonly cols?: number;
  readonly rows?: number;
}

/**
 * Reads what is wanted.
 *
 * @throws {Refusal} If it is nothing that there is.
 */
export function wantedOf({ headers, query }: Asked): Wanted {
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",").map((one) => one.trim());
  const protocol = [ALIS, TERMINAL].find((known) => offered.includes(known));
  if (!protocol) throw new Refusal(426, `This is for WebSocket with the protocol ${ALIS} or ${TERMINAL}`);
  const role = query.get("as") ?? "viewer";
  if (role !== "viewer" && role !== "operator") throw new Refusal(400, "as=viewer or as=operator is expected");
  if (role === "operator" && protocol === ALIS) throw new Refusal(400, `Nobody types by ${ALIS}`);
  const [cols, rows] = [Number(query.get("cols")), Number(query.get("rows"))];
  const name = (query.get("name") ?? "").replace(/[^\p{L}\p{N} ._@-]/gu, "").trim().slice(0, 32);
  return { protocol, role, name, ...(isSize(cols) && isSize(rows) ? { cols, rows } : {}) };
}

/** Somebody looks on until they leave; what they send is counted, and goes nowhere. */
export async function lookOn(connection: SocketConnection, feed: Feed, refresh: () => void): Promise<void> {
  const rate = new Rate(RATE.viewer);
  let refreshedAt = -Infinity;
  await whileThere(connection, async () => {
    for (let message = await connection.next(); message; message = await connection.next()) {
      if (!rate.allows()) return connection.close(1008, "too many messages");
      const isRefresh = "text" in message && readFromClient(message.text)?.type === "refresh";
      if (!isRefresh || performance.now() - refreshedAt < REFRESH_MS || feed.size === 0) continue;
      refreshedAt = performance.now();
      refresh();
    }
  });
}

/** Somebody takes part until they leave, are sent away, or the session ends. */
export async function takePart(
  connection: SocketConnection,
  session: Session,
  options: Parameters<Session["attach"]>[0],
  hold: (host: SocketConnection) => void,
): Promise<void> {
  const host = await session.attach(options);
  hold(host);
  const down = passDown(host, connection);
  await whileThere(connection, () => passUp(connection, host));
  host.close();
  await host.sent();
  host.drop();
  await down;
}

/** What the session says. The host is not read while the other side has no room; it knows what to do with who is slow. */
async function passDown(host: SocketConnection, connection: SocketConnection): Promise<void> {
  let last = "";
  for (let message = await host.next(); message; message = await host.next()) {
    if ("text" in message) last = JSON.parse(message.text).type;
    connection.send("text" in message ? message.text : message.bytes);
    await connection.sent();
    if (connection.isBroken) break;
  }
  if (last === "exit") connection.close(CLOSING.over, "The session has ended");
  else if (last === "leave") connection.close(CLOSING.refused, "You were sent away");
  else connection.close(CLOSING.again);
}

async function passUp(connection: SocketConnection, host: SocketConnection): Promise<void> {
  const rate = new Rate(RATE.operator);
  for (let message = await connection.next(); message; message = await connection.next()) {
    if (!rate.allows()) return connection.close(1008, "too many messages");
    if ("bytes" in message) host.send(message.bytes);
    else {
      const known = readFromClient(message.text);
      if (known) host.send(JSON.stringify(known));
    }
    await host.sent();
  }
}

/** Runs `body`, which reads a connection to its end, and ends it when the other side is not there any more. */
async function whileThere(connection: SocketConnection, body: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => {
    if (performance.now() - connection.heardAt > 3 * PING_MS) connection.drop();
    else connection.ping();
  }, PING_MS);
  try {
    await body();
  } finally {
    clearInterval(timer);
  }
}

/** So many things in a second, and no more. */
class Rate {
  readonly #most: number;
  #since = -Infinity;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  allows(): boolean {
    const now = performance.now();
    if (now - this.#since > 1000) [this.#since, this.#count] = [now, 0];
    return ++this.#count <= this.#most;
  }
}

/** A refusal of the session as one of ours. */
export function asRefusal(error: unknown): unknown {
  return error instanceof SessionError ? new Refusal(403, error.message) : error;
}
