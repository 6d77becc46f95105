/**
 * The options of `term2ai rec`, once they are read.
 * @module
 */

import type { Nanos } from "../event.ts";
import type { InputPolicy } from "../record/event_recorder.ts";
import type { SecretsFlags } from "./secrets_flags.ts";

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
