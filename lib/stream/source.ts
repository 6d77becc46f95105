/**
 * Sources that are no files: something in memory, and something that passes by once.
 *
 * This module is browser compatible.
 * @module
 */

import type { Ranges, Source } from "../ports.ts";

/**
 * A recording that comes as a stream: it can be read once, from its start.
 *
 * @example
 * ```ts
 * import { rejects } from "node:assert/strict";
 * import { t2a } from "@term2ai/term2ai";
 * import { Report } from "../report.ts";
 * import { collect } from "./collect.ts";
 *
 * const source = streamSource("a pipe", new Blob(["hello"]).stream());
 * await rejects(collect(t2a.open(source, new Report())), /no T2A recording/);
 * ```
 */
export function streamSource(name: string, stream: ReadableStream<Uint8Array>): Source {
  return {
    name,
    bytes: () => stream,
    ranges: () => Promise.resolve(undefined),
    sibling: () => Promise.resolve(undefined),
  };
}

/**
 * A recording that is held as a whole, and can be read from anywhere.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const ranges = await blobSource("demo.cast", new Blob(["0123456789"])).ranges();
 * equal(new TextDecoder().decode(await ranges!.read(3, 4)), "3456");
 * equal((await ranges!.read(8, 4)).length, 2);
 * ```
 */
export function blobSource(name: string, blob: Blob): Source {
  const ranges: Ranges = {
    size: blob.size,
    read: async (start, length) => new Uint8Array(await blob.slice(start, start + length).arrayBuffer()),
    close: () => {},
  };
  return {
    name,
    bytes: () => blob.stream(),
    ranges: () => Promise.resolve(ranges),
    sibling: () => Promise.resolve(undefined),
  };
}
