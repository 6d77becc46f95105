/**
 * As much of an HTTP/1.1 server as sharing needs: one request on each connection, of bounded length, within a bounded time.
 *
 * A server for everybody would keep connections, take bodies in pieces and answer in them. This one is for strangers: what is
 * longer, slower or stranger than a browser's request is not waited for, and no state is left for a second request to be
 * confused by.
 * @module
 */

import { concat } from "../../stream/collect.ts";
import { headerOf, type Wire } from "../control/http.ts";

/** Longest head, in bytes: browsers send less than 2 kB. */
const LONGEST_HEAD = 16_384;
/** Headers that must not come twice: two readers might take one each. */
const SINGLE = ["host", "origin", "content-length", "authorization", "sec-websocket-key"];

/** What was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: ReadonlyMap<string, string>;
  /** Address of whoever asks. */
  readonly address: string;
}

/** What is answered. */
export interface Reply {
  readonly status: number;
  readonly body?: Uint8Array | string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why a request is refused. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Reads a request.
 *
 * @returns `undefined` where the connection ends before it is whole.
 * @throws {Refusal} If it is none, or too long.
 */
export async function readRequest(wire: Wire, address: string): Promise<Asked | undefined> {
  const text = await wire.headText(LONGEST_HEAD);
  if (text === undefined) return undefined;
  if (text.length > LONGEST_HEAD) throw new Refusal(431, "The head of the request is too long");
  const [first = "", ...lines] = text.split("\r\n");
  const [, method, target] = /^([A-Z]+) (\/[\x21-\x7e]*) HTTP\/1\.[01]$/.exec(first) ?? [];
  if (!method || !target || lines.some((line) => !/^[\w-]+:/.test(line))) throw new Refusal(400, "This is no request");
  const headers = new Map<string, string>();
  for (const [name, value] of lines.map(headerOf)) {
    if (headers.has(name) && SINGLE.includes(name)) throw new Refusal(400, `There are two headers ${name}`);
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  if (headers.has("transfer-encoding") || (headers.get("content-length") ?? "0") !== "0") {
    throw new Refusal(413, "Nothing here takes a body");
  }
  const [path = "", query = ""] = target.split("?", 2);
  return { method, path, query: new URLSearchParams(query), headers, address };
}

/** What no answer is without: browsers take it for what it says it is, show it in no frame, and tell nobody of it. */
const ALWAYS = {
  "connection": "close",
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

const REASONS: Readonly<Record<number, string>> = {
  101: "Switching Protocols",
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  421: "Misdirected Request",
  426: "Upgrade Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** An answer as bytes. */
export function replyBytes({ status, body = "", type = "text/plain; charset=utf-8", headers = {} }: Reply): Uint8Array {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const all = { ...ALWAYS, "content-type": type, "content-length": String(bytes.length), ...headers };
  return concat([new TextEncoder().encode(head(status, all)), bytes]);
}

/** JSON as an answer. */
export function json(value: unknown, status = 200): Reply {
  return { status, type: "application/json", body: JSON.stringify(value) };
}

/**
 * Agrees to speak WebSocket.
 *
 * @throws {Refusal} If that was not asked for properly.
 */
export async function acceptSocket(wire: Wire, { headers, method }: Asked, protocol: string): Promise<void> {
  const key = headers.get("sec-websocket-key") ?? "";
  const isAsked = method === "GET" && headers.get("upgrade")?.toLowerCase() === "websocket" &&
    headers.get("sec-websocket-version") === "13" && /^[A-Za-z0-9+/]{22}==$/.test(key);
  if (!isAsked) throw new Refusal(426, "This is for WebSocket");
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key + GUID));
  const accept = btoa(String.fromCharCode(...new Uint8Array(digest)));
  const answer = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-accept": accept };
  await wire.write(new TextEncoder().encode(head(101, { ...answer, "sec-websocket-protocol": protocol })));
}

/** Of RFC 6455. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

function head(status: number, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n${lines.join("")}\r\n`;
}
