import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { ByteQueue } from "../lib/stream/byte_queue.ts";

Deno.test("ByteQueue gives back the bytes it was given, however they are cut on both sides", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 9 }));
  const cuts = fc.array(fc.record({ length: fc.nat(12), peek: fc.boolean(), skip: fc.boolean() }));
  fc.assert(fc.property(pieces, cuts, (chunks, wishes) => {
    const all = chunks.flatMap((chunk) => [...chunk]);
    const queue = new ByteQueue();
    let fed = 0;
    let at = 0;
    for (const { length, peek, skip } of wishes) {
      while (queue.length < length && fed < chunks.length) queue.push(chunks[fed++]!);
      const possible = Math.min(length, queue.length);
      if (peek) deepEqual([...queue.peek(possible)], all.slice(at, at + possible));
      if (skip) queue.skip(possible);
      else deepEqual([...queue.take(possible)], all.slice(at, at + possible));
      at += possible;
      equal(queue.offset, at);
    }
  }));
});

Deno.test("ByteQueue.peek() leaves the bytes where they are", () => {
  const queue = new ByteQueue();
  queue.push(Uint8Array.of(1, 2));
  queue.push(Uint8Array.of(3));
  deepEqual([...queue.peek(3)], [1, 2, 3]);
  deepEqual([...queue.peek(1)], [1]);
  equal(queue.length, 3);
  equal(queue.offset, 0);
});

Deno.test("ByteQueue.take() copies nothing that lies in one chunk", () => {
  const chunk = Uint8Array.of(1, 2, 3);
  const queue = new ByteQueue();
  queue.push(chunk);
  equal(queue.take(2).buffer, chunk.buffer);
});

Deno.test("ByteQueue keeps what it gave when later bytes are gathered", () => {
  const queue = new ByteQueue();
  for (let byte = 0; byte < 8; byte++) queue.push(Uint8Array.of(byte));
  const early = queue.peek(3);
  queue.take(1);
  queue.peek(7);
  deepEqual([...early], [0, 1, 2]);
});

Deno.test("ByteQueue keeps what it gave when it is given its own bytes again", () => {
  const queue = new ByteQueue();
  for (let byte = 0; byte < 4; byte++) queue.push(Uint8Array.of(byte));
  const all = queue.take(4);
  queue.push(all.subarray(0, 2));
  queue.push(Uint8Array.of(9));
  deepEqual([...queue.peek(3)], [0, 1, 9]);
  deepEqual([...all], [0, 1, 2, 3]);
});

Deno.test("ByteQueue refuses lengths that a damaged file may name", () => {
  const queue = new ByteQueue();
  queue.push(Uint8Array.of(1, 2));
  for (const length of [3, -1, NaN, Infinity]) {
    throws(() => queue.peek(length), { name: "RangeError", message: `Cannot peek at ${length} bytes: 2 are waiting` });
    throws(() => queue.skip(length), { name: "RangeError", message: `Cannot skip ${length} bytes: 2 are waiting` });
    throws(() => queue.take(length), RangeError);
  }
  deepEqual([...queue.take(2)], [1, 2]);
});

Deno.test("ByteQueue gathers a growing need in linear time", () => {
  const queue = new ByteQueue();
  const start = performance.now();
  for (let length = 1; length <= 100_000; length++) {
    queue.push(Uint8Array.of(length));
    queue.peek(length);
  }
  equal(queue.length, 100_000);
  ok(performance.now() - start < 500); // copying everything each time takes over a second
});
