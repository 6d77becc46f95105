/**
 * What of the library runs in a browser: events, stages, replay, drawing, search, analysis, and each format by its name. No file,
 * no process, no terminal; where a codec or a digest is needed it is given.
 *
 * This module is browser compatible.
 *
 * @example Read a recording that a page has loaded
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { asciicastV3, blobSource, collect, Report } from "./browser.ts";
 *
 * const loaded = new Blob(['{"version":3,"term":{"cols":80,"rows":24}}\n[0.5,"o","hello"]\n']);
 * const events = asciicastV3.open(blobSource("hello.cast", loaded), new Report());
 * equal((await collect(events)).some((event) => event.kind === "output"), true);
 * ```
 * @module
 */
export * from "./common.ts";
export { asciicastV1 } from "./formats/asciicast_v1.ts";
export { asciicastV2 } from "./formats/asciicast_v2.ts";
export { asciicastV3 } from "./formats/asciicast_v3.ts";
export { jsonl } from "./formats/jsonl.ts";
export { raw } from "./formats/raw.ts";
export { script } from "./formats/script.ts";
export { sudoLogFormat } from "./formats/sudo_log.ts";
export { t2a, t2aFormat } from "./formats/t2a.ts";
export { terminalizerFormat } from "./formats/terminalizer.ts";
export { text } from "./formats/text.ts";
export { tlog } from "./formats/tlog.ts";
export { ttyrec } from "./formats/ttyrec.ts";
export { vhs } from "./formats/vhs.ts";
