/**
 * `term2ai session peek`: prints what a session shows.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../../errors.ts";
import { writeAll } from "../../host/file.ts";
import { JSON_FLAG } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { OWN_OR_NAME } from "../live/session_name.ts";
import { sessionOrOwn } from "../live/sessions.ts";
import { print } from "../source/stdio.ts";

export const command: Command<Context> = buildCommand({
  async func({ ansi, json }: { ansi: boolean; json: boolean }, name?: string) {
    if (ansi && json) throw new UsageError("Cannot use --ansi and --json together");
    const session = await sessionOrOwn(name);
    if (ansi) await writeAll(Deno.stdout, await session.screenAnsi());
    else if (json) await print(await session.screenJson() + "\n");
    else await print(await session.screen());
  },
  parameters: {
    flags: {
      ansi: { kind: "boolean", brief: "with colours: what draws the screen", default: false, withNegated: false },
      json: JSON_FLAG,
    },
    positional: OWN_OR_NAME,
  },
  docs: {
    brief: "print the screen of a session",
    fullDescription:
      "Prints what a session shows at this moment, without attaching to it. Wrapped lines are whole again.",
  },
});
