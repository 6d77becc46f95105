/**
 * Screen states as bytes: JSON with `pending` in base64.
 *
 * A state of 80x24 is 2 to 3 KB of JSON and a quarter of that compressed; several in one column share what they have in
 * common. Members that this version does not know stay. A state that is not well-formed is refused as a whole, so that
 * whoever draws it need not check it again.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { ScreenState } from "../../lib/event.ts";
import { textOf, utf8 } from "./bytes.ts";

/**
 * A state as bytes.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const cursor = { col: 0, row: 0, style: 0, charsets: ["B", "B", "B", "B"], charset: 0 } as const;
 * const blank = { cols: 80, rows: 24, styles: [{}], normal: { rows: [] }, cursor, modes: {}, pending: Uint8Array.of(27) };
 * deepEqual(readScreen(writeScreen(blank)), blank);
 * ```
 */
export function writeScreen(state: ScreenState): Uint8Array<ArrayBuffer> {
  const { pending, ...rest } = state;
  return utf8(JSON.stringify(pending ? { ...rest, pending: base64(pending) } : rest));
}

/**
 * The state that {@linkcode writeScreen} wrote.
 *
 * @throws {FormatError} If it is not a well-formed state.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => readScreen(new TextEncoder().encode('{"cols":80}')), /rows/);
 * ```
 */
export function readScreen(bytes: Uint8Array): ScreenState {
  const state = parseJson(bytes);
  for (const [name, rule] of Object.entries(members)) {
    if (!rule(isRecord(state) ? state[name] : undefined)) {
      throw new FormatError(`Cannot read a screen state: its member ${name} is missing or malformed`);
    }
  }
  const { pending, ...rest } = state as unknown as ScreenState & { readonly pending?: string };
  return pending === undefined ? rest : { ...rest, pending: fromBase64(pending) };
}

/**
 * The value that some JSON stands for.
 *
 * @throws {FormatError} If it is not JSON in UTF-8.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(parseJson(new TextEncoder().encode("[1]")), [1]);
 * ```
 */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
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

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch (error) {
    throw new FormatError("Cannot read a screen state: its member pending is not base64", {}, { cause: error });
  }
}

// What a well-formed state is made of, from small to large.

type Rule = (value: unknown) => boolean;

const isCount: Rule = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isText: Rule = (value) => typeof value === "string";
const isTrue: Rule = (value) => value === true;
const isColor: Rule = (value) => value === null || isCount(value) || isText(value);
const isMode: Rule = (value) => typeof value === "boolean" || typeof value === "number";
const optional = (rule: Rule): Rule => (value) => value === undefined || rule(value);
const listOf = (rule: Rule): Rule => (value) => Array.isArray(value) && value.every(rule);
const recordOf = (rule: Rule): Rule => (value) => isRecord(value) && Object.values(value).every(rule);
const withMembers = (rules: Record<string, Rule>): Rule => (value) =>
  isRecord(value) && Object.entries(rules).every(([name, rule]) => rule(value[name]));

const isStyle = withMembers({
  foreground: optional(isColor),
  background: optional(isColor),
  underline: optional(isCount),
  underlineColor: optional(isColor),
  link: optional(isCount),
});

const isRun: Rule = (value) =>
  Array.isArray(value) && isCount(value[0]) &&
  (value.length === 2
    ? isText(value[1]) || isCount(value[1])
    : value.length === 3 && isText(value[1]) && isCount(value[2]));

const isRow = withMembers({ cells: listOf(isRun), wraps: optional(isTrue) });

const isCursor = withMembers({
  col: isCount,
  row: isCount,
  style: isCount,
  charsets: (value) => Array.isArray(value) && value.length === 4 && value.every(isText),
  charset: isCount,
  origin: optional(isTrue),
});

const isBuffer = withMembers({ rows: listOf(isRow), scrollback: optional(listOf(isRow)), saved: optional(isCursor) });

const members: Record<string, Rule> = {
  cols: isCount,
  rows: isCount,
  styles: listOf(isStyle),
  links: optional(listOf(withMembers({ uri: isText, id: optional(isText) }))),
  normal: isBuffer,
  alternate: optional(isBuffer),
  active: optional((value) => value === "alternate"),
  cursor: isCursor,
  cursorShape: optional(isCount),
  margins: optional((value) => Array.isArray(value) && value.length === 2 && value.every(isCount)),
  tabs: optional(listOf(isCount)),
  modes: recordOf(isMode),
  title: optional(isText),
  icon: optional(isText),
  colors: optional(recordOf(isText)),
  last: optional(isText),
  pending: optional(isText),
};
