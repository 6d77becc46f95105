/**
 * Session headers as values that JSON can hold.
 *
 * What a later version, or another format, put beside our fields stays there; what would be taken for ours stands apart, in a
 * member `extra`.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../errors.ts";
import type { Json, SessionHeader } from "../event.ts";
import { isRecord } from "./json_value.ts";

type Rule = (value: unknown) => boolean;
const isText: Rule = (value) => typeof value === "string";
const isNumber: Rule = (value) => typeof value === "number";
const isSize: Rule = (value) => Number.isInteger(value) && (value as number) >= 1;
const areTexts: Rule = (value) => Array.isArray(value) && value.every(isText);

const members = new Map<string, Rule>(Object.entries({
  cols: isSize,
  rows: isSize,
  id: isText,
  startedAt: isNumber,
  command: isText,
  shell: isText,
  user: isText,
  host: isText,
  cwd: isText,
  term: isText,
  termVersion: isText,
  title: isText,
  tags: areTexts,
  env: (value) => isRecord(value) && Object.values(value).every(isText),
  theme: (value) => isRecord(value) && isText(value.foreground) && isText(value.background) && areTexts(value.palette),
  idleLimit: isNumber,
  recorder: isText,
  nonceSha256: isText,
}));

/**
 * A header as a value for `JSON.stringify`.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(headerToJson({ cols: 80, rows: 24, extra: { mood: "calm" } }), { cols: 80, rows: 24, mood: "calm" });
 * ```
 */
export function headerToJson({ extra = {}, ...known }: SessionHeader): Record<string, unknown> {
  const [odd, foreign] = partition(Object.entries(extra), ([name]) => members.has(name) || name === "extra");
  const apart: [string, unknown][] = odd.length > 0 ? [["extra", Object.fromEntries(odd)]] : [];
  return Object.fromEntries([...Object.entries(known), ...foreign, ...apart]);
}

/**
 * The header that a value of {@linkcode headerToJson} stands for. Fields of ours that are malformed count as foreign.
 *
 * @throws {FormatError} If it tells no size.
 *
 * @example
 * ```ts
 * import { deepEqual, throws } from "node:assert/strict";
 * deepEqual(headerFromJson({ cols: 80, rows: 24, mood: "calm" }), { cols: 80, rows: 24, extra: { mood: "calm" } });
 * throws(() => headerFromJson({ cols: 80 }), /no size/);
 * ```
 */
export function headerFromJson(json: unknown): SessionHeader {
  if (!isRecord(json) || !isSize(json.cols) || !isSize(json.rows)) {
    throw new FormatError("Cannot read a session header: it tells no size of the terminal");
  }
  const { extra: odd, ...rest } = json;
  const [known, foreign] = partition(Object.entries(rest), ([name, value]) => members.get(name)?.(value) ?? false);
  const extra = [...foreign, ...(isRecord(odd) ? Object.entries(odd) : odd === undefined ? [] : [["extra", odd]])];
  return {
    ...Object.fromEntries(known) as unknown as SessionHeader,
    ...(extra.length > 0 ? { extra: Object.fromEntries(extra) as Record<string, Json> } : {}),
  };
}

function partition<Item>(items: readonly Item[], belongs: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}
