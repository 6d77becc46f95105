/**
 * The header block: what a recording says about itself before anything happens in it.
 *
 * Its payload is never compressed, so that `strings` and a hex viewer can read it.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { Json, SessionHeader } from "../../lib/event.ts";
import type { Digest } from "../../lib/ports.ts";
import { ByteReader, ByteWriter, hex, utf8 } from "./bytes.ts";
import { isRecord, parseJson } from "./screen.ts";

/**
 * Version of the format that this code writes.
 *
 * A reader passes on what a later minor version adds; it warns of a later major version and reads what it can.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(VERSION.major, 1);
 * ```
 */
export const VERSION = { major: 1, minor: 0 } as const;

/** The id was computed from the header, nobody gave one. */
const ID_COMPUTED = 1;

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
}));

/**
 * The payload of a header block.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { webDigest } from "./chain.ts";
 *
 * const payload = await writeSessionHeader({ cols: 80, rows: 24, title: "demo" }, webDigest);
 * equal(readSessionHeader(payload).header.title, "demo");
 * ```
 */
export async function writeSessionHeader(header: SessionHeader, digest: Digest): Promise<Uint8Array<ArrayBuffer>> {
  const { id = "", extra = {}, ...known } = header;
  const given = /^[0-9a-f]{32}$/.test(id);
  const plain: [string, unknown][] = [
    ...Object.entries(known),
    ...(given || !id ? [] : [["id", id] as [string, string]]),
  ];
  const [odd, foreign] = partition(Object.entries(extra), ([name]) => members.has(name) || name === "extra");
  // Members that a later version, or another format, put at the top go back there; those that would be taken for ours stay apart.
  const all = [...plain, ...foreign, ...(odd.length > 0 ? [["extra", Object.fromEntries(odd)]] : [])];
  const json = utf8(JSON.stringify(Object.fromEntries(all)));
  const name = given
    ? Uint8Array.from(id.match(/../g)!, (pair) => parseInt(pair, 16))
    : (await digest(json)).subarray(0, 16);
  return new ByteWriter().bytes(name).byte(VERSION.major).byte(VERSION.minor).byte(given ? 0 : ID_COMPUTED).bytes(json)
    .finish();
}

/**
 * A header block's payload, read.
 *
 * @example
 * ```ts
 * const heading = ({ header, major, minor }: HeaderPayload) => `${header.title} (version ${major}.${minor})`;
 * ```
 */
export interface HeaderPayload {
  /** What it says about the session. */
  readonly header: SessionHeader;
  /** Version of the format. */
  readonly major: number;
  /** Version of the format. */
  readonly minor: number;
}

/**
 * Reads what {@linkcode writeSessionHeader} wrote.
 *
 * @throws {FormatError} If it tells no size, or is not JSON.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => readSessionHeader(new Uint8Array(3)), /16 bytes/);
 * ```
 */
export function readSessionHeader(payload: Uint8Array): HeaderPayload {
  const reader = new ByteReader(payload);
  const name = hex(reader.take(16));
  const [major, minor, flags] = [reader.byte(), reader.byte(), reader.byte()];
  const json = parseJson(reader.rest());
  if (!isRecord(json) || !isSize(json.cols) || !isSize(json.rows)) {
    throw new FormatError("Cannot read a session header: it tells no size of the terminal");
  }
  const { extra: odd, ...rest } = json;
  const [known, foreign] = partition(Object.entries(rest), ([name, value]) => members.get(name)?.(value) ?? false);
  const extra = [...foreign, ...(isRecord(odd) ? Object.entries(odd) : odd === undefined ? [] : [["extra", odd]])];
  const header: SessionHeader = {
    ...Object.fromEntries(known) as unknown as SessionHeader,
    ...(flags & ID_COMPUTED ? {} : { id: name }),
    ...(extra.length > 0 ? { extra: Object.fromEntries(extra) as Record<string, Json> } : {}),
  };
  return { header, major, minor };
}

function partition<Item>(items: readonly Item[], belongs: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}
