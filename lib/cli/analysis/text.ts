/**
 * Results of analysis as text for people.
 * @module
 */

import type { CommandRow } from "../../analyze/commands/command_list.ts";
import type { CommandStatistics, RunSummary } from "../../models.ts";
import type { ErrorSummary, Failure } from "../../analyze/errors/error_analyzer.ts";
import type { PerformanceSummary } from "../../analyze/performance/performance_analyzer.ts";
import type { Nanos } from "../../event.ts";
import { harmless } from "../source/stdio.ts";
import { formatBytes, formatTime } from "../program/time.ts";

/** A command line on one line. */
export function oneLine(text: string | null | undefined, width = 100): string {
  if (text === null || text === undefined) return "(unknown)";
  const line = text.replace(/\s*\n\s*/g, " ⏎ ");
  return harmless(line.length > width ? `${line.slice(0, width - 1)}…` : line);
}

/** How long something took, in few characters. */
export function shortTime(time: Nanos): string {
  if (time === 0) return "0 s";
  if (time < 1e6) return `${(time / 1e3).toFixed(0)} µs`;
  if (time < 1e9) return `${(time / 1e6).toFixed(0)} ms`;
  if (time < 100e9) return `${(time / 1e9).toFixed(1)} s`;
  return formatTime(time);
}

/** A line of the list of commands. */
export function commandLine({ time, durationSeconds, exitCode, text, confidence }: CommandRow): string {
  const took = durationSeconds === null ? "" : shortTime(durationSeconds * 1e9);
  const doubt = confidence === "exact" ? "" : `  (${confidence})`;
  return `${clock(time * 1e9)}  ${took.padStart(8)}  ${String(exitCode ?? "?").padStart(4)}  ${
    oneLine(text, 200)
  }${doubt}\n`;
}

/** The head of that list. */
export const COMMAND_HEAD = "    at      took    exit  command\n";

/** What there is to say where no command is known. */
export const NO_COMMANDS =
  "no commands known: the recording has no marks of a shell, and nothing in it looks certain enough to guess\n";

/** The same where not all of it could be read. */
export const NO_COMMANDS_LEFT = "no commands known in what could be read\n";

/** The same of what has ended. */
const NONE_ENDED =
  "no commands known that have ended: there are no marks of a shell, or what ran was still running (see: analyze commands)\n";

function clock(time: Nanos): string {
  const seconds = Math.floor(time / 1e9);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function statisticsText(statistics: CommandStatistics, isWhole = true): string {
  const { commands, failed, unknownExit, duration, confidence, exitCodes, pipelines, retries, sessions } = statistics;
  if (commands === 0) {
    return `${sessions === 1 ? "1 session" : `${sessions} sessions`}, ${isWhole ? NONE_ENDED : NO_COMMANDS_LEFT}`;
  }
  const doubt = confidence.exact === commands
    ? ""
    : ` (${confidence.exact} exact, ${confidence.reported} reported, ${confidence.guessed} guessed)`;
  const lines = [
    `commands     ${commands}${doubt} in ${sessions === 1 ? "1 session" : `${sessions} sessions`}`,
    `failed       ${failed}${unknownExit > 0 ? `, and of ${unknownExit} the exit code is not known` : ""}`,
  ];
  if (duration) {
    lines.push(
      `duration     ${shortTime(duration.total)} in all; mean ${shortTime(duration.mean)}, half within ${
        shortTime(duration.p50)
      }, 95 % within ${shortTime(duration.p95)}, longest ${shortTime(duration.max)}`,
    );
  }
  const codes = exitCodes.filter(({ code }) => code !== 0).map(({ code, count }) => `${code} (${count})`);
  const more = codes.length > 8 ? `, and ${codes.length - 8} more` : "";
  if (codes.length > 0) lines.push(`exit codes   ${codes.slice(0, 8).join(", ")}${more}`);
  if (pipelines.count > 0) lines.push(`pipelines    ${pipelines.count}, the longest of ${pipelines.longest} programs`);
  if (statistics.hours.some((count) => count > 0)) lines.push(`by hour      ${hoursText(statistics.hours)}`);
  lines.push(...table("programs", statistics.programs), ...table("subcommands", statistics.subcommands));
  lines.push(...table("folders", statistics.directories));
  if (statistics.slowest.length > 0) {
    lines.push("slowest");
    for (const { start, end, text } of statistics.slowest.slice(0, 5)) {
      lines.push(`  ${shortTime((end ?? start) - start).padStart(9)}  ${oneLine(text)}`);
    }
  }
  if (retries.length > 0) lines.push("run again after a failure");
  for (const { text, attempts, succeeded } of retries.slice(-5)) {
    lines.push(`  ${String(attempts).padStart(4)} times  ${oneLine(text)}${succeeded ? "" : "  (never succeeded)"}`);
  }
  return lines.join("\n") + "\n";
}

function table(title: string, rows: readonly RunSummary[]): string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, 8).map(({ name, count, failed, duration }) => {
    const took = duration ? `, half within ${shortTime(duration.p50)}` : "";
    return `  ${String(count).padStart(5)}  ${harmless(name)}${failed > 0 ? `, ${failed} failed` : ""}${took}`;
  });
  const more = rows.length > 8 ? [`         and ${rows.length - 8} more`] : [];
  return [title, ...shown, ...more];
}

function hoursText(hours: readonly number[]): string {
  return hours.flatMap((count, hour) => count > 0 ? [`${String(hour).padStart(2, "0")} h: ${count}`] : []).join(", ");
}

export function performanceText(summary: PerformanceSummary): string {
  const { duration, busy, idle, running, outputBytes, outputRate, echo, firstOutput, typing, usage, regressions } =
    summary;
  const part = (time: Nanos) => duration > 0 ? ` (${Math.round(100 * time / duration)} %)` : "";
  const lines = [
    `duration     ${formatTime(duration)}`,
    `busy         ${shortTime(busy)}${part(busy)}`,
    `idle         ${shortTime(idle)}${part(idle)}`,
    `running      ${shortTime(running)}${part(running)}`,
    `output       ${formatBytes(outputBytes)}, at most ${formatBytes(Math.round(outputRate.peak))}/s`,
    `             ${sparkline(outputRate.bytes)}`,
  ];
  if (firstOutput) {
    lines.push(`first output half within ${shortTime(firstOutput.p50)}, 95 % within ${shortTime(firstOutput.p95)}`);
  }
  if (echo) lines.push(`echo         half within ${shortTime(echo.p50)}, 95 % within ${shortTime(echo.p95)}`);
  if (typing) {
    lines.push(
      `typing       ${typing.keys} keys, ${
        Math.round(typing.keysPerMinute)
      } a minute, ${typing.corrections} corrections`,
    );
  }
  for (const { name, mean, max } of usage) {
    lines.push(`${harmless(name).padEnd(12)} mean ${number(mean)}, at most ${number(max)}`);
  }
  if (regressions.length > 0) lines.push("slower than before");
  for (const { text, duration, usual } of regressions.slice(-10)) {
    lines.push(`  ${shortTime(duration)} where ${shortTime(usual)} was usual  ${oneLine(text)}`);
  }
  return lines.join("\n") + "\n";
}

const number = (value: number) => Number(value.toPrecision(4)).toString();

/** A row of bars for how much there was when. */
export function sparkline(values: readonly number[], width = 60): string {
  const wide = Math.max(1, Math.ceil(values.length / width));
  const sums: number[] = [];
  for (let at = 0; at < values.length; at += wide) {
    sums.push(values.slice(at, at + wide).reduce((sum, value) => sum + value, 0));
  }
  const most = Math.max(1, ...sums);
  return sums.map((sum) => sum === 0 ? " " : "▁▂▃▄▅▆▇█"[Math.min(7, Math.floor(8 * sum / most))]).join("");
}

export function errorsText({ failed, told, kinds, groups, failures }: ErrorSummary): string {
  if (told === 0) return "no failures known\n";
  const counts = Object.entries(kinds).sort(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`);
  const others = told > failed ? `, and ${told - failed} more that told of errors` : "";
  const lines = [`failures     ${failed}${others}`];
  if (counts.length > 0) lines.push(`errors       ${counts.join(", ")}`, "causes");
  for (const { count, kind, cause, first, recoveredAfter } of groups.slice(0, 10)) {
    const place = first.file === undefined
      ? ""
      : `, first at ${first.file}${first.line === undefined ? "" : `:${first.line}`}`;
    const healed = recoveredAfter === undefined ? "" : `, mended after ${shortTime(recoveredAfter)}`;
    lines.push(`  ${String(count).padStart(5)}  ${kind}: ${oneLine(cause)}${harmless(place)}${healed}`);
  }
  for (const failure of failures.slice(-20)) lines.push(...failureText(failure));
  return lines.join("\n") + "\n";
}

function failureText({ command, lines, recoveredAfter }: Failure): string[] {
  const code = command?.code === undefined ? "" : `, exit ${command.code}`;
  const healed = recoveredAfter === undefined ? "" : `, mended after ${shortTime(recoveredAfter)}`;
  const head = command ? `${clock(command.start)}  ${oneLine(command.text)}${code}${healed}` : "in the output";
  return ["", head, ...lines.map((line) => `          ${oneLine(line, 160)}`)];
}
