/**
 * `term2ai session mark`: sets a marker in the recording of a session.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import type { Context } from "../program/context.ts";
import { sessionManager } from "../live/sessions.ts";

export const command: Command<Context> = buildCommand({
  async func(_: Record<never, never>, name: string, label?: string) {
    await (await sessionManager().getSession(name)).mark(label);
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "which session", placeholder: "NAME" },
        { parse: String, brief: "what the marker says", placeholder: "LABEL", optional: true },
      ],
    },
  },
  docs: {
    brief: "set a marker in the recording of a session",
    fullDescription: "Sets a marker here and now. Works with rec, too.",
  },
});
