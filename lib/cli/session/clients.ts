/**
 * `term2ai session clients`: lists who is attached.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { JSON_FLAG } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { OWN_OR_NAME } from "../live/session_name.ts";
import { printJson, printTable, sessionOrOwn, shortAge } from "../live/sessions.ts";
import { tell } from "../source/stdio.ts";

export const command: Command<Context> = buildCommand({
  async func({ json }: { json: boolean }, name?: string) {
    const session = await sessionOrOwn(name);
    const clients = await session.clients();
    if (json) return await printJson(clients);
    if (clients.length === 0) return tell(`Nobody is attached to ${session.name}\n`);
    const rows = clients.map((client) => [
      client.id,
      client.name,
      client.role + (client.leads ? "*" : ""),
      client.via,
      client.cols === undefined ? "" : `${client.cols}x${client.rows}`,
      shortAge((Date.now() - client.attachedAt) / 1000),
    ]);
    await printTable([["ID", "WHO", "ROLE", "VIA", "SIZE", "SINCE"], ...rows]);
  },
  parameters: { flags: { json: JSON_FLAG }, positional: OWN_OR_NAME },
  docs: {
    brief: "list who is attached to a session",
    fullDescription:
      "Lists who is attached. The operator with the star typed last: the session has the size of that terminal.",
  },
});
