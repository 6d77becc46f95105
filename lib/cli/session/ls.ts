/**
 * `term2ai session ls`: lists live sessions.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import type { SessionInfo } from "../../session/control/protocol.ts";
import { JSON_FLAG } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { ageOf, printJson, printTable, sessionManager, shortAge, shortPath } from "../live/sessions.ts";
import { tell } from "../source/stdio.ts";
import { formatBytes } from "../program/time.ts";

export const command: Command<Context> = buildCommand({
  async func({ json }: { json: boolean }) {
    const all = await sessionManager().listSessions();
    if (json) return await printJson(all);
    if (all.length === 0) return tell("There are no sessions; make one with: term2ai session new NAME\n");
    await printTable([HEAD, ...all.map(rowOf)]);
  },
  parameters: { flags: { json: JSON_FLAG } },
  docs: {
    brief: "list the sessions that run",
    fullDescription: `Lists the sessions that run: those of session new, and the recordings of rec that are under way.

--json prints one array; idleSeconds, cpuSeconds in seconds, memoryBytes in bytes, startedAt in milliseconds since 1970.`,
  },
});

const HEAD = ["NAME", "COMMAND", "FOLDER", "AGE", "IDLE", "CLIENTS", "RECORDING", "SIZE", "CPU", "MEMORY"];

function rowOf(info: SessionInfo): string[] {
  return [
    info.name,
    shortened(info.command, 30),
    shortened(shortPath(info.cwd), 30),
    shortAge(ageOf(info)),
    shortAge(info.idleSeconds),
    info.kind === "rec" ? "rec" : String(info.clients),
    info.recording === "on" && info.recordingBytes ? formatBytes(info.recordingBytes) : info.recording,
    `${info.cols}x${info.rows}`,
    `${info.cpuSeconds.toFixed(1)}s`,
    formatBytes(info.memoryBytes),
  ];
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
