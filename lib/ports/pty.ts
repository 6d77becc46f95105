/**
 * Pseudo-terminals: the programs on them, and the user's side.
 *
 * This module is browser compatible.
 * @module
 */

import type { ExitStatus, Nanos } from "../event.ts";
import type { Clock } from "./clock.ts";

/**
 * Everything that can come out of a pseudo-terminal, in the order in which it happened.
 *
 * - `output`: bytes that the program printed.
 * - `typed`: bytes that were passed on to the program; `echo` and `canonical` tell how the terminal stood then, `by` who typed
 *   them, where it was not whoever sits at the user's terminal.
 * - `key`: one of our own keys, which was not passed on.
 * - `dropped`: output that went to the user but found the queue full, and is not going to be delivered.
 *
 * `time` is by the {@linkcode Clock} of the machine, not since the session's start.
 *
 * @example
 * ```ts
 * const happening: PtyHappening = { kind: "key", time: 0, key: "pause" };
 * ```
 */
export type PtyHappening =
  | { readonly kind: "output"; readonly time: Nanos; readonly data: Uint8Array }
  | {
    readonly kind: "typed";
    readonly time: Nanos;
    readonly data: Uint8Array;
    readonly echo: boolean;
    readonly canonical: boolean;
    readonly by?: string;
  }
  | { readonly kind: "key"; readonly time: Nanos; readonly key: "pause" | "discard" }
  | { readonly kind: "key"; readonly time: Nanos; readonly key: "mark"; readonly label: string }
  | { readonly kind: "dropped"; readonly time: Nanos; readonly bytes: number };

/**
 * How a program is to be started on a terminal of its own.
 *
 * @example
 * ```ts
 * const options: PtyOptions = {
 *   command: ["sh", "-c", "tput cols"], cols: 132, rows: 43, cwd: "/", env: { PATH: "/usr/bin:/bin" }, whenFull: "wait", queueBytes: 8 << 20, tellTyped: false,
 * };
 * ```
 */
export interface PtyOptions {
  /** Program and arguments; the program is looked for on the `PATH` of `env`. */
  readonly command: readonly string[];
  /** Width in cells. */
  readonly cols: number;
  /** Height in cells. */
  readonly rows: number;
  /** Working directory of the program. */
  readonly cwd: string;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** What happens when output that nobody has taken yet reaches `queueBytes`: the program waits, or it waits for two seconds at the most and what it prints then is dropped, and told. */
  readonly whenFull: "wait" | "drop";
  /** How much output may wait to be taken. */
  readonly queueBytes: number;
  /** Whether what is typed or written to the program is told as happenings of kind `typed`. */
  readonly tellTyped: boolean;
  /** Output is handed on as soon as it comes, where none came just before; otherwise within some milliseconds, which costs less. */
  readonly eager?: boolean;
  /** The user's side from the first byte on; without it nobody watches until {@linkcode Pty.attach}. */
  readonly attachment?: PtyAttachment;
}

/**
 * The user's side of a session: file descriptors to pass bytes between, and the keys that are ours.
 *
 * @example
 * ```ts
 * const silent: PtyAttachment = { input: -1, output: 1, keys: { pause: "", mark: "", discard: "" } };
 * ```
 */
export interface PtyAttachment {
  /** Descriptor that what is typed comes from, or -1. */
  readonly input: number;
  /** Descriptor that output is shown on, or -1. */
  readonly output: number;
  /** The byte string of each key, empty for none. */
  readonly keys: { readonly pause: string; readonly mark: string; readonly discard: string };
}

/**
 * A pseudo-terminal with a program on it.
 *
 * @example
 * ```ts
 * const restart = async (pty: Pty) => {
 *   pty.kill("SIGHUP");
 *   return await pty.exited;
 * };
 * ```
 */
export interface Pty {
  /** Process id of the program. */
  readonly pid: number;
  /**
   * What happened since the last time, as soon as there is something; `undefined` when the program has exited and everything
   * it printed was read. Empty when the time of {@linkcode alarm} has come before anything happened.
   */
  next(): Promise<readonly PtyHappening[] | undefined>;
  /** Lets {@linkcode next} return at `time` by the host's clock at the latest; each call replaces the one before. */
  alarm(time: Nanos): void;
  /** How the program ended. */
  readonly exited: Promise<ExitStatus>;
  /** Types `data`, for whoever is named; resolves when the terminal has taken all of it, however slowly the program reads it. */
  write(data: Uint8Array, by?: string): Promise<void>;
  /** Tells kernel and program the new size. */
  resize(cols: number, rows: number): void;
  /** Sends a signal to the program in the foreground; `SIGHUP` and `SIGKILL` go to the one we started. */
  kill(signal: string): void;
  /** Passes bytes between the user's terminal and this one, waiting for nobody else, until {@linkcode detach}. */
  attach(attachment: PtyAttachment): void;
  /** Takes the user's terminal away; the program runs on. */
  detach(): void;
  /** Ends the program if it still runs, and gives everything back. */
  close(): Promise<void>;
}

/**
 * Starts programs on pseudo-terminals.
 *
 * @example
 * ```ts
 * const backend = (host: PtyHost) => `terminals by ${host.name}`;
 * ```
 */
export interface PtyHost {
  /** Which implementation this is. */
  readonly name: string;
  /** The clock that stamps what happens. */
  readonly clock: Clock;
  /**
   * Starts a program.
   *
   * @throws {PtyError} If it cannot be started: `ENOENT` not found, `EACCES` not executable.
   */
  open(options: PtyOptions): Pty;
}
