/**
 * Puts the file that a shell reads first where it can read it, and takes it away again.
 * @module
 */

import { integrateShell, isKnownShell } from "../record/shell_integration/integrate.ts";
import type { ShellIntegration } from "../record/session_recorder.ts";

/** A shell that is ready to be started. */
export interface PreparedShell extends ShellIntegration {
  /** Removes what the shell has not removed itself. */
  close(): void;
}

/**
 * Prepares a shell that marks its commands; `undefined` where `command` is none that we know, or there is no place for its
 * file. The file is private and lives until the shell has read it.
 */
export async function prepareShell(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<PreparedShell | undefined> {
  if (!isKnownShell(command, env)) return undefined;
  const nonce = crypto.getRandomValues(new Uint8Array(12)).toHex();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(nonce));
  const folder = makeFolder(env);
  const shell = folder && integrateShell({ command, env, folder, nonce });
  if (!shell) return undefined;
  const close = () => removeFolder(folder, shell.file);
  try {
    Deno.writeTextFileSync(shell.file, shell.text, { mode: 0o600, createNew: true });
  } catch {
    close();
    return undefined; // recording without marks is better than none
  }
  return { command: shell.command, env: shell.env, nonceSha256: new Uint8Array(digest).toHex(), close };
}

/** Mode 0700, as `makeTempDir` makes them; in memory where the system has such a place for each user. */
function makeFolder(env: Readonly<Record<string, string>>): string | undefined {
  for (const dir of [env.XDG_RUNTIME_DIR, undefined]) {
    if (dir === "") continue;
    try {
      return Deno.makeTempDirSync({ ...(dir && { dir }), prefix: "term2ai-" });
    } catch {
      // not there, or full
    }
  }
  return undefined;
}

function removeFolder(folder: string, file: string): void {
  for (const path of [file, folder]) {
    try {
      Deno.removeSync(path);
    } catch {
      // the shell has done it
    }
  }
}
