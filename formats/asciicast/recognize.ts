/**
 * Tells an asciicast by its first line, and anything else by what it looks like.
 *
 * This module is browser compatible.
 * @module
 */

import { type Fields, isObject, type Version } from "./header.ts";
import { formatJson } from "../../lib/text/json_writer.ts";

/**
 * How many bytes of a recording are looked at to tell its format: room for headers with an environment and a theme.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(PREFIX_LENGTH, 16384);
 * ```
 */
export const PREFIX_LENGTH = 16384;

/**
 * Which version of asciicast a recording is of that begins with these bytes; `undefined` if of none.
 *
 * Blank lines and comments may come first. A header longer than the prefix is known by its `version` field.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(detectVersion(new TextEncoder().encode('{"version": 3, "term": {"cols": 80, "rows": 24}}\n')), 3);
 * equal(detectVersion(new TextEncoder().encode("#!/bin/sh\n")), undefined);
 * ```
 */
export function detectVersion(prefix: Uint8Array): Version | undefined {
  const text = new TextDecoder().decode(prefix);
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf("\n", start);
    const whole = end >= 0;
    if (!whole) end = text.length;
    const line = text.slice(start, end).trim();
    if (line === "" || line.startsWith("#")) continue;
    return versionOf(parseObject(line)?.fields) ?? (whole || !line.startsWith("{") ? undefined : guessVersion(line));
  }
}

/** The version that a header of which only the beginning is known gives. */
function guessVersion(line: string): Version | undefined {
  const version = /"version"\s*:\s*([23])\s*[,}]/.exec(line)?.[1];
  return version === undefined ? undefined : version === "2" ? 2 : 3;
}

/**
 * The version that a header says it is of, if we read it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(versionOf({ version: 2 }), 2);
 * equal(versionOf({ version: 1 }), undefined);
 * ```
 */
export function versionOf(fields: Fields | undefined): Version | undefined {
  const version = fields?.version;
  return version === 2 || version === 3 ? version : undefined;
}

/**
 * Parses a line that holds a JSON object, once more without trailing commas if need be; `undefined` if it holds none.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(parseObject('{"version": 2}'), { fields: { version: 2 }, repaired: false });
 * deepEqual(parseObject('{"version": 2,}'), { fields: { version: 2 }, repaired: true });
 * deepEqual(parseObject("[2]"), undefined);
 * ```
 */
export function parseObject(line: string): { fields: Fields; repaired: boolean } | undefined {
  if (!line.startsWith("{")) return undefined;
  const fields = parse(line);
  if (isObject(fields)) return { fields, repaired: false };
  const repaired = parse(withoutTrailingCommas(line));
  return isObject(repaired) ? { fields: repaired, repaired: true } : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Drops each comma outside of strings that only a closing bracket follows. One pass: the line may be hostile. */
function withoutTrailingCommas(text: string): string {
  let kept = "", from = 0, inString = false;
  for (let at = 0, comma = -1; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') inString = !inString;
    else if (inString && character === "\\") at++;
    if (comma >= 0 && (character === "}" || character === "]")) {
      kept += text.slice(from, comma);
      from = comma + 1;
    }
    if (inString || character.trim() !== "") comma = character === "," && !inString ? at : -1;
  }
  return kept + text.slice(from);
}

/**
 * What a line that is no usable header looks like, for a message: its beginning in quotes, or what kind of object it is.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(describeLine("echo hello"), 'is "echo hello"');
 * equal(describeLine('{"version": 1, "stdout": []}'), "is of asciicast version 1");
 * equal(describeLine('{"name": "x"}'), "is a JSON object without a version");
 * ```
 */
export function describeLine(line: string): string {
  const fields = parseObject(line)?.fields;
  if (typeof fields?.version === "number") return `is of asciicast version ${fields.version}`;
  if (fields) return `is a JSON object without a version`;
  if (line === "{") return `is "{", as in a JSON document over several lines (asciicast version 1 is one)`;
  const version = /^\{\s*"version"\s*:\s*(\d{1,3})\b/.exec(line)?.[1];
  if (version !== undefined) return `begins as asciicast version ${version} but is no whole JSON object`;
  const shown = line.length > 40 ? line.slice(0, 40).toWellFormed() + "…" : line;
  return `is ${formatJson(shown)}`;
}
