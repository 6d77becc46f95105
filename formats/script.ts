/**
 * script(1) of util-linux: a log of what was printed, and beside it one of when.
 *
 * Reads both timing logs, classic and advanced, input kept apart or with the output, and logs without times; writes the
 * advanced one. Nothing is ever executed.
 *
 * Source: util-linux 2.38, script(1) and scriptreplay(1).
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionReader, SessionWriter } from "../lib/ports.ts";
import { KEPT_KINDS, scriptEncoder } from "./script/encoder.ts";
import { isFirstLine } from "./script/log.ts";
import { readScript } from "./script/reader.ts";

export { timingBeside } from "./script/files.ts";

/**
 * Reader and writer of script's recordings.
 *
 * The output log is the recording; `NAME.timing` holds the times, `NAME.in` what was typed.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(script.detect(new TextEncoder().encode('Script started on 2026-11-22 21:12:52+00:00 [COMMAND="sh"]\n')), true);
 * ```
 */
export const script: SessionReader & SessionWriter = {
  name: "script",
  title: "recording of script",
  extensions: ["typescript", "script"],
  prefixLength: 4096,
  binary: false,
  keeps: KEPT_KINDS,
  detect(prefix) {
    const end = prefix.indexOf(10);
    const line = new TextDecoder().decode(end < 0 ? prefix : prefix.subarray(0, end));
    return isFirstLine(line) || /^H \d+\.\d+ [A-Z_]+ /.test(line);
  },
  open: (source, report) => readScript(source, report),
  encoder: (settings) => scriptEncoder(settings),
};
