/**
 * `term2ai convert`: the same session in another format.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { openRecording, WRITERS } from "../../formats/mod.ts";
import { UsageError } from "../errors.ts";
import type { SessionWriter } from "../ports.ts";
import type { Context } from "./context.ts";
import { isBrokenPipe } from "./failure.ts";
import { PrivateFile } from "./private_file.ts";
import { openSource, refuseTerminal, stdoutSink } from "./stdio.ts";
import { warnAbout } from "./warnings.ts";

interface ConvertFlags {
  readonly overwrite: boolean;
  readonly to?: string;
  readonly timeUnit: "ns" | "us" | "ms";
}

const UNITS = { ns: 1, us: 1000, ms: 1_000_000 } as const;

export const command: Command<Context> = buildCommand({
  async func(flags: ConvertFlags, input: string, output: string) {
    const writer = writerFor(flags.to, output);
    if (output === "-" && writer.binary) refuseTerminal(`a recording in ${writer.name}`);
    const { events, report } = await openRecording(await openSource(input));
    const encoder = writer.encoder({
      report,
      timeUnit: UNITS[flags.timeUnit],
      sibling: () => Promise.reject(new UsageError(`${writer.name} has one file only`)),
    });
    const bytes = events.pipeThrough(encoder);
    if (output === "-") await toStdout(bytes);
    else await toFile(bytes, output, flags.overwrite);
    warnAbout(input, report);
  },
  parameters: {
    flags: {
      overwrite: { kind: "boolean", brief: "replace OUT if it exists", default: false, withNegated: false },
      to: {
        kind: "parsed",
        parse: String,
        brief: `format, where the extension does not tell: ${names()}`,
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

  term2ai convert demo.t2a demo.cast
  term2ai convert old.cast - --to t2a | term2ai info -`,
  },
});

function names(): string {
  return WRITERS.map((writer) => writer.name).join(", ");
}

/** The writer by name, else by extension. */
function writerFor(name: string | undefined, path: string): SessionWriter {
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  const writer = name !== undefined
    ? WRITERS.find((writer) => writer.name === name)
    : WRITERS.find((writer) => writer.extensions.includes(extension));
  if (writer) return writer;
  if (name !== undefined) throw new UsageError(`Cannot write ${JSON.stringify(name)}: expected one of ${names()}`);
  throw new UsageError(`Cannot tell the format of ${path} by its extension: say it with --to, one of ${names()}`);
}

async function toStdout(bytes: ReadableStream<Uint8Array>): Promise<void> {
  try {
    await bytes.pipeTo(stdoutSink());
  } catch (error) {
    if (!isBrokenPipe(error)) throw error;
  }
}

/** The file appears under its name when it is whole. */
async function toFile(bytes: ReadableStream<Uint8Array>, path: string, overwrite: boolean): Promise<void> {
  const file = await PrivateFile.create(path, overwrite ? "replace" : "refuse");
  try {
    await bytes.pipeTo(new WritableStream({ write: (chunk) => file.write(chunk) }));
    await file.publish();
    file.close();
  } catch (error) {
    await file.discard();
    throw error;
  }
}
