/**
 * What all filters have in common: `term2ai FILTER [options] [IN] [OUT]`, events of any format in, a recording out.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { openRecording, t2a, type T2aEncoderOptions } from "../../../formats/mod.ts";
import { UsageError } from "../../errors.ts";
import type { EventStream } from "../../event.ts";
import type { SessionWriter, Source, UnwrapKey } from "../../ports.ts";
import { Report } from "../../report.ts";
import type { Stage } from "../../stream/stage.ts";
import { compose } from "../../stream/compose.ts";
import { openEnd } from "../../transform/open_end.ts";
import { OVERWRITE } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { type ReadKeyFlags, readKeyFlags, unwrapWithFlags } from "../keys/key_sources.ts";
import { checkOutput, isDevice, type Sibling, writeRecording } from "./output.ts";
import { showProgress } from "../program/progress.ts";
import { openRereadable } from "../source/spool.ts";
import { openSource } from "../source/stdio.ts";
import { warnAbout } from "../program/warnings.ts";
import { drawnFor, writerFor } from "./writers.ts";

/** The flags of every filter. */
interface CommonFlags extends ReadKeyFlags {
  readonly overwrite: boolean;
  readonly as?: string;
}

/** What a filter is given to work with. */
export interface FilterInput {
  /** Where the recording comes from; a filter that has to look at it twice takes it from here. */
  readonly source: Source;
  /** Hears of everything that was odd. */
  readonly report: Report;
  /** Opens the keys of encrypted recordings. */
  readonly unwrap: UnwrapKey;
}

/** One filter. */
export interface Filter<Flags> {
  /** What it does, in a line. */
  readonly brief: string;
  /** And in some more, with examples. */
  readonly text: string;
  /** Its flags, as the argument parser wants them. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** One-letter names of flags. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Whether it has to read the recording before it can begin; never, if left out. */
  readsTwice?(flags: Flags, output: string): boolean;
  /** What happens to the events. */
  stages(flags: Flags, input: FilterInput): readonly Stage[] | Promise<readonly Stage[]>;
  /** How T2A is written; as a recorder writes, if left out. */
  settings?(flags: Flags): T2aEncoderOptions;
  /** Does more than filter, or something else; `filter` filters. */
  around?(flags: Flags, input: string, output: string, filter: () => Promise<void>): Promise<void>;
  /** The events, where they do not simply come from the source. */
  events?(flags: Flags, input: FilterInput): Promise<EventStream>;
}

/** A filter as a command. */
export function filterCommand<Flags>(filter: Filter<Flags>): Command<Context> {
  const func = (flags: CommonFlags & Flags, input = "-", output = "-") => {
    const run = () => runFilter(filter, flags, input, output);
    return filter.around ? filter.around(flags, input, output, run) : run();
  };
  const parameters = {
    flags: {
      ...filter.flags,
      ...readKeyFlags,
      overwrite: OVERWRITE,
      as: {
        kind: "parsed",
        parse: String,
        brief: "format of OUT, where its extension does not tell; T2A on stdout and to devices",
        placeholder: "NAME",
        optional: true,
      },
    },
    aliases: filter.aliases ?? {},
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "a recording of any format; - or none is stdin", placeholder: "IN", optional: true },
        { parse: String, brief: "the new recording; - or none is stdout", placeholder: "OUT", optional: true },
      ],
    },
  };
  // The parser's types want each flag spelled out where the command is built; here they come from several places.
  return buildCommand({ func, parameters, docs: { brief: filter.brief, fullDescription: filter.text } } as never);
}

async function runFilter<Flags>(
  filter: Filter<Flags>,
  flags: CommonFlags & Flags,
  input: string,
  output: string,
): Promise<void> {
  const isNameless = output === "-" || await isDevice(output);
  const writer = isNameless && flags.as === undefined ? t2a : writerFor(flags.as, output, "--as");
  if (filter.settings && writer !== t2a) {
    throw new UsageError(
      `Cannot write ${writer.name} here: this filter writes T2A; expected OUT with the extension .t2a`,
    );
  }
  checkOutput(output, writer);
  const report = new Report();
  const source = await (filter.readsTwice?.(flags, output) ? openRereadable(input) : openSource(input));
  const unwrap = unwrapWithFlags(flags);
  const stages = await filter.stages(flags, { source, report, unwrap });
  const progress = await showProgress(source);
  try {
    const given = { source: progress.source, report, unwrap };
    const events = await (filter.events?.(flags, given) ?? eventsOf(given));
    const settings = filter.settings?.(flags) ?? (output === "-" ? await pipeSettings() : {});
    await writeRecording(
      { path: output, overwrite: flags.overwrite },
      writer,
      (sibling) =>
        drawnFor(writer, events.pipeThrough(compose(openEnd(report), ...stages)))
          .pipeThrough(encoderOf(writer, { report, sibling, ...settings })),
    );
  } finally {
    progress.end();
  }
  warnAbout(input, report, writer.name);
}

async function eventsOf({ source, report, unwrap }: FilterInput): Promise<EventStream> {
  return (await openRecording(source, { report, unwrap })).events;
}

function encoderOf(writer: SessionWriter, settings: T2aEncoderOptions & { report: Report; sibling: Sibling }) {
  if (writer === t2a) return t2a.encoder(settings);
  return writer.encoder({ report: settings.report, timeUnit: settings.timeUnit ?? 1, sibling: settings.sibling });
}

/** On a pipe somebody waits for each event, and compressing for the next filter alone would be work for nothing. */
async function pipeSettings(): Promise<T2aEncoderOptions> {
  const isPipe = await Deno.stat("/dev/stdout").then(({ isFifo, isSocket }) => isFifo || isSocket, () => true);
  return isPipe ? { flushAfter: 40, codec: 0 } : {};
}
