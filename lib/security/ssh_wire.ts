/**
 * Bytes as SSH writes them: strings with a length of four bytes before them, numbers with the highest byte first (RFC 4251 §5),
 * and the armour of PEM around them.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../errors.ts";
import { concat } from "../stream/collect.ts";

const encoder = new TextEncoder();

/**
 * A number of four bytes.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(sshNumber(258), Uint8Array.of(0, 0, 1, 2));
 * ```
 */
export function sshNumber(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/**
 * A string: its length, then its bytes; text is UTF-8.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(sshString("hi"), Uint8Array.of(0, 0, 0, 2, 104, 105));
 * ```
 */
export function sshString(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  return concat([sshNumber(bytes.length), bytes]);
}

/**
 * Reads what {@linkcode sshString} and {@linkcode sshNumber} wrote, one behind the other.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(new SshReader(sshString("hi")).text(), "hi");
 * ```
 */
export class SshReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** Reads from the start of `bytes`. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next `length` bytes. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.left) {
      throw new FormatError(`Cannot read ${length} bytes of SSH data: only ${this.left} are left`);
    }
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  /** A number of four bytes. */
  number(): number {
    const bytes = this.take(4);
    return new DataView(bytes.buffer).getUint32(0);
  }

  /** A string as bytes. */
  string(): Uint8Array<ArrayBuffer> {
    return this.take(this.number());
  }

  /** A string as text. */
  text(): string {
    return new TextDecoder().decode(this.string());
  }
}

/**
 * Bytes in the armour of PEM, 70 characters a line as OpenSSH has it.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(fromPem(toPem(Uint8Array.of(1, 2), "SSH SIGNATURE"), "SSH SIGNATURE"), Uint8Array.of(1, 2));
 * ```
 */
export function toPem(bytes: Uint8Array, label: string): string {
  const lines = toBase64(bytes).match(/.{1,70}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/**
 * The bytes in an armour of PEM; `undefined` where there is none with this label.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(fromPem("hello", "SSH SIGNATURE"), undefined);
 * ```
 */
export function fromPem(text: string, label: string): Uint8Array<ArrayBuffer> | undefined {
  const [, after = ""] = text.split(`-----BEGIN ${label}-----`);
  const end = after.indexOf(`-----END ${label}-----`);
  return end < 0 ? undefined : fromBase64(after.slice(0, end).replace(/\s/g, ""));
}

/**
 * Base64 with padding.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(toBase64(Uint8Array.of(104, 105)), "aGk=");
 * ```
 */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/**
 * The bytes of base64, with or without padding; `undefined` if it is none.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(fromBase64("a*"), undefined);
 * ```
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
