/**
 * Screen states as bytes: JSON with `pending` in base64.
 *
 * A state of 80x24 is 2 to 3 KB of JSON and a quarter of that compressed; several in one column share what they have in
 * common.
 *
 * This module is browser compatible.
 * @module
 */

import type { ScreenState } from "../../lib/event.ts";
import { parseJson } from "../../lib/text/json_value.ts";
import { screenFromJson, screenToJson } from "../../lib/text/screen_json.ts";
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
  return utf8(JSON.stringify(screenToJson(state)));
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
  return screenFromJson(parseJson(textOf(bytes)));
}
