/**
 * A live session, seen from outside: everything that its control API offers.
 *
 * It makes no difference whether it runs in this process or in one of its own.
 * @module
 */

import { SessionError, UsageError } from "../errors.ts";
import type { ExitStatus } from "../event.ts";
import { SECOND } from "../event.ts";
import type { Nanos } from "../event.ts";
import type { SessionDirectory } from "./directory.ts";
import { type Answer, ask } from "./control/http.ts";
import type { ClientInfo, InputAccess, Role, SessionInfo } from "./control/protocol.ts";
import { SocketConnection } from "./control/web_socket.ts";

/** How long one request waits; whoever waits longer asks again. */
const ROUND: Nanos = 30 * SECOND;

/**
 * How somebody wants to be attached.
 *
 * @example
 * ```ts
 * const look: AttachOptions = { role: "viewer", name: "ada" };
 * ```
 */
export interface AttachOptions {
  /** `operator` when absent. */
  readonly role?: Role;
  /** Who it is. */
  readonly name?: string;
  /** How it comes; `terminal` when absent. */
  readonly via?: string;
  /** To be found by again. */
  readonly tag?: string;
  /** Width of its terminal. */
  readonly cols?: number;
  /** Height of its terminal. */
  readonly rows?: number;
}

/**
 * A live session.
 *
 * @example
 * ```ts ignore
 * import { match } from "node:assert/strict";
 * import { SessionManager } from "@term2ai/term2ai";
 *
 * const manager = new SessionManager();
 * const session = await manager.createSession({ name: "greeter", command: ["sh"], recording: false });
 * await session.press("echo hello", "Enter");
 * await session.waitForText(/^hello$/m);
 * match(await session.screen(), /hello/);
 * await manager.deleteSession("greeter");
 * ```
 */
export class Session {
  readonly #directory: SessionDirectory;
  #name: string;

  /** The session that is called so. */
  constructor(directory: SessionDirectory, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  /** What it is called. */
  get name(): string {
    return this.#name;
  }

  /** Path of its socket. */
  get socket(): string {
    return this.#directory.socketOf(this.#name);
  }

  /** What it tells about itself. */
  async info(): Promise<SessionInfo> {
    return JSON.parse(await this.#text("GET", "/v1/session"));
  }

  /** What its screen says, line by line. */
  async screen(): Promise<string> {
    return await this.#text("GET", "/v1/screen");
  }

  /** The same as JSON, with size, cursor and title. */
  async screenJson(): Promise<string> {
    return await this.#text("GET", "/v1/screen?as=json");
  }

  /** What draws its screen on a terminal that was just reset. */
  async screenAnsi(): Promise<Uint8Array> {
    return (await this.#ask("GET", "/v1/screen?as=ansi")).body;
  }

  /** Types bytes. */
  async type(data: Uint8Array | string, by = "api"): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    await this.#ask("POST", `/v1/input?by=${encodeURIComponent(by)}`, bytes);
  }

  /** Presses keys by name (`Enter`, `C-c`, `Up` …); other words are typed as they are. */
  async press(...words: string[]): Promise<void> {
    await this.#post("/v1/keys", { keys: words });
  }

  /** Sets a marker in its recording. */
  async mark(label = ""): Promise<void> {
    await this.#post("/v1/markers", { label });
  }

  /** Gives it another size. */
  async resize(cols: number, rows: number): Promise<void> {
    await this.#post("/v1/size", { cols, rows });
  }

  /** Sends a signal to the program in the foreground. */
  async signal(name: string): Promise<void> {
    await this.#post("/v1/signal", { name });
  }

  /** Ends it as a terminal that is closed does; it may take a moment to be gone. */
  async stop(): Promise<void> {
    await this.#post("/v1/stop", {});
  }

  /** Calls it something else. */
  async rename(name: string): Promise<void> {
    await this.#post("/v1/name", { name });
    this.#name = name;
  }

  /** Begins a recording, in a file of its own; returns which. */
  async startRecording(path?: string): Promise<string> {
    return (await this.#post("/v1/recording", { state: "on", ...(path === undefined ? {} : { path }) })).path as string;
  }

  /** Ends the recording; its file is whole then. Returns which it is. */
  async stopRecording(): Promise<string> {
    return (await this.#post("/v1/recording", { state: "off" })).path as string;
  }

  /** Leaves out of the recording what happens from now on. */
  async pauseRecording(): Promise<void> {
    await this.#post("/v1/recording", { state: "paused" });
  }

  /** Goes on recording. */
  async resumeRecording(): Promise<void> {
    await this.#post("/v1/recording", { state: "resumed" });
  }

  /** Who is attached. */
  async clients(): Promise<ClientInfo[]> {
    return JSON.parse(await this.#text("GET", "/v1/clients"));
  }

  /** Sends clients away: one by its id, all with a tag, or all; with `to`, into another session. Returns how many. */
  async dismiss(which: { id?: string; tag?: string } = {}, to?: string, reason = "detached"): Promise<number> {
    const query = new URLSearchParams({ ...which, reason, ...(to === undefined ? {} : { to }) });
    return JSON.parse(await this.#text("DELETE", `/v1/clients?${query}`)).dismissed;
  }

  /** Changes whose typing it takes. */
  async allow(input: InputAccess): Promise<void> {
    await this.#post("/v1/access", { input });
  }

  /** Tells everybody attached something. */
  async notify(text: string): Promise<void> {
    await this.#post("/v1/notice", { text });
  }

  /**
   * Waits for its end.
   *
   * @param timeout How long, in nanoseconds.
   * @returns How it ended, or `undefined` when it has not by then. What is not known any more is told as signal `SIGKILL`.
   */
  async waitForExit(timeout: Nanos = Infinity): Promise<ExitStatus | undefined> {
    try {
      const answer = await this.#waitFor("for=exit", timeout);
      if (answer?.status) return answer.status as ExitStatus;
      if (!answer) return undefined;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
    }
    return (await this.#directory.ended(this.#name))?.status ?? { signal: "SIGKILL" };
  }

  /** Waits until nothing was printed or typed for `quiet` ns; says whether that came to be within `timeout` ns. */
  async waitForQuiet(quiet: Nanos, timeout: Nanos = Infinity): Promise<boolean> {
    return await this.#waitFor(`for=quiet&seconds=${quiet / SECOND}`, timeout) !== undefined;
  }

  /** Waits until the screen's text matches; says whether that came to be within `timeout` ns. */
  async waitForText(pattern: RegExp, timeout: Nanos = Infinity): Promise<boolean> {
    const end = performance.now() + timeout / 1e6;
    for (let since = -1;;) {
      const left = Math.min(ROUND / 1e6, end - performance.now());
      const answer = await this.#ask("GET", `/v1/screen?since=${since}&timeout=${Math.max(0, left) / 1000}`);
      pattern.lastIndex = 0;
      if (pattern.test(new TextDecoder().decode(answer.body))) return true;
      if (performance.now() >= end) return false;
      since = Number(answer.headers.get("term2ai-output"));
      // The screen of a program that prints without end changes all the time; looking is not to slow it.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /**
   * Opens a connection that gets everything the session shows, and may type where `options` and session allow it.
   *
   * @param onasked Is called when the session has been asked, and has only to answer.
   */
  async attach(
    { role = "operator", name, via, tag, cols, rows }: AttachOptions = {},
    onasked?: () => void,
  ): Promise<SocketConnection> {
    const query = new URLSearchParams({
      role,
      ...(name === undefined ? {} : { name }),
      ...(via === undefined ? {} : { via }),
      ...(tag === undefined ? {} : { tag }),
      ...(cols && rows ? { cols: String(cols), rows: String(rows) } : {}),
    });
    return await this.#reach(() => SocketConnection.open(this.socket, `/v1/attach?${query}`, onasked));
  }

  async #waitFor(what: string, timeout: Nanos): Promise<Record<string, unknown> | undefined> {
    const end = performance.now() + timeout / 1e6;
    for (;;) {
      const left = Math.max(0, Math.min(ROUND / 1e6, end - performance.now()));
      const answer = JSON.parse(await this.#text("GET", `/v1/wait?${what}&timeout=${left / 1000}`));
      if (answer.happened) return answer;
      if (performance.now() >= end) return undefined;
    }
  }

  async #post(target: string, fields: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { body } = await this.#ask("POST", target, new TextEncoder().encode(JSON.stringify(fields)));
    return JSON.parse(new TextDecoder().decode(body));
  }

  async #text(method: string, target: string): Promise<string> {
    return new TextDecoder().decode((await this.#ask(method, target)).body);
  }

  async #ask(method: string, target: string, body?: Uint8Array): Promise<Answer> {
    const answer = await this.#reach(() => ask(this.socket, method, target, body));
    if (answer.status < 300) return answer;
    let error = `the session answers ${answer.status}`;
    try {
      error = JSON.parse(new TextDecoder().decode(answer.body)).error;
    } catch {
      // it has no reason to give
    }
    throw answer.status === 400 ? new UsageError(error) : new SessionError(error);
  }

  /** @throws {SessionError} If nobody answers any more. */
  async #reach<Result>(act: () => Promise<Result>): Promise<Result> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof SessionError) throw error;
      throw new SessionError(`Cannot reach session ${this.#name}: it has ended`, { cause: error });
    }
  }
}
