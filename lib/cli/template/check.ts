/**
 * `term2ai template check`: tells what is wrong with a template.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { findTemplate, readTemplateFile } from "../../session/template/template.ts";
import type { Context } from "../program/context.ts";
import { tell } from "../source/stdio.ts";
import { TEMPLATE_NAME } from "../live/template_name.ts";

export const command: Command<Context> = buildCommand({
  async func(_: Record<never, never>, name: string) {
    const { path } = await findTemplate(name);
    const configs = await readTemplateFile(path);
    tell(`${path} is right: ${configs.length} session${configs.length === 1 ? "" : "s"}\n`);
  },
  parameters: { positional: TEMPLATE_NAME },
  docs: {
    brief: "tell what is wrong with a template",
    fullDescription: "Reads a template and names everything that is wrong with it. Ends with 2 when something is.",
  },
});
