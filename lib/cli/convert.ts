/**
 * `term2ai convert`: the same session in another format.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { openRecording, READERS, WRITERS } from "../../formats/mod.ts";
import { UsageError } from "../errors.ts";
import type { SessionWriter } from "../ports.ts";
import type { Context } from "./context.ts";
import { writeRecording } from "./output.ts";
import { openSource } from "./stdio.ts";
import { warnAbout } from "./warnings.ts";

interface ConvertFlags {
  readonly overwrite: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly timeUnit: "ns" | "us" | "ms";
}

const UNITS = { ns: 1, us: 1000, ms: 1_000_000 } as const;

export const command: Command<Context> = buildCommand({
  async func(flags: ConvertFlags, input: string, output: string) {
    const writer = writerFor(flags.to, output);
    const format = flags.from === undefined ? {} : { format: flags.from };
    const { events, report } = await openRecording(await openSource(input), format);
    const timeUnit = UNITS[flags.timeUnit];
    await writeRecording({ path: output, overwrite: flags.overwrite }, writer, (sibling) => {
      return events.pipeThrough(writer.encoder({ report, timeUnit, sibling }));
    });
    warnAbout(input, report, writer.name);
  },
  parameters: {
    flags: {
      overwrite: { kind: "boolean", brief: "replace OUT if it exists", default: false, withNegated: false },
      to: {
        kind: "parsed",
        parse: String,
        brief: `format, where the extension does not tell: ${names(WRITERS)}`,
        placeholder: "NAME",
        optional: true,
      },
      from: {
        kind: "parsed",
        parse: String,
        brief: `format of IN, where its bytes do not tell: ${names(READERS)}`,
        placeholder: "NAME",
        optional: true,
      },
      timeUnit: { kind: "enum", values: ["ns", "us", "ms"], brief: "keep times in these steps", default: "ns" },
    },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "a recording; - is stdin", placeholder: "IN" },
        { parse: String, brief: "the new recording; - is stdout", placeholder: "OUT" },
      ],
    },
  },
  docs: {
    brief: "change a recording's format",
    fullDescription: `Writes the session in IN to OUT in another format, and says what that format cannot keep.

Some formats have several files: script writes OUT, OUT.timing and, where something was typed, OUT.in.

  term2ai convert demo.t2a demo.cast
  term2ai convert --to script demo.t2a demo.log
  term2ai convert old.cast - --to t2a | term2ai info -`,
  },
});

function names(formats: readonly { readonly name: string }[]): string {
  return formats.map(({ name }) => name).join(", ");
}

/** The writer by name, else by extension. */
export function writerFor(name: string | undefined, path: string): SessionWriter {
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  const writer = name !== undefined
    ? WRITERS.find((writer) => writer.name === name)
    : WRITERS.find((writer) => writer.extensions.includes(extension));
  if (writer) return writer;
  if (name !== undefined) {
    throw new UsageError(`Cannot write ${JSON.stringify(name)}: expected one of ${names(WRITERS)}`);
  }
  throw new UsageError(
    `Cannot tell the format of ${path} by its extension: say it with --to, one of ${names(WRITERS)}`,
  );
}
