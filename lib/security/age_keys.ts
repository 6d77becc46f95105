/**
 * Wraps the key of a recording for those who may read it, and unwraps it: whole age files (C2SP `age.md`), which any other
 * implementation of age opens.
 *
 * Recipients are `age1…` keys, `ssh-ed25519` keys or one passphrase.
 *
 * This module is browser compatible.
 * @module
 */

import { armor, Decrypter, Encrypter } from "age-encryption";
import { FormatError, UsageError } from "../errors.ts";
import type { UnwrapKey, WrapKey } from "../ports.ts";
import { concat } from "../stream/collect.ts";
import { isPrivateKey, type KeyUnlocker, parsePrivateKey, parsePublicKey } from "./ssh_key.ts";
import { sshIdentity, sshRecipient } from "./ssh_recipient.ts";

/**
 * Who may read a recording, and where it says so.
 *
 * @example
 * ```ts
 * const one: Recipient = { key: "age1…", place: "team.txt, line 3" };
 * ```
 */
export interface Recipient {
  /** `age1…`, or the line of an `ssh-ed25519` key. */
  readonly key: string;
  /** For messages: a file and a line. */
  readonly place: string;
}

/**
 * Wraps for some recipients: `age1…`, or the line of an `ssh-ed25519` key.
 *
 * @throws {UsageError} If there is none, or one is nothing of the kind.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { generateIdentity, identityToRecipient } from "age-encryption";
 *
 * const identity = await generateIdentity();
 * const wrapped = await wrapFor([await identityToRecipient(identity)])(new Uint8Array(32));
 * const unwrap = await unwrapWith([{ name: "key.txt", text: identity }], noPassphrase);
 * deepEqual(await unwrap(wrapped), new Uint8Array(32));
 * ```
 */
export function wrapFor(recipients: readonly (string | Recipient)[]): WrapKey {
  if (recipients.length === 0) throw new UsageError("Cannot encrypt for nobody: expected at least one recipient");
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    if (typeof recipient === "string") addRecipient(encrypter, recipient.trim());
    else addRecipient(encrypter, recipient.key.trim(), recipient.place);
  }
  return async (key) => await encrypter.encrypt(key);
}

function addRecipient(encrypter: Encrypter, recipient: string, place?: string): void {
  const key = parsePublicKey(recipient), where = place === undefined ? "" : ` (${place})`;
  try {
    encrypter.addRecipient(key ? sshRecipient(key) : recipient);
  } catch (error) {
    const what = `Cannot encrypt for ${JSON.stringify(shorten(recipient))}${where}`;
    if (error instanceof UsageError) {
      throw place === undefined ? error : new UsageError(`${what}: ${error.message}`, { cause: error });
    }
    const typo = /^(?:age1|ssh-ed25519\s)/.test(recipient) ? "it is damaged or cut short; " : "";
    throw new UsageError(`${what}: ${typo}expected age1… or ssh-ed25519 AAAA…`);
  }
}

/** Somebody may take an identity for a recipient: what looks like a secret is never shown. */
function shorten(text: string): string {
  if (/^AGE-SECRET-KEY/i.test(text)) return "AGE-SECRET-KEY-…";
  return text.length <= 24 ? text : text.slice(0, 24) + "…";
}

/**
 * Wraps by a passphrase, which scrypt stretches.
 *
 * @param workFactor Base-2 logarithm of scrypt's work: 18, the usual one, takes about a second.
 * @throws {UsageError} If it is empty.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * const wrapped = await wrapByPassphrase("correct horse", 4)(new Uint8Array(32));
 * equal(isPassphraseWrapped(wrapped), true);
 * ```
 */
export function wrapByPassphrase(passphrase: string, workFactor = 18): WrapKey {
  if (passphrase === "") throw new UsageError("Cannot encrypt with an empty passphrase");
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(workFactor);
  return async (key) => await encrypter.encrypt(key);
}

/**
 * Whether a passphrase, not an identity, opens an age file.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isPassphraseWrapped(new TextEncoder().encode("age-encryption.org/v1\n-> X25519 …")), false);
 * ```
 */
export function isPassphraseWrapped(file: Uint8Array): boolean {
  return new TextDecoder().decode(file.subarray(0, 64)).startsWith("age-encryption.org/v1\n-> scrypt ");
}

/**
 * An identity file, as it was read.
 *
 * @example
 * ```ts
 * const file: IdentityFile = { name: "key.txt", text: "# nothing in it" };
 * ```
 */
export interface IdentityFile {
  /** For messages. */
  readonly name: string;
  /** What it holds: lines of `age-keygen`, or a private key of OpenSSH. Bytes of an age file are possible too. */
  readonly text: string | Uint8Array<ArrayBuffer>;
}

/**
 * Nobody is there to tell a passphrase.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(await noPassphrase.ask(), undefined);
 * ```
 */
export const noPassphrase: KeyUnlocker = { ask: () => Promise.resolve(undefined), stretch: () => new Uint8Array(48) };

/**
 * Unwraps with the identities of some files, or with a passphrase where one was used.
 *
 * @param unlocker Asked for the passphrase of a recording or of a key, when one is needed.
 * @throws {UsageError} If a file holds no identity.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * const unwrap = await unwrapWith([], { ...noPassphrase, ask: () => Promise.resolve("correct horse") });
 * const wrapped = await wrapByPassphrase("correct horse", 4)(new Uint8Array(32));
 * equal((await unwrap(wrapped))?.length, 32);
 * ```
 */
export async function unwrapWith(files: readonly IdentityFile[], unlocker: KeyUnlocker): Promise<UnwrapKey> {
  const keys = new Decrypter();
  let count = 0;
  for (const file of files) count += await addIdentities(keys, file, unlocker);
  return async (wrapped) => {
    if (isPassphraseWrapped(wrapped)) return await unwrapByPassphrase(wrapped, unlocker);
    return count === 0 ? undefined : await attempt(keys, wrapped);
  };
}

async function unwrapByPassphrase(wrapped: Uint8Array, unlocker: KeyUnlocker): Promise<Uint8Array | undefined> {
  const passphrase = await unlocker.ask();
  if (passphrase === undefined) return undefined;
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  const key = await attempt(decrypter, wrapped);
  if (key) return key;
  throw new FormatError("Cannot open a recording that is encrypted with a passphrase: it is another one than was told");
}

async function attempt(decrypter: Decrypter, wrapped: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await decrypter.decrypt(wrapped);
  } catch {
    return undefined; // not for us, or damaged: whoever asked knows what to say
  }
}

async function addIdentities(keys: Decrypter, file: IdentityFile, unlocker: KeyUnlocker): Promise<number> {
  const text = await plainText(file, unlocker);
  if (isPrivateKey(text)) {
    keys.addIdentity(sshIdentity(await parsePrivateKey(text, unlocker, file.name)));
    return 1;
  }
  let count = 0;
  for (const { line, number } of keyLines(text)) {
    try {
      keys.addIdentity(line);
      count++;
    } catch {
      const found = /^(?:age1|ssh-)/.test(line) ? "it is a recipient, which opens nothing" : "it is no identity of age";
      throw new UsageError(
        `Cannot use ${file.name}, line ${number}: ${found}; expected AGE-SECRET-KEY-1… or a private key of OpenSSH`,
      );
    }
  }
  if (count > 0) return count;
  throw new UsageError(
    `Cannot use ${file.name}: it holds no identity; expected AGE-SECRET-KEY-1… or a private key of OpenSSH`,
  );
}

/**
 * The lines of a file that hold keys, and their numbers from 1 on: no blank ones, and none that begin with `#`.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(keyLines("# mine\nage1xyz\n"), [{ line: "age1xyz", number: 2 }]);
 * ```
 */
export function keyLines(text: string): { readonly line: string; readonly number: number }[] {
  return text.split("\n").map((line, n) => ({ line: line.trim(), number: n + 1 }))
    .filter(({ line }) => line !== "" && !line.startsWith("#"));
}

const BINARY = "age-encryption.org/v1\n";

/** The text of an identity file; one that was encrypted with a passphrase, as `age -p` does, is opened first. */
async function plainText({ name, text }: IdentityFile, unlocker: KeyUnlocker): Promise<string> {
  const seen = typeof text === "string" ? text : new TextDecoder().decode(text);
  const isArmored = seen.trimStart().startsWith("-----BEGIN AGE ENCRYPTED FILE-----");
  if (!isArmored && !seen.startsWith(BINARY)) return seen;
  const bytes = isArmored
    ? armor.decode(seen)
    : typeof text === "string"
    ? concat([new TextEncoder().encode(text)])
    : text;
  const opened = await unwrapByPassphrase(bytes, unlocker);
  if (opened) return new TextDecoder().decode(opened);
  throw new UsageError(`Cannot open ${name}: it is encrypted, and no passphrase was told that opens it`);
}
