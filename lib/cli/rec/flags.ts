/**
 * The options of `term2ai rec`, once they are read.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { Nanos } from "../../event.ts";
import type { InputPolicy } from "../../record/event_recorder.ts";
import type { SecretsFlags } from "../output/secrets_flags.ts";

/** See `term2ai rec --help`. */
export interface RecFlags extends SecretsFlags {
  readonly overwrite: boolean;
  readonly append: boolean;
  readonly size?: { cols: number; rows: number };
  readonly input?: InputPolicy;
  readonly redact: boolean;
  readonly title?: string;
  readonly tag?: readonly string[];
  readonly env?: readonly string[];
  readonly idleLimit?: Nanos;
  readonly to?: string;
  readonly requireRecording: boolean;
  readonly shellIntegration: boolean;
  readonly sign?: string;
  readonly encryptTo?: readonly string[];
  readonly quiet: boolean;
  readonly keyframes: boolean;
  readonly pauseKey: string;
  readonly markKey: string;
  readonly discardKey: string;
  /** Let others attach and type. */
  readonly attachable: boolean;
  /** No control socket. */
  readonly noSocket: boolean;
}

/** What says what is hidden. */
const RULES = ["text", "textFrom", "pattern", "allow", "allowPattern", "without"] as const;

/**
 * Refuses what does not go together.
 *
 * @throws {UsageError} If something does not.
 */
export function checkUsage(flags: RecFlags, path: string | undefined, command: readonly string[] | undefined): void {
  if (flags.overwrite && flags.append) throw new UsageError("Cannot use --overwrite and --append together");
  if (flags.append && (path === undefined || path === "-")) {
    throw new UsageError("Cannot append: --append needs a FILE");
  }
  const keys = [flags.pauseKey, flags.markKey, flags.discardKey].filter((key) => key !== "");
  if (new Set(keys).size < keys.length) throw new UsageError("Cannot use one key for two things: see --pause-key");
  const rules = RULES.find((name) => flags[name] !== undefined);
  if (rules !== undefined && !flags.redact) {
    const option = rules.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`Cannot use --${option} alone: it says what --redact hides`);
  }
  if (flags.attachable && flags.noSocket) throw new UsageError("Cannot use --attachable and --no-socket together");
  if (command?.length === 0) throw new UsageError("Cannot run nothing: a command is expected behind --");
}
