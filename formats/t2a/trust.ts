/**
 * Which derived events of a signed recording may be used: those that its seal lists, if the signature is right.
 *
 * Keyframes stand beside the chain, so that they can be added and taken away later. Somebody could add one that shows what
 * never happened, and whoever seeks to it would believe it.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError, UsageError } from "../../lib/errors.ts";
import { isSignatureOf, parseSignature, type Signature } from "../../lib/security/sshsig.ts";
import { hex } from "./bytes.ts";
import { derivedHash, webDigest } from "./chain.ts";
import { type Seal, sealContent } from "./seal.ts";

/** The only type of key that is checked. */
const ED25519 = "ssh-ed25519";

/**
 * What the signature of a seal or a checkpoint is worth: `valid` says that whoever has the key in it has signed this content.
 *
 * @example
 * ```ts
 * const words = ({ valid, signature }: SignatureCheck) => valid ? signature!.publicKey.type : "not signed by whom it says";
 * ```
 */
export interface SignatureCheck {
  /** Whether it fits. */
  readonly valid: boolean;
  /** What it says of itself; `undefined` where it is no signature at all. */
  readonly signature?: Signature;
  /** Why it is none, or could not be checked. */
  readonly problem?: string;
  /** It is a signature, but by a key of a type that cannot be checked here: it may be good or bad. */
  readonly isUnchecked?: boolean;
}

/**
 * Checks a signature.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal((await checkSignature(new Uint8Array(3), new Uint8Array(3))).valid, false);
 * ```
 */
export async function checkSignature(bytes: Uint8Array, content: Uint8Array): Promise<SignatureCheck> {
  let signature: Signature | undefined;
  try {
    signature = parseSignature(bytes);
    return { signature, valid: await isSignatureOf(signature, content) };
  } catch (error) {
    if (error instanceof FormatError) return { valid: false, problem: error.message };
    if (!(error instanceof UsageError) || !signature) throw error;
    const isUnchecked = signature.publicKey.type !== ED25519;
    return { valid: false, signature, problem: error.message, ...(isUnchecked && { isUnchecked }) };
  }
}

/**
 * The list of a signed seal.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(await new DerivedTrust([]).allows(new Uint8Array(40)), false);
 * ```
 */
export class DerivedTrust {
  readonly #listed: ReadonlySet<string>;

  /** Trusts blocks with these hashes. */
  constructor(listed: readonly Uint8Array[]) {
    this.#listed = new Set(listed.map(hex));
  }

  /** What a seal lets a reader trust: everything where it is not signed, nothing where its signature is wrong. */
  static async of(seal: Seal): Promise<DerivedTrust | undefined> {
    if (seal.signature.length === 0) return undefined;
    const { valid } = await checkSignature(seal.signature, sealContent(seal));
    return new DerivedTrust(valid ? seal.derived : []);
  }

  /** Whether the seal lists a block with this hash. */
  lists(hash: Uint8Array): boolean {
    return this.#listed.has(hex(hash));
  }

  /** Whether the seal lists this block, which is given as it is stored. */
  async allows(block: Uint8Array): Promise<boolean> {
    return this.lists(await derivedHash(webDigest, block));
  }
}
