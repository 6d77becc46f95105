import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { collectBytes } from "../lib/stream/collect.ts";
import { peek } from "../lib/stream/peek.ts";
import { chunkSizes, cut } from "./support/generate.ts";

/** A stream that counts how often it was asked. */
function counted(chunks: readonly Uint8Array[]) {
  let asked = 0;
  let cancelled: unknown;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = chunks[asked++];
      if (next) controller.enqueue(next);
      else controller.close();
    },
    cancel: (reason) => void (cancelled = reason),
  }, { highWaterMark: 0 });
  return { stream, asked: () => asked, cancelled: () => cancelled };
}

const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes);

Deno.test("peek() gives the first bytes and loses none, however they are split", async () => {
  await fc.assert(fc.asyncProperty(
    fc.uint8Array({ maxLength: 60 }),
    chunkSizes,
    fc.integer({ min: 1, max: 80 }),
    fc.nat(80),
    async (bytes, sizes, limit, enough) => {
      const looked = await peek(counted(cut(bytes, sizes)).stream, (seen) => seen.length >= enough, limit);
      ok(looked.prefix.length <= limit);
      ok(looked.prefix.length >= Math.min(enough, limit, bytes.length));
      deepEqual([...looked.prefix], [...bytes.subarray(0, looked.prefix.length)]);
      deepEqual([...await collectBytes(looked.bytes)], [...bytes]);
    },
  ));
});

Deno.test("peek() asks for no more than it needs: a recording that grows may not go on for a while", async () => {
  const source = counted([bytesOf(1), bytesOf(2), bytesOf(3)]);
  const { prefix, bytes } = await peek(source.stream, (seen) => seen.includes(2), 100);
  deepEqual([[...prefix], source.asked()], [[1, 2], 2]);
  await bytes.cancel("enough");
  equal(source.cancelled(), "enough");
});

Deno.test("peek() never asks about nothing, and gives an empty prefix of an empty stream", async () => {
  const { prefix, bytes } = await peek(counted([bytesOf(), bytesOf()]).stream, (seen) => {
    ok(seen.length > 0);
    return true;
  }, 10);
  deepEqual([prefix.length, (await collectBytes(bytes)).length], [0, 0]);
});

Deno.test("peek() passes errors on, those it meets and those behind them", async () => {
  const broken = (after: number) => {
    let pulls = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulls++ < after) controller.enqueue(bytesOf(pulls));
        else controller.error(new Error("the disk is gone"));
      },
    }, { highWaterMark: 0 });
  };
  await rejects(peek(broken(1), () => false, 10), /the disk is gone/);
  const { prefix, bytes } = await peek(broken(1), () => true, 10);
  equal(prefix.length, 1);
  await rejects(collectBytes(bytes), /the disk is gone/);
});
