/**
 * `term2ai compress`: makes a recording small, and always the same.
 * @module
 */

import type { T2aEncoderOptions } from "../../formats/t2a.ts";
import { UsageError } from "../errors.ts";
import { filterCommand } from "./output/filter.ts";

interface CompressFlags {
  readonly level?: number;
  readonly codec?: "zstd" | "brotli" | "none";
  readonly archive: boolean;
  readonly timeUnit: "ns" | "us" | "ms";
}

const UNITS = { ns: 1, us: 1000, ms: 1_000_000 } as const;
const CODECS = { none: 0, zstd: 1, brotli: 2 } as const;
/** The usual level of each, and the highest. */
const LEVELS = { none: [0, 0], zstd: [9, 22], brotli: [9, 11] } as const;

/** A block of this size is as small as a whole file nearly, and what a seek has to unpack. */
const BLOCK = 256 << 10;
/** What an archive gains by still bigger ones is worth unpacking more for a seek. */
const ARCHIVE_BLOCK = 2 << 20;

function parseLevel(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot compress at level ${JSON.stringify(text)}: expected a number from 0 to 22`);
}

function settings({ level, codec, archive, timeUnit }: CompressFlags): T2aEncoderOptions {
  const name = codec ?? (archive ? "brotli" : "zstd");
  const [usual, highest] = LEVELS[name];
  if (level !== undefined && level > highest) {
    throw new UsageError(`Cannot compress with ${name} at level ${level}: the highest is ${highest}`);
  }
  return {
    codec: CODECS[name],
    level: level ?? (archive ? highest : usual),
    blockBytes: archive ? ARCHIVE_BLOCK : BLOCK,
    timeUnit: UNITS[timeUnit],
  };
}

export const command = filterCommand<CompressFlags>({
  brief: "make a recording small",
  text:
    `Writes big blocks, compressed on their own, so that any place in the recording can still be reached at once. The same
events give the same bytes, whatever they went through before. Writes T2A.

  term2ai rec | term2ai compress | ssh backup 'cat > session.t2a'
  term2ai compress --archive --time-unit us old.cast old.t2a`,
  aliases: { l: "level" },
  flags: {
    level: {
      kind: "parsed",
      parse: parseLevel,
      brief: "0 to 22 for zstd (9 if not given), 0 to 11 for brotli (9)",
      placeholder: "N",
      optional: true,
    },
    codec: { kind: "enum", values: ["zstd", "brotli", "none"], brief: "how; zstd if not given", optional: true },
    archive: { kind: "boolean", brief: "as small as can be, slowly: brotli 11", default: false, withNegated: false },
    timeUnit: {
      kind: "enum",
      values: ["ns", "us", "ms"],
      brief: "round times to these steps; larger ones are smaller",
      default: "ns",
    },
  },
  stages: () => [],
  settings,
});
