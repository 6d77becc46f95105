/**
 * Links that let others in: who made them, what for, and until when.
 *
 * A link's token is shown once, when it is made; what is kept is its SHA-256. A token has 256 random bits, so nobody finds one by
 * trying, and a hash that takes long to compute would protect nothing. The links lie beside the sockets of sessions, in a file that
 * only its owner can read; whoever serves looks at it four times a second, so that a link that is taken back is void at once.
 * @module
 */

import { UsageError } from "../../errors.ts";
import { readWholeText } from "../../host/whole_file.ts";
import type { SessionDirectory } from "../directory.ts";
import { parseObject, type Role } from "../control/protocol.ts";

/** A link, without its token. */
export interface ShareLink {
  /** To name it by; no secret. */
  readonly id: string;
  /** What it opens: one session, or everything there is. */
  readonly session?: { readonly name: string; readonly id: string };
  readonly role: Role;
  /** Who it is for, where that was said: then it is them, whatever they call themselves. */
  readonly name?: string;
  /** SHA-256 of the token, in hexadecimal. */
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What a link is to be. */
export type LinkWish = Pick<ShareLink, "session" | "role" | "name"> & {
  /** How long it is good for. */
  readonly seconds: number;
};

const TOKEN_BYTES = 32;
/** What tokens look like. */
export const TOKEN = /^[A-Za-z0-9_-]{43}$/;
/** More links than this are a mistake of a script. */
const MOST = 1000;

/** Makes a link and the token that opens it. */
export async function newLink({ seconds, ...wish }: LinkWish): Promise<{ link: ShareLink; token: string }> {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  const token = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const createdAt = Date.now();
  const id = crypto.randomUUID().slice(0, 8);
  return { token, link: { id, ...wish, hash: await hashOf(token), createdAt, expiresAt: createdAt + seconds * 1000 } };
}

/** What is kept of a token. */
export async function hashOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether a link opens anything at a time. */
export function isValid({ expiresAt }: ShareLink, now: number = Date.now()): boolean {
  return now < expiresAt;
}

/** The links of one user. */
export class LinkBook {
  readonly #directory: SessionDirectory;

  constructor(directory: SessionDirectory) {
    this.#directory = directory;
  }

  get #path(): string {
    return `${this.#directory.path}/links.json`;
  }

  /** All that are good, the oldest first. A file that is none of ours lets nobody in. */
  async all(): Promise<ShareLink[]> {
    const text = await readWholeText(this.#path).catch(() => "");
    const links = parseObject(text)?.links;
    return Array.isArray(links) ? links.filter((link) => isLink(link) && isValid(link)) : [];
  }

  /** Something that changes whenever the links do. */
  async version(): Promise<string> {
    const found = await Deno.stat(this.#path).catch(() => undefined);
    return `${found?.ino} ${found?.mtime?.getTime()} ${found?.size}`;
  }

  /**
   * Makes a link; returns it, and the token that opens it.
   *
   * @throws {UsageError} If there are too many.
   */
  async add(wish: LinkWish): Promise<{ link: ShareLink; token: string }> {
    const made = await newLink(wish);
    await this.#change((links) => {
      if (links.length >= MOST) throw new UsageError(`Cannot make another link: there are ${MOST}; revoke some`);
      return [...links, made.link];
    });
    return made;
  }

  /** Makes links void; returns those. */
  async revoke(isMeant: (link: ShareLink) => boolean): Promise<ShareLink[]> {
    let gone: ShareLink[] = [];
    await this.#change((links) => {
      gone = links.filter(isMeant);
      return links.filter((link) => !isMeant(link));
    });
    return gone;
  }

  async #change(change: (links: readonly ShareLink[]) => ShareLink[]): Promise<void> {
    await this.#directory.locked(async () => {
      const links = change(await this.all());
      const draft = `${this.#path}.new`;
      await Deno.remove(draft).catch(() => {});
      await Deno.writeTextFile(draft, JSON.stringify({ links }, null, 1), { mode: 0o600, createNew: true });
      await Deno.rename(draft, this.#path);
    });
  }
}

function isLink(value: unknown): value is ShareLink {
  const { id, hash, role, expiresAt, session } = (value ?? {}) as Record<string, unknown>;
  const { name, id: sessionId } = (session ?? { name: "", id: "" }) as Record<string, unknown>;
  return typeof id === "string" && typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash) &&
    (role === "viewer" || role === "operator") && typeof expiresAt === "number" &&
    typeof name === "string" && typeof sessionId === "string";
}
