/**
 * `term2ai template show`: prints a template as it is understood.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { loadTemplate } from "../../session/template/template.ts";
import type { Context } from "../program/context.ts";
import { printJson } from "../live/sessions.ts";
import { TEMPLATE_NAME } from "../live/template_name.ts";

export const command: Command<Context> = buildCommand({
  async func(_: Record<never, never>, name: string) {
    const configs = await loadTemplate(name);
    // The whole environment would hide the rest, and may hold secrets.
    await printJson(configs.map(({ env, ...config }) => ({ ...config, ...(env && { env: Object.keys(env).sort() }) })));
  },
  parameters: { positional: TEMPLATE_NAME },
  docs: {
    brief: "print a template as it is understood",
    fullDescription:
      "Prints the sessions of a template as JSON, with paths, limits and defaults as they would be used; of the environment only the names.",
  },
});
