/**
 * Who may have signed: the file `allowed_signers` that `ssh-keygen -Y verify` and Git read (`ssh-keygen(1)`, ALLOWED SIGNERS).
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../errors.ts";
import { parsePublicKey, type SshPublicKey } from "./ssh_key.ts";
import { NAMESPACE } from "./sshsig.ts";
import { toBase64 } from "./ssh_wire.ts";

/**
 * Somebody who may sign.
 *
 * @example
 * ```ts
 * const names = (signers: AllowedSigner[]) => signers.map(({ principals }) => principals);
 * ```
 */
export interface AllowedSigner {
  /** Who: names or patterns, with commas between. */
  readonly principals: string;
  /** With which key. */
  readonly publicKey: SshPublicKey;
  /** For what, as patterns; nothing is everything. */
  readonly namespaces: readonly string[];
  /** From when on, in milliseconds since 1970. */
  readonly after: number;
  /** Until when. */
  readonly before: number;
  /** Whether it signs certificates, which are not looked at, and no recordings. */
  readonly isAuthority: boolean;
}

/**
 * Reads the lines of such a file. Those of certificate authorities vouch for nobody: certificates are not looked at.
 *
 * @param name What messages call it.
 * @throws {UsageError} If a line is neither blank nor a comment nor what it must be: a list of which half is passed over vouches for
 *   less than its owner thinks.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { formatPublicKey, publicKeyOf } from "./ssh_key.ts";
 *
 * const line = `ada@example.com namespaces="term2ai-*" ${formatPublicKey(publicKeyOf(new Uint8Array(32)))}`;
 * equal(parseAllowedSigners(`# us\n${line}\n`)[0]?.principals, "ada@example.com");
 * ```
 */
export function parseAllowedSigners(text: string, name = "the allowed signers"): AllowedSigner[] {
  return text.split("\n").flatMap((line, n) => {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) return [];
    const signer = parseLine(trimmed);
    if (typeof signer === "object") return [signer];
    const form = "expected PRINCIPALS [OPTIONS] ssh-ed25519 AAAA…, as in ssh-keygen(1), ALLOWED SIGNERS";
    throw new UsageError(`Cannot use ${name}, line ${n + 1}: ${signer}\n  ${form}`);
  });
}

/** Of a public key, with its type and the lengths. */
const ED25519_BYTES = 51;
const KEY_TYPE = /^(?:ssh|ecdsa|sk)-/;
const OPTIONS = ["cert-authority", "namespaces", "valid-after", "valid-before"];

/** A signer, or what is wrong with the line. */
function parseLine(line: string): AllowedSigner | string {
  const words = line.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
  const [principals, ...rest] = words;
  const at = rest.findIndex((word) => KEY_TYPE.test(word));
  if (principals !== undefined && KEY_TYPE.test(principals)) {
    return "it begins with a key, and does not say whose that is";
  }
  if (principals?.replaceAll('"', "").split(",").every((name) => name === "" || name.startsWith("!"))) {
    return "it names nobody who may sign, only whom its key is not for";
  }
  if (!principals || at < 0) return "there is no key in it";
  if (at > 1) return "something stands between who may sign and the key that is no option";
  const publicKey = parsePublicKey(rest.slice(at).join(" "));
  if (!publicKey || (publicKey.type === "ssh-ed25519" && publicKey.blob.length !== ED25519_BYTES)) {
    return "its key is damaged or cut short";
  }
  const options = new Map(splitOptions(at === 1 ? rest[0]! : ""));
  const unknown = [...options.keys()].find((option) => !OPTIONS.includes(option));
  if (unknown !== undefined) return `there is no option ${JSON.stringify(unknown)}`;
  const after = parseDate(options.get("valid-after"), -Infinity);
  const before = parseDate(options.get("valid-before"), Infinity);
  if (Number.isNaN(after) || Number.isNaN(before)) return "its dates are none: expected YYYYMMDD[HHMM[SS]][Z]";
  const namespaces = options.get("namespaces")?.split(",") ?? [];
  const isAuthority = options.has("cert-authority");
  return { principals: principals.replaceAll('"', ""), publicKey, namespaces, after, before, isAuthority };
}

function splitOptions(text: string): [string, string][] {
  const options = text.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  return options.map((option) => {
    const [name = "", ...value] = option.split("=");
    return [name.toLowerCase(), value.join("=").replaceAll('"', "")];
  });
}

/** `YYYYMMDD[HHMM[SS]][Z]`: local time unless there is a Z. `NaN` for what is none. */
function parseDate(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const found = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/.exec(text);
  if (!found) return NaN;
  const [, year, month, day, hour = "00", minute = "00", second = "00", zone] = found;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
}

/**
 * Who may have made a signature with this key at this time; `undefined` if nobody.
 *
 * @param now Milliseconds since 1970.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { publicKeyOf } from "./ssh_key.ts";
 * equal(signerOf([], publicKeyOf(new Uint8Array(32)), Date.now()), undefined);
 * ```
 */
export function signerOf(
  signers: readonly AllowedSigner[],
  key: SshPublicKey,
  now: number,
  namespace: string = NAMESPACE,
): AllowedSigner | undefined {
  return linesOf(signers, key).find((signer) => objectionTo(signer, now, namespace) === undefined);
}

/**
 * Why nobody may have made a signature with this key at this time, where {@linkcode signerOf} finds nobody: it may be listed and
 * not count.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { publicKeyOf } from "./ssh_key.ts";
 * equal(refusalOf([], publicKeyOf(new Uint8Array(32)), Date.now()), "which is not on the list");
 * ```
 */
export function refusalOf(
  signers: readonly AllowedSigner[],
  key: SshPublicKey,
  now: number,
  namespace: string = NAMESPACE,
): string {
  const [first] = linesOf(signers, key);
  const objection = first && objectionTo(first, now, namespace);
  return objection === undefined ? "which is not on the list" : `which is on the list, but ${objection}`;
}

function linesOf(signers: readonly AllowedSigner[], key: SshPublicKey): AllowedSigner[] {
  const wanted = toBase64(key.blob);
  return signers.filter(({ publicKey }) => toBase64(publicKey.blob) === wanted);
}

function objectionTo({ namespaces, after, before, isAuthority }: AllowedSigner, now: number, namespace: string) {
  const date = (time: number) => new Date(time).toISOString().replace(".000Z", "Z");
  if (isAuthority) return "only for certificates (cert-authority), which are not looked at";
  if (now < after) return `only from ${date(after)} on (valid-after)`;
  if (now > before) return `only until ${date(before)} (valid-before)`;
  if (namespaces.length === 0 || matchesList(namespace, namespaces)) return undefined;
  return `only for ${namespaces.join(",")} (namespaces), and this is ${namespace}`;
}

/**
 * Whether principals are a pattern, which says for whom a key is good, and not whose it is.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(["ada@example.com", "*@example.com,!eve@example.com"].map(isPattern), [false, true]);
 * ```
 */
export function isPattern(principals: string): boolean {
  return /[*?!]/.test(principals);
}

/** OpenSSH's lists of patterns: `*` and `?`, and `!` before one that excludes. */
function matchesList(text: string, patterns: readonly string[]): boolean {
  const matches = (pattern: string) => {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
    return new RegExp(`^${escaped}$`).test(text);
  };
  if (patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern));
}
