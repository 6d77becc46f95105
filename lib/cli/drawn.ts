/**
 * What `term2ai render` draws from: a recording, and what the picture is to be like.
 * @module
 */

import { UsageError } from "../errors.ts";
import type { EventStream, Nanos, SessionHeader } from "../event.ts";
import type { Report } from "../report.ts";
import { type Moment, screenAt } from "../render/screen_at.ts";
import { loadEmulator } from "../terminal/emulator.ts";
import type { Output } from "./output.ts";
import { tell } from "./stdio.ts";
import { formatTime } from "./time.ts";

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
