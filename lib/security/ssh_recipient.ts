/**
 * SSH keys as recipients of age: `ssh-ed25519` stanzas, as Filippo Valsorda's `age` has them (its package `agessh`).
 *
 * The file key is wrapped for the X25519 key that belongs to the Ed25519 one, changed by a tweak that depends on the SSH key, so
 * that nothing made for one use of the key is of use for another.
 *
 * This module is browser compatible.
 * @module
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Identity, type Recipient, Stanza } from "age-encryption";
import { concat } from "../stream/collect.ts";
import { ed25519Of, type SshPrivateKey, type SshPublicKey } from "./ssh_key.ts";
import { fromBase64, toBase64 } from "./ssh_wire.ts";

const TYPE = "ssh-ed25519";
const LABEL = new TextEncoder().encode("age-encryption.org/v1/ssh-ed25519");
/** The key that wraps is used once. */
const NONCE = new Uint8Array(12);

/**
 * Wraps for an SSH key.
 *
 * @throws {UsageError} If it is no Ed25519 key.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { parsePublicKey } from "./ssh_key.ts";
 *
 * const key = parsePublicKey("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")!;
 * const [stanza] = await sshRecipient(key).wrapFileKey(new Uint8Array(16));
 * equal(stanza?.args[0], "ssh-ed25519");
 * ```
 */
export function sshRecipient(key: SshPublicKey): Recipient {
  const theirs = ed25519.utils.toMontgomery(ed25519Of(key));
  return {
    wrapFileKey(fileKey) {
      const secret = x25519.utils.randomSecretKey();
      const share = x25519.getPublicKey(secret);
      const shared = x25519.getSharedSecret(tweakOf(key), x25519.getSharedSecret(secret, theirs));
      const body = chacha20poly1305(wrappingKey(shared, share, theirs), NONCE).encrypt(fileKey);
      return [new Stanza([TYPE, tagOf(key), unpadded(share)], body)];
    },
  };
}

/**
 * Unwraps with an SSH key.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { ed25519 } from "@noble/curves/ed25519.js";
 * import { publicKeyOf } from "./ssh_key.ts";
 *
 * const seed = new Uint8Array(32).fill(7);
 * const publicKey = publicKeyOf(ed25519.getPublicKey(seed));
 * const stanzas = await sshRecipient(publicKey).wrapFileKey(new Uint8Array(16));
 * deepEqual(await sshIdentity({ publicKey, seed }).unwrapFileKey(stanzas), new Uint8Array(16));
 * ```
 */
export function sshIdentity({ publicKey, seed }: SshPrivateKey): Identity {
  const secret = ed25519.utils.toMontgomerySecret(seed);
  const ours = x25519.getPublicKey(secret);
  const tag = tagOf(publicKey);
  return {
    unwrapFileKey(stanzas) {
      for (const { args, body } of stanzas) {
        if (args[0] !== TYPE || args[1] !== tag) continue;
        const share = fromBase64(args[2] ?? "");
        if (args.length !== 3 || share?.length !== 32 || body.length !== 32) {
          throw new Error("an ssh-ed25519 stanza is damaged");
        }
        const shared = x25519.getSharedSecret(tweakOf(publicKey), x25519.getSharedSecret(secret, share));
        return chacha20poly1305(wrappingKey(shared, share, ours), NONCE).decrypt(body);
      }
      return null;
    },
  };
}

function tweakOf({ blob }: SshPublicKey): Uint8Array {
  return hkdf(sha256, new Uint8Array(0), blob, LABEL, 32);
}

function wrappingKey(shared: Uint8Array, share: Uint8Array, recipient: Uint8Array): Uint8Array {
  return hkdf(sha256, shared, concat([share, recipient]), LABEL, 32);
}

/** By which a stanza says whom it is for. */
function tagOf({ blob }: SshPublicKey): string {
  return unpadded(sha256(blob).subarray(0, 4));
}

function unpadded(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/=+$/, "");
}
