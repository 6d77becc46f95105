/**
 * A recording as asciicast, with a marker at each command.
 * @module
 */

import { asciicastV3 } from "../../../formats/mod.ts";
import { UsageError } from "../../errors.ts";
import { Report } from "../../report.ts";
import { compose } from "../../stream/compose.ts";
import { loadEmulator } from "../../terminal/emulator.ts";
import { deriveCommands } from "../../transform/commands.ts";
import { markCommands } from "../../transform/mark_commands.ts";
import { without } from "../../transform/without.ts";
import { withoutMarks } from "../../transform/without_marks.ts";
import { isDamaged, warnAbout } from "../program/warnings.ts";
import { sessionsLike } from "../../analyze/session_filter.ts";
import { openPart, type QueryFlags, queryOf } from "./sessions.ts";
import { unwrapWithFlags } from "../keys/key_sources.ts";

/** Writes it; `export` has no use for more than one, since an asciicast holds one session. */
export async function exportAsciicast(
  files: readonly string[],
  flags: QueryFlags,
  write: (data: Uint8Array) => Promise<void>,
): Promise<number> {
  if (files.length === 0) throw new UsageError("Cannot export an asciicast: the store has no such recording");
  if (files.length > 1) throw new UsageError("Cannot export several recordings as one asciicast: name one");
  const report = new Report();
  const { events } = await openPart(files[0]!, { report, unwrap: unwrapWithFlags({}) });
  const stages = compose(
    sessionsLike(queryOf(flags)),
    deriveCommands({ emulator: await loadEmulator() }),
    markCommands(),
    without("command"),
    withoutMarks(),
  );
  for await (const chunk of events.pipeThrough(stages).pipeThrough(asciicastV3.encoder({ report }))) await write(chunk);
  warnAbout(files[0]!, report, asciicastV3.name);
  return isDamaged(report) ? 1 : 0;
}
