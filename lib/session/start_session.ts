/**
 * Starts a session in this process, with the terminals and files that there are here.
 * @module
 */

import { choosePtyHost } from "../host/pty.ts";
import type { PtyHost } from "../ports.ts";
import type { HostConfig } from "./template/config.ts";
import type { SessionDirectory } from "./directory.ts";
import { later } from "./later.ts";
import { openRecordingFile } from "./recording/recording_file.ts";
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
  return await SessionHost.start(config, { ...rest, pty, openRecording: openRecordingFile, keepRecording });
}

/** The file is gone when the store has it. What a store needs is loaded only then. */
async function keepRecording(path: string, url: string): Promise<string> {
  const { openStorage } = await later<typeof import("../../storage/mod.ts")>("../../storage/mod.ts");
  const { sourceOf } = await later<typeof import("./share/shelf.ts")>("./share/shelf.ts");
  const storage = await openStorage(url);
  try {
    const { id } = await storage.store(await sourceOf(path));
    await Deno.remove(path);
    return id;
  } finally {
    await storage.close();
  }
}
