/**
 * Results of analysis as scripts get them: times in seconds, under names that say so, and commands as `analyze commands` has them.
 * @module
 */

import { type CommandRow, rowOf } from "../../analyze/commands/command_list.ts";
import type { ErrorGroup, ErrorSummary, Failure } from "../../analyze/errors/error_analyzer.ts";
import type { PerformanceSummary } from "../../analyze/performance/performance_analyzer.ts";
import type { Nanos } from "../../event.ts";
import type { CommandRecord, CommandStatistics, DurationSummary, RunSummary } from "../../models.ts";
import { toSeconds } from "../program/time.ts";

/** What `analyze` can find in one pass. */
export interface Findings {
  readonly commands: CommandStatistics;
  readonly timing: PerformanceSummary;
  readonly errors: ErrorSummary;
}

/** All of it. */
export function findingsJson({ commands, timing, errors }: Findings) {
  return { commands: statisticsJson(commands), timing: timingJson(timing), errors: errorsJson(errors) };
}

/** How many commands, how long, which programs. */
export function statisticsJson(
  { duration, programs, subcommands, directories, slowest, history, ...counts }: CommandStatistics,
) {
  return {
    ...counts,
    ...durationJson("duration", duration),
    programs: programs.map(runJson),
    subcommands: subcommands.map(runJson),
    directories: directories.map(runJson),
    slowest: slowest.map(commandJson),
    history: history.map(commandJson),
  };
}

/** Where the time went. */
export function timingJson(summary: PerformanceSummary) {
  const { duration, busy, idle, running, outputBytes, outputRate, echo, firstOutput, regressions, ...same } = summary;
  return {
    durationSeconds: toSeconds(duration),
    busySeconds: toSeconds(busy),
    idleSeconds: toSeconds(idle),
    runningSeconds: toSeconds(running),
    outputBytes,
    outputRate: {
      slotSeconds: toSeconds(outputRate.slot),
      bytes: outputRate.bytes,
      peakBytesPerSecond: outputRate.peak,
    },
    ...durationJson("echo", echo),
    ...durationJson("firstOutput", firstOutput),
    ...same,
    regressions: regressions.map(({ duration, usual, start, ...regression }) => ({
      ...regression,
      time: toSeconds(start),
      durationSeconds: toSeconds(duration),
      usualSeconds: toSeconds(usual),
    })),
  };
}

/** What failed, and why. */
export function errorsJson({ groups, failures, ...counts }: ErrorSummary) {
  return { ...counts, groups: groups.map(groupJson), failures: failures.map(failureJson) };
}

function groupJson({ first, recoveredAfter, ...group }: ErrorGroup) {
  return { ...group, first: timedJson(first), ...secondsOf("recoveredAfter", recoveredAfter) };
}

function failureJson({ command, errors, recoveredAfter, ...failure }: Failure) {
  return {
    ...command && { command: commandJson(command) },
    ...failure,
    errors: errors.map(timedJson),
    ...secondsOf("recoveredAfter", recoveredAfter),
  };
}

/** The machine it ran on is the session's; who reads many recordings at once is told which session. */
function commandJson(command: CommandRecord): Omit<CommandRow, "host"> & { session: number } {
  const { host: _host, ...row } = rowOf(command);
  return { ...row, session: command.session };
}

function runJson({ duration, ...run }: RunSummary) {
  return { ...run, ...durationJson("duration", duration) };
}

const timedJson = <Timed extends { readonly time: Nanos }>(timed: Timed) => ({ ...timed, time: toSeconds(timed.time) });

const secondsOf = (name: string, time: Nanos | undefined) =>
  time === undefined ? {} : { [`${name}Seconds`]: toSeconds(time) };

/** `count` durations, in seconds; nothing where there are none. */
function durationJson(name: string, durations: DurationSummary | undefined) {
  if (!durations) return {};
  const { count, total, mean, min, p50, p95, max } = durations;
  const [sum, middle, least, half, most, longest] = [total, mean, min, p50, p95, max].map(toSeconds);
  return { [`${name}Seconds`]: { count, total: sum, mean: middle, min: least, p50: half, p95: most, max: longest } };
}
