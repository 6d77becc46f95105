import { deepEqual, equal } from "node:assert/strict";
import { openSource } from "../lib/cli/source/stdio.ts";
import type { Source } from "../lib/ports.ts";
import { collectBytes } from "../lib/stream/collect.ts";
import { blobSource, streamSource } from "../lib/stream/source.ts";

const BYTES = Uint8Array.from({ length: 200_000 }, (_, at) => at % 251);

async function readsLikeAnArray(source: Source): Promise<void> {
  const ranges = await source.ranges();
  equal(ranges?.size, BYTES.length);
  for (const [start, length] of [[0, 8], [199_990, 10], [199_990, 50], [250_000, 10], [5, 0], [70_000, 100_000]]) {
    deepEqual(await ranges!.read(start!, length!), BYTES.slice(start, start! + length!), `${length} from ${start}`);
  }
  const [one, other] = await Promise.all([ranges!.read(10, 90_000), ranges!.read(100_000, 90_000)]);
  deepEqual([one, other], [BYTES.slice(10, 90_010), BYTES.slice(100_000, 190_000)]);
  ranges!.close();
  deepEqual(await collectBytes(source.bytes()), BYTES, "after that it is still read from its start");
}

Deno.test("blobSource() gives any range, cut where it ends", () =>
  readsLikeAnArray(blobSource("x", new Blob([BYTES]))));

Deno.test("openSource() gives any range of a file, and its bytes from the start as often as they are asked for", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, BYTES);
  const source = await openSource(path);
  await readsLikeAnArray(source);
  await readsLikeAnArray(source);
  await Deno.remove(path);
});

Deno.test("streamSource() has no ranges and no siblings", async () => {
  const source = streamSource("x", new Blob([BYTES]).stream());
  deepEqual([await source.ranges(), await source.sibling("y")], [undefined, undefined]);
  equal((await collectBytes(source.bytes())).length, BYTES.length);
});
