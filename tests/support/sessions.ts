/** Live sessions of a test's own, which are gone afterwards. */

import { limitOf } from "../../lib/host/process_limits.ts";
import { type Session, SessionManager } from "../../mod.ts";
import type { SocketConnection } from "../../lib/session/control/web_socket.ts";
import { TERM2AI, term2ai, withFolder } from "./cli.ts";
import { sleep } from "./pty.ts";

// Libraries stay open once they are loaded; here rather than in the first test that needs one, which would seem to leak it.
if (Deno.build.os === "linux") limitOf(Deno.pid, "openFiles");

/** What a test with sessions of its own is given. */
export interface SessionTest {
  readonly manager: SessionManager;
  readonly folder: string;
  /** For programs that are to see the same sessions. */
  readonly env: Record<string, string>;
  /** Runs a command line that sees them. */
  run(...args: string[]): ReturnType<typeof term2ai>;
  /** Has something done when the test is over, however it ends. */
  afterwards(act: () => Promise<unknown>): void;
}

/** Runs `body` with a directory of sessions of its own; what it leaves running is ended. */
export async function withSessions(body: (test: SessionTest) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const directory = `${folder}/run`;
    const env = {
      TERM2AI_SESSIONS: directory,
      XDG_DATA_HOME: `${folder}/data`,
      XDG_CONFIG_HOME: `${folder}/config`,
      TERM2AI_SESSION: "",
    };
    const manager = new SessionManager({ directory, hostCommand: hostCommand(env), version: "test" });
    const acts: (() => Promise<unknown>)[] = [];
    const before = children();
    const run = (...args: string[]) => term2ai(args, { cwd: folder, env });
    try {
      await body({ manager, folder, env, run, afterwards: (act) => void acts.push(act) });
    } finally {
      for (const act of acts) await act().catch(() => {});
      for (const { name } of await manager.listSessions()) await manager.deleteSession(name).catch(() => {});
      await manager.close();
      await eventually("the hosts are gone", () => children().isSubsetOf(before), 30_000);
    }
  });
}

/** Processes that this one has started and that have not ended: a host that is measured for coverage takes a moment to end. */
function children(): Set<string> {
  const pids = new Set<string>();
  for (const { name } of Deno.readDirSync("/proc/self/task")) {
    const list = tryTo(() => Deno.readTextFileSync(`/proc/self/task/${name}/children`)) ?? "";
    for (const pid of list.split(" ")) if (pid.trim() !== "") pids.add(pid);
  }
  return pids;
}

function tryTo<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch {
    return undefined; // a thread that has just ended
  }
}

function hostCommand(env: Record<string, string>): string[] {
  return ["env", ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...TERM2AI];
}

/** Waits until something is so; what cannot be looked at yet is not so yet. */
export async function eventually(what: string, isSo: () => Promise<boolean> | boolean, ms = 12_000): Promise<void> {
  const until = Date.now() + ms;
  let cause: unknown;
  while (Date.now() < until) {
    try {
      if (await isSo()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(20);
  }
  throw new Error(`It has not come to be within ${ms} ms: ${what}`, { cause });
}

/** Somebody attached without a terminal: reads, and says what was shown. */
export class Onlooker {
  readonly messages: Record<string, unknown>[] = [];
  readonly #connection: SocketConnection;
  readonly #reading: Promise<void>;
  text = "";
  bytes = 0;
  /** What the last whole screen was drawn with, and all after it. */
  sinceScreen: Uint8Array[] = [];

  private constructor(connection: SocketConnection) {
    this.#connection = connection;
    this.#reading = this.#read();
  }

  static async at(session: Session, options: Parameters<Session["attach"]>[0] = {}): Promise<Onlooker> {
    return new Onlooker(await session.attach(options));
  }

  send(message: string | Uint8Array): void {
    this.#connection.send(message);
  }

  type(text: string): void {
    this.#connection.send(new TextEncoder().encode(text));
  }

  async until(wanted: string | RegExp): Promise<void> {
    await eventually(`${wanted} in ${JSON.stringify(this.text.slice(-2000))}`, () => this.has(wanted));
  }

  has(wanted: string | RegExp): boolean {
    return typeof wanted === "string" ? this.text.includes(wanted) : wanted.test(this.text);
  }

  async told(type: string): Promise<Record<string, unknown>> {
    await eventually(`a message ${type}`, () => this.messages.some((message) => message.type === type));
    return this.messages.findLast((message) => message.type === type)!;
  }

  /** The other side closes. */
  async ended(): Promise<void> {
    await this.#reading;
    this.#connection.close();
    await this.#connection.sent();
  }

  async leave(): Promise<void> {
    this.#connection.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let isScreen = false;
    for (let message = await this.#connection.next(); message; message = await this.#connection.next()) {
      if ("text" in message) {
        const told = JSON.parse(message.text);
        this.messages.push(told);
        isScreen = told.type === "screen";
        continue;
      }
      if (isScreen) this.sinceScreen = [];
      isScreen = false;
      this.sinceScreen.push(message.bytes);
      this.bytes += message.bytes.length;
      this.text = (this.text + decoder.decode(message.bytes, { stream: true })).slice(-100_000);
    }
  }
}
