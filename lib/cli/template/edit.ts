/**
 * `term2ai template edit`: opens a template in an editor.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../../errors.ts";
import { findTemplate, pathForNew, readTemplateFile } from "../../session/template/template.ts";
import type { Context } from "../program/context.ts";
import { tell } from "../source/stdio.ts";
import { TEMPLATE_NAME } from "../live/template_name.ts";

export const command: Command<Context> = buildCommand({
  async func(_: Record<never, never>, name: string) {
    const path = await findTemplate(name).then(({ path }) => path, () => create(name));
    const editor = Deno.env.get("VISUAL") || Deno.env.get("EDITOR") || "vi";
    // The shell knows what to make of an editor with options.
    const { success } = await new Deno.Command("sh", { args: ["-c", `${editor} "$1"`, "sh", path] }).spawn().status;
    if (!success) throw new UsageError(`Cannot edit ${path}: ${editor} has failed; name another in EDITOR`);
    const configs = await readTemplateFile(path);
    tell(`${path} is right: ${configs.length} session${configs.length === 1 ? "" : "s"}\n`);
  },
  parameters: { positional: TEMPLATE_NAME },
  docs: {
    brief: "open a template in your editor, and check it",
    fullDescription:
      "Opens a template in VISUAL or EDITOR and checks it afterwards. One that is not there is begun, for the project where there is a .term2ai folder, else for you.",
  },
});

const BEGINNING = (name: string) =>
  `# Sessions that are made by: term2ai session new --template ${name}
description = ""

[[session]]
name = "${name}"
command = "echo hello; exec $SHELL"
# cwd = "."                                   # from the project's folder
# env = { NODE_ENV = "development" }          # variables to set
# env_allow = ["PATH", "HOME", "LANG", "LC_*"] # the only ones to take over
# size = "120x40"
# input = "owner"                             # nobody, owner, operators

# [session.recording]
# folder = "recordings"                       # or path = "logs/{name}-{date}.t2a"
# input = true

# [session.limits]
# memory = "1G"
# cpu = "50%"
# processes = 200
# idle = "8h"
`;

async function create(name: string): Promise<string> {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) {
    throw new UsageError(`Cannot call a template ${JSON.stringify(name)}: expected letters, digits and . _ -`);
  }
  const path = await pathForNew(name);
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, BEGINNING(name), { createNew: true });
  return path;
}
