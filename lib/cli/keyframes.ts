/**
 * `term2ai keyframes`: adds keyframes to a recording.
 * @module
 */

import { UsageError } from "../errors.ts";
import { loadEmulator } from "../terminal/emulator.ts";
import { KEYFRAME_EVERY } from "../transform/keyframe_every.ts";
import { keyframes } from "../transform/keyframes.ts";
import { filterCommand } from "./output/filter.ts";

interface KeyframesFlags {
  readonly every: number;
}

function parseDistance(text: string): number {
  const [, count, unit = ""] = /^(\d+)(k|m)?$/i.exec(text) ?? [];
  const bytes = Number(count) * { "": 1, k: 1 << 10, m: 1 << 20 }[unit.toLowerCase() as "" | "k" | "m"]!;
  if (bytes > 0) return bytes;
  throw new UsageError(
    `Cannot set keyframes ${JSON.stringify(text)} apart: expected bytes of output, such as 131072 or 128k`,
  );
}

export const command = filterCommand<KeyframesFlags>({
  brief: "add keyframes, so that players can go anywhere at once",
  text:
    `Adds keyframes, in which all that shows is told, so that a player can go anywhere at once. Those that are there are
replaced. Recordings of the native format get them while they are recorded, where the machine is not too busy for it;
others get them the first time they are played. Only the native format can hold them.

  term2ai keyframes old.cast old.t2a`,
  flags: {
    every: {
      kind: "parsed",
      parse: parseDistance,
      brief: "output between two keyframes",
      placeholder: "BYTES",
      default: String(KEYFRAME_EVERY),
    },
  },
  settings: () => ({}),
  stages: async ({ every }) => [keyframes(await loadEmulator(), every)],
});
