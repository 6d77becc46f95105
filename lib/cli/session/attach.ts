/**
 * `term2ai session attach`: puts this terminal into a live session.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { SessionError, UsageError } from "../../errors.ts";
import { attachTo, mustBeAttachable } from "../live/attach.ts";
import { PREFIX } from "../live/attach_flags.ts";
import type { Context } from "../program/context.ts";
import { Exit } from "../program/failure.ts";
import { sessionManager } from "../live/sessions.ts";
import { SESSION_NAME } from "../live/session_name.ts";

interface AttachFlags {
  readonly create: boolean;
  readonly viewer: boolean;
  readonly nested: boolean;
  readonly exclusive: boolean;
  readonly prefix: string;
}

export const command: Command<Context> = buildCommand({
  async func(this: Context, flags: AttachFlags, name: string) {
    mustBeAttachable(name, flags);
    if (this.commandLine && !flags.create) {
      throw new UsageError("Cannot give a running session a command: --create makes one");
    }
    const session = await find(name, flags.create, this.commandLine);
    if (flags.exclusive) {
      const { clients } = await session.info();
      if (clients > 0) throw new SessionError(`Cannot attach to ${session.name}: ${clients} are attached already`);
    }
    throw new Exit(await attachTo(session, flags));
  },
  parameters: {
    aliases: { c: "create", r: "viewer" },
    flags: {
      create: { kind: "boolean", brief: "make the session if there is none", default: false, withNegated: false },
      viewer: {
        kind: "boolean",
        brief: "look on: never type, never change the size",
        default: false,
        withNegated: false,
      },
      exclusive: { kind: "boolean", brief: "only if nobody is attached", default: false, withNegated: false },
      nested: { kind: "boolean", brief: "even inside another session", default: false, withNegated: false },
      prefix: PREFIX,
    },
    positional: SESSION_NAME,
  },
  docs: {
    brief: "put this terminal into a session",
    customUsage: ["[options] NAME [-- COMMAND…]"],
    fullDescription: `Puts this terminal into a session that runs. NAME may be the beginning of its name.

Ctrl-] d leaves, Ctrl-] s goes to another session, Ctrl-] ? lists the keys, Ctrl-] Ctrl-] is Ctrl-] itself; --prefix or
TERM2AI_PREFIX change the key. The session takes the size of whoever typed last; others see what fits. Ends with 0 when
you leave, and with the status of the command when that ends.`,
  },
});

async function find(name: string, create: boolean, command: readonly string[] | undefined) {
  const manager = sessionManager();
  try {
    return await manager.getSession(name);
  } catch (error) {
    if (!create || !(error instanceof SessionError)) throw error;
    return await manager.createSession({ name, detached: true, ...(command && { command }) });
  }
}
