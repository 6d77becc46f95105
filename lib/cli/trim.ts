/**
 * `term2ai trim`: keeps a part of a recording.
 * @module
 */

import { loadEmulator } from "../terminal/emulator.ts";
import { trim } from "../transform/trim.ts";
import { filterCommand } from "./output/filter.ts";
import { needsDurations, SPAN_FLAGS, type SpanFlags, spanOf } from "./source/point.ts";

export const command = filterCommand<SpanFlags>({
  brief: "keep a part of a recording",
  text:
    `Keeps what lies between two places, and lets times begin at 0 there. What showed at the first place shows at once,
and nothing else of what came before is left. A recording on a pipe is kept back to its end where a share such as 25% is asked
for; with times and markers, events pass at once.

  term2ai trim --from 1m30s --to 2m demo.t2a part.t2a
  term2ai trim --from "the build" demo.t2a - | term2ai idle - build.cast
  term2ai trim --to 50% < demo.t2a > half.t2a`,
  flags: SPAN_FLAGS,
  readsTwice: needsDurations,
  stages: async (flags, input) => [trim(await spanOf(flags, input, "trim"), await loadEmulator())],
});
