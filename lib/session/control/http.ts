/**
 * As much of HTTP/1.1 as the socket of a session needs, over a connection that is opened for each request.
 *
 * `fetch` and `WebSocket` can do it too, but the first use of either takes 20 ms longer, which everybody who attaches would wait.
 * @module
 */

import { concat } from "../../stream/collect.ts";

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** A head that is longer than this is none of ours. */
const LONGEST_HEAD = 65_536;

/** A connection that is read piece by piece. */
export class Wire {
  readonly #connection: Deno.Conn;
  #held: Uint8Array = new Uint8Array(0);

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Connects to a socket. */
  static async open(path: string): Promise<Wire> {
    return new Wire(await Deno.connect({ transport: "unix", path }));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  /** What was read and not used, or what comes next; `undefined` at the end. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#held.length > 0) {
      const held = this.#held;
      this.#held = new Uint8Array(0);
      return held;
    }
    const bytes = new Uint8Array(65_536);
    const got = await this.#connection.read(bytes);
    return got === null ? undefined : bytes.subarray(0, got);
  }

  /** Puts bytes back that somebody else is to read. */
  unread(bytes: Uint8Array): void {
    this.#held = bytes;
  }

  /** Reads the head of an answer. */
  async head(): Promise<{ status: number; headers: ReadonlyMap<string, string> }> {
    const text = await this.headText(LONGEST_HEAD);
    if (text === undefined) throw new Deno.errors.ConnectionReset("the session gives no answer");
    const [first = "", ...lines] = text.split("\r\n");
    return { status: Number(first.split(" ")[1]), headers: new Map(lines.map(headerOf)) };
  }

  /** Reads the lines before the body, of an answer or of a request; `undefined` if they end early or are longer than `most` bytes. */
  async headText(most: number): Promise<string | undefined> {
    let bytes: Uint8Array = new Uint8Array(0);
    for (;;) {
      const end = endOfHead(bytes);
      if (end > 0) {
        this.unread(bytes.subarray(end));
        return new TextDecoder().decode(bytes.subarray(0, end)).trimEnd();
      }
      if (bytes.length > most) return undefined;
      const more = await this.read();
      if (!more) return undefined;
      bytes = concat([bytes, more]);
    }
  }

  /** Says no more, and waits for the other side to end: what it has not read would be thrown away with the connection. */
  async finish(): Promise<void> {
    try {
      await this.#connection.closeWrite();
      while (await this.read());
    } catch {
      // it has gone already
    }
  }

  close(): void {
    try {
      this.#connection.close();
    } catch {
      // closed by the other side, or by another caller
    }
  }
}

/** Asks, and waits for the whole answer. */
export async function ask(
  path: string,
  method: string,
  target: string,
  body: Uint8Array = new Uint8Array(0),
): Promise<Answer> {
  const wire = await Wire.open(path);
  try {
    const head =
      `${method} ${target} HTTP/1.1\r\nhost: session\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`;
    await wire.write(concat([new TextEncoder().encode(head), body]));
    const { status, headers } = await wire.head();
    const pieces: Uint8Array[] = [];
    for (let bytes = await wire.read(); bytes; bytes = await wire.read()) pieces.push(bytes);
    return { status, headers, body: concat(pieces) };
  } finally {
    wire.close();
  }
}

function endOfHead(bytes: Uint8Array): number {
  for (let at = 3; at < bytes.length; at++) {
    if (bytes[at] === 10 && bytes[at - 1] === 13 && bytes[at - 2] === 10 && bytes[at - 3] === 13) return at + 1;
  }
  return 0;
}

/** Name and value of a header's line, the name in small letters. */
export function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
