/**
 * `term2ai session switch`: goes to another session, from inside one.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../../errors.ts";
import type { Context } from "../program/context.ts";
import { SESSION_NAME } from "../live/session_name.ts";
import { ownSession, sessionManager } from "../live/sessions.ts";

export const command: Command<Context> = buildCommand({
  async func({ from }: { from?: string }, name: string) {
    const manager = sessionManager();
    const here = from ?? ownSession();
    if (here === undefined) {
      throw new UsageError(
        `Cannot switch from here: this is in no session; attach with: term2ai session attach ${name}`,
      );
    }
    const [session, to] = [await manager.getSession(here), await manager.getSession(name)];
    if (session.name === to.name) throw new UsageError(`Cannot switch to ${to.name}: this is it`);
    const clients = await session.clients();
    const leader = clients.find(({ leads }) => leads) ?? clients[0];
    if (!leader) throw new UsageError(`Cannot switch from ${session.name}: nobody is attached to it`);
    await session.dismiss({ id: leader.id }, to.name);
  },
  parameters: {
    flags: {
      from: {
        kind: "parsed",
        parse: String,
        brief: "the session to leave, where this is run in none",
        placeholder: "NAME",
        optional: true,
      },
    },
    positional: SESSION_NAME,
  },
  docs: {
    brief: "go to another session, from inside one",
    fullDescription:
      "Moves the terminal that typed last from this session to another one. Ctrl-] s does the same by key.",
  },
});
