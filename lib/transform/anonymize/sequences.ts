/**
 * Names in escape sequences: titles, working directories, hosts.
 *
 * Sources: xterm's ctlseqs (OSC 0, 1, 2), iTerm2's proprietary codes (1337), ConEmu (9;9), VS Code's shell integration (633).
 *
 * This module is browser compatible.
 * @module
 */

import type { Names } from "./names.ts";

/** Settings of iTerm2 that tell nothing of anybody. */
const HARMLESS =
  /^1337;(?:SetMark|ClearScrollback|EndCopy|CursorShape=\d+|ShellIntegrationVersion=[^;]*(?:;shell=\w+)?)$/;

/**
 * What to write instead of the body of an operating system command (OSC), and `undefined` for nothing: clipboards and variables
 * of users may hold anything. What the command tells of people and places is learned.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Names } from "./names.ts";
 *
 * const names = new Names();
 * equal(commandWithout("7;file://engine/home/ada/notes", names), "7;file://host/home/user/dir1");
 * equal(commandWithout("2;budget.ods", names), "2;title1");
 * ```
 */
export function commandWithout(body: string, names: Names): string | undefined {
  const [, code = "", rest = ""] = /^(\d+);(.*)$/s.exec(body) ?? [];
  switch (code) {
    case "0":
    case "1":
    case "2":
      return `${code};${titleWithout(rest, names)}`;
    case "7":
      return `7;${urlWithout(rest, names)}`;
    case "8":
      return body.replace(/^(8;[^;]*;)(.*)$/s, (_, head, url) => head + urlWithout(url, names));
    case "9":
      return body.replace(/^(9;9;"?)([^"]*)/s, (_, head, path) => head + pathWithout(path, names));
    case "52":
      return undefined;
    case "633":
      if (!rest.startsWith("P;Cwd=")) return names.inText(body);
      return `633;P;Cwd=${pathWithout(rest.slice(6), names)}`;
    case "1337":
      return itermWithout(body, names);
    default:
      return names.inText(body);
  }
}

/**
 * A title's placeholder. Most shells put who and where into it, in the order `user@host: folder`.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Names } from "./names.ts";
 *
 * const names = new Names();
 * equal(titleWithout("ada@engine: ~/notes", names), "title1");
 * equal(names.inText("engine"), "host");
 * ```
 */
export function titleWithout(title: string, names: Names): string {
  const [, user, host, path] = /^([\w.-]+)@([\w.-]+)(?::\s*([~/]\S*))?$/.exec(title.trim()) ?? [];
  if (user) names.learnUser(user);
  if (host) names.learnHost(host);
  if (path) names.learnPath(path);
  return title === "" ? "" : names.title(title);
}

/** A path that is where somebody works, and so is learned. */
function pathWithout(path: string, names: Names): string {
  names.learnPath(path);
  return names.path(path);
}

/** `file://host/path`, whose path is a place; of other addresses only the names go. */
function urlWithout(url: string, names: Names): string {
  const [, scheme, host, path] = /^(file|kitty-shell-cwd):\/\/([^/]*)(.*)$/s.exec(url) ?? [];
  if (scheme === undefined) return names.inText(url);
  if (host) names.learnHost(host);
  const plain = scheme === "file" ? decoded(path!) : path!;
  const hidden = pathWithout(plain, names);
  return `${scheme}://${names.path(host!)}${hidden === plain ? path : scheme === "file" ? encodeURI(hidden) : hidden}`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function itermWithout(body: string, names: Names): string | undefined {
  if (body.startsWith("1337;CurrentDir=")) return `1337;CurrentDir=${pathWithout(body.slice(16), names)}`;
  const [, user, host] = /^1337;RemoteHost=([^@]*)@(.*)$/s.exec(body) ?? [];
  if (user !== undefined) {
    names.learnUser(user);
    names.learnHost(host!);
    return `1337;RemoteHost=${names.path(user)}@${names.path(host!)}`;
  }
  const [, settings, picture] = /^1337;(?:Multipart)?File=([^:]*)(.*)$/s.exec(body) ?? [];
  if (settings !== undefined) {
    const kept = settings.split(";").filter((setting) => !/^name=/i.test(setting));
    return body.slice(0, body.indexOf("=") + 1) + kept.join(";") + picture;
  }
  return HARMLESS.test(body) || /^1337;(?:FilePart=|FileEnd)/.test(body) ? body : undefined;
}
