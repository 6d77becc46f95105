/**
 * Collects what is worth knowing about a session before it starts.
 *
 * Of the environment only an allow-list is kept, never all of it: environments hold keys and tokens.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, SessionHeader } from "../event.ts";
import type { HostFacts } from "../ports.ts";

/**
 * What whoever records wants to say about the session.
 *
 * @example
 * ```ts
 * const wishes: MetadataOptions = { title: "How to build", tags: ["demo"], keepEnv: ["EDITOR"] };
 * ```
 */
export interface MetadataOptions {
  /** A name for people. */
  readonly title?: string;
  /** Words to find it by. */
  readonly tags?: readonly string[];
  /** Play no pause longer than this. */
  readonly idleLimit?: Nanos;
  /** Variables to keep beside {@linkcode USUAL_ENV}. */
  readonly keepEnv?: readonly string[];
  /** Name and version of the program that records. */
  readonly recorder?: string;
  /** SHA-256 of the word that the shell's marks carry. */
  readonly nonceSha256?: string;
}

/**
 * The variables that every recording keeps when they are set: what decides how a terminal looks, and nothing personal.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(USUAL_ENV.includes("HOME"), false);
 * ```
 */
export const USUAL_ENV: readonly string[] = [
  "COLORTERM",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "SHELL",
  "TERM",
  "TERM_PROGRAM",
];

/**
 * Makes the header of a recording.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const facts = { user: "ada", host: "engine", shell: "/bin/sh", cwd: "/tmp", env: { TERM: "xterm", TOKEN: "s3cret" } };
 * const header = new MetadataRecorder(facts, { title: "Tables" }).header({ command: ["ls", "-l", "a b"], cols: 80, rows: 24, startedAt: 0 });
 * deepEqual(header.command, "ls -l 'a b'");
 * deepEqual(header.env, { TERM: "xterm" });
 * ```
 */
export class MetadataRecorder {
  readonly #facts: HostFacts;
  readonly #options: MetadataOptions;

  /** Joins what the machine tells and what the user wants to say. */
  constructor(facts: HostFacts, options: MetadataOptions = {}) {
    this.#facts = facts;
    this.#options = options;
  }

  /** The header of a session of `command` that starts at wall-clock time `startedAt` (milliseconds since 1970). */
  header(session: { command: readonly string[]; cols: number; rows: number; startedAt: number }): SessionHeader {
    const { user, host, shell, cwd } = this.#facts;
    const { title, tags, idleLimit, recorder, nonceSha256 } = this.#options;
    const env = this.#allowedEnv();
    return withoutUndefined({
      cols: session.cols,
      rows: session.rows,
      id: randomId(),
      startedAt: session.startedAt,
      command: session.command.map(quoteArgument).join(" "),
      shell,
      user,
      host,
      cwd,
      term: env.TERM,
      title,
      tags: tags?.length ? tags : undefined,
      env,
      idleLimit,
      recorder,
      nonceSha256,
    });
  }

  #allowedEnv(): Record<string, string> {
    const names = [...USUAL_ENV, ...this.#options.keepEnv ?? []];
    return withoutUndefined(Object.fromEntries(names.map((name) => [name, this.#facts.env[name]]))) as Record<
      string,
      string
    >;
  }
}

/** 16 random bytes as 32 hexadecimal digits. */
function randomId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/**
 * One argument as a shell wants it, quoted only where it must be.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(quoteArgument("--color=auto"), "--color=auto");
 * equal(quoteArgument("don't"), `'don'\\''t'`);
 * ```
 */
export function quoteArgument(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
