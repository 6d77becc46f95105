import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import { t2aFormat, T2aWriter } from "../formats/t2a.ts";
import { type Block, BlockType, isCounted, MAGIC, RECORDED, writeBlock } from "../formats/t2a/block.ts";
import { rewriteBlocks } from "../formats/t2a/rewrite.ts";
import { readSeal, writeSeal } from "../formats/t2a/seal.ts";
import { type FaultKind, type Verdict, verifyBlocks } from "../formats/t2a/verify.ts";
import { readIndex, writeIndex } from "../formats/t2a/index.ts";
import type { SessionEvent } from "../lib/event.ts";
import { loadCodec } from "../lib/host/codec.ts";
import type { Digest, Sign } from "../lib/ports.ts";
import { collectBytes, concat } from "../lib/stream/collect.ts";
import { header, keyframe, marker, output } from "./support/events.ts";
import { blocksOf, recordingOf } from "./support/t2a_blocks.ts";
import { testSign, unwrapPlainly, wrapPlainly } from "./support/keys.ts";

/** As WebCrypto's, without a turn of the event loop for each block: 34,000 recordings are verified below. */
const digest: Digest = (data) => Promise.resolve(createHash("sha256").update(data).digest());
const t2a = t2aFormat({ loadCodec, digest });
const sign = await testSign();

/** A recording of several small blocks, with keyframes and commands beside the chain. */
async function record(
  seed: string,
  options: { sign?: Sign; checkpoints?: boolean; blocks?: number; width?: number } = {},
) {
  const { checkpoints = false, blocks = 16, width = 80 } = options;
  const writer = new T2aWriter({ loadCodec, codec: 0, digest, ...(options.sign && { sign: options.sign }) });
  const chunks: Uint8Array[] = [];
  const drain = async () => {
    for (let block = await writer.take(); block; block = await writer.take()) {
      chunks.push(block);
      writer.commit();
    }
  };
  writer.push([header({ title: seed })]);
  for (let n = 1; n <= blocks; n++) {
    // The same lengths for all seeds: what is spliced fits, as far as lengths can tell.
    writer.push([output(n * 1e9, `${seed} prints line ${String(n).padStart(3)}: ${"x".repeat(width)}\r\n`)]);
    if (n % 4 === 2) writer.push([keyframe(n * 1e9), { kind: "command", time: n * 1e9, phase: "prompt" }]);
    writer.closeBlock();
    if (checkpoints && n % 3 === 0) writer.checkpoint();
    await drain();
  }
  writer.push([marker(20e9, seed), { kind: "exit", time: 21e9, status: { code: 0 } }]);
  writer.finish();
  await drain();
  return concat(chunks);
}

async function verify(bytes: Uint8Array): Promise<Verdict[]> {
  return await verifyBlocks(ReadableStream.from([bytes]), { name: "demo.t2a", loadCodec, digest });
}

async function faultOf(bytes: Uint8Array): Promise<NonNullable<Verdict["fault"]>> {
  const fault = (await verify(bytes)).find(({ fault }) => fault)?.fault;
  ok(fault, "nothing was noticed");
  return fault;
}

const signed = await record("first", { sign });
const blocks = blocksOf(signed);
const inChain = blocks.map((_, n) => n).filter((n) => (blocks[n]!.header.flags & RECORDED) !== 0);

Deno.test("verifyBlocks() finds nothing wrong with a recording that is whole, signed or not, and says what it holds", async () => {
  const [verdict] = await verify(signed);
  deepEqual([verdict?.fault, verdict?.signature?.valid, verdict?.unlisted], [undefined, true, 0]);
  deepEqual([verdict?.events, verdict?.duration, verdict?.header?.title], [18, 21e9, "first"]);
  const [unsigned] = await verify(await record("first"));
  deepEqual([unsigned?.fault, unsigned?.signature], [undefined, undefined]);
  const both = await verify(concat([signed, signed]));
  deepEqual(both.map(({ fault }) => fault), [undefined, undefined]);
});

Deno.test("verifyBlocks() notices every flipped bit of a signed recording of 4 KiB and names the block", async () => {
  const bytes = await record("first", { sign, blocks: 5, width: 560 });
  const blocks = blocksOf(bytes);
  ok(bytes.length > 4096 && bytes.length < 5000, `${bytes.length} bytes`);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const at = bit >> 3;
    bytes[at]! ^= 1 << (bit & 7);
    const fault = await faultOf(bytes);
    bytes[at]! ^= 1 << (bit & 7);
    const hit = blocks.findLast((block) => block.at <= at);
    const named = blocks.find((block) => block.at >= (hit?.at ?? 0) && isCounted(block.header));
    if (fault.kind !== "altered" || fault.byte !== (hit?.at ?? 0) || (hit && fault.block !== named?.header.sequence)) {
      throw new Error(
        `bit ${bit}, in block ${named?.header.sequence} at byte ${hit?.at}: ${fault.kind}, ${fault.what}`,
      );
    }
  }
});

Deno.test("verifyBlocks() tells of every cut tail whether it was cut within a block or between two", async () => {
  const borders = new Map(blocks.map((block, n) => [block.at, n]));
  for (let length = MAGIC.length; length < signed.length; length++) {
    const fault = await faultOf(signed.subarray(0, length));
    const n = borders.get(length);
    const isBehindSeal = n !== undefined && blocks[n - 1]?.header.type !== undefined &&
      [BlockType.seal, BlockType.index].includes(blocks[n - 1]!.header.type as 3);
    const expected: FaultKind = n === undefined || n === 0 || isBehindSeal ? "truncated" : "unfinished";
    equal(fault.kind, expected, `${length} bytes: ${fault.what}`);
  }
});

Deno.test("verifyBlocks() names a block that was removed, whichever it is", async () => {
  for (const [n, { header }] of blocks.entries()) {
    if (n === blocks.length - 1) continue; // without its end it is truncated
    const fault = await faultOf(recordingOf(blocks.filter((_, other) => other !== n)));
    equal(fault.kind, "missing", fault.what);
    if (isCounted(header)) equal(fault.block, header.sequence);
    else match(fault.what, /beside the chain/);
  }
});

Deno.test("verifyBlocks() names a block that stands there twice", async () => {
  for (const n of inChain) {
    const fault = await faultOf(recordingOf([...blocks.slice(0, n + 1), ...blocks.slice(n)]));
    deepEqual([fault.kind, fault.goodBlocks], ["repeated", blocks[n]!.header.sequence + 1]);
    match(fault.what, new RegExp(`block ${blocks[n]!.header.sequence} stands there twice`));
  }
});

Deno.test("verifyBlocks() names blocks that changed places", async () => {
  for (const [one, other] of [[1, 2], [2, 5], [3, 9], [0, 4]] as const) {
    const swapped = [...blocks];
    const [a, b] = [inChain[one]!, inChain[other]!];
    [swapped[a], swapped[b]] = [swapped[b]!, swapped[a]!];
    const fault = await faultOf(recordingOf(swapped));
    deepEqual([fault.kind, fault.block], ["reordered", one], fault.what);
  }
});

Deno.test("verifyBlocks() names a block of another recording that stands in the place of one, by the index", async () => {
  const others = blocksOf(await record("other", { sign }));
  for (const n of inChain) {
    const fault = await faultOf(recordingOf(blocks.map((block, at) => at === n ? others[n]! : block)));
    deepEqual([fault.kind, fault.block], ["spliced", blocks[n]!.header.sequence], fault.what);
    equal(fault.goodBlocks, blocks[n]!.header.sequence);
  }
});

Deno.test("verifyBlocks() tells where two recordings were spliced, and what was put in between", async () => {
  const others = blocksOf(await record("other", { sign }));
  const tail = await faultOf(recordingOf([...blocks.slice(0, inChain[6]), ...others.slice(inChain[6])]));
  equal(tail.kind, "spliced");
  const between = await faultOf(
    recordingOf([...blocks.slice(0, inChain[6]), others[inChain[3]!]!, ...blocks.slice(inChain[6])]),
  );
  deepEqual([between.kind, between.goodBlocks], ["spliced", 6]);
  match(between.what, /another one the second time/);
  const shifted = blocksOf(await record("longer than the first", { sign }));
  const other = await faultOf(recordingOf(blocks.map((block, at) => at === inChain[4] ? shifted[at]! : block)));
  deepEqual([other.kind, other.block], ["spliced", 4], other.what);
  match((await faultOf(concat([signed, blocks[3]!.bytes]))).what, /behind the end/);
});

Deno.test("verifyBlocks() notices a block that was rewritten with the right checksums and the right numbers", async () => {
  const n = inChain[5]!;
  const { header, payload } = blocks[n]!;
  const forged = payload.slice();
  forged[forged.indexOf("x".charCodeAt(0))] = "y".charCodeAt(0);
  const forge = (block: Block, at: number) => at === n ? { ...block, bytes: writeBlock(header, forged) } : block;
  const fault = await faultOf(recordingOf(blocks.map(forge)));
  deepEqual([fault.kind, fault.block], ["spliced", 5], fault.what);
  // Who also rewrites index and seal cannot sign it again.
  const unsigned = recordingOf(blocks.map(forge).filter(({ header: { type } }) => type < BlockType.seal));
  const again = await sealedAgain(unsigned);
  const [verdict] = await verify(again);
  deepEqual(
    [verdict?.fault, verdict?.signature],
    [undefined, undefined],
    "it is a recording of its own, and not signed",
  );
  const kept = blocksOf(again).map((block) => {
    if (block.header.type !== BlockType.seal) return block;
    const old = readSeal(blocks.find(({ header }) => header.type === BlockType.seal)!.payload);
    const seal = { ...readSeal(block.payload), signature: old.signature, derived: old.derived };
    return { ...block, bytes: writeBlock(block.header, writeSeal(seal)) };
  });
  const end = await faultOf(fixEnd(kept));
  match(end.what, /signature is wrong/);
});

/** What a forger makes of blocks without a seal: the same events, closed anew. */
async function sealedAgain(bytes: Uint8Array): Promise<Uint8Array> {
  const events = new Blob([bytes.slice()]).stream().pipeThrough(t2a.decoder());
  return await collectBytes(events.pipeThrough(t2a.encoder({ codec: 0, blockBytes: 1 })));
}

/** The end block tells distances, which a seal of another length changes. */
function fixEnd(all: readonly Block[]): Uint8Array {
  const last = all.at(-1)!;
  const index = all.at(-2)!.bytes.length + last.bytes.length;
  const length = MAGIC.length + all.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const payload = new Uint8Array(24);
  new DataView(payload.buffer).setUint32(0, length, true);
  new DataView(payload.buffer).setUint32(8, index, true);
  payload.set(last.payload.subarray(16), 16);
  return recordingOf([...all.slice(0, -1), { ...last, bytes: writeBlock(last.header, payload) }]);
}

Deno.test("verifyBlocks() notices an index that lies and an end that points elsewhere", async () => {
  const index = blocks.find(({ header }) => header.type === BlockType.index)!;
  const content = readIndex(index.payload);
  const lies = { ...content, keyframes: content.keyframes.map((point) => ({ ...point, offset: point.offset + 1 })) };
  const bytes = writeBlock(index.header, writeIndex(lies).payload);
  const fault = await faultOf(fixEnd(blocks.map((block) => block === index ? { ...block, bytes } : block)));
  match(fault.what, /index .* what was recorded is intact/);
  const end = blocks.at(-1)!;
  const payload = end.payload.slice();
  payload[8]! ^= 1;
  match(
    (await faultOf(recordingOf([...blocks.slice(0, -1), { ...end, bytes: writeBlock(end.header, payload) }]))).what,
    /end block/,
  );
});

Deno.test("verifyBlocks() says up to where checkpoints vouch for a recording whose end is cut off", async () => {
  const bytes = await record("first", { sign, checkpoints: true });
  const all = blocksOf(bytes);
  equal((await verify(bytes))[0]?.fault, undefined);
  equal((await verify(bytes))[0]?.checkpoints.length, 5);
  const cut = all.slice(0, all.findLastIndex(({ header }) => header.type === BlockType.checkpoint));
  const [verdict] = await verify(recordingOf(cut));
  equal(verdict?.fault?.kind, "unfinished");
  deepEqual(verdict?.checkpoints.map(({ valid, time }) => [valid, time]), [[true, 3e9], [true, 6e9], [true, 9e9], [
    true,
    12e9,
  ]]);
  const others = blocksOf(await record("other", { sign, checkpoints: true }));
  const n = all.findIndex(({ header }) => header.sequence === 2 && (header.flags & RECORDED) !== 0);
  const spliced = await faultOf(recordingOf(cut.map((block, at) => at === n ? others[n]! : block)));
  deepEqual([spliced.kind, spliced.block], ["spliced", 0], spliced.what);
  match(spliced.what, /checkpoint/);
});

/** Where a block stands. */
function place(blocks: readonly Block[], n: number): number {
  return blocks.slice(0, n).reduce((at, { bytes }) => at + bytes.length, MAGIC.length);
}

Deno.test("verifyBlocks() notices flipped bits all over an encrypted recording, its key among them", async () => {
  const options = { name: "demo.t2a", loadCodec, digest, unwrap: unwrapPlainly };
  const plain = new Blob([await record("secret", { sign, blocks: 3 })]).stream();
  const bytes = await collectBytes(rewriteBlocks(plain, { ...options, encrypt: wrapPlainly }));
  const check = (changed: Uint8Array) =>
    verifyBlocks(ReadableStream.from([changed]), { ...options, spare: () => Promise.resolve(spare) });
  const spare = blocksOf(bytes).findLast(({ header }) => header.type === BlockType.recipients)!.payload;
  const [whole] = await check(bytes);
  deepEqual([whole?.fault, whole?.encrypted, whole?.signature?.valid], [undefined, true, true]);
  for (let at = 0; at < bytes.length; at += 2) {
    bytes[at]! ^= 1 << (at % 8);
    const [verdict] = await check(bytes);
    bytes[at]! ^= 1 << (at % 8);
    equal(verdict?.fault?.kind, "altered", `byte ${at}`);
  }
  for (let n = 1; n < 8; n++) {
    const boxes = blocksOf(bytes);
    equal(
      (await check(recordingOf(boxes.filter((_, other) => other !== n))))[0]?.fault?.kind,
      "missing",
      `without block ${n}`,
    );
  }
  const all = blocksOf(bytes);
  for (let n = 0; n + 1 < all.length; n++) {
    const swapped = all.with(n, all[n + 1]!).with(n + 1, all[n]!);
    const fault = (await check(recordingOf(swapped)))[0]?.fault;
    ok(fault, `blocks ${n} and ${n + 1} changed places`);
    if (all[n]!.header.type !== BlockType.recipients || n === 0) continue;
    deepEqual([fault.kind, fault.byte], ["reordered", swapped[n]!.bytes.length + place(swapped, n)]);
    match(fault.what, /the second copy of its key, at byte \d+, does not stand before the seal/);
  }
  const key = all.find(({ header }) => header.type === BlockType.recipients)!;
  const third = (await check(recordingOf(all.toSpliced(2, 0, key))))[0]?.fault;
  deepEqual([third?.kind, third?.what.includes("third copy of its key")], ["repeated", true]);
});

Deno.test("verifyBlocks() refuses what is no recording, and calls other damage by its place", async () => {
  await rejects(verify(new TextEncoder().encode("hello")), /begins with 68656c6c6f, expected 8954/);
  await rejects(verify(new Uint8Array(0)), /empty/);
  equal((await faultOf(MAGIC)).kind, "truncated");
  match((await faultOf(concat([signed, Uint8Array.of(1, 2, 3)]))).what, /3 bytes stand behind its end/);
  const alien = writeBlock({ type: 2, flags: RECORDED, codec: 0, unit: 0, sequence: 1, time: 0 }, Uint8Array.of(9));
  match((await faultOf(concat([MAGIC, blocks[0]!.bytes, alien]))).what, /intact but makes no sense/);
  const events: SessionEvent[] = [header(), marker(1, "a")];
  const later = await collectBytes(ReadableStream.from([events]).pipeThrough(t2a.encoder()));
  equal(
    (await verify(concat([signed.subarray(0, blocks[3]!.at), later]))).map(({ fault }) => fault?.kind)[0],
    "unfinished",
  );
});
