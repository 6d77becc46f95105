/**
 * `term2ai share`: links that let others look at a session, or type into it.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { SessionError, UsageError } from "../errors.ts";
import { SessionDirectory } from "../session/directory.ts";
import type { Role } from "../session/control/protocol.ts";
import type { Session } from "../session/session.ts";
import { LinkBook, type ShareLink } from "../session/share/links.ts";
import { linkOf } from "../session/share/serve.ts";
import { kickVisitor, runningServers, type ServerInfo, tellServers } from "../session/share/servers.ts";
import { JSON_FLAG } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { ownCommand } from "./program/built.ts";
import { printJson, printTable, sessionManager, sessionOrOwn, shortAge } from "./live/sessions.ts";
import { OWN_OR_NAME } from "./live/session_name.ts";
import { EXPIRES, parseRole } from "./share/flags.ts";
import { harmless, print, tell } from "./source/stdio.ts";

interface ShareFlags {
  readonly all: boolean;
  readonly role: Role;
  readonly expires: number;
  readonly name?: string;
  readonly list: boolean;
  readonly revoke?: string;
  readonly kick?: string;
  readonly json: boolean;
}

export const command: Command<Context> = buildCommand({
  async func(this: Context, flags: ShareFlags, name?: string) {
    const { list, revoke, kick, all } = flags;
    const asked = [list, revoke !== undefined, kick !== undefined].filter(Boolean).length;
    if (asked > 1) throw new UsageError("Cannot use --list, --revoke and --kick together");
    if ((all || revoke !== undefined || kick !== undefined) && name !== undefined) {
      throw new UsageError(`Cannot tell what ${name} is for: --all, --revoke and --kick take no NAME`);
    }
    const directory = await SessionDirectory.open();
    if (list) return await showLinks(directory, name, flags.json);
    if (revoke !== undefined) return await revokeLinks(directory, revoke);
    if (kick !== undefined) return await kickOut(directory, kick);
    await makeLink(directory, flags, name);
  },
  parameters: {
    aliases: { l: "list" },
    flags: {
      all: {
        kind: "boolean",
        brief: "the whole page: all sessions, and all recordings",
        default: false,
        withNegated: false,
      },
      role: {
        kind: "parsed",
        parse: parseRole,
        brief: "a viewer looks on, an operator types: viewer, operator",
        placeholder: "ROLE",
        default: "viewer",
      },
      expires: EXPIRES,
      name: {
        kind: "parsed",
        parse: parseName,
        brief: "who the link is for: recorded with all they type, whatever they call themselves",
        placeholder: "WHO",
        optional: true,
      },
      list: { kind: "boolean", brief: "list the links, and who is connected", default: false, withNegated: false },
      revoke: {
        kind: "parsed",
        parse: String,
        brief: "make a link void, all of a session, or all, and send away who came by them",
        placeholder: "LINK|NAME|all",
        optional: true,
      },
      kick: {
        kind: "parsed",
        parse: String,
        brief: "send somebody away; --list shows who is there, --revoke keeps them out",
        placeholder: "ID",
        optional: true,
      },
      json: JSON_FLAG,
    },
    positional: OWN_OR_NAME,
  },
  docs: {
    brief: "let others look at a session, or type into it",
    customUsage: ["[options] [NAME]", "--list [--json] [NAME]", "--revoke LINK|NAME|all", "--kick ID"],
    fullDescription:
      `Prints a link to a live session, for a browser or for term2ai join. Where no term2ai serve runs, one is started on
this machine alone (127.0.0.1), and ends with the last link.

The link's token is printed once and kept only as a hash. With --role operator the session takes what is typed by operators
until the last such link is gone; it is recorded with who typed it. A session made with --read-only takes it from nobody.

  term2ai share build
  term2ai share build --role operator --name ada --expires 2h
  term2ai share --list
  term2ai share --revoke build`,
  },
});

async function makeLink(directory: SessionDirectory, flags: ShareFlags, name: string | undefined): Promise<void> {
  const { role, expires, all, name: who } = flags;
  const session = all ? undefined : await sessionOrOwn(name);
  const info = await session?.info();
  if (session && info) await mustBeShared(session, info.kind, info.input, role);
  const { link, token } = await new LinkBook(directory).add({
    role,
    seconds: expires,
    ...(info && { session: { name: info.name, id: info.id } }),
    ...(who !== undefined && { name: who }),
  });
  if (role === "operator") await session?.allow("operators");
  const servers = await runningServers(directory);
  const urls = servers.length > 0 ? servers.map(({ url }) => url) : [await startServer()];
  await tellServers(directory);
  const links = urls.map((url) => linkOf(url, token));
  if (flags.json) return await printJson({ ...shown(link), links });
  await print(links.map((one) => one + "\n").join(""));
  const what = session ? session.name : "everything";
  tell(`${link.id}: ${role} of ${what} until ${new Date(link.expiresAt).toLocaleString()}\n`);
}

/** @throws {SessionError} If nobody could do anything with the link. */
async function mustBeShared(session: Session, kind: string, input: string, role: Role): Promise<void> {
  if (kind === "rec" && input === "nobody") {
    throw new SessionError(`Cannot share ${session.name}: it belongs to a terminal; rec --attachable lets others in`);
  }
  if (role === "operator" && input === "nobody") {
    throw new SessionError(`Cannot share ${session.name} with operators: it was made so that nobody types into it`);
  }
  await session.screen();
}

/** Starts a server that ends with the last link, and returns its address. */
async function startServer(): Promise<string> {
  const [program, ...args] = ownCommand();
  const child = new Deno.Command(program!, {
    args: [...args, "serve", "--while-shared"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    cwd: "/",
    detached: true,
  }).spawn();
  let text = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new SessionError("Cannot start a server: it has ended; term2ai serve says why");
    text += value;
  }
  await reader.cancel();
  child.unref();
  return text.slice(0, text.indexOf("\n"));
}

async function showLinks(directory: SessionDirectory, name: string | undefined, json: boolean): Promise<void> {
  const isMeant = (link: ShareLink) => name === undefined || link.session?.name === name;
  const links = (await new LinkBook(directory).all()).filter(isMeant);
  const servers = await runningServers(directory);
  const visitors = servers.flatMap(({ visitors }) => visitors)
    .filter(({ session }) => name === undefined || session === name);
  if (json) return await printJson({ servers: servers.map(serverShown), links: links.map(shown), visitors });
  if (links.length === 0) tell("Nothing is shared\n");
  if (links.length > 0) await printTable([["LINK", "SESSION", "ROLE", "FOR", "EXPIRES IN"], ...links.map(linkRow)]);
  if (visitors.length > 0) {
    if (links.length > 0) await print("\n");
    await printTable([["ID", "WHO", "SESSION", "ROLE", "LINK", "FROM", "BY", "SINCE"], ...visitors.map(visitorRow)]);
  }
}

function serverShown({ pid, url }: ServerInfo) {
  return { pid, url };
}

/** Everything but the hash. */
function shown({ hash: _, ...link }: ShareLink) {
  return link;
}

function linkRow({ id, session, role, name = "", expiresAt }: ShareLink): string[] {
  return [id, session?.name ?? "(all)", role, name, shortAge((expiresAt - Date.now()) / 1000)];
}

function visitorRow({ id, name, session, role, link, address, by, since, isBehind }: ServerInfo["visitors"][number]) {
  const how = isBehind ? `${by}, behind` : by;
  return [id, name, session, role, link, address, how, shortAge((Date.now() - since) / 1000)];
}

async function revokeLinks(directory: SessionDirectory, which: string): Promise<void> {
  const book = new LinkBook(directory);
  const gone = await book.revoke(({ id, session }) => which === "all" || id === which || session?.name === which);
  if (gone.length === 0) throw new UsageError(`Cannot revoke ${which}: there is no such link; term2ai share --list`);
  await tellServers(directory);
  await takeBack(directory, gone);
  for (const { id, role, session } of gone) tell(`${id}: ${role} of ${session?.name ?? "everything"} revoked\n`);
}

/** Operators are sent away by the session too, in case a server does not answer; the last link takes their right with it. */
async function takeBack(directory: SessionDirectory, gone: readonly ShareLink[]): Promise<void> {
  const left = await new LinkBook(directory).all();
  for (const info of await sessionManager().listSessions()) {
    const meant = gone.filter(({ session, role }) => role === "operator" && session?.id === info.id);
    if (meant.length === 0) continue;
    const session = await sessionManager().getSession(info.name);
    for (const { id } of meant) await session.dismiss({ tag: id }, undefined, "The link was revoked").catch(() => 0);
    const isShared = left.some((link) => link.role === "operator" && link.session?.id === info.id);
    if (!isShared && info.input === "operators") await session.allow("owner").catch(() => {});
  }
}

async function kickOut(directory: SessionDirectory, id: string): Promise<void> {
  if (!/^[\w-]+$/.test(id) || !await kickVisitor(directory, id)) {
    throw new UsageError(`Cannot send ${harmless(id)} away: nobody connected has this id; term2ai share --list`);
  }
  tell(`${id} was sent away\n`);
}

function parseName(text: string): string {
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,31}$/u.test(text)) return text;
  throw new UsageError(`Cannot make a link for ${JSON.stringify(text)}: expected up to 32 letters, digits and . _ @ -`);
}
