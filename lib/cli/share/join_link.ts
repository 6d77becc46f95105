/**
 * `term2ai join URL`: puts this terminal into a session that somebody shares.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { SessionError, UsageError } from "../../errors.ts";
import { readWholeText } from "../../host/whole_file.ts";
import { RemoteServer, type RemoteSession } from "../../session/share/remote_session.ts";
import { attachWith, mustBeAttachable } from "../live/attach.ts";
import { PREFIX } from "../live/attach_flags.ts";
import type { Context } from "../program/context.ts";
import { Exit } from "../program/failure.ts";
import { ownName } from "../live/sessions.ts";
import { harmless } from "../source/stdio.ts";

interface JoinFlags {
  readonly viewer: boolean;
  readonly name?: string;
  readonly tlsCa?: string;
  readonly nested: boolean;
  readonly prefix: string;
}

/** How often a lost connection is tried again: for about ten minutes, as long as a laptop's lid may be closed. */
const RECONNECTS = 200;
/** The server asks every 20 s whether somebody is there. */
const SILENCE_MS = 50_000;

export const command: Command<Context> = buildCommand({
  async func(this: Context, flags: JoinFlags, link: string, name?: string) {
    mustBeAttachable("NAME", flags);
    const server = RemoteServer.of(link, await readCertificates(flags.tlsCa));
    const { session, types } = await choose(server, name, flags);
    throw new Exit(
      await attachWith(session, {
        settingsFor: (session) => ({
          session,
          role: types ? "operator" : "viewer",
          name: flags.name ?? ownName(),
          prefix: flags.prefix,
          neighbour: (step) => neighbourOf(server, session.name, step),
          isOver: (error) => Promise.resolve(isRefusal(error)),
          reconnects: RECONNECTS,
          silence: SILENCE_MS,
          isForeign: !types,
        }),
        find: async (name) => (await choose(server, name, { ...flags, viewer: !types })).session,
        lost: ({ name }, why) => `The connection to ${name} is lost${why === undefined ? "" : `: ${harmless(why)}`}`,
      }),
    );
  },
  parameters: {
    aliases: { r: "viewer" },
    flags: {
      viewer: {
        kind: "boolean",
        brief: "look on, even where the link lets you type",
        default: false,
        withNegated: false,
      },
      name: {
        kind: "parsed",
        parse: String,
        brief: "who you are, unless the link says it; by itself your user name",
        placeholder: "WHO",
        optional: true,
      },
      tlsCa: {
        kind: "parsed",
        parse: String,
        brief: "a certificate to trust beside those of this machine, as PEM",
        placeholder: "FILE",
        optional: true,
      },
      nested: { kind: "boolean", brief: "even inside a session", default: false, withNegated: false },
      prefix: PREFIX,
    },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "a link of term2ai share", placeholder: "URL" },
        { parse: String, brief: "which session, where the link opens several", placeholder: "NAME", optional: true },
      ],
    },
  },
  docs: {
    brief: "put this terminal into a session that somebody shares",
    customUsage: ["[options] URL [NAME]"],
    fullDescription:
      `Puts this terminal into a session that is shared by a link, to look on, or to type where the link lets you. When the
network drops, it connects again and shows the whole screen.

Ctrl-] d leaves, Ctrl-] ? lists the keys, as in term2ai session attach. Who looks on is sent nothing that would make the
terminal answer or touch the clipboard; who types is in the hands of the other side, as with ssh. Quote the link: shells take # for a comment after a space.

  term2ai join 'https://term.example.org/#TOKEN'`,
  },
});

/** The session that is meant, and whether to type into it. */
async function choose(
  server: RemoteServer,
  name: string | undefined,
  { viewer }: { viewer: boolean },
): Promise<{ session: RemoteSession; types: boolean }> {
  const [me, sessions] = [await server.me(), await server.sessions()];
  const wanted = name ?? me.session;
  const open = sessions.filter(({ mayLook }) => mayLook);
  const found = open.find((one) => one.name === wanted) ??
    (wanted === undefined && open.length === 1 ? open[0] : undefined);
  if (found) return { session: server.session(found.name), types: found.mayType && !viewer };
  const names = open.map(({ name }) => harmless(name)).join(", ");
  if (wanted !== undefined) {
    throw new SessionError(`Cannot join ${harmless(wanted)}: there is ${names || "no session"}`);
  }
  if (open.length === 0) throw new SessionError("Cannot join: no session runs there");
  throw new UsageError(`Cannot tell which session is meant: name one of ${names}`);
}

/** The server has answered, and does not let us in. */
function isRefusal(error: unknown): boolean {
  return error instanceof SessionError && error.cause === undefined;
}

async function neighbourOf(server: RemoteServer, name: string, step: number): Promise<string | undefined> {
  const names = (await server.sessions()).filter(({ mayLook }) => mayLook).map(({ name }) => name);
  const next = names[(names.indexOf(name) + step + names.length) % names.length];
  return next === name ? undefined : next;
}

async function readCertificates(path: string | undefined): Promise<string[]> {
  if (path === undefined) return [];
  return [await readWholeText(path, { isNamed: true })];
}
