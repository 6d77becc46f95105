/**
 * How `term2ai render` makes each kind of picture, and which options that takes.
 * @module
 */

import { openRecording } from "../../formats/mod.ts";
import { UsageError } from "../errors.ts";
import type { EventStream, Nanos, SessionHeader } from "../event.ts";
import type { Source } from "../ports.ts";
import { Report } from "../report.ts";
import { type Moment, screenAt } from "../render/screen_at.ts";
import { compose } from "../stream/compose.ts";
import { Stage } from "../stream/stage.ts";
import { loadEmulator } from "../terminal/emulator.ts";
import { screenRows, screenText } from "../terminal/screen_text.ts";
import { screenSvg } from "../terminal/screen_svg.ts";
import { join } from "../transform/join.ts";
import { lazy } from "./lazy.ts";
import { type Output, writeBytes } from "./output.ts";
import { showProgress } from "./progress.ts";
import { openSource, tell } from "./stdio.ts";
import { themeNamed } from "./themes.ts";
import { formatTime } from "./time.ts";
import { warnAbout } from "./warnings.ts";

/** What a picture is to be like; what is absent is left to the format. */
export interface RenderFlags {
  readonly at?: Nanos;
  readonly from?: Nanos;
  readonly to?: Nanos;
  readonly join?: boolean;
  readonly theme?: string;
  readonly font?: readonly string[];
  readonly fontSize?: number;
  readonly padding?: number;
  readonly noCursor?: boolean;
  readonly title?: string;
  readonly fps?: number;
  readonly idleLimit?: Nanos;
  readonly speed?: number;
  readonly hold?: Nanos;
  readonly once?: boolean;
  readonly loop?: boolean;
  readonly segmentSize?: number;
}

/** A recording that is being drawn. */
export interface Drawn {
  readonly flags: RenderFlags;
  /** One session, whatever the recording has. */
  readonly events: EventStream;
  readonly output: Output;
  /** Hears of what the picture cannot show. */
  readonly report: Report;
  /** The first header, once it has passed by. */
  header(): SessionHeader | undefined;
}

/** A kind of picture. */
interface Format {
  readonly isBinary: boolean;
  readonly takes: readonly (keyof RenderFlags)[];
  draw(drawn: Drawn): Promise<void>;
}

export type FormatName = "txt" | "svg" | "png" | "gif" | "html" | "segmented";

const LOOK = ["theme", "font", "fontSize"] as const;
const PART = ["from", "to", "idleLimit", "speed"] as const;

export const FORMATS: Readonly<Record<FormatName, Format>> = {
  txt: { isBinary: false, takes: ["at", "join"], draw: drawText },
  svg: { isBinary: false, takes: ["at", ...LOOK, "padding", "noCursor", "title"], draw: drawSvg },
  png: {
    isBinary: true,
    takes: ["at", ...LOOK, "padding", "noCursor"],
    draw: async (its) => (await pixels()).drawPng(its),
  },
  gif: {
    isBinary: true,
    takes: [...PART, ...LOOK, "padding", "noCursor", "fps", "hold", "once"],
    draw: async (its) => (await pixels()).drawGif(its),
  },
  html: {
    isBinary: false,
    takes: ["at", ...PART, ...LOOK, "title", "loop"],
    draw: async (its) => (await pages()).drawPage(its),
  },
  segmented: {
    isBinary: true,
    takes: [...PART, "theme", "title", "segmentSize"],
    draw: async (its) => (await pages()).drawSegments(its),
  },
};

const pixels = () => lazy<typeof import("./render_pixels.ts")>("./render_pixels.ts");
const pages = () => lazy<typeof import("./render_pages.ts")>("./render_pages.ts");

/** Draws a recording, and says what was wrong with it. */
export async function renderTo(format: FormatName, flags: RenderFlags, input: string, output: Output): Promise<void> {
  if (flags.theme !== undefined && flags.theme !== "recorded") themeNamed(flags.theme, undefined); // before anything is read
  if (format === "segmented" && output.path === "-") {
    throw new UsageError("Cannot write segmented to stdout: it has many files; name a directory instead");
  }
  const progress = await showProgress(await openSource(input));
  const report = new Report();
  try {
    await FORMATS[format].draw({ flags, output, report, ...await openSession(progress.source, report) });
  } finally {
    progress.end();
  }
  warnAbout(input, report, format);
}

async function openSession(source: Source, report: Report): Promise<Pick<Drawn, "events" | "header">> {
  const { events } = await openRecording(source, { report });
  let header: SessionHeader | undefined;
  const watch = new Stage((emit) => ({
    push(event) {
      if (event.kind === "header") header ??= event.header;
      emit(event);
    },
    flush: () => {},
  }));
  return { events: events.pipeThrough(compose(join(), watch)), header: () => header };
}

/** Text as the bytes of a file. */
export function bytesOf(...pieces: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encode = (piece: string | Uint8Array) => typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
  return ReadableStream.from(pieces.map(encode));
}

/** The screen that was asked for; says so where the session ended before that. */
export async function momentOf({ events, flags: { at } }: Drawn): Promise<Moment> {
  const moment = await screenAt(events, await loadEmulator(), at);
  if (at !== undefined && moment.isOver && moment.end < at) {
    tell(`this is its last screen: it ends at ${formatTime(moment.end)}\n`);
  }
  return moment;
}

async function drawText(drawn: Drawn): Promise<void> {
  const { state } = await momentOf(drawn);
  const lines = drawn.flags.join ? screenText(state) : screenRows(state);
  await writeBytes(drawn.output, bytesOf(lines.map((line) => line + "\n").join("")));
}

async function drawSvg(drawn: Drawn): Promise<void> {
  const { theme, font, fontSize, padding, noCursor, title } = drawn.flags;
  const fontFamily = familiesOf(font, "svg");
  const { state, header } = await momentOf(drawn);
  const name = title ?? header?.title ?? state.title;
  const svg = screenSvg(state, {
    theme: themeNamed(theme, header?.theme),
    cursor: !noCursor,
    ...(fontFamily !== undefined && { fontFamily }),
    ...(fontSize !== undefined && { fontSize }),
    ...(padding !== undefined && { padding }),
    ...(name !== undefined && { title: name }),
  });
  await writeBytes(drawn.output, bytesOf(svg));
}

/** Families as CSS names them: whoever shows the picture has to have them. */
export function familiesOf(font: readonly string[] | undefined, format: string): string | undefined {
  if (!font) return undefined;
  const file = font.find((name) => /[/\\]|\.(?:ttf|otf|ttc|otc)$/i.test(name));
  if (file !== undefined) {
    throw new UsageError(`Cannot put the font ${file} into ${format}: name a family, which its viewers have to have`);
  }
  const plain = font.map((name) => name.replace(/[^\p{L}\p{N} _-]/gu, ""));
  return [...plain.map((name) => `"${name}"`), "monospace"].join(",");
}
