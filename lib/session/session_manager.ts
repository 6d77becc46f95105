/**
 * Many live sessions: makes them, finds them, lists them, records them, ends them.
 *
 * There is no server and no state but the directory of sockets, so any number of managers, in any number of processes, see the
 * same sessions. A session runs in this process, or, `detached`, in a process of its own that outlives this one.
 * @module
 */

import { PtyError, SessionError, UsageError } from "../errors.ts";
import type { ExitStatus } from "../event.ts";
import type { PtyHost } from "../ports.ts";
import { later } from "./later.ts";
import type { HostConfig, SessionConfig } from "./template/config.ts";
import { answers, isName, nameTaken, SessionDirectory } from "./directory.ts";
import type { SessionInfo } from "./control/protocol.ts";
import { Session } from "./session.ts";
import type { SessionHost } from "./session_host.ts";

/** A host that has not said that it is ready by then has failed. */
const START_MS = 30_000;

/**
 * How a manager works.
 *
 * @example
 * ```ts
 * const options: SessionManagerOptions = { hostCommand: ["/opt/term2ai/bin/term2ai"] };
 * ```
 */
export interface SessionManagerOptions {
  /** Where the sockets are; the user's usual place when absent. */
  readonly directory?: string;
  /** The program that hosts detached sessions, `term2ai` on the `PATH` when absent. */
  readonly hostCommand?: readonly string[];
  /** Makes the terminals of sessions in this process; the best there is when absent. */
  readonly pty?: PtyHost;
  /** Name and version of the program, for recordings. */
  readonly version?: string;
}

/**
 * Manages live sessions.
 *
 * @example
 * ```ts ignore
 * import { equal } from "node:assert/strict";
 * import { SessionManager } from "@term2ai/term2ai";
 *
 * const manager = new SessionManager({ directory: await Deno.makeTempDir() });
 * await manager.createSession({ name: "one", command: ["sleep", "60"], recording: false });
 * equal((await manager.listSessions()).length, 1);
 * await manager.deleteSession("one");
 * equal((await manager.listSessions()).length, 0);
 * ```
 */
export class SessionManager {
  readonly #options: SessionManagerOptions;
  readonly #hosts = new Map<string, SessionHost>();
  #directory: Promise<SessionDirectory> | undefined;

  /** A manager of all sessions of this user, or of those in one directory. */
  constructor(options: SessionManagerOptions = {}) {
    this.#options = options;
  }

  /**
   * Makes a session and starts its program.
   *
   * @throws {UsageError} If the name is taken, or the configuration makes no sense.
   * @throws {PtyError} If the program cannot be started.
   */
  async createSession(config: SessionConfig = {}): Promise<Session> {
    const { checkConfig } = await later<typeof import("./template/config.ts")>("./template/config.ts");
    checkConfig(config);
    const directory = await this.#open();
    const name = config.name ?? await directory.freeName(usualName(config));
    directory.checkName(name);
    if (await answers(directory.socketOf(name))) throw nameTaken(name);
    const { env = Deno.env.toObject(), cwd = Deno.cwd() } = config;
    const complete: HostConfig = { ...config, name, cwd, env, directory: directory.path };
    if (config.detached) await this.#startDetached(complete);
    else await this.#startHere(complete, directory);
    return new Session(directory, name);
  }

  /**
   * Finds a session by its name, by the beginning of it that no other has, or by its id.
   *
   * @throws {SessionError} If there is none, or several.
   */
  async getSession(name: string): Promise<Session> {
    const directory = await this.#open();
    // The others are not asked for a name that is whole: each of fifty hosts would be woken.
    if (isName(name) && await answers(directory.socketOf(name))) return new Session(directory, name);
    const names = await this.#living(directory);
    if (names.includes(name)) return new Session(directory, name);
    const found = name === "" ? [] : names.filter((one) => one.startsWith(name));
    if (found.length === 1) return new Session(directory, found[0]!);
    if (found.length > 1) throw new SessionError(`Cannot tell which session ${name} is: ${found.join(", ")} begin so`);
    const byId = name.length >= 8 ? (await this.listSessions()).find(({ id }) => id.startsWith(name)) : undefined;
    if (byId) return new Session(directory, byId.name);
    const there = names.length === 0 ? "there are none" : `there are ${names.join(", ")}`;
    throw new SessionError(`Cannot find a session ${name}: ${there}`);
  }

  /** All sessions that run, by name, `rec` ones included. What is left of sessions that were killed is removed. */
  async listSessions(): Promise<SessionInfo[]> {
    const directory = await this.#open();
    const all = await Promise.all((await directory.names()).map(async (name) => {
      try {
        return await new Session(directory, name).info();
      } catch {
        await directory.removeStale(name);
        return undefined;
      }
    }));
    return all.filter((info) => info !== undefined);
  }

  /** How the last session of this name has ended, where that is remembered. */
  async endedSession(name: string): Promise<ExitStatus | undefined> {
    return (await (await this.#open()).ended(name))?.status;
  }

  /** Ends a session and waits until it is gone; its recording stays. */
  async deleteSession(name: string): Promise<void> {
    const session = await this.getSession(name);
    await session.stop();
    await session.waitForExit();
    await this.#hosts.get(session.name)?.over;
    const directory = await this.#open();
    for (let waited = 0; waited < 5000 && await answers(session.socket); waited += 20) await sleep(20);
    await directory.removeStale(session.name);
  }

  /** Begins to record a session, in a file of its own; returns which. */
  async startRecording(name: string, path?: string): Promise<string> {
    return await (await this.getSession(name)).startRecording(path);
  }

  /** Ends the recording of a session; its file is whole then. Returns which it is. */
  async stopRecording(name: string): Promise<string> {
    return await (await this.getSession(name)).stopRecording();
  }

  /** Ends all sessions that run in this process. */
  async close(): Promise<void> {
    const hosts = [...this.#hosts.values()];
    await Promise.all(hosts.map((host) => host.stop().catch(() => {})));
    await Promise.all(hosts.map((host) => host.over));
  }

  /** The directory of sockets. */
  async #open(): Promise<SessionDirectory> {
    return await (this.#directory ??= SessionDirectory.open(
      ...(this.#options.directory ? [this.#options.directory] : []),
    ));
  }

  async #living(directory: SessionDirectory): Promise<string[]> {
    const names = await directory.names();
    const alive = await Promise.all(names.map((name) => answers(directory.socketOf(name))));
    await Promise.all(names.filter((_, at) => !alive[at]).map((name) => directory.removeStale(name)));
    return names.filter((_, at) => alive[at]);
  }

  async #startHere(config: HostConfig, directory: SessionDirectory): Promise<void> {
    const { startSession } = await later<typeof import("./start_session.ts")>("./start_session.ts");
    const { pty, version = "term2ai" } = this.#options;
    const host = await startSession(config, { directory, version, isAlone: false, ...(pty && { pty }) });
    this.#hosts.set(config.name, host);
    host.over.finally(() => this.#hosts.delete(config.name));
  }

  /** Starts a process for the session and waits until it answers, or says why it cannot. */
  async #startDetached(config: HostConfig): Promise<void> {
    const [program, ...args] = this.#options.hostCommand ?? ["term2ai"];
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(program!, {
        args: [...args, "session", "host"],
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
        cwd: "/",
        detached: true,
      }).spawn();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new SessionError(`Cannot start ${program} to host a session: ${why}; name it with hostCommand`, {
        cause: error,
      });
    }
    const writer = child.stdin.getWriter();
    const told = writer.write(new TextEncoder().encode(JSON.stringify(config))).then(() => writer.close());
    await told.catch(() => {}); // it ended before it was told; it says why
    const said = await firstLine(child.stdout);
    if (said === "ready") return child.unref();
    await child.status;
    throw failureOf(said);
  }
}

/** What a host says first, or `undefined` when it says nothing in time. */
async function firstLine(stdout: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const reader = stdout.getReader();
  const timer = setTimeout(() => reader.cancel(), START_MS);
  let text = "";
  const decoder = new TextDecoder();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    text += decoder.decode(read.value, { stream: true });
    if (text.includes("\n")) break;
  }
  clearTimeout(timer);
  await reader.cancel();
  return text.includes("\n") ? text.slice(0, text.indexOf("\n")) : undefined;
}

/** A host says why it cannot start, as JSON with the error's code. */
function failureOf(said: string | undefined): Error {
  try {
    const { code, message, errno } = JSON.parse(said ?? "") as { code: string; message: string; errno?: string };
    if (code === "usage") return new UsageError(message);
    if (code === "pty" && errno !== undefined) return new PtyError(message, errno);
    return new SessionError(message);
  } catch {
    return new SessionError("Cannot make the session: its host has ended without saying why");
  }
}

/** After its command, without path and extension. */
function usualName({ command }: SessionConfig): string {
  const program = command?.[0] ?? Deno.env.get("SHELL") ?? "shell";
  return program.slice(program.lastIndexOf("/") + 1);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
