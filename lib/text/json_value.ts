/**
 * Values out of JSON that somebody else wrote.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../errors.ts";

/**
 * The value that some JSON stands for.
 *
 * @throws {FormatError} If it is not JSON.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(parseJson("[1]"), [1]);
 * ```
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError("Cannot read a value: it is not JSON", {}, { cause: error });
  }
}

/**
 * Whether a value is an object with named members.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isRecord([]), false);
 * ```
 */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Bytes as base64.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(toBase64(Uint8Array.of(255, 0)), "/wA=");
 * ```
 */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/**
 * The bytes that base64 stands for.
 *
 * @throws {FormatError} If it is not base64.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(fromBase64("/wA="), Uint8Array.of(255, 0));
 * ```
 */
export function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (error) {
    throw new FormatError("Cannot read bytes: they are not base64", {}, { cause: error });
  }
}
