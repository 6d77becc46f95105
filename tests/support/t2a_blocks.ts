/** The blocks of recordings, to be taken apart and put together again. */

import { type Block, MAGIC } from "../../formats/t2a/block.ts";
import { Scanner } from "../../formats/t2a/scanner.ts";
import { concat } from "../../lib/stream/collect.ts";

/** All blocks of an intact recording. */
export function blocksOf(bytes: Uint8Array): Block[] {
  const scanner = new Scanner();
  scanner.push(bytes);
  scanner.end();
  const blocks: Block[] = [];
  for (let found = scanner.next(); found; found = scanner.next()) if (found.kind === "block") blocks.push(found.block);
  return blocks;
}

/** A recording of some blocks. */
export function recordingOf(blocks: readonly { readonly bytes: Uint8Array }[]): Uint8Array<ArrayBuffer> {
  return concat([MAGIC, ...blocks.map(({ bytes }) => bytes)]);
}
