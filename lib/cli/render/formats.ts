/**
 * How `term2ai render` makes each kind of picture, and which options that takes.
 * @module
 */

import { openRecording, openTimeline } from "../../../formats/mod.ts";
import { UsageError } from "../../errors.ts";
import { MILLISECOND, type Nanos, type SessionHeader } from "../../event.ts";
import type { Source } from "../../ports.ts";
import { type Moment, screenAt } from "../../render/screen_at.ts";
import { Report } from "../../report.ts";
import { compose } from "../../stream/compose.ts";
import { Stage } from "../../stream/stage.ts";
import { loadEmulator } from "../../terminal/emulator.ts";
import { screenRows, screenText } from "../../terminal/screen_text.ts";
import { screenSvg } from "../../terminal/screen_svg.ts";
import { join } from "../../transform/join.ts";
import { bytesOf, type Drawn, familiesOf, type RenderFlags, type Still } from "./drawn.ts";
import { keyframeCache } from "../play/keyframe_cache.ts";
import { lazy } from "../lazy.ts";
import { isDevice, type Output, writeBytes } from "../output/output.ts";
import { showProgress } from "../program/progress.ts";
import { exists, openSource, tell } from "../source/stdio.ts";
import { themeNamed } from "./themes.ts";
import { formatTime } from "../program/time.ts";
import { warnAbout } from "../program/warnings.ts";
import { unwrapWithFlags } from "../keys/key_sources.ts";

/** A kind of picture. */
interface Format {
  readonly isBinary: boolean;
  readonly takes: readonly (keyof RenderFlags)[];
  /** What draws it: from all that happened, or from what showed at a moment. */
  readonly by: { draw(drawn: Drawn): Promise<void> } | { drawStill(still: Still): Promise<void> };
}

export type FormatName = "txt" | "svg" | "png" | "gif" | "html" | "segmented";

const LOOK = ["theme", "font", "fontSize"] as const;
const PART = ["from", "to", "idleLimit", "speed"] as const;

export const FORMATS: Readonly<Record<FormatName, Format>> = {
  txt: { isBinary: false, takes: ["at", "join"], by: { drawStill: drawText } },
  svg: { isBinary: false, takes: ["at", ...LOOK, "padding", "noCursor", "title"], by: { drawStill: drawSvg } },
  png: {
    isBinary: true,
    takes: ["at", ...LOOK, "padding", "noCursor"],
    by: { drawStill: async (its) => (await pixels()).drawPng(its) },
  },
  gif: {
    isBinary: true,
    takes: [...PART, ...LOOK, "padding", "noCursor", "fps", "hold", "once"],
    by: { draw: async (its) => (await pixels()).drawGif(its) },
  },
  html: {
    isBinary: false,
    takes: ["at", ...PART, ...LOOK, "title", "loop"],
    by: { draw: async (its) => (await pages()).drawPage(its) },
  },
  segmented: {
    isBinary: true,
    takes: [...PART, "theme", "title", "segmentSize"],
    by: { draw: async (its) => (await pages()).drawSegments(its) },
  },
};

const pixels = () => lazy<typeof import("./pixels.ts")>("./render/pixels.ts");
const pages = () => lazy<typeof import("./pages.ts")>("./render/pages.ts");

/** Draws a recording, and says what was wrong with it. */
export async function renderTo(format: FormatName, flags: RenderFlags, input: string, output: Output): Promise<void> {
  if (flags.theme !== undefined && flags.theme !== "recorded") themeNamed(flags.theme, undefined); // before anything is read
  const isStream = output.path === "-" || await isDevice(output.path);
  if (format === "segmented" && isStream) {
    const where = output.path === "-" ? "stdout" : output.path;
    throw new UsageError(`Cannot write segmented to ${where}: it has many files; name a directory instead`);
  }
  // Said now, and not when all is drawn.
  if (!isStream && !output.overwrite && await exists(output.path)) {
    throw new UsageError(`Cannot write ${output.path}: it exists; --overwrite replaces it`);
  }
  const progress = await showProgress(await openSource(input));
  const report = new Report();
  try {
    const { by } = FORMATS[format];
    if ("drawStill" in by) {
      await by.drawStill({ flags, output, moment: await momentOf(progress.source, input, flags.at, report) });
    } else {
      const { end, ...session } = await openSession(progress.source, report);
      await by.draw({ flags, output, report, ...session });
      tellLate(flags.at, end());
    }
  } finally {
    progress.end();
  }
  warnAbout(input, report, format);
}

type OpenSession = Pick<Drawn, "events" | "header"> & {
  /** When it ends, once it has passed by. */
  end(): Nanos;
};

async function openSession(source: Source, report: Report): Promise<OpenSession> {
  const { events } = await openRecording(source, { report, unwrap: unwrapWithFlags({}) });
  let header: SessionHeader | undefined, end = 0;
  const watch = new Stage((emit) => ({
    push(event) {
      if (event.kind === "header") header ??= event.header;
      end = event.time;
      emit(event);
    },
    flush: () => {},
  }));
  return { events: events.pipeThrough(compose(join(), watch)), header: () => header, end: () => end };
}

/** Says so where the session ended before the moment that was asked for; `search` rounds up to milliseconds. */
function tellLate(at: Nanos = 0, end: Nanos): void {
  if (at - end >= MILLISECOND) tell(`this is its last screen: it ends at ${formatTime(end)}\n`);
}

/** The screen that was asked for, without reading all before it where there are keyframes. */
async function momentOf(source: Source, input: string, at: Nanos | undefined, report: Report): Promise<Moment> {
  const moment = input === "-"
    ? await screenAt((await openSession(source, report)).events, await loadEmulator(), at)
    : await momentInFile(source, at, report);
  if (moment.isOver) tellLate(at, moment.end);
  return moment;
}

async function momentInFile(source: Source, at: Nanos = Infinity, report: Report): Promise<Moment> {
  const cache = await keyframeCache(source.name);
  const timeline = await openTimeline(source, { loadEmulator, report, unwrap: unwrapWithFlags({}), cache });
  try {
    const place = await timeline.at(at);
    const state = await timeline.screen(place);
    return { state, header: timeline.header, end: place.time, isOver: timeline.complete && timeline.duration <= at };
  } finally {
    timeline.close();
  }
}

async function drawText({ flags, output, moment: { state } }: Still): Promise<void> {
  const lines = flags.join ? screenText(state) : screenRows(state);
  await writeBytes(output, bytesOf(lines.map((line) => line + "\n").join("")));
}

async function drawSvg({ flags, output, moment: { state, header } }: Still): Promise<void> {
  const { theme, font, fontSize, padding, noCursor, title } = flags;
  const fontFamily = familiesOf(font, "svg");
  const name = title ?? header?.title ?? state.title;
  const svg = screenSvg(state, {
    theme: themeNamed(theme, header?.theme),
    cursor: !noCursor,
    ...(fontFamily !== undefined && { fontFamily }),
    ...(fontSize !== undefined && { fontSize }),
    ...(padding !== undefined && { padding }),
    ...(name !== undefined && { title: name }),
  });
  await writeBytes(output, bytesOf(svg));
}
