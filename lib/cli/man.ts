/**
 * `term2ai man`: the manual.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../errors.ts";
import { describe, describeAll } from "./program/command_table.ts";
import type { Context } from "./program/context.ts";
import { commandPage, programPage } from "./manual/page.ts";
import { print } from "./source/stdio.ts";

export const command: Command<Context> = buildCommand({
  async func(this: Context, _flags: Record<never, never>, ...words: string[]) {
    if (words.length === 0) return await print(programPage(await describeAll()));
    const described = await describe(words);
    if (!described) throw new UsageError(`Cannot print the page of ${words.join(" ")}: there is no such command`);
    await print(commandPage(described));
  },
  parameters: {
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "which command; none is the program itself", placeholder: "COMMAND" },
    },
  },
  docs: {
    brief: "print the manual, as man reads it",
    customUsage: ["[COMMAND…]"],
    fullDescription: `Prints a page of the manual in the form that man reads.

  term2ai man rec | man -l -
  term2ai man session attach | man -l -
  term2ai man > ~/.local/share/man/man1/term2ai.1`,
  },
});
