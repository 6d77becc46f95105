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
import { UsageError } from "../errors.ts";
import type { UnwrapKey, WrapKey } from "../ports.ts";
import { concat } from "../stream/collect.ts";
import { isPrivateKey, type KeyUnlocker, parsePrivateKey, parsePublicKey } from "./ssh_key.ts";
import { sshIdentity, sshRecipient } from "./ssh_recipient.ts";

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
export function wrapFor(recipients: readonly string[]): WrapKey {
  if (recipients.length === 0) throw new UsageError("Cannot encrypt for nobody: expected at least one recipient");
  const encrypter = new Encrypter();
  for (const recipient of recipients) addRecipient(encrypter, recipient.trim());
  return async (key) => await encrypter.encrypt(key);
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  const key = parsePublicKey(recipient);
  try {
    encrypter.addRecipient(key ? sshRecipient(key) : recipient);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `Cannot encrypt for ${JSON.stringify(shorten(recipient))}: expected age1… or ssh-ed25519 AAAA…`,
    );
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
  throw new UsageError("Cannot open a recording that is encrypted with a passphrase: it is another one than was told");
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
    keys.addIdentity(sshIdentity(await parsePrivateKey(text, unlocker)));
    return 1;
  }
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  for (const [n, line] of lines.entries()) {
    try {
      keys.addIdentity(line);
    } catch {
      throw new UsageError(`Cannot use ${file.name}: line ${n + 1} of its keys is no identity of age`);
    }
  }
  if (lines.length === 0) throw new UsageError(`Cannot use ${file.name}: it holds no identity`);
  return lines.length;
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
