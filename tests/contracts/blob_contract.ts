/**
 * What every store of blobs has to promise, as one suite. A store's test calls it and adds what is its own.
 * @module
 */

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { StorageError } from "../../lib/errors.ts";
import type { BlobStore } from "../../lib/ports.ts";
import { collectBytes } from "../../lib/stream/collect.ts";

/** How a store is opened for one test. */
export interface BlobContractOptions {
  /** A store with nothing in it; `undefined` where it cannot be had here. */
  readonly open: () => Promise<BlobStore | undefined>;
  /** Whether of two that put the same new key at the same time one is refused in any case; some servers cannot. */
  readonly refusesAtOnce?: boolean;
  /** How large a blob is that surely has several parts. */
  readonly large?: number;
}

const encode = (text: string) => new TextEncoder().encode(text);
const stream = (text: string) => new Blob([text]).stream();

/** Bytes that differ everywhere, the same for the same seed. */
export function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** Pieces of uneven sizes, and an error behind them if there is one. */
export function pieces(bytes: Uint8Array, error?: Error): ReadableStream<Uint8Array> {
  let at = 0, size = 1;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, at += size = (size * 7) % 100_003));
      else if (error) controller.error(error);
      else controller.close();
    },
  }, { highWaterMark: 0 });
}

async function textOf(blobs: BlobStore, key: string): Promise<string | undefined> {
  const bytes = await blobs.get(key);
  return bytes && new TextDecoder().decode(await collectBytes(bytes));
}

async function keysOf(blobs: BlobStore, prefix = "", after = ""): Promise<string[]> {
  return (await Array.fromAsync(blobs.list(prefix, after))).map(({ key }) => key);
}

/** Runs the suite. */
export function blobContract(
  name: string,
  { open, refusesAtOnce = true, large = 1_500_000 }: BlobContractOptions,
): void {
  const test = (promise: string, body: (blobs: BlobStore) => Promise<void>) =>
    Deno.test(`${name}: ${promise}`, async () => {
      const blobs = await open();
      if (!blobs) return;
      try {
        await body(blobs);
      } finally {
        await blobs.close();
      }
    });

  test("what was put comes back, byte for byte, however the bytes came", async (blobs) => {
    const before = Date.now();
    for (const [key, bytes] of [["empty", encode("")], ["x.t2a", encode("hello")], ["large", noise(large)]] as const) {
      const info = await blobs.put(key, pieces(bytes), "refuse");
      deepEqual([info.key, info.size], [key, bytes.length]);
      deepEqual(await collectBytes((await blobs.get(key))!), bytes);
      const there = await blobs.stat(key);
      deepEqual([there?.key, there?.size], [key, bytes.length]);
      ok(there!.modifiedAt > before - 5000 && there!.modifiedAt < Date.now() + 5000);
    }
  });

  test("nothing is nothing, and not an error", async (blobs) => {
    equal(await blobs.get("nothing"), undefined);
    equal(await blobs.ranges("nothing"), undefined);
    equal(await blobs.stat("nothing"), undefined);
    equal(await blobs.delete("nothing"), false);
    deepEqual(await keysOf(blobs), []);
  });

  test("any range can be read, over the borders of chunks and the end", async (blobs) => {
    const bytes = noise(large);
    await blobs.put("x", pieces(bytes), "refuse");
    const ranges = (await blobs.ranges("x"))!;
    equal(ranges.size, bytes.length);
    const places = [[0, 10], [large - 5, 5], [large - 5, 100], [262_140, 10], [300_000, 700_000], [7, 0], [
      large,
      10,
    ]] as const;
    for (const [start, length] of places) {
      deepEqual(
        await ranges.read(start, length),
        bytes.subarray(start, start + length),
        `${length} bytes from ${start}`,
      );
    }
    ranges.close();
  });

  test("put refuses what is there already, and leaves it as it was", async (blobs) => {
    await blobs.put("x", stream("one"), "refuse");
    await rejects(blobs.put("x", stream("other"), "refuse"), (error: unknown) => {
      ok(error instanceof StorageError);
      match(error.message, /Cannot store x in .*: it is there already/);
      return true;
    });
    equal(await textOf(blobs, "x"), "one");
  });

  test("put replaces all of a blob", async (blobs) => {
    await blobs.put("x", pieces(noise(large)), "refuse");
    await blobs.put("x", stream("short"), "replace");
    equal(await textOf(blobs, "x"), "short");
    equal((await blobs.stat("x"))?.size, 5);
    await blobs.put("new", stream("new"), "replace");
    equal(await textOf(blobs, "new"), "new");
  });

  test("a put whose bytes fail leaves nothing, and what was there before stays", async (blobs) => {
    const broken = () => pieces(noise(large), new Error("the pipe broke"));
    await rejects(blobs.put("x", broken(), "refuse"), /the pipe broke/);
    equal(await blobs.stat("x"), undefined);
    deepEqual(await keysOf(blobs), []);
    await blobs.put("y", stream("whole"), "refuse");
    await rejects(blobs.put("y", broken(), "replace"), /the pipe broke/);
    equal(await textOf(blobs, "y"), "whole");
    deepEqual(await keysOf(blobs), ["y"]);
  });

  test("nothing is seen of a blob before its last byte is safe", async (blobs) => {
    const seen: (string | undefined)[] = [];
    const bytes = noise(large);
    let at = 0;
    const slow = new ReadableStream<Uint8Array>({
      async pull(controller) {
        seen.push((await blobs.stat("x"))?.key, ...await keysOf(blobs));
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.slice(at, at += 400_000));
      },
    }, { highWaterMark: 0 });
    await blobs.put("x", slow, "refuse");
    ok(seen.length >= 4);
    deepEqual(new Set(seen), new Set([undefined]));
    equal((await blobs.stat("x"))?.size, bytes.length);
  });

  test("lists come in order, by prefix, and from any place on", async (blobs) => {
    for (const key of ["b", "a.x", "ab", "a.y", "a", "c-1"]) await blobs.put(key, stream(key), "refuse");
    deepEqual(await keysOf(blobs), ["a", "a.x", "a.y", "ab", "b", "c-1"]);
    deepEqual(await keysOf(blobs, "a."), ["a.x", "a.y"]);
    deepEqual(await keysOf(blobs, "", "a.x"), ["a.y", "ab", "b", "c-1"]);
    deepEqual(await keysOf(blobs, "a", "a.x"), ["a.y", "ab"]);
    deepEqual(await keysOf(blobs, "z"), []);
    deepEqual((await Array.fromAsync(blobs.list("c", "")))[0]?.size, 3);
  });

  test("a deleted blob is gone, and its name is free", async (blobs) => {
    await blobs.put("x", stream("one"), "refuse");
    equal(await blobs.delete("x"), true);
    equal(await blobs.get("x"), undefined);
    equal(await blobs.delete("x"), false);
    await blobs.put("x", stream("two"), "refuse");
    equal(await textOf(blobs, "x"), "two");
  });

  test("several write at the same time, and each blob is one of theirs", async (blobs) => {
    const all = Array.from({ length: 6 }, (_, at) => noise(300_000 + at, at + 1));
    await Promise.all(all.map((bytes, at) => blobs.put(`own-${at}`, pieces(bytes), "refuse")));
    for (const [at, bytes] of all.entries()) deepEqual(await collectBytes((await blobs.get(`own-${at}`))!), bytes);
    await Promise.all(all.map((bytes) => blobs.put("shared", pieces(bytes), "replace")));
    const winner = await collectBytes((await blobs.get("shared"))!);
    ok(all.some((bytes) => bytes.length === winner.length && bytes.every((byte, index) => byte === winner[index])));
    if (!refusesAtOnce) return;
    const results = await Promise.allSettled(all.map((bytes) => blobs.put("new", pieces(bytes), "refuse")));
    equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  });

  test("what a reader has opened is never mixed with what took its place", async (blobs) => {
    const [one, other] = [noise(large, 1), noise(large, 2)];
    await blobs.put("x", pieces(one), "refuse");
    const reader = (await blobs.get("x"))!.getReader();
    let at = (await reader.read()).value!.length;
    await blobs.put("x", pieces(other), "replace");
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        deepEqual(next.value, one.subarray(at, at + next.value.length));
        at += next.value.length;
      }
      equal(at, large);
    } catch (error) {
      ok(error instanceof StorageError, String(error));
    }
    deepEqual(await collectBytes((await blobs.get("x"))!), other);
  });

  test("sweep() finds nothing where every put has ended", async (blobs) => {
    await blobs.put("x", pieces(noise(large)), "refuse");
    await rejects(blobs.put("y", pieces(noise(large), new Error("broken")), "refuse"));
    deepEqual(await blobs.sweep(Date.now() + 60_000, false), { count: 0, bytes: 0 });
    equal((await blobs.stat("x"))?.size, large);
  });
}
