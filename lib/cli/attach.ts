/**
 * Puts this terminal into a session, and into others from there, until whoever sits at it leaves.
 * @module
 */

import { SessionError, UsageError } from "../errors.ts";
import { openUserTerminal, type UserTerminal } from "../host/tty.ts";
import type { Role } from "../session/protocol.ts";
import type { Session } from "../session/session.ts";
import { AttachedTerminal, type Parting } from "./attached_terminal.ts";
import { ownName, ownSession, sessionManager } from "./sessions.ts";
import { harmless, tell } from "./stdio.ts";

/** How to attach. */
export interface AttachFlags {
  readonly viewer: boolean;
  readonly nested: boolean;
  /** Byte of the prefix key. */
  readonly prefix: string;
}

/**
 * Refuses where attaching would put a session into itself or into another one.
 *
 * @throws {UsageError} If there is no terminal, or it is inside a session already.
 */
export function mustBeAttachable(what: string, { nested }: { nested: boolean }): void {
  const own = ownSession();
  if (own !== undefined && !nested) {
    throw new UsageError(
      `Cannot attach here: this terminal is inside session ${own}; go to another with: term2ai session switch ${what}\n  (--detach makes a session without attaching, --nested attaches all the same)`,
    );
  }
  if (!Deno.stdin.isTerminal()) throw new UsageError("Cannot attach: stdin is not a terminal");
}

/** Attaches; returns the status to exit with. */
export async function attachTo(session: Session, flags: AttachFlags): Promise<number> {
  const terminal = openUserTerminal();
  if (!terminal) throw new UsageError("Cannot attach: there is no terminal here");
  try {
    return await stay(terminal, session, flags);
  } finally {
    terminal.close();
  }
}

async function stay(terminal: UserTerminal, session: Session, flags: AttachFlags): Promise<number> {
  let current: AttachedTerminal | undefined;
  const listeners = listen(() => current);
  (async () => {
    for (let typed = await terminal.read(); typed; typed = await terminal.read()) current?.type(typed);
    current?.detach("the terminal is gone");
  })();
  try {
    for (let next = session;;) {
      current = new AttachedTerminal(terminal, settingsFor(next, flags));
      const parting = await current.run();
      const { name } = next;
      if (parting.how !== "switch") return farewell(name, parting);
      const to: Session | undefined = await sessionManager().getSession(parting.to).catch((error) => {
        tell(`term2ai: ${harmless(error.message)}\n`);
        return undefined;
      });
      next = to ?? next;
    }
  } finally {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  }
}

function settingsFor(session: Session, { viewer, prefix }: AttachFlags) {
  const role: Role = viewer ? "viewer" : "operator";
  return { session, role, name: ownName(), prefix, neighbour: (step: number) => neighbourOf(session, step) };
}

/** Sessions of terminals are left out: most of them cannot be attached to. */
async function neighbourOf(session: Session, step: number): Promise<string | undefined> {
  const all = await sessionManager().listSessions();
  const names = all.filter(({ kind }) => kind === "session").map(({ name }) => name);
  const at = names.indexOf(session.name);
  const next = names[(at + step + names.length) % names.length];
  return next === session.name ? undefined : next;
}

function listen(current: () => AttachedTerminal | undefined): [Deno.Signal, () => void][] {
  const listeners: [Deno.Signal, () => void][] = [
    ["SIGWINCH", () => current()?.resized()],
    ["SIGCONT", () => current()?.continued()],
    ["SIGTERM", () => current()?.detach("SIGTERM")],
    ["SIGHUP", () => current()?.detach("SIGHUP")],
    ["SIGINT", () => {}],
  ];
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  return listeners;
}

function farewell(name: string, parting: Exclude<Parting, { how: "switch" }>): number {
  switch (parting.how) {
    case "detached":
      tell(`[${parting.reason === "detached" ? "detached from" : `${harmless(parting.reason)}: left`} ${name}]\n`);
      return 0;
    case "lost":
      throw new SessionError(`The host of ${name} is gone; what it has recorded is kept`);
    case "exit": {
      const { status } = parting;
      tell(`[${name} has ended: ${"code" in status ? `exit code ${status.code}` : status.signal}]\n`);
      return "code" in status ? status.code : 128;
    }
  }
}
