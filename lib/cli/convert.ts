/**
 * `term2ai convert`: the same session in another format.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { openRecording, READERS, t2a, text, WRITERS } from "../../formats/mod.ts";
import { OVERWRITE } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { UsageError } from "../errors.ts";
import type { SessionWriter, WriteSettings } from "../ports.ts";
import { Report } from "../report.ts";
import { openEnd } from "../transform/open_end.ts";
import { withoutMarks } from "../transform/without_marks.ts";
import { type ReadKeyFlags, readKeyFlags, unwrapWithFlags } from "./keys/key_sources.ts";
import { checkOutput, writeRecording } from "./output/output.ts";
import { showProgress } from "./program/progress.ts";
import { openSource } from "./source/stdio.ts";
import { warnAbout } from "./program/warnings.ts";
import { drawnFor, namesOf, writerFor } from "./output/writers.ts";

/** Whoever reads a pipe waits for each event. */
const PIPE = { flushAfter: 40 };

interface ConvertFlags extends ReadKeyFlags {
  readonly overwrite: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly keepMarks: boolean;
  readonly timeUnit: "ns" | "us" | "ms";
  readonly times: boolean;
}

/** Formats that are to lose nothing: the marks by which commands are known stay in them. */
const OURS = new Set(["t2a", "jsonl"]);
const UNITS = { ns: 1, us: 1000, ms: 1_000_000 } as const;

export const command: Command<Context> = buildCommand({
  async func(flags: ConvertFlags, input: string, output: string) {
    const writer = writerFor(flags.to, output, "--to");
    if (flags.times && writer !== text) {
      throw new UsageError(`Cannot put a time before each line of ${writer.name}: --times is for --to text`);
    }
    checkOutput(output, writer);
    const format = flags.from === undefined ? {} : { format: flags.from };
    const progress = await showProgress(await openSource(input));
    const report = new Report();
    try {
      const { events } = await openRecording(progress.source, { ...format, report, unwrap: unwrapWithFlags(flags) });
      const timeUnit = UNITS[flags.timeUnit];
      await writeRecording({ path: output, overwrite: flags.overwrite }, writer, (sibling) => {
        const whole = events.pipeThrough(openEnd(report));
        const told = flags.keepMarks || OURS.has(writer.name) ? whole : whole.pipeThrough(withoutMarks());
        return drawnFor(writer, told).pipeThrough(
          encoderOf(writer, { report, timeUnit, sibling }, flags, output === "-"),
        );
      });
    } finally {
      progress.end();
    }
    warnAbout(input, report, writer.name);
  },
  parameters: {
    flags: {
      overwrite: OVERWRITE,
      to: {
        kind: "parsed",
        parse: String,
        brief: `format, where the extension does not tell: ${namesOf(WRITERS)}`,
        placeholder: "NAME",
        optional: true,
      },
      from: {
        kind: "parsed",
        parse: String,
        brief: `format of IN, where its bytes do not tell: ${namesOf(READERS)}`,
        placeholder: "NAME",
        optional: true,
      },
      keepMarks: {
        kind: "boolean",
        brief: "leave in the marks by which our shells tell of commands and folders; t2a and jsonl keep them anyway",
        default: false,
        withNegated: false,
      },
      ...readKeyFlags,
      timeUnit: { kind: "enum", values: ["ns", "us", "ms"], brief: "keep times in these steps", default: "ns" },
      times: {
        kind: "boolean",
        brief: "text only: begin each line with its second",
        default: false,
        withNegated: false,
      },
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
  term2ai convert --to text --times build.t2a - | grep -i error
  term2ai convert old.cast - --to t2a | term2ai info -`,
  },
});

function encoderOf(writer: SessionWriter, settings: WriteSettings, { times }: ConvertFlags, isPipe: boolean) {
  if (writer === text) return text.encoder({ report: settings.report, times });
  if (writer === t2a) return t2a.encoder(isPipe ? { ...settings, ...PIPE } : settings);
  return writer.encoder(settings);
}
