/**
 * `term2ai session host`: runs one session; started by `session new`, with its configuration on stdin.
 *
 * Nobody is there to see what it prints: its first line says that it is ready, or why it is not.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { PtyError, Term2aiError } from "../../errors.ts";
import { readHostConfig } from "../../session/template/config.ts";
import { SessionDirectory } from "../../session/directory.ts";
import type { SessionHost } from "../../session/session_host.ts";
import { startSession } from "../../session/start_session.ts";
import type { Context } from "../program/context.ts";
import { messageFor } from "../program/failure.ts";
import { VERSION } from "../program/version.ts";

export const command: Command<Context> = buildCommand({
  async func() {
    const text = await new Response(Deno.stdin.readable).text();
    const host = await start(text);
    if (!host) return;
    say("ready");
    Deno.addSignalListener("SIGTERM", () => void host.stop());
    for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT"] as const) Deno.addSignalListener(signal, () => {});
    await host.over;
  },
  parameters: {},
  docs: {
    brief: "run one session (for session new)",
    fullDescription: "Runs one session, as JSON on stdin describes it. `term2ai session new` starts it.",
  },
});

async function start(text: string): Promise<SessionHost | undefined> {
  try {
    const config = readHostConfig(text);
    const directory = await SessionDirectory.open(config.directory);
    return await startSession(config, { directory, version: `term2ai ${VERSION}`, isAlone: true });
  } catch (error) {
    const code = error instanceof Term2aiError ? error.code : "session";
    say(JSON.stringify({
      code,
      message: messageFor(error),
      ...(error instanceof PtyError && { errno: error.errno }),
    }));
    return undefined;
  }
}

function say(line: string): void {
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
  } catch {
    // whoever started us is gone; the session is there all the same
  }
}
