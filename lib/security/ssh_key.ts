/**
 * Ed25519 keys as OpenSSH keeps them: a line for the public one, a PEM file for the private one, with or without a passphrase.
 *
 * The file format is `PROTOCOL.key` of OpenSSH. A passphrase is stretched by bcrypt's KDF, which is asked for only then.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError, UsageError } from "../errors.ts";
import { fromBase64, fromPem, SshReader, sshString, toBase64 } from "./ssh_wire.ts";
import { concat } from "../stream/collect.ts";

/** The one type of key that is spoken here. */
const ED25519 = "ssh-ed25519";
const LABEL = "OPENSSH PRIVATE KEY";
const MAGIC = "openssh-key-v1\0";

/**
 * A public key.
 *
 * @example
 * ```ts
 * const isOurs = (key: SshPublicKey) => key.type === "ssh-ed25519";
 * ```
 */
export interface SshPublicKey {
  /** Its type, such as `ssh-ed25519`. */
  readonly type: string;
  /** The key as SSH sends it: its type and what belongs to it. */
  readonly blob: Uint8Array<ArrayBuffer>;
  /** What stands behind it in its line. */
  readonly comment: string;
}

/**
 * A private key.
 *
 * @example
 * ```ts
 * const forget = (key: SshPrivateKey) => key.seed.fill(0);
 * ```
 */
export interface SshPrivateKey {
  /** The public half. */
  readonly publicKey: SshPublicKey;
  /** The secret: 32 bytes. */
  readonly seed: Uint8Array<ArrayBuffer>;
}

/**
 * Stretches a passphrase as OpenSSH does: `bcrypt_pbkdf`.
 *
 * @example
 * ```ts
 * const refuse: StretchPassphrase = () => { throw new Error("no passphrases here"); };
 * ```
 */
export type StretchPassphrase = (
  passphrase: Uint8Array,
  salt: Uint8Array,
  rounds: number,
  length: number,
) => Uint8Array | Promise<Uint8Array>;

/**
 * How a private key is opened that has a passphrase.
 *
 * @example
 * ```ts
 * const never: KeyUnlocker = { ask: () => Promise.resolve(undefined), stretch: () => new Uint8Array(0) };
 * ```
 */
export interface KeyUnlocker {
  /** Asks for the passphrase; `undefined` when nobody answers. */
  ask(): Promise<string | undefined>;
  /** See {@linkcode StretchPassphrase}. */
  readonly stretch: StretchPassphrase;
}

/**
 * The public key in a line, as in `id_ed25519.pub`; `undefined` if it is none.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(parsePublicKey("# nothing"), undefined);
 * ```
 */
export function parsePublicKey(line: string): SshPublicKey | undefined {
  const [type = "", base64 = "", ...comment] = line.trim().split(/\s+/);
  const blob = fromBase64(base64);
  if (!blob || blob.length < 4) return undefined;
  try {
    return new SshReader(blob).text() === type ? { type, blob, comment: comment.join(" ") } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The line of a public key.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { publicKeyOf } from "./ssh_key.ts";
 * const line = formatPublicKey(publicKeyOf(new Uint8Array(32)));
 * equal(parsePublicKey(line)?.type, "ssh-ed25519");
 * ```
 */
export function formatPublicKey({ type, blob }: SshPublicKey): string {
  return `${type} ${toBase64(blob)}`;
}

/**
 * The public key with these 32 bytes.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(publicKeyOf(new Uint8Array(32)).blob.length, 51);
 * ```
 */
export function publicKeyOf(raw: Uint8Array, comment = ""): SshPublicKey {
  return { type: ED25519, blob: concat([sshString(ED25519), sshString(raw)]), comment };
}

/**
 * The 32 bytes of an Ed25519 key.
 *
 * @throws {UsageError} If it is a key of another type.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(ed25519Of(publicKeyOf(new Uint8Array(32))), new Uint8Array(32));
 * ```
 */
export function ed25519Of({ type, blob }: SshPublicKey): Uint8Array<ArrayBuffer> {
  const reader = new SshReader(blob);
  if (reader.text() !== ED25519) throw new UsageError(`Cannot use a key of type ${type}: expected ${ED25519}`);
  const raw = reader.string();
  if (raw.length === 32) return raw;
  throw new UsageError(`Cannot use an Ed25519 key of ${raw.length} bytes: expected 32`);
}

/**
 * The fingerprint by which people and `ssh-keygen -l` know a key.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 * match(await fingerprint(publicKeyOf(new Uint8Array(32))), /^SHA256:[A-Za-z0-9+/]{43}$/);
 * ```
 */
export async function fingerprint({ blob }: Pick<SshPublicKey, "blob">): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", blob));
  return "SHA256:" + toBase64(hash).replace(/=+$/, "");
}

/**
 * Whether a text holds a private key of OpenSSH.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isPrivateKey("ssh-ed25519 AAAA…"), false);
 * ```
 */
export function isPrivateKey(text: string): boolean {
  return text.includes(`-----BEGIN ${LABEL}-----`);
}

/**
 * Reads a private key.
 *
 * @param text What the file holds.
 * @param name What messages call it.
 * @throws {UsageError} If it is none, is of another type, or its passphrase is not told or wrong. No message holds any of it.
 *
 * @example
 * ```ts
 * import { rejects } from "node:assert/strict";
 * await rejects(parsePrivateKey("hello", { ask: () => Promise.resolve(undefined), stretch: () => new Uint8Array(0) }), /no private key/);
 * ```
 */
export async function parsePrivateKey(text: string, unlocker: KeyUnlocker, name = "this key"): Promise<SshPrivateKey> {
  try {
    const bytes = fromPem(text, LABEL);
    if (!bytes) throw new UsageError(`Cannot use this key: ${whatIsIn(text)}; expected a private key of OpenSSH`);
    const file = readKeyFile(bytes);
    return readPlain(await decryptKey(file, unlocker), file.cipher !== "none");
  } catch (error) {
    if (error instanceof FormatError) throw new UsageError(`Cannot use ${name}: its file is damaged`, { cause: error });
    if (!(error instanceof UsageError) || name === "this key") throw error;
    const message = error.message.replace("this key", name).replace("use a key of", `use ${name}: it is a key of`);
    throw new UsageError(message, { cause: error });
  }
}

/** Without showing any of it. */
function whatIsIn(text: string): string {
  if (text.trim() === "") return "it is empty";
  if (/^AGE-SECRET-KEY-/m.test(text)) return "it holds an identity of age, which cannot sign";
  const other = /^-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----/m.exec(text)?.[1];
  return other ? `it holds a key in another form (${other}; ssh-keygen -p rewrites it)` : "it holds no private key";
}

interface KeyFile {
  readonly cipher: string;
  readonly kdf: string;
  readonly options: Uint8Array;
  readonly secret: Uint8Array<ArrayBuffer>;
}

function readKeyFile(bytes: Uint8Array): KeyFile {
  const reader = new SshReader(bytes);
  if (new TextDecoder().decode(reader.take(MAGIC.length)) !== MAGIC) {
    throw new UsageError("Cannot use this key: it is of no version that is known here");
  }
  const [cipher, kdf, options, keys] = [reader.text(), reader.text(), reader.string(), reader.number()];
  if (keys !== 1) throw new UsageError(`Cannot use this key: its file holds ${keys}, expected one`);
  const { type } = parsePublicBlob(reader.string());
  if (type !== ED25519) throw new UsageError(`Cannot use a key of type ${type}: expected ${ED25519}`);
  return { cipher, kdf, options, secret: reader.string() };
}

function parsePublicBlob(blob: Uint8Array<ArrayBuffer>): { type: string } {
  return { type: new SshReader(blob).text() };
}

async function decryptKey({ cipher, kdf, options, secret }: KeyFile, unlocker: KeyUnlocker): Promise<Uint8Array> {
  if (cipher === "none") return secret;
  if (kdf !== "bcrypt" || (cipher !== "aes256-ctr" && cipher !== "aes256-cbc")) {
    const how = `ssh-keygen -p -Z aes256-ctr`;
    throw new UsageError(`Cannot open this key: it is protected by ${cipher} with ${kdf}; ${how} changes that`);
  }
  const passphrase = await unlocker.ask();
  if (passphrase === undefined) throw new UsageError("Cannot open this key: it has a passphrase, and nobody told it");
  const reader = new SshReader(options);
  const [salt, rounds] = [reader.string(), reader.number()];
  const stretched = await unlocker.stretch(new TextEncoder().encode(passphrase), salt, rounds, 48);
  const [key, iv] = [stretched.slice(0, 32), stretched.slice(32, 48)];
  return cipher === "aes256-ctr" ? await aesCtr(key, iv, secret) : await aesCbc(key, iv, secret);
}

async function aesCtr(key: Uint8Array<ArrayBuffer>, counter: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>) {
  const imported = await crypto.subtle.importKey("raw", key, "AES-CTR", false, ["decrypt"]);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CTR", counter, length: 128 }, imported, data));
}

/** WebCrypto wants padding as in PKCS #7, which such a key has not: a block is put behind it that decrypts to one. */
async function aesCbc(key: Uint8Array<ArrayBuffer>, iv: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>) {
  const imported = await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["encrypt", "decrypt"]);
  const last = data.slice(data.length - 16);
  const padding = new Uint8Array(
    await crypto.subtle.encrypt({ name: "AES-CBC", iv: last }, imported, new Uint8Array(0)),
  );
  const padded = concat([data, padding]);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, imported, padded));
}

function readPlain(bytes: Uint8Array, wasLocked: boolean): SshPrivateKey {
  const reader = new SshReader(bytes);
  if (reader.number() !== reader.number()) {
    throw new UsageError(`Cannot open this key: ${wasLocked ? "the passphrase is wrong" : "its file is damaged"}`);
  }
  const type = reader.text();
  if (type !== ED25519) throw new UsageError(`Cannot use a key of type ${type}: expected ${ED25519}`);
  const [raw, secret, comment] = [reader.string(), reader.string(), reader.text()];
  if (raw.length !== 32 || secret.length !== 64) throw new UsageError("Cannot use this key: its file is damaged");
  return { publicKey: publicKeyOf(raw, comment), seed: secret.slice(0, 32) };
}
