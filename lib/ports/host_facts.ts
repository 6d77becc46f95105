/**
 * What a recorder asks about the machine.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * What the machine can tell: who, where, and all variables to choose from.
 *
 * @example
 * ```ts
 * const facts: HostFacts = { user: "ada", host: "engine", shell: "/bin/sh", cwd: "/home/ada", env: { TERM: "xterm" } };
 * ```
 */
export interface HostFacts {
  /** Login name. */
  readonly user?: string;
  /** Name of the machine. */
  readonly host?: string;
  /** Path of the user's shell. */
  readonly shell: string;
  /** Working directory. */
  readonly cwd: string;
  /** The whole environment; only names on the allow-list get into a recording. */
  readonly env: Readonly<Record<string, string>>;
}
