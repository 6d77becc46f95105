/**
 * `term2ai session rename`: calls a session something else.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import type { Context } from "../program/context.ts";
import { sessionManager } from "../live/sessions.ts";

export const command: Command<Context> = buildCommand({
  async func(_: Record<never, never>, name: string, to: string) {
    await (await sessionManager().getSession(name)).rename(to);
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "which session", placeholder: "NAME" },
        { parse: String, brief: "what to call it from now on", placeholder: "NEW" },
      ],
    },
  },
  docs: {
    brief: "call a session something else",
    fullDescription: "Gives a session another name. Who is attached stays attached.",
  },
});
