/**
 * What `term2ai render` draws from: a recording, and what the picture is to be like.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { EventStream, Nanos, SessionHeader } from "../../event.ts";
import type { Report } from "../../report.ts";
import type { Moment } from "../../render/screen_at.ts";
import type { Output } from "../output/output.ts";

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

/** A picture that is being drawn. */
interface Picture {
  readonly flags: RenderFlags;
  readonly output: Output;
}

/** A picture of one moment. */
export interface Still extends Picture {
  readonly moment: Moment;
}

/** A picture of a recording, or of a part of it. */
export interface Drawn extends Picture {
  /** One session, whatever the recording has. */
  readonly events: EventStream;
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
