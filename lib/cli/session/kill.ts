/**
 * `term2ai session kill`: ends a session.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../../errors.ts";
import type { Context } from "../program/context.ts";
import { sessionManager } from "../live/sessions.ts";

export const command: Command<Context> = buildCommand({
  async func({ signal, all }: { signal?: string; all: boolean }, ...names: string[]) {
    if (all === names.length > 0) throw new UsageError("Cannot tell what to end: expected names, or --all");
    const manager = sessionManager();
    const sessions = await Promise.all(
      (all ? (await manager.listSessions()).filter(({ kind }) => kind === "session").map(({ name }) => name) : names)
        .map((name) => manager.getSession(name)),
    );
    for (const session of sessions) {
      if (signal === undefined) await manager.deleteSession(session.name);
      else await session.signal(signal);
    }
  },
  parameters: {
    flags: {
      signal: {
        kind: "parsed",
        parse: signalName,
        brief: "only send this to the program in the foreground",
        placeholder: "NAME",
        optional: true,
      },
      all: { kind: "boolean", brief: "all sessions, but no rec", default: false, withNegated: false },
    },
    positional: { kind: "array", parameter: { parse: String, brief: "which session", placeholder: "NAME" } },
  },
  docs: {
    brief: "end a session",
    fullDescription:
      `Ends a session as a terminal that is closed does, after a second by force, and waits until it is gone. Its recording is
whole and stays.`,
  },
});

function signalName(text: string): string {
  const name = text.toUpperCase();
  return name.startsWith("SIG") ? name : `SIG${name}`;
}
