/**
 * `term2ai speed`: makes a recording faster or slower for good.
 * @module
 */

import { UsageError } from "../errors.ts";
import { speed } from "../transform/speed.ts";
import { filterCommand } from "./output/filter.ts";

function parseFactor(text: string): number {
  const factor = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (factor > 0) return factor;
  throw new UsageError(
    `Cannot make a recording ${JSON.stringify(text)} times as fast: expected a number such as 2 or 0.5`,
  );
}

export const command = filterCommand<{ readonly factor: number }>({
  brief: "make a recording faster or slower",
  text:
    `Divides all times by the factor: 2 makes ten seconds five. Only times change, and they change for good; to watch a
recording faster, use play --speed.

  term2ai speed --factor 4 build.t2a fast.cast`,
  flags: {
    factor: { kind: "parsed", parse: parseFactor, brief: "how many times as fast", placeholder: "N" },
  },
  stages: ({ factor }) => [speed(factor)],
});
