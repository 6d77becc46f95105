/**
 * Starts a session in this process, with the terminals and files that there are here.
 * @module
 */

import { choosePtyHost } from "../host/pty.ts";
import type { PtyHost } from "../ports.ts";
import type { HostConfig } from "./config.ts";
import type { SessionDirectory } from "./directory.ts";
import { openRecordingFile } from "./recording_file.ts";
import { SessionHost } from "./session_host.ts";

/** What is known about it beside its configuration. */
export interface StartOptions {
  readonly directory: SessionDirectory;
  readonly version: string;
  /** Whether this process runs nothing else. */
  readonly isAlone: boolean;
  readonly pty?: PtyHost;
}

/** Starts it. */
export async function startSession(config: HostConfig, options: StartOptions): Promise<SessionHost> {
  const { pty = await choosePtyHost(), ...rest } = options;
  return await SessionHost.start(config, { ...rest, pty, openRecording: openRecordingFile });
}
