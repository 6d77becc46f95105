/**
 * Where live sessions are found: a directory of sockets, one for each, named after it.
 *
 * There is no server: a session is listed because its socket is there and somebody answers on it. The directory stands in
 * `XDG_RUNTIME_DIR`, or in `/tmp/term2ai-UID` where there is none, is nobody else's and lets nobody else in; so does each socket.
 * What has ended leaves a short note of how, so that a script that asks a moment too late still gets its answer.
 * @module
 */

import { SessionError, UsageError } from "../errors.ts";
import type { ExitStatus } from "../event.ts";
import { reason } from "../host/file.ts";
import { readWholeText } from "../host/whole_file.ts";

/** How long a name may be: the path of a socket has 108 bytes. */
const LONGEST_NAME = 48;
const LONGEST_PATH = 107;
/** How many ended sessions are remembered. */
const REMEMBERED = 100;

/** What is remembered of a session that has ended. */
export interface EndedSession {
  readonly name: string;
  readonly id: string;
  readonly status: ExitStatus;
  /** Milliseconds since 1970. */
  readonly endedAt: number;
  readonly recordingPath?: string;
}

/** The sockets of one user's sessions. */
export class SessionDirectory {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Opens the directory, making it where it is not there.
   *
   * @param path Another place than the usual one.
   * @throws {SessionError} If it is somebody else's, or others may enter it.
   */
  static async open(path: string = usualPath()): Promise<SessionDirectory> {
    try {
      await Deno.mkdir(path, { recursive: true, mode: 0o700 }).catch((error) => {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error; // looked at below
      });
      await checkPrivate(path);
    } catch (error) {
      if (error instanceof SessionError) throw error;
      throw new SessionError(`Cannot use ${path} for the sockets of sessions: ${reason(error)}`, { cause: error });
    }
    return new SessionDirectory(path);
  }

  /** Where the socket of a session is. */
  socketOf(name: string): string {
    return `${this.path}/${name}.sock`;
  }

  /**
   * Says whether a session can have this name here.
   *
   * @throws {UsageError} If it cannot.
   */
  checkName(name: string): void {
    if (!isName(name)) {
      throw new UsageError(
        `Cannot call a session ${
          JSON.stringify(name)
        }: expected up to ${LONGEST_NAME} letters, digits and . _ -, of which the first is a letter or digit`,
      );
    }
    const bytes = new TextEncoder().encode(this.socketOf(name)).length;
    if (bytes > LONGEST_PATH) {
      throw new UsageError(
        `Cannot make the socket ${this.socketOf(name)}: its path has ${bytes} bytes, ${LONGEST_PATH} are possible`,
      );
    }
  }

  /** The names that have a socket, in order. Nobody may answer there any more. */
  async names(): Promise<string[]> {
    return (await this.#entries(".sock")).sort();
  }

  /** A name that is not taken, made of `base`. */
  async freeName(base: string): Promise<string> {
    const taken = new Set(await this.names());
    const plain = base.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[._-]+/, "").slice(0, LONGEST_NAME - 5) || "session";
    for (let number = 1;; number++) {
      const name = number === 1 ? plain : `${plain}-${number}`;
      if (!taken.has(name)) return name;
    }
  }

  /** Runs `body` while nobody else makes, renames or removes sockets here. */
  async locked<Result>(body: () => Promise<Result>): Promise<Result> {
    const file = await Deno.open(`${this.path}/lock`, { create: true, write: true, mode: 0o600 });
    try {
      await file.lock(true);
      return await body();
    } finally {
      file.close();
    }
  }

  /** Removes a socket on which nobody answers. */
  async removeStale(name: string): Promise<void> {
    await this.locked(async () => {
      if (!await answers(this.socketOf(name))) await Deno.remove(this.socketOf(name)).catch(() => {});
    });
  }

  /** Remembers how a session has ended. */
  async remember(ended: EndedSession): Promise<void> {
    const path = `${this.path}/${ended.name}.ended`;
    await Deno.writeTextFile(`${path}.new`, JSON.stringify(ended), { mode: 0o600 });
    await Deno.rename(`${path}.new`, path);
    const names = await this.#entries(".ended");
    if (names.length > REMEMBERED) await this.#forgetOldest(names);
  }

  /** How the last session of this name has ended, if that is remembered. */
  async ended(name: string): Promise<EndedSession | undefined> {
    try {
      return JSON.parse(await readWholeText(`${this.path}/${name}.ended`));
    } catch {
      return undefined;
    }
  }

  /** All that are remembered, the last one first. */
  async allEnded(): Promise<EndedSession[]> {
    const all = await Promise.all((await this.#entries(".ended")).map((name) => this.ended(name)));
    return all.filter((one) => one !== undefined).sort((a, b) => b.endedAt - a.endedAt);
  }

  async #entries(suffix: string): Promise<string[]> {
    const names = await Array.fromAsync(Deno.readDir(this.path), ({ name }) => name);
    return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
  }

  async #forgetOldest(names: readonly string[]): Promise<void> {
    const all = (await this.allEnded()).slice(REMEMBERED / 2).map(({ name }) => name);
    const broken = names.filter((name) => !all.includes(name));
    for (const name of all.length > 0 ? all : broken) await Deno.remove(`${this.path}/${name}.ended`).catch(() => {});
  }
}

/** Whether a session can have this name anywhere. */
export function isName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && name.length <= LONGEST_NAME;
}

/** Whether somebody listens on a socket. */
export async function answers(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    return false;
  }
}

function usualPath(): string {
  const chosen = Deno.env.get("TERM2AI_SESSIONS");
  if (chosen) return chosen;
  const runtime = Deno.env.get("XDG_RUNTIME_DIR");
  if (runtime && isDirectory(runtime)) return `${runtime}/term2ai`;
  return `/tmp/term2ai-${Deno.uid() ?? 0}`;
}

/** The runtime directory vanishes at logout, and may be told of where it never was. */
function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

async function checkPrivate(path: string): Promise<void> {
  const found = await Deno.lstat(path);
  if (found.isSymlink || !found.isDirectory) {
    throw new SessionError(`Cannot use ${path} for the sockets of sessions: it is no directory`);
  }
  if (found.uid !== null && found.uid !== Deno.uid()) {
    throw new SessionError(
      `Cannot use ${path} for the sockets of sessions: it belongs to user ${found.uid}; name another with TERM2AI_SESSIONS`,
    );
  }
  if (found.mode !== null && (found.mode & 0o077) !== 0) await Deno.chmod(path, 0o700);
}

/** What is wrong with a name that is taken. */
export function nameTaken(name: string): UsageError {
  return new UsageError(
    `Cannot make a session ${name}: there is one already; attach to it with: term2ai session attach ${name}`,
  );
}
