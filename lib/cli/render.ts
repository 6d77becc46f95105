/**
 * `term2ai render`: a recording as a picture, as a moving one, or as a page.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../errors.ts";
import type { Nanos } from "../event.ts";
import { THEMES } from "../terminal/themes.ts";
import { OVERWRITE } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { chooseKeys, type ReadKeyFlags, readKeyFlags } from "./keys/key_sources.ts";
import type { RenderFlags } from "./render/drawn.ts";
import { namedMoment } from "./source/moment.ts";
import { isDevice } from "./output/output.ts";
import { type FormatName, FORMATS, renderTo } from "./render/formats.ts";
import { refuseTerminal } from "./source/stdio.ts";
import { parseTime } from "./program/time.ts";

const NAMES = Object.keys(FORMATS) as FormatName[];

function parseNumber(what: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= most) return value;
    throw new UsageError(`Cannot use ${JSON.stringify(text)} as ${what}: expected a number from ${least} to ${most}`);
  };
}

/** Seconds and their kin; `inf` for no limit. */
function parseLimit(text: string): Nanos {
  return /^(?:inf|none|max)$/i.test(text) ? Infinity : parseTime(text);
}

/** The format by name, else by the extension; stdout and devices take text. */
async function formatOf(name: string | undefined, output: string): Promise<FormatName> {
  if (name !== undefined) {
    if (Object.hasOwn(FORMATS, name)) return name as FormatName;
    throw new UsageError(`Cannot draw as ${JSON.stringify(name)}: expected one of ${NAMES.join(", ")}`);
  }
  if (output === "-" || await isDevice(output)) return "txt";
  const extension = /\.([^./]+)$/.exec(output)?.[1]?.toLowerCase().replace(/^htm$/, "html").replace(/^text$/, "txt");
  if (extension !== undefined && Object.hasOwn(FORMATS, extension)) return extension as FormatName;
  throw new UsageError(
    `Cannot tell what to draw from the name ${output}: say it with --format, one of ${NAMES.join(", ")}`,
  );
}

/** Refuses what the format has no use for: an option that did nothing would be a lie. */
function checkFlags(flags: RenderFlags, format: FormatName): void {
  const dashed = (name: string) => "--" + name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
  for (const name of Object.keys(flags) as (keyof RenderFlags)[]) {
    if (flags[name] === undefined || FORMATS[format].takes.includes(name)) continue;
    const those = NAMES.filter((other) => FORMATS[other].takes.includes(name)).join(", ");
    throw new UsageError(`Cannot use ${dashed(name)} for ${format}: it is for ${those}`);
  }
  const { at, from = 0, to = Infinity } = flags;
  if (at !== undefined && (flags.from !== undefined || flags.to !== undefined)) {
    throw new UsageError("Cannot use --at with --from or --to: one is a moment, the others are a part");
  }
  if (to <= from) throw new UsageError("Cannot draw from --from to --to: the end is not behind the beginning");
}

/** What is to be drawn: the time in `FILE@TIME` is what `--at` says. */
async function chosen(input: string, flags: RenderFlags, format: FormatName): Promise<[string, RenderFlags]> {
  const { file, at } = await namedMoment(input);
  if (at === undefined) return [file, flags];
  const { at: other, from, to } = flags;
  if (other !== undefined || from !== undefined || to !== undefined) {
    const flag = other !== undefined ? "--at" : from !== undefined ? "--from" : "--to";
    throw new UsageError(`Cannot use ${flag} with ${input}: the time behind @ says already what to draw`);
  }
  if (FORMATS[format].takes.includes("at")) return [file, { ...flags, at }];
  const time = input.slice(input.lastIndexOf("@") + 1);
  throw new UsageError(
    `Cannot draw a moment as ${format}: expected ${file} without @${time}, or with --from ${time} what comes from there on`,
  );
}

interface Flags extends RenderFlags, ReadKeyFlags {
  readonly format?: string;
  readonly overwrite: boolean;
}

export const command: Command<Context> = buildCommand({
  async func(
    this: Context,
    { format: name, overwrite, identity, passphraseFile, ...flags }: Flags,
    input: string,
    output?: string,
  ) {
    chooseKeys({ ...(identity && { identity }), ...(passphraseFile !== undefined && { passphraseFile }) });
    const path = output ?? "-", format = await formatOf(name, path);
    checkFlags(flags, format);
    const [file, told] = await chosen(input, flags, format);
    if (path === "-" && FORMATS[format].isBinary) refuseTerminal(`a ${format}`);
    await renderTo(format, told, file, { path, overwrite });
  },
  parameters: {
    aliases: { i: "idleLimit", s: "speed" },
    flags: {
      ...readKeyFlags,
      at: {
        kind: "parsed",
        parse: parseTime,
        brief: "draw this moment; else the end; FILE@TIME does the same",
        placeholder: "TIME",
        optional: true,
      },
      from: { kind: "parsed", parse: parseTime, brief: "begin here", placeholder: "TIME", optional: true },
      to: { kind: "parsed", parse: parseTime, brief: "end here", placeholder: "TIME", optional: true },
      format: {
        kind: "parsed",
        parse: String,
        brief: `where the extension of OUT does not tell: ${NAMES.join(", ")}`,
        placeholder: "NAME",
        optional: true,
      },
      join: { kind: "boolean", brief: "txt: join rows that were wrapped", optional: true, withNegated: false },
      theme: {
        kind: "parsed",
        parse: String,
        brief: `colours: ${Object.keys(THEMES).join(", ")}, recorded, or a JSON file; else as recorded, or dark`,
        placeholder: "NAME",
        optional: true,
      },
      font: {
        kind: "parsed",
        parse: String,
        brief: "family or file for the text; given again, for what the first one does not have",
        placeholder: "NAME",
        variadic: true,
        optional: true,
      },
      fontSize: {
        kind: "parsed",
        parse: parseNumber("a font size", 4, 200),
        brief: "pixels, 15 if left out",
        placeholder: "N",
        optional: true,
      },
      padding: {
        kind: "parsed",
        parse: parseNumber("padding", 0, 1000),
        brief: "pixels around the screen, 12 if left out",
        placeholder: "N",
        optional: true,
      },
      noCursor: { kind: "boolean", brief: "leave the cursor out", optional: true, withNegated: false },
      title: {
        kind: "parsed",
        parse: String,
        brief: "its name, else the recording's",
        placeholder: "TEXT",
        optional: true,
      },
      fps: {
        kind: "parsed",
        parse: parseNumber("a frame rate", 0.1, 50),
        brief: "gif: pictures in a second at the most, 30 if left out",
        placeholder: "N",
        optional: true,
      },
      idleLimit: {
        kind: "parsed",
        parse: parseLimit,
        brief: "show no pause longer than this, inf for all of them; else as the recording wishes",
        placeholder: "TIME",
        optional: true,
      },
      speed: {
        kind: "parsed",
        parse: parseNumber("a speed", 0.01, 1000),
        brief: "session seconds per second",
        placeholder: "N",
        optional: true,
      },
      hold: {
        kind: "parsed",
        parse: parseTime,
        brief: "gif: how long the last picture stays, 3s if left out",
        placeholder: "TIME",
        optional: true,
      },
      once: { kind: "boolean", brief: "gif: do not begin again", optional: true, withNegated: false },
      loop: { kind: "boolean", brief: "html: begin again at the end", optional: true, withNegated: false },
      segmentSize: {
        kind: "parsed",
        parse: parseNumber("a size", 1, 1e6),
        brief: "segmented: kilobytes of output in a piece, 262 if left out",
        placeholder: "N",
        optional: true,
      },
      overwrite: OVERWRITE,
    },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "a recording of any format; - is stdin", placeholder: "FILE" },
        { parse: String, brief: "the picture; - or none is stdout", placeholder: "OUT", optional: true },
      ],
    },
  },
  docs: {
    brief: "draw a recording: a picture, a moving one, a page",
    fullDescription:
      `Draws a moment of a recording, its end if no other is named, as text (txt), as a picture with text that can be selected
(svg) or as pixels (png); or all of it, or a part, as a moving picture (gif), as a page that plays it and needs nothing else
(html), or in pieces for web pages that play hours of it (segmented: OUT is a directory).

  term2ai render --at 1:30 demo.t2a                     what showed then, as text
  term2ai render demo.t2a@1:30 then.png                 the same moment as pixels; search tells such places
  term2ai render demo.t2a end.svg
  term2ai render --from 10s --to 40s -i 1s demo.t2a demo.gif
  term2ai render --theme light demo.t2a demo.html
  term2ai render --format segmented long.t2a long/`,
  },
});
