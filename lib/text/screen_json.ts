/**
 * Screen states as values that JSON can hold: as they are, with `pending` in base64.
 *
 * Members that this version does not know stay. A state that is not well-formed is refused as a whole, so that whoever draws it
 * need not check it again.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../errors.ts";
import type { ScreenState } from "../event.ts";
import { fromBase64, isRecord, toBase64 } from "./json_value.ts";

/**
 * A state as a value for `JSON.stringify`.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const cursor = { col: 0, row: 0, style: 0, charsets: ["B", "B", "B", "B"], charset: 0 } as const;
 * const blank = { cols: 80, rows: 24, styles: [{}], normal: { rows: [] }, cursor, modes: {}, pending: Uint8Array.of(27) };
 * deepEqual(screenFromJson(JSON.parse(JSON.stringify(screenToJson(blank)))), blank);
 * ```
 */
export function screenToJson(state: ScreenState): unknown {
  const { pending, ...rest } = state;
  return pending ? { ...rest, pending: toBase64(pending) } : rest;
}

/**
 * The state that a value of {@linkcode screenToJson} stands for.
 *
 * @throws {FormatError} If it is not a well-formed state.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => screenFromJson({ cols: 80 }), /rows/);
 * ```
 */
export function screenFromJson(state: unknown): ScreenState {
  for (const [name, rule] of Object.entries(members)) {
    if (!rule(isRecord(state) ? state[name] : undefined)) {
      throw new FormatError(`Cannot read a screen state: its member ${name} is missing or malformed`);
    }
  }
  const { pending, ...rest } = state as unknown as ScreenState & { readonly pending?: string };
  return pending === undefined ? rest : { ...rest, pending: fromBase64(pending) };
}

// What a well-formed state is made of, from small to large.

type Rule = (value: unknown) => boolean;

const isCount: Rule = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isText: Rule = (value) => typeof value === "string";
const isBase64: Rule = (value) => isText(value) && isDecodable(value as string);
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
  pending: optional(isBase64),
};

function isDecodable(text: string): boolean {
  try {
    return fromBase64(text) !== undefined;
  } catch {
    return false;
  }
}
