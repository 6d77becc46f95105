/**
 * `term2ai cut`: takes a part out of a recording.
 * @module
 */

import { loadEmulator } from "../terminal/emulator.ts";
import { cut } from "../transform/cut.ts";
import { filterCommand } from "./output/filter.ts";
import { needsDurations, SPAN_FLAGS, type SpanFlags, spanOf } from "./source/point.ts";

export const command = filterCommand<SpanFlags>({
  brief: "take a part out of a recording",
  text:
    `Takes out what lies between two places, and lets the rest follow at once: it looks as it would have behind that part,
and nothing else of the part is left. To take out several, join filters by pipes, the last part first.

  term2ai cut --from 2m --to 2m30s demo.t2a shorter.t2a
  term2ai cut --from "a detour" --to "on the way again" demo.t2a - | term2ai convert - demo.cast`,
  flags: SPAN_FLAGS,
  readsTwice: needsDurations,
  stages: async (flags, input) => [cut(await spanOf(flags, input, "cut"), await loadEmulator())],
});
