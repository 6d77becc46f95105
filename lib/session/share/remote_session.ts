/**
 * A session that somebody else shares, reached by their link.
 * @module
 */

import { SessionError, UsageError } from "../../errors.ts";
import { reason } from "../../host/file.ts";
import { Wire } from "../control/http.ts";
import { parseObject } from "../control/protocol.ts";
import type { AttachOptions } from "../session.ts";
import { SocketConnection } from "../control/web_socket.ts";
import { TOKEN } from "./links.ts";
import { TERMINAL } from "./live_connection.ts";

/** How long a server may take to answer. */
const ANSWER_MS = 15_000;
/** Longest answer. */
const LONGEST = 4 << 20;

/** What a link opens, as its server tells it. */
export interface SharedSession {
  readonly name: string;
  readonly mayLook: boolean;
  readonly mayType: boolean;
}

/** The server behind a link. */
export class RemoteServer {
  readonly #url: URL;
  readonly #token: string;
  readonly #caCerts: string[];

  private constructor(url: URL, token: string, caCerts: string[]) {
    this.#url = url;
    this.#token = token;
    this.#caCerts = caCerts;
  }

  /**
   * The server of a link.
   *
   * @param caCerts Certificates to trust beside those of the system, as PEM.
   * @throws {UsageError} If it is none.
   */
  static of(link: string, caCerts: string[] = []): RemoteServer {
    const url = URL.canParse(link) ? new URL(link) : undefined;
    const token = url?.hash.slice(1) ?? "";
    if (!url || !/^https?:$/.test(url.protocol) || !TOKEN.test(token)) {
      throw new UsageError("Cannot join: expected a link of term2ai share, such as https://HOST:PORT/#TOKEN");
    }
    return new RemoteServer(url, token, caCerts);
  }

  /** What the link is for. */
  async me(): Promise<{ readonly role: "viewer" | "operator"; readonly session?: string }> {
    return await this.#get("/api/me") as { role: "viewer" | "operator" };
  }

  /** The sessions it opens. */
  async sessions(): Promise<readonly SharedSession[]> {
    const sessions = await this.#get("/api/sessions") as SharedSession[];
    return sessions.filter(({ name }) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name));
  }

  /** One of them. */
  session(name: string): RemoteSession {
    return new RemoteSession(name, (options) => this.#attach(name, options));
  }

  async #attach(
    name: string,
    { role = "viewer", name: who = "", cols, rows }: AttachOptions,
  ): Promise<SocketConnection> {
    const query = new URLSearchParams({
      as: role,
      name: who,
      ...(cols && rows ? { cols: String(cols), rows: String(rows) } : {}),
    });
    const headers = [...this.#headers(), `sec-websocket-protocol: ${TERMINAL}`];
    return await this.#within(async (wire) =>
      await SocketConnection.over(wire, `${this.#base}/live/${encodeURIComponent(name)}?${query}`, headers)
    );
  }

  async #get(path: string): Promise<unknown> {
    return await this.#within(async (wire) => {
      await wire.write(
        new TextEncoder().encode(`GET ${this.#base}${path} HTTP/1.1\r\n${this.#headers().join("\r\n")}\r\n\r\n`),
      );
      const { status, headers } = await wire.head();
      const length = Math.min(LONGEST, Number(headers.get("content-length") ?? 0));
      const text = new TextDecoder().decode(await take(wire, length));
      wire.close();
      if (status === 200) return JSON.parse(text);
      throw new SessionError(`Cannot join: ${parseObject(text)?.error ?? `the server answers ${status}`}`);
    });
  }

  get #base(): string {
    return this.#url.pathname.replace(/\/+$/, "");
  }

  #headers(): string[] {
    return [`host: ${this.#url.host}`, `authorization: Bearer ${this.#token}`];
  }

  /** @throws {SessionError} If it cannot be reached, or takes too long. */
  async #within<Result>(act: (wire: Wire) => Promise<Result>): Promise<Result> {
    let wire: Wire | undefined;
    const timer = setTimeout(() => wire?.close(), ANSWER_MS);
    try {
      wire = await this.#connect();
      return await act(wire);
    } catch (error) {
      wire?.close();
      if (error instanceof SessionError) throw error;
      throw new SessionError(`Cannot reach ${this.#url.host}: ${reason(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #connect(): Promise<Wire> {
    const isTls = this.#url.protocol === "https:";
    const hostname = this.#url.hostname.replace(/^\[|\]$/g, "");
    const port = Number(this.#url.port || (isTls ? 443 : 80));
    if (!isTls) return new Wire(await Deno.connect({ hostname, port }));
    const connection = await Deno.connectTls({ hostname, port, caCerts: this.#caCerts });
    await connection.handshake();
    return new Wire(connection);
  }
}

/** A session of somebody else. */
export class RemoteSession {
  readonly name: string;
  readonly #attach: (options: AttachOptions) => Promise<SocketConnection>;

  constructor(name: string, attach: (options: AttachOptions) => Promise<SocketConnection>) {
    this.name = name;
    this.#attach = attach;
  }

  /** Opens a connection that gets everything the session shows. */
  async attach(options: AttachOptions): Promise<SocketConnection> {
    return await this.#attach(options);
  }
}

async function take(wire: Wire, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const more = await wire.read();
    if (!more) throw new Deno.errors.UnexpectedEof("the answer ends early");
    bytes.set(more.subarray(0, length - at), at);
    at += more.length;
  }
  return bytes;
}
