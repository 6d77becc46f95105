/**
 * The socket of a session: who may open it is decided by the file system, what may be asked by `control.ts`.
 * @module
 */

import { handleRequest } from "./control.ts";
import { answers, nameTaken, type SessionDirectory } from "../directory.ts";
import type { LiveSession } from "../live_session.ts";

/** Only whoever runs the session may open its socket. */
const UMASK = 0o177;
/** How long requests that are being answered may take when the session has ended. */
const PATIENCE_MS = 500;

/** Listens on a socket in the directory of sessions. */
export class ControlServer {
  readonly #directory: SessionDirectory;
  #name: string;
  readonly #server: Deno.HttpServer;
  #session: Promise<LiveSession>;
  #ready!: (session: LiveSession) => void;

  private constructor(directory: SessionDirectory, name: string, bound: string) {
    this.#directory = directory;
    this.#name = name;
    this.#session = new Promise((resolve) => this.#ready = resolve);
    const before = Deno.umask(UMASK);
    try {
      this.#server = Deno.serve({
        path: bound,
        onListen: () => {},
        onError: () => Response.json({ error: "the session could not do that" }, { status: 500 }),
      }, async (request) => await handleRequest(request, await this.#session));
    } finally {
      Deno.umask(before);
    }
  }

  /**
   * Takes a name and listens. Requests wait until there is a session.
   *
   * @throws {UsageError} If a session that lives has the name.
   */
  static async bind(directory: SessionDirectory, name: string): Promise<ControlServer> {
    return await directory.locked(async () => {
      const path = directory.socketOf(name);
      if (await answers(path)) throw nameTaken(name);
      // Listens under another name first: at its end the runtime removes the one it knows, which may be somebody else's by then.
      const bound = `${directory.path}/.${crypto.randomUUID().slice(0, 8)}`;
      const server = new ControlServer(directory, name, bound);
      await Deno.rename(bound, path);
      return server;
    });
  }

  /** Answers for a session from now on. */
  serve(session: LiveSession): void {
    this.#ready(session);
  }

  /**
   * Moves the socket.
   *
   * @throws {UsageError} If a session that lives has the name, or none can.
   */
  async rename(from: string, to: string): Promise<void> {
    const directory = this.#directory;
    directory.checkName(to);
    await directory.locked(async () => {
      if (await answers(directory.socketOf(to))) throw nameTaken(to);
      await Deno.rename(directory.socketOf(from), directory.socketOf(to));
      this.#name = to;
    });
  }

  /** Listens no more, and leaves no socket behind. */
  async close(): Promise<void> {
    await this.#directory.locked(() => Deno.remove(this.#directory.socketOf(this.#name))).catch(() => {});
    // Whoever asked for something that cannot come any more has been told; a connection that stays open is not waited for.
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, PATIENCE_MS);
    await Promise.race([this.#server.shutdown(), patience.promise]);
    clearTimeout(timer);
  }
}
