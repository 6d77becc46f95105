/**
 * `term2ai serve`: a web page of live sessions and recordings.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../errors.ts";
import { readWholeText } from "../host/whole_file.ts";
import { setNiceness } from "../host/process_limits.ts";
import { SessionDirectory } from "../session/directory.ts";
import type { Role } from "../session/control/protocol.ts";
import { recordingFolder } from "../session/recording/recording_file.ts";
import type { ShareLink } from "../session/share/links.ts";
import { Sharing } from "../session/share/serve.ts";
import { FolderShelf, type Shelf } from "../session/share/shelf.ts";
import { Shelves, StoreShelf } from "../session/share/store_shelf.ts";
import { isStoreChosen, openStore } from "./source/chosen_store.ts";
import type { Context } from "./program/context.ts";
import { sessionManager } from "./live/sessions.ts";
import { EXPIRES, parseRole } from "./share/flags.ts";
import { print, tell } from "./source/stdio.ts";

interface ServeFlags {
  readonly listen: { hostname: string; port: number; isChosen: boolean };
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly plain: boolean;
  readonly url?: string;
  readonly recordings?: string;
  readonly role: Role;
  readonly expires: number;
  readonly noLink: boolean;
  readonly whileShared: boolean;
}

/** Where it listens when nothing else is said, and if that is taken, anywhere. */
const PORT = 7822;
/** What it leaves to sessions of the processor. */
const NICENESS = 10;

export const command: Command<Context> = buildCommand({
  async func(this: Context, flags: ServeFlags) {
    beNice();
    const { shelf, close } = await openShelf(flags);
    const sharing = await start(flags, shelf);
    const ended = untilSignal(sharing, flags.whileShared);
    try {
      await print((flags.noLink || flags.whileShared ? sharing.url : await ownLink(sharing, flags)) + "\n");
      if (!flags.whileShared) tell(`serving until Ctrl-C; term2ai share makes links for others\n`);
      await ended;
    } finally {
      await sharing.close();
      await close();
    }
  },
  parameters: {
    flags: {
      listen: {
        kind: "parsed",
        parse: parseAddress,
        brief: "where to listen: PORT, HOST:PORT or HOST; port 0 is any that is free",
        placeholder: "ADDR",
        default: "",
      },
      tlsCert: { kind: "parsed", parse: String, brief: "certificate, as PEM", placeholder: "FILE", optional: true },
      tlsKey: { kind: "parsed", parse: String, brief: "its key, as PEM", placeholder: "FILE", optional: true },
      plain: {
        kind: "boolean",
        brief: "let other machines in without TLS: everybody on the way can read and type",
        default: false,
        withNegated: false,
      },
      url: {
        kind: "parsed",
        parse: parseUrl,
        brief: "what links begin with, where a proxy or another name leads here",
        placeholder: "URL",
        optional: true,
      },
      recordings: {
        kind: "parsed",
        parse: String,
        brief: "a directory of recordings to show; by itself where sessions are recorded to, and the store",
        placeholder: "FOLDER",
        optional: true,
      },
      role: {
        kind: "parsed",
        parse: parseRole,
        brief: "of the link that is printed: viewer, or operator, who may type where a session lets operators",
        placeholder: "ROLE",
        default: "viewer",
      },
      expires: EXPIRES,
      noLink: { kind: "boolean", brief: "print the address, and no link", default: false, withNegated: false },
      whileShared: {
        kind: "boolean",
        brief: "end when no link is left that opens anything",
        default: false,
        withNegated: false,
      },
    },
  },
  docs: {
    brief: "put live sessions and recordings on a web page",
    fullDescription:
      `Serves a page that lists live sessions and recordings, plays these and shows those, to whoever has a link. It prints one
that opens everything; term2ai share makes links for others, to one session or to all.

Listens on 127.0.0.1:${PORT}, where only this machine can come. Other addresses need a certificate, or --plain. Behind a proxy
that has one, --url says what links begin with. What is typed in sessions is recorded with who typed it; sessions take it
only where their owner shared them with operators.

  term2ai serve
  term2ai serve --store s3://recordings/team
  term2ai serve --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem --url https://term.example.org
  ssh -L 7822:127.0.0.1:7822 build-machine             then open the link here`,
  },
});

/** A directory where one is named, a store where one is named, else both of this user. */
async function openShelf({ recordings }: ServeFlags): Promise<{ shelf: Shelf; close(): Promise<void> }> {
  if (recordings !== undefined && !await isFolder(recordings)) {
    throw new UsageError(`Cannot show the recordings in ${recordings}: there is no such directory`);
  }
  const folders = recordings !== undefined ? [recordings] : isStoreChosen() ? [] : [recordingFolder()];
  const shelves: Shelf[] = folders.map((folder) => new FolderShelf(folder));
  if (recordings !== undefined && !isStoreChosen()) return { shelf: shelves[0]!, close: () => Promise.resolve() };
  const store = await openStore();
  return { shelf: new Shelves(...shelves, new StoreShelf(store)), close: () => store.close() };
}

async function start(flags: ServeFlags, shelf: Shelf): Promise<Sharing> {
  const { listen: { hostname, port, isChosen }, plain, url } = flags;
  const tls = await readTls(flags);
  const options = {
    directory: await SessionDirectory.open(),
    manager: sessionManager(),
    shelf,
    hostname,
    allowsPlain: plain,
    ...(tls && { tls }),
    ...(url !== undefined && { url }),
  };
  try {
    return await Sharing.start({ ...options, port });
  } catch (error) {
    if (isChosen || !(error instanceof UsageError && error.cause instanceof Deno.errors.AddrInUse)) throw error;
    return await Sharing.start({ ...options, port: 0 });
  }
}

async function ownLink(sharing: Sharing, { role, expires }: ServeFlags): Promise<string> {
  return await sharing.ownLink({ role, seconds: expires });
}

/** Sessions come first: every thread of this process is given less of the processor. */
function beNice(): void {
  if (Deno.build.os !== "linux") return;
  for (const { name } of Deno.readDirSync("/proc/self/task")) setNiceness(Number(name), NICENESS);
}

/** Resolves on a signal, or, if so wanted, once no link lets anybody in. */
async function untilSignal({ access }: Sharing, whileShared: boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, resolve);
  const look = async () => void (await opensNothing(access.links) && resolve());
  const timer = whileShared ? setInterval(look, 1000) : undefined;
  await promise;
  clearInterval(timer);
}

/** Whether no link is left but those to sessions that have ended: these never come back. */
async function opensNothing(links: readonly ShareLink[]): Promise<boolean> {
  if (links.some(({ session }) => session === undefined)) return false;
  if (links.length === 0) return true;
  const ids = (await sessionManager().listSessions()).map(({ id }) => id);
  return links.every(({ session }) => !ids.includes(session!.id));
}

async function readTls({ tlsCert, tlsKey }: ServeFlags): Promise<{ cert: string; key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError("Cannot use TLS: --tls-cert and --tls-key are needed together");
  }
  const [cert, key] = await Promise.all([tlsCert, tlsKey].map(readPem));
  return { cert: cert!, key: key! };
}

async function readPem(path: string): Promise<string> {
  const text = await readWholeText(path, { isNamed: true });
  if (text.includes("-----BEGIN ")) return text;
  throw new UsageError(`Cannot use ${path} for TLS: expected PEM, which begins with -----BEGIN`);
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then((found) => found.isDirectory, () => false);
}

function parseAddress(text: string): ServeFlags["listen"] {
  const [, bracketed, plain, only] = /^(?:(?:\[([\da-f:.]+)\]|([^:[\]]*)):)?(\d+)$/i.exec(text) ?? [];
  const hostname = bracketed ?? plain;
  if (only !== undefined && Number(only) <= 65_535) {
    return { hostname: hostname || "127.0.0.1", port: Number(only), isChosen: true };
  }
  if (text === "" || /^[A-Za-z0-9.-]*[A-Za-z.][A-Za-z0-9.-]*$/.test(text)) {
    return { hostname: text || "127.0.0.1", port: PORT, isChosen: false };
  }
  throw new UsageError(
    `Cannot listen on ${JSON.stringify(text)}: expected PORT, HOST:PORT or HOST, such as 127.0.0.1:${PORT}`,
  );
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.pathname !== "/") {
    throw new UsageError(`Cannot begin links with ${JSON.stringify(text)}: expected https://HOST or https://HOST:PORT`);
  }
  return url.origin;
}
