/**
 * The files that make up a recording of script, found by their names.
 *
 * This module is browser compatible.
 * @module
 */

import type { Source } from "../../lib/ports.ts";

/**
 * What the timing log beside a data log may be called: as we write it, as scripts in the wild do, and as the manual suggests.
 *
 * @example
 * ```ts
 * import { ok } from "node:assert/strict";
 * ok(timingNames("/tmp/demo.log").includes("demo.timing"));
 * ```
 */
export function timingNames(path: string): string[] {
  const name = plainName(path), stem = name.replace(/\.[^.]+$/, "");
  const suffixes = [".timing", ".tm", ".time"];
  const beside = [...new Set([name, stem])].flatMap((base) => suffixes.map((suffix) => base + suffix));
  return [...beside, ...(name === "typescript" ? ["timing", "timing.log", "timingfile"] : [])];
}

/**
 * The last part of a path. Logs name each other by paths of the machine they were made on.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(plainName("/home/ada/out.log"), "out.log");
 * ```
 */
export function plainName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * The timing log beside a data log, if there is one.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource } from "@term2ai/term2ai";
 *
 * const alone = blobSource("typescript", new Blob([]));
 * equal(await timingBeside(alone), undefined);
 * ```
 */
export async function timingBeside(source: Source): Promise<Source | undefined> {
  for (const name of timingNames(source.name)) {
    const timing = await source.sibling(name);
    if (timing) return timing;
  }
  return undefined;
}
