/**
 * `term2ai mark`: sets markers in a recording.
 * @module
 */

import { UsageError } from "../errors.ts";
import { type Mark, mark } from "../transform/mark.ts";
import { without } from "../transform/without.ts";
import { filterCommand } from "./output/filter.ts";
import { parseTime } from "./program/time.ts";

interface MarkFlags {
  readonly at?: readonly Mark[];
  readonly clear: boolean;
}

function parseMark(text: string): Mark {
  const [, time, label = ""] = /^([^=]*)(?:=(.*))?$/s.exec(text)!;
  return { time: parseTime(time!), label };
}

export const command = filterCommand<MarkFlags>({
  brief: "set markers in a recording",
  text: `Adds a marker for each --at, or removes those that are there, or both. Players list markers and jump to them.

  term2ai mark --at 0=start --at 1m30s="the build fails" demo.t2a marked.t2a
  term2ai mark --clear < demo.t2a > plain.t2a`,
  flags: {
    at: {
      kind: "parsed",
      parse: parseMark,
      brief: "a marker and its label; may be given again",
      placeholder: "TIME=LABEL",
      variadic: true,
      optional: true,
    },
    clear: { kind: "boolean", brief: "first remove the markers that are there", default: false, withNegated: false },
  },
  stages({ at = [], clear }, { report }) {
    if (at.length === 0 && !clear) throw new UsageError("Cannot mark nothing: expected --at TIME=LABEL or --clear");
    return [...(clear ? [without("marker")] : []), mark(at, report)];
  },
});
