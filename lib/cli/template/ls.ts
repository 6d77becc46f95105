/**
 * `term2ai template ls`: lists the templates there are.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { listTemplates } from "../../session/template/template.ts";
import { JSON_FLAG } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { printJson, printTable, shortPath } from "../live/sessions.ts";
import { tell } from "../source/stdio.ts";

export const command: Command<Context> = buildCommand({
  async func({ json }: { json: boolean }) {
    const all = await listTemplates();
    if (json) return await printJson(all);
    if (all.length === 0) return tell("There are no templates; make one with: term2ai template edit NAME\n");
    await printTable([["NAME", "OF", "FILE"], ...all.map(({ name, of, path }) => [name, of, shortPath(path)])]);
  },
  parameters: { flags: { json: JSON_FLAG } },
  docs: {
    brief: "list the templates there are",
    fullDescription:
      "Lists templates: those of the project around this folder (.term2ai/templates) and your own (~/.config/term2ai/templates).",
  },
});
