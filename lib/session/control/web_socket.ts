/**
 * A WebSocket (RFC 6455) over a connection of ours: whole messages in both directions, from either side.
 *
 * The runtime's own takes 20 ms for its first use, tells nobody when there is room again, and takes messages of up to 64 MiB from
 * everybody. This one waits for room, and refuses what is too long before it is there.
 * @module
 */

import { SessionError } from "../../errors.ts";
import { concat } from "../../stream/collect.ts";
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

/** What a connection puts up with, and what it is. */
export interface SocketRules {
  /** Longest message that is taken, in bytes. */
  readonly longest: number;
  /** The side that was connected to: it takes masked frames only, and sends plain ones. */
  readonly isServer: boolean;
}

const CLIENT: SocketRules = { longest: LONGEST, isServer: false };
/** Answers to pings wait no longer than this for somebody who does not read. */
const PONGS_WAITING = 16;
/** A connection that is closed is gone after this time, whether the other side has heard of it or not. */
const LAST_WORDS_MS = 500;

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
  /** When something came last, by `performance.now()`. */
  heardAt: number = performance.now();
  readonly #wire: Wire;
  readonly #rules: SocketRules;
  #bytes: Uint8Array = new Uint8Array(0); // read and not used
  #writing: Promise<void> = Promise.resolve();
  #waiting = 0; // frames that are not on their way yet
  #isBroken = false;
  #isClosing = false;
  readonly #gone = Promise.withResolvers<void>();
  #heard = Promise.withResolvers<void>(); // what was asked by `roundTrip`
  #closed: { code: number; reason: string } | undefined;

  /** A connection on which both sides have agreed already. */
  constructor(wire: Wire, rules: SocketRules = CLIENT) {
    this.#wire = wire;
    this.#rules = rules;
  }

  /**
   * Connects to a session's socket.
   *
   * @param onasked Is called when the session has been asked, and has only to answer.
   * @throws {SessionError} If the session refuses, with its reason.
   */
  static async open(path: string, target: string, onasked?: () => void): Promise<SocketConnection> {
    return await SocketConnection.over(await Wire.open(path), target, ["host: session"], onasked);
  }

  /**
   * Agrees with the other side of `wire`.
   *
   * @param headers Lines that the request has beside those of the protocol.
   * @throws {SessionError} If it refuses, with its reason.
   */
  static async over(
    wire: Wire,
    target: string,
    headers: readonly string[],
    onasked?: () => void,
  ): Promise<SocketConnection> {
    const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    const head = `GET ${target} HTTP/1.1\r\n${headers.join("\r\n")}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n` +
      `sec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`;
    try {
      await wire.write(new TextEncoder().encode(head));
      onasked?.();
      const { status, headers: answer } = await wire.head();
      if (status === 101) return new SocketConnection(wire);
      const length = Number(answer.get("content-length") ?? 0);
      let body: Uint8Array = new Uint8Array(0);
      while (body.length < length) body = concat([body, await wire.read() ?? new Uint8Array(length)]);
      throw new SessionError(reasonIn(body) ?? `the session answers ${status}`);
    } catch (error) {
      wire.close();
      throw error;
    }
  }

  /** Why the other side has closed, once it has. */
  get closed(): { readonly code: number; readonly reason: string } | undefined {
    return this.#closed;
  }

  /** Whether the other side takes nothing any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** The next message; `undefined` when there are no more, or what came is none. */
  async next(): Promise<Message | undefined> {
    const pieces: Uint8Array[] = [];
    let kind = 0, length = 0;
    for (;;) {
      const frame = await this.#frame(this.#rules.longest - length).catch(() => undefined);
      if (!frame || this.#isClosing) return undefined;
      const { opcode, isLast, payload } = frame;
      if (opcode === CLOSE) return void (this.#closed = closingOf(payload));
      if (opcode === PING && this.#waiting < PONGS_WAITING) this.#send(PONG, payload);
      if (opcode === PONG && payload.length > 0) this.#heard.resolve();
      if (opcode === PING || opcode === PONG) continue;
      if ((opcode === 0) === (kind === 0)) return this.#refuse(1002, "frames out of order");
      kind ||= opcode;
      pieces.push(payload);
      length += payload.length;
      if (!isLast) continue;
      const bytes = pieces.length === 1 ? pieces[0]! : concat(pieces);
      return kind === TEXT ? { text: new TextDecoder().decode(bytes) } : { bytes };
    }
  }

  /** Sends a message of bytes, or one of text. */
  send(message: Uint8Array | string): void {
    if (typeof message === "string") this.#send(TEXT, new TextEncoder().encode(message));
    else this.#send(BINARY, message);
  }

  /** Sends frames as they are; a server's look the same to everybody. */
  sendFrames(frames: Uint8Array): void {
    this.#waiting++;
    const write = () => this.#isBroken ? undefined : this.#wire.write(frames);
    this.#writing = this.#writing.then(write).catch(() => void (this.#isBroken = true)).finally(() => this.#waiting--);
  }

  /** Asks whether the other side is there. */
  ping(): void {
    if (this.#waiting < PONGS_WAITING) this.#send(PING, new Uint8Array(0));
  }

  /**
   * Resolves when the other side has read all that was sent, or is gone. Somebody has to read what comes meanwhile.
   *
   * What is on its way may be megabytes in the buffers of two machines, which a slow reader would have to read first.
   */
  async roundTrip(): Promise<void> {
    this.#heard = Promise.withResolvers();
    this.#send(PING, Uint8Array.of(1));
    await Promise.race([this.#heard.promise, this.gone]);
  }

  /** Resolves when all that was sent is on its way. */
  async sent(): Promise<void> {
    await this.#writing;
  }

  /** Closes, once all that was sent is on its way. */
  close(code?: number, reason = ""): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const why = new TextEncoder().encode(reason).subarray(0, 120);
    this.#send(CLOSE, code === undefined ? why : concat([Uint8Array.of(code >> 8, code & 255), why]));
    const timer = setTimeout(() => this.drop(), LAST_WORDS_MS); // nobody reads them
    this.#writing.then(() => this.#rules.isServer ? this.#wire.finish() : undefined).finally(() => {
      clearTimeout(timer);
      this.drop();
    });
  }

  /** Closes without a word. */
  drop(): void {
    this.#isBroken = true;
    this.#wire.close();
    this.#gone.resolve();
  }

  /** Resolves when it is closed by this side. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  async #frame(most: number): Promise<{ opcode: number; isLast: boolean; payload: Uint8Array } | undefined> {
    const [first, second] = await this.#take(2) as unknown as [number, number];
    const opcode = first & 15, isLast = (first & 128) !== 0, isMasked = (second & 128) !== 0;
    let length = second & 127;
    const isOdd = (first & 0x70) !== 0 || (opcode > BINARY && opcode < CLOSE) || opcode > PONG ||
      isMasked !== this.#rules.isServer || (opcode >= CLOSE && (!isLast || length > 125));
    if (isOdd) return this.#refuse(1002, "no frame of this protocol");
    if (length === 126) length = new DataView((await this.#take(2)).slice().buffer).getUint16(0);
    else if (length === 127) length = Number(new DataView((await this.#take(8)).slice().buffer).getBigUint64(0));
    if (opcode < CLOSE && length > most) return this.#refuse(1009, "too long a message");
    const mask = isMasked ? (await this.#take(4)).slice() : undefined;
    const payload = await this.#take(length);
    return { opcode, isLast, payload: mask ? masked(payload, mask) : payload };
  }

  /** What came is not looked at any further. */
  #refuse(code: number, reason: string): undefined {
    this.close(code, reason);
  }

  async #take(count: number): Promise<Uint8Array> {
    const pieces = [this.#bytes];
    let length = this.#bytes.length;
    while (length < count) {
      const more = await this.#wire.read();
      if (!more) throw new Deno.errors.UnexpectedEof();
      this.heardAt = performance.now();
      pieces.push(more);
      length += more.length;
    }
    const all = pieces.length === 1 ? pieces[0]! : concat(pieces);
    this.#bytes = all.subarray(count);
    return all.subarray(0, count);
  }

  #send(opcode: number, payload: Uint8Array): void {
    this.sendFrames(this.#rules.isServer ? plainFrame(opcode, payload) : maskedFrame(opcode, payload));
  }
}

/** A message of bytes as a server sends it. */
export function binaryFrame(payload: Uint8Array): Uint8Array {
  return plainFrame(BINARY, payload);
}

/** A message of text as a server sends it. */
export function textFrame(text: string): Uint8Array {
  return plainFrame(TEXT, new TextEncoder().encode(text));
}

function plainFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const head = headOf(opcode, payload.length);
  head[1]! &= 127;
  return concat([head, payload]);
}

/** A client masks what it sends. */
function maskedFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const mask = crypto.getRandomValues(new Uint8Array(4));
  return concat([headOf(opcode, payload.length), mask, masked(payload, mask)]);
}

function masked(payload: Uint8Array, mask: Uint8Array): Uint8Array {
  return payload.map((byte, at) => byte ^ mask[at & 3]!);
}

function closingOf(payload: Uint8Array): { code: number; reason: string } {
  if (payload.length < 2) return { code: 1005, reason: "" };
  return { code: payload[0]! << 8 | payload[1]!, reason: new TextDecoder().decode(payload.subarray(2)) };
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
