/**
 * `term2ai join`: makes one session of several.
 * @module
 */

import { openRecording } from "../../formats/mod.ts";
import type { EventBatch, EventStream, Nanos } from "../event.ts";
import type { Source } from "../ports.ts";
import { join } from "../transform/join.ts";
import { filterCommand, type FilterInput } from "./output/filter.ts";
import { openSource } from "./source/stdio.ts";
import { parseTime } from "./program/time.ts";

interface JoinFlags {
  readonly with?: readonly string[];
  readonly pause: Nanos;
}

export const command = filterCommand<JoinFlags>({
  brief: "make one session of several",
  text:
    `Puts the sessions in IN, and those of each --with, into one, one behind the other. Recordings of any format can be joined;
of T2A, cat does too, and keeps the sessions apart. Where a session begins, the terminal is reset and takes its size.

  term2ai join part1.t2a whole.t2a --with part2.t2a --with part3.cast --pause 1s
  cat monday.t2a tuesday.t2a | term2ai join - week.cast

With a link of term2ai share, this terminal joins the session behind it, and Ctrl-] d leaves. --viewer only looks on, --name
says who you are, --tls-ca trusts a certificate; term2ai join https://x --help tells all.

  term2ai join 'https://term.example.org/#TOKEN'`,
  flags: {
    with: {
      kind: "parsed",
      parse: String,
      brief: "a recording to put behind; may be given again",
      placeholder: "FILE",
      variadic: true,
      optional: true,
    },
    pause: { kind: "parsed", parse: parseTime, brief: "time between two sessions", placeholder: "TIME", default: "0" },
  },
  stages: ({ pause }) => [join(pause)],
  async events({ with: others = [] }, { source, report, unwrap }: FilterInput) {
    const sources = [source, ...await Promise.all(others.map(openSource))];
    return chain(sources, { report, unwrap });
  },
});

/** The events of one recording after the other, each opened when the one before it has ended. */
function chain(sources: readonly Source[], options: Pick<FilterInput, "report" | "unwrap">): EventStream {
  async function* batches(): AsyncGenerator<EventBatch, void, void> {
    for (const source of sources) yield* (await openRecording(source, options)).events;
  }
  return ReadableStream.from(batches());
}
