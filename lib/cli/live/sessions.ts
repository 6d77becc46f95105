/**
 * What all commands about live sessions share.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { SessionInfo } from "../../session/control/protocol.ts";
import type { Session } from "../../session/session.ts";
import { SessionManager } from "../../session/session_manager.ts";
import { ownCommand } from "../program/built.ts";
import { harmless, print } from "../source/stdio.ts";
import { VERSION } from "../program/version.ts";

/** The manager of this user's sessions. */
export function sessionManager(): SessionManager {
  return new SessionManager({ hostCommand: ownCommand(), version: `term2ai ${VERSION}` });
}

/** A session by name or prefix, or the one this command runs in. */
export async function sessionOrOwn(name: string | undefined): Promise<Session> {
  const own = ownSession();
  if (name === undefined && own === undefined) {
    throw new UsageError("Cannot tell which session is meant: name one; term2ai session ls lists them");
  }
  return await sessionManager().getSession(name ?? own!);
}

/** The name of the session that this command runs in. It may have been renamed since. */
export function ownSession(): string | undefined {
  return Deno.env.get("TERM2AI_SESSION") || undefined;
}

/** Who is at the keyboard here. */
export function ownName(): string {
  return Deno.env.get("USER") ?? Deno.env.get("LOGNAME") ?? `user ${Deno.uid() ?? ""}`.trim();
}

/** Rows with their columns below each other. */
export async function printTable(rows: readonly (readonly string[])[]): Promise<void> {
  const shown = rows.map((row) => row.map(harmless)); // which may be longer
  const widths = shown[0]!.map((_, at) => Math.max(...shown.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) => row.map((cell, at) => cell.padEnd(widths[at]!)).join("  ").trimEnd() + "\n";
  await print(shown.map(line).join(""));
}

/** JSON for scripts. */
export async function printJson(value: unknown): Promise<void> {
  await print(JSON.stringify(value, null, 2) + "\n");
}

/** `5s`, `12m`, `3h`, `4d`. */
export function shortAge(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** How long a session has been there, in seconds. */
export function ageOf({ startedAt }: SessionInfo): number {
  return (Date.now() - startedAt) / 1000;
}

/** A path below the home directory as people write it. */
export function shortPath(path: string): string {
  const home = Deno.env.get("HOME");
  return home && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path;
}
