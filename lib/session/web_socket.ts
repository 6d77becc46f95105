/**
 * The client's side of a WebSocket (RFC 6455) over the socket of a session: whole messages in both directions.
 * @module
 */

import { SessionError } from "../errors.ts";
import { concat } from "../stream/collect.ts";
import { Wire } from "./http.ts";

const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
/** Longer than any message of a session. */
const LONGEST = 64 << 20;

/**
 * A message: text or bytes.
 *
 * @example
 * ```ts
 * const length = (message: Message) => "text" in message ? message.text.length : message.bytes.length;
 * ```
 */
export type Message = { readonly text: string } | { readonly bytes: Uint8Array };

/**
 * A connection of somebody attached to a session. `lib/session/API.md` tells what goes over it.
 *
 * @example
 * ```ts
 * const firstWords = async (connection: SocketConnection) => {
 *   connection.send(new TextEncoder().encode("uptime\r"));
 *   return await connection.next();
 * };
 * ```
 */
export class SocketConnection {
  readonly #wire: Wire;
  #bytes: Uint8Array = new Uint8Array(0); // read and not used
  #writing: Promise<void> = Promise.resolve();

  private constructor(wire: Wire) {
    this.#wire = wire;
  }

  /**
   * Connects.
   *
   * @throws {SessionError} If the session refuses, with its reason.
   */
  static async open(path: string, target: string): Promise<SocketConnection> {
    const wire = await Wire.open(path);
    const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    const head = `GET ${target} HTTP/1.1\r\nhost: session\r\nupgrade: websocket\r\nconnection: Upgrade\r\n` +
      `sec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`;
    await wire.write(new TextEncoder().encode(head));
    const { status, headers } = await wire.head();
    if (status === 101) return new SocketConnection(wire);
    const length = Number(headers.get("content-length") ?? 0);
    let body: Uint8Array = new Uint8Array(0);
    while (body.length < length) body = concat([body, await wire.read() ?? new Uint8Array(length)]);
    wire.close();
    throw new SessionError(reasonIn(body) ?? `the session answers ${status}`);
  }

  /** The next message; `undefined` when there are no more. */
  async next(): Promise<Message | undefined> {
    const pieces: Uint8Array[] = [];
    let kind = 0;
    for (;;) {
      const frame = await this.#frame().catch(() => undefined);
      if (!frame || frame.opcode === CLOSE) return undefined;
      if (frame.opcode === PING) this.#send(PONG, frame.payload);
      if (frame.opcode === PING || frame.opcode === PONG) continue;
      kind ||= frame.opcode;
      pieces.push(frame.payload);
      if (!frame.isLast) continue;
      const bytes = pieces.length === 1 ? pieces[0]! : concat(pieces);
      return kind === TEXT ? { text: new TextDecoder().decode(bytes) } : { bytes };
    }
  }

  /** Sends a message of bytes, or one of text. */
  send(message: Uint8Array | string): void {
    if (typeof message === "string") this.#send(TEXT, new TextEncoder().encode(message));
    else this.#send(BINARY, message);
  }

  /** Resolves when all that was sent is on its way. */
  async sent(): Promise<void> {
    await this.#writing;
  }

  /** Says goodbye and closes once all that was sent is on its way. */
  close(): void {
    this.#send(CLOSE, new Uint8Array(0));
    this.#writing.finally(() => this.#wire.close());
  }

  async #frame(): Promise<{ opcode: number; isLast: boolean; payload: Uint8Array } | undefined> {
    const [first, second] = await this.#take(2);
    let length = second! & 127;
    if (length === 126) length = new DataView((await this.#take(2)).slice().buffer).getUint16(0);
    else if (length === 127) length = Number(new DataView((await this.#take(8)).slice().buffer).getBigUint64(0));
    if (length > LONGEST) return undefined;
    return { opcode: first! & 15, isLast: (first! & 128) !== 0, payload: await this.#take(length) };
  }

  async #take(count: number): Promise<Uint8Array> {
    const pieces = [this.#bytes];
    let length = this.#bytes.length;
    while (length < count) {
      const more = await this.#wire.read();
      if (!more) throw new Deno.errors.UnexpectedEof();
      pieces.push(more);
      length += more.length;
    }
    const all = pieces.length === 1 ? pieces[0]! : concat(pieces);
    this.#bytes = all.subarray(count);
    return all.subarray(0, count);
  }

  /** A client masks what it sends. */
  #send(opcode: number, payload: Uint8Array): void {
    const mask = crypto.getRandomValues(new Uint8Array(4));
    const masked = payload.map((byte, at) => byte ^ mask[at & 3]!);
    const frame = concat([headOf(opcode, payload.length), mask, masked]);
    this.#writing = this.#writing.then(() => this.#wire.write(frame)).catch(() => {});
  }
}

function headOf(opcode: number, length: number): Uint8Array {
  if (length < 126) return Uint8Array.of(128 | opcode, 128 | length);
  if (length < 65_536) return Uint8Array.of(128 | opcode, 128 | 126, length >> 8, length & 255);
  const head = new Uint8Array(10);
  head.set([128 | opcode, 128 | 127]);
  new DataView(head.buffer).setBigUint64(2, BigInt(length));
  return head;
}

function reasonIn(body: Uint8Array): string | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(body)).error;
  } catch {
    return undefined;
  }
}
