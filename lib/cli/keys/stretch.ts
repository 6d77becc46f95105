/**
 * OpenSSH's way from a passphrase to a key.
 * @module
 */

import bcrypt from "bcrypt-pbkdf";
import type { StretchPassphrase } from "../../security/ssh_key.ts";

/** `bcrypt_pbkdf`, as it is in OpenBSD. */
export const stretch: StretchPassphrase = (passphrase, salt, rounds, length) => {
  const key = new Uint8Array(length);
  if (bcrypt.pbkdf(passphrase, passphrase.length, salt, salt.length, key, length, rounds) === 0) return key;
  throw new RangeError(`Cannot stretch a passphrase with ${rounds} rounds`);
};
