/**
 * How a session is to be made: what templates hold, what the library is given, and what a host process is told.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { InputPolicy } from "../../record/event_recorder.ts";
import type { SessionLimits } from "../limits.ts";
import type { RedactionRules } from "./redaction_rules.ts";
import { type InputAccess, isSize, parseObject } from "../control/protocol.ts";

/**
 * A session to be made.
 *
 * @example
 * ```ts
 * const config: SessionConfig = {
 *   name: "build",
 *   command: ["make", "watch"],
 *   recording: { path: "build.t2a", input: "on" },
 *   limits: { memoryBytes: 1 << 30, processes: 200 },
 * };
 * ```
 */
export interface SessionConfig {
  /** What to call it; by itself it is called after its command. */
  readonly name?: string;
  /** Program and arguments; the user's shell when absent. */
  readonly command?: readonly string[];
  /** Working directory, that of whoever makes it when absent. */
  readonly cwd?: string;
  /** The whole environment of the program; that of whoever makes it when absent. */
  readonly env?: Readonly<Record<string, string>>;
  /** Width, 80 when absent. Whoever attaches brings another one. */
  readonly cols?: number;
  /** Height, 24 when absent. */
  readonly rows?: number;
  /** Whose typing it takes, `owner` when absent. */
  readonly input?: InputAccess;
  /** How it is recorded, or `false` for not. */
  readonly recording?: SessionRecording | false;
  /** What is hidden in its recording, beside what the rules know; `false` or absent for nothing. */
  readonly redaction?: RedactionRules | false;
  /** URL of the store that its recording goes to when it has ended, where the recording names no file. */
  readonly storage?: string;
  /** What it may use. */
  readonly limits?: SessionLimits;
  /** Whether it outlives the process that makes it, in a process of its own. */
  readonly detached?: boolean;
}

/**
 * How a session is recorded.
 *
 * @example
 * ```ts
 * const recording: SessionRecording = { title: "Release 1.4", tags: ["release"], input: "on" };
 * ```
 */
export interface SessionRecording {
  /** The file; by itself one in the user's data directory. */
  readonly path?: string;
  /** What happens to typed bytes; `off` when absent. */
  readonly input?: InputPolicy;
  /** A name for people. */
  readonly title?: string;
  /** Words to find it by. */
  readonly tags?: readonly string[];
  /** Variables of the environment to keep in the recording, beside the usual harmless ones. */
  readonly keepEnv?: readonly string[];
  /** Whether bash, zsh or fish tell where commands begin and end; they do when absent. */
  readonly shellIntegration?: boolean;
}

/** What a host process is told: nothing is left open. */
export interface HostConfig extends SessionConfig {
  readonly name: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
}

/**
 * Checks what the types cannot.
 *
 * @throws {UsageError} If a session cannot be made like this.
 */
export function checkConfig({ command, cols, rows, cwd }: SessionConfig): void {
  if (command?.length === 0) throw new UsageError("Cannot make a session of no command: a program is expected");
  for (const size of [cols, rows]) {
    if (size !== undefined && !isSize(size)) {
      throw new UsageError(`Cannot make a session of ${cols}x${rows}: sizes from 1 to 2048 are possible`);
    }
  }
  if (cwd !== undefined && !cwd.startsWith("/")) {
    throw new UsageError(`Cannot start in ${JSON.stringify(cwd)}: a path from the root is expected`);
  }
}

/** Reads what a host process is told by whoever starts it. */
export function readHostConfig(text: string): HostConfig {
  const config = parseObject(text);
  if (typeof config?.name !== "string" || typeof config.cwd !== "string" || typeof config.directory !== "string") {
    throw new UsageError("Cannot host a session: its configuration is expected on stdin, as `session new` writes it");
  }
  return config as unknown as HostConfig;
}
