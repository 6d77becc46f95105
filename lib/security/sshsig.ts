/**
 * Signatures that `ssh-keygen -Y verify` understands: SSHSIG, as `PROTOCOL.sshsig` of OpenSSH has it, with Ed25519 keys.
 *
 * A signature is made for a *namespace*, so that one made for a recording proves nothing about a file or a commit.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../errors.ts";
import { concat } from "../stream/collect.ts";
import { ed25519Of, type SshPrivateKey, type SshPublicKey } from "./ssh_key.ts";
import { sshNumber, SshReader, sshString } from "./ssh_wire.ts";

/**
 * What signatures of recordings are made for.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(NAMESPACE, "term2ai-recording");
 * ```
 */
export const NAMESPACE = "term2ai-recording";

const PREAMBLE = new TextEncoder().encode("SSHSIG");
const VERSION = 1;

/**
 * Signs bytes with one key, wherever that is kept.
 *
 * @example
 * ```ts
 * const who = ({ publicKey }: SshSigner) => publicKey.comment;
 * ```
 */
export interface SshSigner {
  /** Whose signature it is. */
  readonly publicKey: SshPublicKey;
  /** A signature as SSH sends it: its type and its bytes. */
  sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

/**
 * A signer with a key that is at hand.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { publicKeyOf } from "./ssh_key.ts";
 *
 * const signer = await keySigner({ publicKey: publicKeyOf(new Uint8Array(32)), seed: new Uint8Array(32) });
 * equal((await signer.sign(new Uint8Array(3))).length, 83);
 * ```
 */
export async function keySigner({ publicKey, seed }: SshPrivateKey): Promise<SshSigner> {
  const der = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20, ...seed);
  const key = await crypto.subtle.importKey("pkcs8", der, "Ed25519", false, ["sign"]);
  der.fill(0);
  return {
    publicKey,
    async sign(data) {
      const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key, data));
      return concat([sshString(publicKey.type), sshString(signature)]);
    },
  };
}

/**
 * Signs a message.
 *
 * @returns The signature without armour.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { keySigner } from "./sshsig.ts";
 * import { publicKeyOf } from "./ssh_key.ts";
 *
 * const signer = await keySigner({ publicKey: publicKeyOf(new Uint8Array(32)), seed: new Uint8Array(32) });
 * const signature = await signMessage(new Uint8Array(3), signer);
 * equal(new TextDecoder().decode(signature.subarray(0, 6)), "SSHSIG");
 * ```
 */
export async function signMessage(
  message: Uint8Array,
  signer: SshSigner,
  namespace: string = NAMESPACE,
): Promise<Uint8Array<ArrayBuffer>> {
  const signature = await signer.sign(await signedData(message, namespace, "sha512"));
  return concat([
    PREAMBLE,
    sshNumber(VERSION),
    ...[signer.publicKey.blob, namespace, "", "sha512", signature].map(sshString),
  ]);
}

/** What is really signed: the message only as its hash. */
async function signedData(message: Uint8Array, namespace: string, hash: string): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = hash === "sha256" ? "SHA-256" : "SHA-512";
  const digest = new Uint8Array(await crypto.subtle.digest(algorithm, message.slice()));
  return concat([PREAMBLE, ...[namespace, "", hash, digest].map(sshString)]);
}

/**
 * What a signature says of itself.
 *
 * @example
 * ```ts
 * const isFor = ({ namespace }: Signature, wanted: string) => namespace === wanted;
 * ```
 */
export interface Signature {
  /** Whose it claims to be. */
  readonly publicKey: SshPublicKey;
  /** What it was made for. */
  readonly namespace: string;
  /** `sha256` or `sha512`. */
  readonly hash: string;
  /** The signature as SSH sends it. */
  readonly signature: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a signature without armour.
 *
 * @throws {FormatError} If it is none.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => parseSignature(new Uint8Array(30)), /no SSH signature/);
 * ```
 */
export function parseSignature(bytes: Uint8Array): Signature {
  const reader = new SshReader(bytes);
  const preamble = bytes.length < PREAMBLE.length + 4 ? "" : new TextDecoder().decode(reader.take(PREAMBLE.length));
  if (preamble !== "SSHSIG" || reader.number() !== VERSION) {
    throw new FormatError("Cannot read it: it is no SSH signature");
  }
  const blob = reader.string();
  const [namespace, , hash, signature] = [reader.text(), reader.string(), reader.text(), reader.string()];
  if (reader.left > 0) throw new FormatError("Cannot read an SSH signature: something stands behind it");
  return { publicKey: { type: new SshReader(blob).text(), blob, comment: "" }, namespace, hash, signature };
}

/**
 * Whether a signature was made of this message, in this namespace, by the key that it names.
 *
 * It says nothing about whose key that is.
 *
 * @throws {UsageError} If the key is of a type that cannot be checked here.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { publicKeyOf } from "./ssh_key.ts";
 *
 * const signature = { publicKey: publicKeyOf(new Uint8Array(32)), namespace: "file", hash: "sha512", signature: new Uint8Array(0) };
 * equal(await isSignatureOf(signature, new Uint8Array(3)), false); // made for something else
 * ```
 */
export async function isSignatureOf(
  { publicKey, namespace, hash, signature }: Signature,
  message: Uint8Array,
  wanted: string = NAMESPACE,
): Promise<boolean> {
  if (namespace !== wanted || (hash !== "sha256" && hash !== "sha512")) return false;
  const raw = ed25519Of(publicKey);
  const reader = new SshReader(signature);
  if (reader.text() !== publicKey.type) return false;
  const bytes = reader.string();
  if (bytes.length !== 64 || reader.left > 0) return false;
  const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  return await crypto.subtle.verify("Ed25519", key, bytes, await signedData(message, wanted, hash));
}
