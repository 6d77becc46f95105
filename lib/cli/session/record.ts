/**
 * `term2ai session record`: switches the recording of a session.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../../errors.ts";
import type { Context } from "../program/context.ts";
import { sessionManager } from "../live/sessions.ts";
import { print } from "../source/stdio.ts";

export const command: Command<Context> = buildCommand({
  async func(_: Record<never, never>, name: string, what: string, file?: string) {
    const session = await sessionManager().getSession(name);
    if (file !== undefined && what !== "on") throw new UsageError("Cannot use a FILE: only on takes one");
    switch (what) {
      case "on":
        return await print(await session.startRecording(file?.replace(/^(?!\/)/, `${Deno.cwd()}/`)) + "\n");
      case "off":
        return await print(await session.stopRecording() + "\n");
      case "pause":
        return await session.pauseRecording();
      case "resume":
        return await session.resumeRecording();
      default:
        throw new UsageError(`Cannot switch recording to ${JSON.stringify(what)}: expected on, off, pause or resume`);
    }
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "which session", placeholder: "NAME" },
        { parse: String, brief: "on, off, pause or resume", placeholder: "WHAT" },
        { parse: String, brief: "the file, for on", placeholder: "FILE", optional: true },
      ],
    },
  },
  docs: {
    brief: "switch the recording of a session",
    customUsage: ["NAME on [FILE]", "NAME off|pause|resume"],
    fullDescription:
      `Begins a recording in a file of its own, which starts with the screen as it is, or ends it: its file is whole then. pause
leaves out what happens until resume; a gap tells of it.`,
  },
});
