/**
 * Terminalizer's recordings (`.yml`): settings, then a list of texts with the milliseconds between them. They hold output only.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionReader } from "../lib/ports.ts";
import { decoded } from "../lib/stream/coding.ts";
import { type ParseYaml, TerminalizerDecoder } from "./terminalizer/decoder.ts";

export type { ParseYaml } from "./terminalizer/decoder.ts";

/**
 * What reading a recording needs of its host.
 *
 * @example
 * ```ts
 * const host: TerminalizerHost = {
 *   loadYaml: async () => {
 *     const { parse } = await import("yaml");
 *     return (text, schema) => parse(text, { schema });
 *   },
 * };
 * ```
 */
export interface TerminalizerHost {
  /** Loads the parser, when the first recording is read. It must throw for what is no YAML. */
  loadYaml(): Promise<ParseYaml>;
}

/**
 * Reader of Terminalizer's recordings.
 *
 * Records that are none are counted and gone over. `frameDelay` and `maxIdleTime`, which only matter when a recording is shown,
 * change no time; the latter becomes the header's idle limit. A size of `auto` was never written down: it is taken for 80x24.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { terminalizer } from "@term2ai/term2ai/formats";
 *
 * equal(terminalizer.detect(new TextEncoder().encode("config:\n  cols: 80\nrecords:\n  - delay: 5\n    content: x\n")), true);
 * ```
 */
export function terminalizerFormat({ loadYaml }: TerminalizerHost): SessionReader {
  return {
    name: "terminalizer",
    title: "Terminalizer recording",
    extensions: ["yml", "yaml"],
    prefixLength: 16384,
    detect: beginsRecording,
    open: (source, report) =>
      decoded(source.bytes(), async () => new TerminalizerDecoder(await loadYaml(), report, source.name)),
  };
}

/** Settings that no other YAML has, or a list of records. */
function beginsRecording(prefix: Uint8Array): boolean {
  const lines = new TextDecoder().decode(prefix).split("\n").map((line) => line.trimEnd());
  const plain = lines.filter((line) => line !== "" && !/^\s*#/.test(line));
  const records = plain.findIndex((line) => /^records\s*:/.test(line));
  const hasConfig = plain.some((line) => /^config\s*:$/.test(line));
  if (records < 0) return hasConfig && plain.some((line) => /^\s+(?:frameDelay|maxIdleTime|frameBox):/.test(line));
  return hasConfig || /^\s*-\s+["']?(?:delay|content)["']?\s*:/.test(plain[records + 1] ?? "");
}
