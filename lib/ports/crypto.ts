/**
 * Hashes, keys and signatures: what vouches for a recording, and who may read it.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * A cryptographic hash, SHA-256 wherever this library does not say otherwise.
 *
 * @example
 * ```ts
 * const sha256: Digest = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));
 * await sha256(new Uint8Array(3));
 * ```
 */
export type Digest = (data: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

/**
 * Wraps the secret key of a recording for those who may read it.
 *
 * @example
 * ```ts
 * const plainly: WrapKey = (key) => Promise.resolve(key); // for nobody who wants secrets
 * ```
 */
export type WrapKey = (key: Uint8Array) => Promise<Uint8Array>;

/**
 * Gives back the key that {@linkcode WrapKey} wrapped; `undefined` when this cannot open it.
 *
 * @example
 * ```ts
 * const nobody: UnwrapKey = () => Promise.resolve(undefined);
 * ```
 */
export type UnwrapKey = (wrapped: Uint8Array) => Promise<Uint8Array | undefined>;

/**
 * Signs what a recording is sealed with; the signature is SSHSIG without armour.
 *
 * @example
 * ```ts
 * const unsigned: Sign = () => Promise.resolve(new Uint8Array(0));
 * ```
 */
export type Sign = (content: Uint8Array) => Promise<Uint8Array>;
