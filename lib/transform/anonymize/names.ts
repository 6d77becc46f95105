/**
 * Names that tell who recorded, and where; and what to call them instead.
 *
 * The same name gets the same placeholder as long as the list lives. Names are looked for as whole words, in any case.
 *
 * This module is browser compatible.
 * @module
 */

import type { Json, SessionHeader } from "../../event.ts";

/**
 * What to call a name of some kind: `user`, `host`, `dir`, `title`, `person`, `name`, `ip` or `email`.
 *
 * @example
 * ```ts
 * const short: Pseudonym = (kind, name) => `${kind}-${name.length}`;
 * ```
 */
export type Pseudonym = (kind: string, name: string) => string;

/** Users that everybody has. */
const COMMON_USERS = new Set(["root", "user", "nobody", "admin", "vagrant", "ubuntu", "runner"]);
const COMMON_HOSTS = new Set(["localhost", "host", "ip6-localhost", "127.0.0.1", "::1"]);
/** Folders that everybody has, and words that say nothing about anybody: they stay as they are. */
// deno-fmt-ignore
const COMMON_FOLDERS = new Set([
  "home", "users", "root", "usr", "var", "opt", "srv", "etc", "tmp", "mnt", "media", "dev", "proc", "sys", "run", "boot", "lib", "lib64",
  "bin", "sbin", "local", "share", "data", "src", "test", "tests", "doc", "docs", "build", "dist", "out", "target", "work", "code",
  "projects", "project", "repos", "git", "github", "documents", "downloads", "desktop", "library", "applications", "volumes",
  "node_modules", "vendor", "packages", "app", "apps", "www", "html", "log", "logs", "cache", "lost+found", "private", "folders", "workspace",
  "user", "host",
]);

/**
 * A list of names that grows as they are learned.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const names = new Names();
 * names.learnHeader({ cols: 80, rows: 24, user: "ada", cwd: "/home/ada/engine" });
 * equal(names.path("/home/ada/engine/notes"), "/home/user/dir1/notes");
 * equal(names.inText("ada canada"), "user canada");
 * ```
 */
export class Names {
  readonly #placeholders = new Map<string, string>(); // by the name in lower case
  readonly #counts = new Map<string, number>();
  readonly #pseudonym: Pseudonym | undefined;
  #pattern: RegExp | undefined;
  #version = 0;

  /**
   * An empty list.
   *
   * @param pseudonym Makes the placeholders, where they are to be the same in other recordings; else they are counted.
   */
  constructor(pseudonym?: Pseudonym) {
    this.#pseudonym = pseudonym;
  }

  /** Changes when a name is learned. */
  get version(): number {
    return this.#version;
  }

  /** All names, in lower case, and what to call them. */
  get all(): ReadonlyMap<string, string> {
    return this.#placeholders;
  }

  /** Learns all that a header tells of people and places. */
  learnHeader({ user, host, cwd, env = {} }: SessionHeader): void {
    for (const name of [user, env.USER, env.LOGNAME, env.USERNAME]) if (name) this.learnUser(name);
    for (const name of [host, env.HOSTNAME, env.HOST, env.COMPUTERNAME]) if (name) this.learnHost(name);
    for (const path of [env.HOME, env.USERPROFILE, env.PWD, env.OLDPWD, cwd]) if (path) this.learnPath(path);
  }

  /** Any other name: of a person, a company, a machine. `false` if it is none: too short or long, or a small number. */
  learn(name: string): boolean {
    this.#learn(name, "name");
    return this.#placeholders.has(name.toLowerCase());
  }

  /** An address of a machine or of a mailbox. That of a user at a host whose names are known is made of these. */
  learnAddress(address: string, kind: "ip" | "email"): void {
    const [user, host] = address.toLowerCase().split("@");
    const isKnown = kind === "email" && (user === "git" || this.#placeholders.has(user!)) &&
      this.#placeholders.has(host!);
    if (!isKnown) this.#learn(address, kind);
  }

  /** Every name in lower case, with what it is called instead. */
  get mapping(): Readonly<Record<string, string>> {
    return Object.fromEntries(Array.from(this.#placeholders, ([name, other]) => [name.replace(/^.*\0/s, ""), other]));
  }

  /** A login name. */
  learnUser(name: string): void {
    if (!COMMON_USERS.has(name.toLowerCase())) this.#learn(name, "user");
  }

  /** A machine's name; the first part of a longer one is a name too. */
  learnHost(name: string): void {
    if (COMMON_HOSTS.has(name.toLowerCase())) return;
    const [short, ...domain] = name.split(".");
    if (domain.length > 0 && !/^\d+$/.test(short!)) this.#learn(short!, "host");
    this.#learn(name, "host", this.#placeholders.get(short!.toLowerCase()));
  }

  /** A home or working directory: the name behind `/home/` is a user's, the others are of folders. */
  learnPath(path: string): void {
    const parts = path.split(/[/\\]+/).filter(Boolean);
    for (const [at, part] of parts.entries()) {
      const isUser = at === 1 && /^(?:home|users)$/i.test(parts[0]!);
      if (isUser) this.learnUser(part);
      else if (part !== "~" && !COMMON_FOLDERS.has(part.toLowerCase())) this.#learn(part, "dir");
    }
  }

  /** A title of a window. */
  title(title: string): string {
    return this.#placeholder(`title\0${title}`, "title");
  }

  /** Somebody who typed in a shared session. */
  person(name: string): string {
    return this.#placeholders.get(name.toLowerCase()) ?? this.#placeholder(`person\0${name}`, "person");
  }

  /** A path with all names in it replaced, after it was learned. */
  path(path: string): string {
    return path.split(/([/\\]+)/).map((part) => this.#placeholders.get(part.toLowerCase()) ?? this.inText(part)).join(
      "",
    );
  }

  /** Text with all names in it replaced. */
  inText(text: string): string {
    return text.replace(this.pattern, (name) => this.#placeholders.get(name.toLowerCase())!);
  }

  /** The same for all texts in a value. */
  inJson(value: Json): Json {
    if (typeof value === "string") return this.inText(value);
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map((each) => this.inJson(each));
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [this.inText(name), this.inJson(each)]));
  }

  /** Finds names, the longest first, where they are whole words. */
  get pattern(): RegExp {
    if (this.#pattern) return this.#pattern;
    const words = [...this.#placeholders.keys()].filter((name) => !name.includes("\0"));
    const sorted = words.sort((one, other) => other.length - one.length);
    const any = sorted.map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|");
    return this.#pattern = new RegExp(any === "" ? "(?!)" : `(?<![\\p{L}\\p{N}_])(?:${any})(?![\\p{L}\\p{N}_])`, "giu");
  }

  /** A name that stands in text. What is too short would be found where nobody is meant. */
  #learn(name: string, kind: string, placeholder?: string): void {
    if (name.length < 2 || name.length > MAX_NAME || /[\0-\x1f\x7f]/.test(name) || /^\d{1,4}$/.test(name)) return;
    if (this.#placeholders.has(name.toLowerCase())) return;
    if (placeholder === undefined) this.#placeholder(name.toLowerCase(), kind);
    else this.#placeholders.set(name.toLowerCase(), placeholder);
    this.#pattern = undefined;
    this.#version++;
  }

  /** `user` for the first user and `host` for the first host, then `user2`; others count from 1. */
  #placeholder(key: string, kind: string): string {
    const known = this.#placeholders.get(key);
    if (known !== undefined) return known;
    const made = this.#pseudonym?.(kind, key.replace(/^.*\0/s, "")) ?? this.#counted(kind);
    this.#placeholders.set(key, made);
    return made;
  }

  #counted(kind: string): string {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return count === 1 && (kind === "user" || kind === "host") ? kind : `${kind}${count}`;
  }
}

/** No user, host or folder has a longer name. */
const MAX_NAME = 255;
