/**
 * `term2ai anonymize`: takes out who recorded, and where.
 * @module
 */

import { openRecording } from "../../formats/mod.ts";
import { Report } from "../report.ts";
import { anonymize, learnNames, Names } from "../transform/anonymize.ts";
import { filterCommand } from "./filter.ts";
import { isStored } from "./spool.ts";

interface AnonymizeFlags {
  readonly name?: readonly string[];
}

export const command = filterCommand<AnonymizeFlags>({
  brief: "take out who recorded, and where",
  text:
    `Puts placeholders where the user, the host, and home and working directories are named, and for all titles of windows: in
what was printed and typed, in the header, in markers and notes. The same name gets the same placeholder. Names come from the
header, from what shells tell terminals, and from --name. A file is read for names first; on a pipe a name is only replaced
behind where it came up, and the beginning of one waits for what follows.

This is no redaction: what else somebody typed or printed stays, passwords among it.

  term2ai anonymize demo.t2a public.t2a
  term2ai anonymize --name "Ada Lovelace" --name acme < demo.cast | term2ai convert - public.cast`,
  flags: {
    name: {
      kind: "parsed",
      parse: String,
      brief: "one more name to replace; may be given again",
      placeholder: "NAME",
      variadic: true,
      optional: true,
    },
  },
  async stages({ name: others = [] }, { source, report }) {
    const names = new Names();
    for (const name of others) names.learn(name);
    if (source.name !== "stdin") {
      await learnNames((await openRecording(source, { report: new Report() })).events, names);
    }
    return [anonymize(names, report)];
  },
});
