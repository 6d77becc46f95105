/**
 * Puts this terminal into a session, and into others from there, until whoever sits at it leaves.
 * @module
 */

import { SessionError, UsageError } from "../../errors.ts";
import { openUserTerminal, terminalSize, type UserTerminal } from "../../host/tty.ts";
import type { Role } from "../../session/control/protocol.ts";
import type { Session } from "../../session/session.ts";
import {
  type Attachable,
  AttachedTerminal,
  type AttachSettings,
  type EarlyConnection,
  type Parting,
} from "./attached_terminal.ts";
import { ownName, ownSession, sessionManager } from "./sessions.ts";
import { harmless, tell } from "../source/stdio.ts";

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

/** What attaching needs to know beside the session. */
export interface Surroundings<Kind extends Attachable> {
  settingsFor(session: Kind): AttachSettings;
  /** The session to switch to. */
  find(name: string): Promise<Kind>;
  /** What is said when the connection is lost for good. */
  lost(session: Kind, why: string | undefined): string;
}

/** Attaches to a session of this user; returns the status to exit with. */
export async function attachTo(session: Session, { viewer, prefix }: AttachFlags): Promise<number> {
  const role: Role = viewer ? "viewer" : "operator";
  return await attachWith(session, {
    settingsFor: (session) => ({
      session,
      role,
      name: ownName(),
      prefix,
      neighbour: (step) => neighbourOf(session, step),
      isOver: async () => !await Deno.stat(session.socket).catch(() => undefined),
      reconnects: RECONNECTS,
    }),
    find: (name) => sessionManager().getSession(name),
    lost: ({ name }) => `The host of ${name} is gone; what it has recorded is kept`,
  });
}

/** For ten seconds in all. */
const RECONNECTS = 20;

/** Attaches to a session, wherever it is. */
export async function attachWith<Kind extends Attachable>(
  session: Kind,
  surroundings: Surroundings<Kind>,
): Promise<number> {
  const early = await connectEarly(surroundings.settingsFor(session));
  const terminal = openUserTerminal();
  if (!terminal) {
    early?.connection.then((connection) => connection.close(), () => {});
    throw new UsageError("Cannot attach: there is no terminal here");
  }
  try {
    return await stay(terminal, session, early, surroundings);
  } finally {
    terminal.close();
  }
}

/** Opening the terminal takes 10 ms: the session answers meanwhile. Resolves when it has been asked. */
async function connectEarly({ session, role, name }: AttachSettings): Promise<EarlyConnection | undefined> {
  const size = terminalSize();
  if (!size) return undefined;
  const { promise: asked, resolve: onasked } = Promise.withResolvers<void>();
  const connection = session.attach({ role, name, ...size }, onasked);
  connection.catch(() => {}).finally(onasked); // why it fails is told to whoever waits for it
  await asked;
  return { connection, size };
}

async function stay<Kind extends Attachable>(
  terminal: UserTerminal,
  session: Kind,
  early: EarlyConnection | undefined,
  { settingsFor, find, lost }: Surroundings<Kind>,
): Promise<number> {
  let current: AttachedTerminal | undefined;
  const listeners = listen(() => current);
  (async () => {
    for (let typed = await terminal.read(); typed; typed = await terminal.read()) current?.type(typed);
    current?.detach("the terminal is gone");
  })();
  try {
    for (let next = session;;) {
      current = new AttachedTerminal(terminal, settingsFor(next));
      const parting = await current.run(early);
      early = undefined;
      if (parting.how === "lost") throw new SessionError(lost(next, parting.why));
      if (parting.how !== "switch") return farewell(next.name, parting);
      const to: Kind | undefined = await find(parting.to).catch((error) => {
        tell(`term2ai: ${harmless(error.message)}\n`);
        return undefined;
      });
      next = to ?? next;
    }
  } finally {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  }
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

function farewell(name: string, parting: Exclude<Parting, { how: "switch" | "lost" }>): number {
  switch (parting.how) {
    case "detached":
      tell(`[${parting.reason === "detached" ? "detached from" : `${harmless(parting.reason)}: left`} ${name}]\n`);
      return 0;
    case "exit": {
      const { status } = parting;
      tell(`[${name} has ended: ${"code" in status ? `exit code ${status.code}` : status.signal}]\n`);
      return "code" in status ? status.code : 128;
    }
  }
}
