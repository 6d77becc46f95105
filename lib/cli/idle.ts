/**
 * `term2ai idle`: shortens the pauses in a recording.
 * @module
 */

import type { Nanos } from "../event.ts";
import { idleLimit } from "../transform/idle_limit.ts";
import { filterCommand } from "./output/filter.ts";
import { parseTime } from "./program/time.ts";

export const command = filterCommand<{ readonly limit: Nanos }>({
  brief: "shorten the pauses in a recording",
  text:
    `Makes every pause that is longer than the limit as long as the limit. Only times change, and they change for good; to
leave them as they are and skip pauses while watching, use play --idle-limit.

  term2ai idle --limit 1s demo.t2a short.t2a
  term2ai rec -- make test | term2ai idle | term2ai convert - test.cast`,
  flags: {
    limit: {
      kind: "parsed",
      parse: parseTime,
      brief: "the longest pause that stays",
      placeholder: "TIME",
      default: "2s",
    },
  },
  stages: ({ limit }) => [idleLimit(limit)],
});
