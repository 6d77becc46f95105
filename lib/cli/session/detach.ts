/**
 * `term2ai session detach`: sends those who are attached away.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import type { Context } from "../program/context.ts";
import { OWN_OR_NAME } from "../live/session_name.ts";
import { ownSession, sessionOrOwn } from "../live/sessions.ts";

export const command: Command<Context> = buildCommand({
  async func({ client, all }: { client?: string; all: boolean }, name?: string) {
    const session = await sessionOrOwn(name);
    if (client !== undefined) return void await session.dismiss({ id: client });
    // From inside, whoever typed this leaves, and nobody else.
    const leads = name === undefined && ownSession() !== undefined && !all
      ? (await session.clients()).find(({ leads }) => leads)
      : undefined;
    await session.dismiss(leads ? { id: leads.id } : {});
  },
  parameters: {
    flags: {
      client: {
        kind: "parsed",
        parse: String,
        brief: "only this one; session clients lists them",
        placeholder: "ID",
        optional: true,
      },
      all: { kind: "boolean", brief: "everybody, from inside too", default: false, withNegated: false },
    },
    positional: OWN_OR_NAME,
  },
  docs: {
    brief: "send those who are attached away",
    fullDescription:
      "Detaches everybody from a session. Inside a session and without a name, detaches whoever typed it.",
  },
});
