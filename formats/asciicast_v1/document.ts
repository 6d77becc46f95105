/**
 * Finds the parts of a JSON document without parsing all of it, and without needing all of it to be sound.
 *
 * `JSON.parse` refuses a document for one wrong character or a missing end. Here the members of the outermost object and the
 * elements of a list are found by their brackets and quotes alone, so that each can be parsed, or left out, by itself.
 *
 * This module is browser compatible.
 * @module
 */

const TAB = 9, NEWLINE = 10, RETURN = 13, SPACE = 32;
const QUOTE = 34, COMMA = 44, COLON = 58, OPEN_LIST = 91, BACKSLASH = 92, CLOSE_LIST = 93;
const OPEN_OBJECT = 123, CLOSE_OBJECT = 125;

/**
 * Where a part of a document lies: from `start` to before `end`.
 *
 * @example
 * ```ts
 * const first: Part = { start: 0, end: 7 };
 * ```
 */
export interface Part {
  /** Offset of its first byte. */
  readonly start: number;
  /** Offset of the first byte behind it; -1 if the document ends before it does. */
  readonly end: number;
}

/**
 * The members of the object that begins at `start`.
 *
 * It ends where the object does, where the document is cut off (with a member without an end) or where it makes no sense.
 *
 * @returns Where it stopped: behind the closing bracket, or -1 if that was not found.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const bytes = new TextEncoder().encode('{"a": [1, 2], "b": "x');
 * deepEqual([...membersOf(bytes, 0)], [{ name: "a", start: 6, end: 12 }, { name: "b", start: 19, end: -1 }]);
 * ```
 */
export function* membersOf(bytes: Uint8Array, start: number): Generator<Part & { readonly name: string }, number> {
  for (let at = start + 1;;) {
    at = skip(bytes, at, COMMA);
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    const end = bytes[at] === QUOTE ? endOfString(bytes, at) : -1;
    const colon = end < 0 ? -1 : skip(bytes, end);
    if (bytes[colon] !== COLON) return -1;
    const value = skip(bytes, colon + 1);
    const member = { name: nameOf(bytes.subarray(at, end)), start: value, end: endOfValue(bytes, value) };
    yield member;
    if (member.end < 0) return -1;
    at = member.end;
  }
}

/**
 * The elements of the list that begins at `start`. A last one that is cut off has no end.
 *
 * @returns Where it stopped: behind the closing bracket, or -1 if that was not found.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const bytes = new TextEncoder().encode('[[1, "]"], nonsense, {}]');
 * deepEqual([...elementsOf(bytes, 0)].map(({ start, end }) => [start, end]), [[1, 9], [11, 19], [21, 23]]);
 * ```
 */
export function* elementsOf(bytes: Uint8Array, start: number): Generator<Part, number> {
  for (let at = start + 1;;) {
    at = skip(bytes, at, COMMA);
    if (bytes[at] === CLOSE_LIST) return at + 1;
    if (at >= bytes.length || bytes[at] === CLOSE_OBJECT) return -1;
    const end = endOfValue(bytes, at);
    yield { start: at, end };
    if (end < 0) return -1;
    at = end;
  }
}

/**
 * The first byte from `at` on that is neither blank nor `other`.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(skip(new TextEncoder().encode(" \n {"), 0), 3);
 * ```
 */
export function skip(bytes: Uint8Array, at: number, other: number = SPACE): number {
  while (at < bytes.length && (isBlank(bytes[at]!) || bytes[at] === other)) at++;
  return at;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;
}

/** Behind the value that begins at `at`, or -1. */
function endOfValue(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return endOfString(bytes, at);
  return first === OPEN_LIST || first === OPEN_OBJECT ? endOfContainer(bytes, at) : endOfWord(bytes, at);
}

function endOfString(bytes: Uint8Array, at: number): number {
  while (++at < bytes.length) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] === BACKSLASH) at++;
  }
  return -1;
}

/** Brackets of both kinds count the same: a mismatch is found when the part is parsed. */
function endOfContainer(bytes: Uint8Array, at: number): number {
  let depth = 0;
  while (at >= 0 && at < bytes.length) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
      continue;
    }
    if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
    at++;
    if (depth === 0) return at;
  }
  return -1;
}

/** A number, a word, or what is none: it goes on to the next character that separates values. */
function endOfWord(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && !isBlank(bytes[at]!)) {
    const byte = bytes[at]!;
    if (byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT) return at;
    at++;
  }
  return at < bytes.length ? at : -1;
}

function nameOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  try {
    return String(JSON.parse(text));
  } catch {
    return text; // no name that anybody looks for
  }
}
