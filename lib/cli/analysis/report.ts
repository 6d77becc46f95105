/**
 * `term2ai analyze report`: collects what the page shows, and writes it.
 * @module
 */

import { asciicastV3 } from "../../../formats/mod.ts";
import { CommandAnalyzer } from "../../analyze/commands/command_analyzer.ts";
import { ErrorAnalyzer } from "../../analyze/errors/error_analyzer.ts";
import { PerformanceAnalyzer } from "../../analyze/performance/performance_analyzer.ts";
import { sessionsLike } from "../../analyze/session_filter.ts";
import type { Nanos, SessionEvent, SessionHeader } from "../../event.ts";
import { loadPlayerAssets } from "../../host/player_assets.ts";
import { Report as Findings } from "../../report.ts";
import { compose } from "../../stream/compose.ts";
import { Stage } from "../../stream/stage.ts";
import { without } from "../../transform/without.ts";
import { withoutMarks } from "../../transform/without_marks.ts";
import { writeBytes } from "../output/output.ts";
import { print, tell } from "../source/stdio.ts";
import { formatBytes } from "../program/time.ts";
import { findingsJson } from "./json.ts";
import { type Report, reportPage } from "./report_page.ts";
import { analyzeFiles, openPart, type QueryFlags, queryOf } from "./sessions.ts";
import { unwrapWithFlags } from "../keys/key_sources.ts";

/** What a browser opens at once; a larger recording has charts and no player. */
const MAX_RECORDING = 30e6;

/** Flags of the report. */
export interface ReportFlags extends QueryFlags {
  readonly json: boolean;
  readonly output?: string;
  readonly overwrite: boolean;
}

/** Writes the page; with `--json` what it shows. */
export async function writeReport(files: readonly string[], flags: ReportFlags): Promise<number> {
  const commands = new CommandAnalyzer({ minutesFromUtc: -new Date().getTimezoneOffset() });
  const timing = new PerformanceAnalyzer(), errors = new ErrorAnalyzer(), bases = new SessionBases();
  const unreadable = await analyzeFiles(files, queryOf(flags), [commands, timing, errors, bases]);
  const found = { commands: commands.result(), timing: timing.result(), errors: errors.result() };
  if (flags.json) {
    await print(JSON.stringify(findingsJson(found), null, 2) + "\n");
    return unreadable;
  }
  const { header, starts } = bases.result();
  const player = await playerOf(files, flags);
  const facts = describe(files, header, starts.length);
  const title = files.length === 1 ? header?.title ?? header?.command ?? files[0]! : `${starts.length} sessions`;
  const page = await reportPage({ title, facts, ...found, bases: starts, ...(player && { player }) });
  await writeBytes({ path: flags.output ?? "-", overwrite: flags.overwrite }, new Blob([page]).stream());
  return unreadable;
}

/** Where sessions begin when they are told one after the other. */
class SessionBases {
  #header: SessionHeader | undefined;
  readonly #starts: Nanos[] = [];
  #earlier: Nanos = 0;
  #now: Nanos = 0;

  push(event: SessionEvent): void {
    if (event.kind === "header") {
      this.#header ??= event.header;
      this.#earlier += this.#now;
      this.#now = 0;
      this.#starts.push(this.#earlier);
    }
    this.#now = Math.max(this.#now, event.time);
  }

  result(): { header: SessionHeader | undefined; starts: readonly Nanos[] } {
    return { header: this.#header, starts: this.#starts };
  }
}

function describe(files: readonly string[], header: SessionHeader | undefined, sessions: number): string[] {
  if (files.length > 1) return [`from ${files.length} recordings`];
  const { user, host, startedAt, cols, rows } = header ?? {};
  const began = startedAt !== undefined && Math.abs(startedAt) <= 8.64e15 ? new Date(startedAt).toISOString() : "";
  const size = cols === undefined ? "" : `${cols}x${rows}`;
  return [
    [[user, host].filter(Boolean).join("@"), began, size, sessions > 1 ? `${sessions} sessions` : ""].filter(Boolean)
      .join(" · "),
  ];
}

async function playerOf(files: readonly string[], flags: ReportFlags): Promise<Report["player"]> {
  if (files.length !== 1 || files[0] === "-") return undefined;
  const { events } = await openPart(files[0]!, { unwrap: unwrapWithFlags({}) });
  const stages = compose(sessionsLike(queryOf(flags)), withoutMarks(), without("command", "input"), inTrueTime());
  const decoder = new TextDecoder();
  let recording = "";
  for await (const chunk of events.pipeThrough(stages).pipeThrough(asciicastV3.encoder({ report: new Findings() }))) {
    recording += decoder.decode(chunk, { stream: true });
    if (recording.length > MAX_RECORDING) {
      tell(`the recording has more than ${formatBytes(MAX_RECORDING)}, so the page has no player\n`);
      return undefined;
    }
  }
  return recording === "" ? undefined : { recording, ...await loadPlayerAssets() };
}

/** Without the wish for shorter pauses: a player that grants it has other times than the charts. */
function inTrueTime(): Stage {
  return new Stage((emit) => ({
    push(event) {
      if (event.kind !== "header") return emit(event);
      const { idleLimit: _wish, ...header } = event.header;
      emit({ ...event, header });
    },
    flush: () => {},
  }));
}
