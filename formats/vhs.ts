/**
 * VHS: a tape, which is a script that types a session again and films it. Written from what was typed, never read.
 *
 * Source: the tape reference of charmbracelet/vhs.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionWriter } from "../lib/ports.ts";
import { encoderStream } from "../lib/stream/coding.ts";
import { KEPT_KINDS, TapeWriter } from "./vhs/encoder.ts";

/**
 * Writer of VHS tapes. A recording without input (`rec --input`) gives a tape that types nothing.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(vhs.extensions[0], "tape");
 * ```
 */
export const vhs: SessionWriter = {
  name: "vhs",
  title: "VHS tape",
  extensions: ["tape"],
  binary: false,
  keeps: KEPT_KINDS,
  encoder: (settings) => encoderStream(new TapeWriter(settings)),
};
