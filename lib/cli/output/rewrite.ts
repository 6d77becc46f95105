/**
 * What commands have in common that write a recording once more without touching what was recorded.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { t2a } from "../../../formats/mod.ts";
import { UsageError } from "../../errors.ts";
import type { Source } from "../../ports.ts";
import { OVERWRITE } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { type ReadKeyFlags, readKeyFlags } from "../keys/key_sources.ts";
import { checkOutput, isDevice, writeRecording } from "./output.ts";
import { openSource } from "../source/stdio.ts";

/** Where from and where to. */
export interface Rewrite {
  readonly input: string;
  readonly output: string;
  readonly overwrite: boolean;
}

/** Flags that all of them have. */
export interface RewriteFlags extends ReadKeyFlags {
  readonly overwrite: boolean;
}

/** One of them: `term2ai NAME [options] [IN] [OUT]`. */
export interface RewriteCommand<Flags> {
  readonly brief: string;
  readonly text: string;
  readonly flags: Readonly<Record<string, unknown>>;
  readonly aliases: Readonly<Record<string, string>>;
  run(flags: Flags & RewriteFlags, input: string, output: string): Promise<void>;
}

/** The same as a command. */
export function rewriteCommand<Flags>(command: RewriteCommand<Flags>): Command<Context> {
  const func = (flags: Flags & RewriteFlags, input = "-", output = "-") => command.run(flags, input, output);
  const parameters = {
    flags: { ...command.flags, overwrite: OVERWRITE, ...readKeyFlags },
    aliases: command.aliases,
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "a recording; - or none is stdin", placeholder: "IN", optional: true },
        { parse: String, brief: "the new recording; - or none is stdout", placeholder: "OUT", optional: true },
      ],
    },
  };
  // The parser's types want each flag spelled out where the command is built; here they come from several places.
  return buildCommand({ func, parameters, docs: { brief: command.brief, fullDescription: command.text } } as never);
}

/** Writes what `make` makes of the recording; OUT appears when all of it is written. */
export async function rewrite(
  { input, output, overwrite }: Rewrite,
  make: (source: Source) => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>,
): Promise<void> {
  if (output !== "-" && !/\.t2a$/i.test(output) && !await isDevice(output)) {
    throw new UsageError(
      `Cannot write ${output}: only T2A recordings are signed or encrypted; expected a name that ends in .t2a`,
    );
  }
  checkOutput(output, t2a);
  const bytes = await make(await openSource(input));
  await writeRecording({ path: output, overwrite }, t2a, () => bytes);
}
