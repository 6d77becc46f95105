/**
 * `term2ai info`: what a recording holds.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { openRecording, type Recording } from "../../formats/mod.ts";
import type { SessionEvent, SessionHeader } from "../event.ts";
import type { RecordingStats } from "../models.ts";
import { describeFinding } from "../report.ts";
import { eventsOf } from "../stream/collect.ts";
import { StatsCounter } from "../transform/stats.ts";
import { WallTime } from "../transform/wall_time.ts";
import type { Context } from "./program/context.ts";
import { describeEvent } from "./output/describe_event.ts";
import { type ReadKeyFlags, readKeyFlags, unwrapWithFlags } from "./keys/key_sources.ts";
import { harmless, harmlessJson, harmlessLines, openSource, print } from "./source/stdio.ts";
import { formatBytes, formatTime, toSeconds } from "./program/time.ts";

interface InfoFlags extends ReadKeyFlags {
  readonly json: boolean;
  readonly events: boolean;
  readonly wall: boolean;
}

export const command: Command<Context> = buildCommand({
  async func(flags: InfoFlags, file: string) {
    const recording = await openRecording(await openSource(file), { unwrap: unwrapWithFlags(flags) });
    if (flags.events) return await listEvents(recording, flags);
    const summary = await summarize(recording);
    await print(flags.json ? harmlessJson(asJson(summary), 2) + "\n" : asText(file, summary, flags.wall));
  },
  parameters: {
    flags: {
      json: { kind: "boolean", brief: "one JSON object; with --events one a line", default: false, withNegated: false },
      events: { kind: "boolean", brief: "list every event", default: false, withNegated: false },
      wall: {
        kind: "boolean",
        brief: "tell times as dates, corrected for the clock's drift",
        default: false,
        withNegated: false,
      },
      ...readKeyFlags,
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, brief: "a recording; - is stdin", placeholder: "FILE" }],
    },
  },
  docs: {
    brief: "tell what a recording holds",
    fullDescription:
      `Tells what a recording holds: what ran, when, how long, how it ended, and whether anything is wrong with it.

  term2ai info demo.t2a
  term2ai info --json demo.t2a | jq .durationSeconds
  term2ai info --events --wall demo.t2a | grep marker`,
  },
});

/** Everything there is to tell, once the events have been read. */
interface Summary {
  readonly recording: Recording;
  readonly header: SessionHeader | undefined;
  readonly stats: RecordingStats;
  readonly markers: readonly { time: number; label: string; wall: number | undefined }[];
  readonly wall: { readonly start: number | undefined; readonly end: number | undefined };
}

async function summarize(recording: Recording): Promise<Summary> {
  const counter = new StatsCounter();
  const clock = new WallTime();
  const markers: { time: number; label: string; wall: number | undefined }[] = [];
  let header: SessionHeader | undefined;
  let end: number | undefined;
  for await (const event of eventsOf(recording.events)) {
    counter.push(event);
    end = clock.of(event);
    if (event.kind === "header") header ??= event.header;
    if (event.kind === "marker") markers.push({ time: event.time, label: event.label, wall: end });
  }
  return { recording, header, stats: counter.result(), markers, wall: { start: header?.startedAt, end } };
}

function asJson({ recording: { reader, report }, header, stats, markers, wall }: Summary): unknown {
  const { exit } = stats;
  return {
    format: reader.name,
    complete: report.completeness === "unknown" ? null : report.completeness === "complete",
    durationSeconds: toSeconds(stats.duration),
    cols: header?.cols ?? null,
    rows: header?.rows ?? null,
    events: stats.events - stats.sessions,
    outputBytes: stats.outputBytes,
    inputBytes: stats.inputBytes,
    markers: stats.markers,
    exitCode: exit && "code" in exit ? exit.code : null,
    signal: exit && "signal" in exit ? exit.signal : null,
    warnings: report.warnings.map(({ code, message, count, first }) => ({ code, message, count, ...first })),
    sessions: stats.sessions,
    resizes: stats.resizes,
    gaps: stats.gaps,
    missingBytes: stats.missingBytes,
    tornBytes: report.tornBytes,
    encrypted: report.encrypted,
    signed: report.signed,
    signedUntilSeconds: report.signedUntil === undefined ? null : toSeconds(report.signedUntil),
    driftSeconds: toSeconds(stats.drift),
    startedAt: isoTime(wall.start) ?? null,
    endedAt: isoTime(wall.end) ?? null,
    markerList: markers.map(({ time, label }) => ({ time: toSeconds(time), label })),
    header: header ?? null,
  };
}

function asText(name: string, summary: Summary, withWall: boolean): string {
  const { recording: { report }, markers } = summary;
  const rows = describe(summary).filter(([, value]) => value !== "");
  const lines = rows.map(([label, value]) => `${(label + ":").padEnd(13)}${harmless(value)}`);
  for (const { time, label, wall } of markers) {
    lines.push(`  ${withWall ? isoTime(wall) ?? formatTime(time) : formatTime(time)}  ${harmless(label)}`);
  }
  for (const finding of report.warnings) {
    lines.push(`warning:     ${harmlessLines(describeFinding(finding)).replaceAll("\n", "\n" + " ".repeat(15))}`);
  }
  return [harmless(name), ...lines.map((line) => "  " + line)].join("\n") + "\n";
}

/** Signed does not mean by whom, and nobody has looked whether it is whole: that is what `verify` is for. */
function describeProtection({ encrypted, signed, signedUntil }: Recording["report"]): string {
  const upTo = signedUntil === undefined ? "" : `signed up to ${formatTime(signedUntil)}`;
  const claims = [signed ? "signed" : "", upTo].filter(Boolean).join(", ");
  return [encrypted ? "encrypted" : "", claims && `${claims} (as it says; verify tells whether that is so)`]
    .filter(Boolean).join(", ");
}

function describe({ recording: { reader, report }, header, stats, markers, wall }: Summary): [string, string][] {
  const { exit } = stats;
  return [
    ["format", reader.title],
    ["state", describeState(report.completeness, report.tornBytes)],
    ["protection", describeProtection(report)],
    ["title", header?.title ?? ""],
    ["command", header?.command ?? ""],
    ["started", isoTime(wall.start) ?? ""],
    ["ended", isoTime(wall.end) ?? ""],
    ["duration", formatTime(stats.duration)],
    [
      "size",
      header
        ? `${header.cols}x${header.rows}${
          stats.resizes > 0 ? `, resized ${stats.resizes === 1 ? "once" : `${stats.resizes} times`}` : ""
        }`
        : "",
    ],
    ["by", [header?.user, header?.host].filter(Boolean).join("@")],
    ["terminal", header?.term ?? ""],
    ["tags", header?.tags?.join(" ") ?? ""],
    ["sessions", stats.sessions > 1 ? String(stats.sessions) : ""],
    ["events", String(stats.events - stats.sessions)],
    ["output", formatBytes(stats.outputBytes)],
    ["input", stats.inputBytes > 0 ? formatBytes(stats.inputBytes) : ""],
    ["gaps", stats.gaps > 0 ? `${stats.gaps}, ${formatBytes(stats.missingBytes)} known to be missing` : ""],
    ["clock drift", Math.abs(stats.drift) >= 1e6 ? `${(stats.drift / 1e6).toFixed(3)} ms` : ""],
    ["exit", exit === undefined ? "" : "code" in exit ? String(exit.code) : exit.signal],
    ["markers", markers.length > 0 ? String(markers.length) : ""],
  ];
}

function describeState(completeness: string, tornBytes: number): string {
  if (completeness === "unfinished") {
    return `unfinished: it has no end${tornBytes > 0 ? `, and its last ${formatBytes(tornBytes)} are torn` : ""}`;
  }
  return completeness === "complete" ? "complete" : "unknown, the format does not tell";
}

async function listEvents({ events }: Recording, { json, wall }: InfoFlags): Promise<void> {
  const clock = new WallTime();
  for await (const batch of events) await print(batch.map((event) => line(event, clock, { json, wall })).join(""));
}

function line(event: SessionEvent, clock: WallTime, { json, wall }: { json: boolean; wall: boolean }): string {
  const date = isoTime(clock.of(event));
  const { kind, ...rest } = describeEvent(event);
  if (json) {
    return harmlessJson({ time: toSeconds(event.time), ...(wall && { wall: date ?? null }), kind, ...rest }) + "\n";
  }
  const time = wall && date !== undefined ? date : (event.time / 1e9).toFixed(6).padStart(14);
  return `${time}  ${kind.padEnd(8)}  ${harmless(Object.values(rest).map(String).join("  "))}\n`;
}

/** With milliseconds; more than a wall clock is good for would only look exact. */
function isoTime(time: number | undefined): string | undefined {
  if (time === undefined || !Number.isFinite(time) || Math.abs(time) > 8.64e15) return undefined;
  return new Date(Math.round(time)).toISOString();
}
