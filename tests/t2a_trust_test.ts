import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readIndexes, t2aFormat } from "../formats/t2a.ts";
import { type Block, BlockType, MAGIC, RECORDED, writeBlock } from "../formats/t2a/block.ts";
import { writeEnd } from "../formats/t2a/end.ts";
import { rewriteBlocks } from "../formats/t2a/rewrite.ts";
import { readSeal, writeSeal } from "../formats/t2a/seal.ts";
import { derivedHash, webDigest } from "../formats/t2a/chain.ts";
import { verifyBlocks } from "../formats/t2a/verify.ts";
import type { SessionEvent } from "../lib/event.ts";
import { openTimeline } from "../formats/mod.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { Report } from "../lib/report.ts";
import { collect, collectBytes, concat } from "../lib/stream/collect.ts";
import { blobSource } from "../lib/stream/source.ts";
import { header, keyframe, output } from "./support/events.ts";
import { testSign, unwrapPlainly, wrapPlainly } from "./support/keys.ts";
import { blocksOf, recordingOf } from "./support/t2a_blocks.ts";

const t2a = t2aFormat({ loadCodec, unwrap: unwrapPlainly });
const options = { name: "demo.t2a", loadCodec, unwrap: unwrapPlainly };
const stream = (bytes: Uint8Array) => new Blob([bytes.slice()]).stream();

/** What never happened: a screen that says so. */
const FORGED = { ...keyframe(3e9), state: { ...keyframe(3e9).state, title: "FORGED" } };

async function write(extra: readonly SessionEvent[], genuine = true): Promise<Uint8Array> {
  const events: SessionEvent[] = [header()];
  for (let n = 1; n <= 6; n++) {
    events.push(output(n * 1e9, `line ${n} `.repeat(30)));
    if (n === 3) events.push(...(genuine ? [keyframe(3e9)] : []), ...extra);
  }
  events.push({ kind: "exit", time: 7e9, status: { code: 0 } });
  return await collectBytes(ReadableStream.from([events]).pipeThrough(t2a.encoder({ blockBytes: 200, codec: 0 })));
}

const signed = await collectBytes(rewriteBlocks(stream(await write([])), { ...options, sign: await testSign() }));
const sealOf = (blocks: readonly Block[]) => blocks.find(({ header }) => header.type === BlockType.seal)!;

/** The signed recording with the blocks of another around its seal: whoever forges does all that can be done without the key. */
async function forge(
  events: Uint8Array,
  seal: (block: Block) => Uint8Array = ({ bytes }) => bytes,
): Promise<Uint8Array> {
  const others = blocksOf(events);
  const own = sealOf(blocksOf(signed));
  const before = others.filter(({ header }) => header.type < BlockType.seal).map(({ bytes }) => bytes);
  const index = others.find(({ header }) => header.type === BlockType.index)!;
  const sealed = seal(own);
  const body = concat([MAGIC, ...before, sealed, index.bytes]);
  const end = others.at(-1)!;
  const length = body.length + end.bytes.length;
  const payload = writeEnd(length, index.bytes.length + end.bytes.length);
  return await Promise.resolve(concat([body, writeBlock(end.header, payload)]));
}

/** All that a player can get to see: in order, from a pipe, and by the index from every block on. */
async function seen(
  bytes: Uint8Array,
  withPipe = false,
): Promise<{ titles: Set<string>; keyframes: number; report: Report }> {
  const report = new Report();
  const events = await collect(t2a.open(blobSource("demo.t2a", new Blob([bytes.slice()])), report));
  const read = (at: number, length: number) => Promise.resolve(bytes.slice(at, at + length));
  const [index] = (await readIndexes(read, bytes.length, loadCodec, unwrapPlainly)) ?? [];
  let keyframes = 0;
  for (const { offset } of index?.blocks ?? []) {
    const rest = stream(bytes.subarray(index!.start + offset)).pipeThrough(t2a.decoder({ midway: index! }));
    const found = await collect(rest);
    keyframes = Math.max(keyframes, found.filter(({ kind }) => kind === "keyframe").length);
    events.push(...found);
  }
  if (withPipe) events.push(...await collect(stream(bytes).pipeThrough(t2a.decoder({ report }))));
  const titles = events.flatMap((event) => event.kind === "keyframe" ? [event.state.title ?? "genuine"] : []);
  return { titles: new Set(titles), keyframes, report };
}

Deno.test("keyframes of a signed recording are shown, in order and from any place on", async () => {
  const { titles, keyframes, report } = await seen(signed, true);
  deepEqual([[...titles], keyframes, report.warnings], [["genuine"], 1, []]);
  equal(report.signed, true);
});

Deno.test("a forged keyframe of an unsigned recording is shown, so that these tests would notice one", async () => {
  ok((await seen(await write([FORGED]))).titles.has("FORGED"));
});

Deno.test("a forged keyframe of a signed recording is never shown, neither beside the genuine one nor in its place", async () => {
  for (const events of [await write([FORGED]), await write([FORGED], false)]) {
    const bytes = await forge(events);
    const { titles, report } = await seen(bytes);
    equal(titles.has("FORGED"), false);
    ok(report.warnings.some(({ code }) => code === "untrusted-block"));
    const [verdict] = await verifyBlocks(stream(bytes), options);
    deepEqual([verdict?.fault, verdict?.signature?.valid, verdict?.unlisted], [undefined, true, 1]);
  }
});

Deno.test("a forged keyframe is not shown either when the list of a signed seal is changed for it", async () => {
  const events = await write([FORGED]);
  const hash = await derivedHash(
    webDigest,
    blocksOf(events).find(({ header }) => header.flags === 0 && header.type === 2)!.bytes,
  );
  const bytes = await forge(events, ({ header, payload }) => {
    const seal = readSeal(payload);
    return writeBlock(header, writeSeal({ ...seal, derived: [...seal.derived, hash] }));
  });
  equal((await seen(bytes)).titles.size, 0, "a seal whose signature is wrong vouches for nothing");
  match((await verifyBlocks(stream(bytes), options))[0]!.fault!.what, /signature is wrong/);
});

Deno.test("a keyframe that was moved to another moment is not shown", async () => {
  const blocks = blocksOf(signed);
  const at = blocks.findIndex(({ header }) => header.type === BlockType.events && (header.flags & RECORDED) === 0);
  const { header: fields, payload } = blocks[at]!;
  const moved = payload.slice();
  moved[1]! += 1; // it belongs to the next recorded block
  const bytes = recordingOf(blocks.map((block, n) => n === at ? { bytes: writeBlock(fields, moved) } : block));
  equal((await seen(bytes)).titles.size, 0);
});

Deno.test("what stands where the seal should be vouches for nothing", async () => {
  const blocks = blocksOf(await forge(await write([FORGED])));
  const alien = writeBlock({ type: 200, flags: 0, codec: 0, unit: 0, sequence: 9, time: 0 }, new Uint8Array(3));
  const index = blocks.findIndex(({ header }) => header.type === BlockType.index);
  const all = [...blocks.slice(0, index).map(({ bytes }) => bytes), alien, blocks[index]!.bytes];
  const end = blocks.at(-1)!;
  const length = MAGIC.length + concat(all).length + end.bytes.length;
  const payload = writeEnd(length, blocks[index]!.bytes.length + end.bytes.length);
  const bytes = concat([MAGIC, ...all, writeBlock(end.header, payload)]);
  equal((await seen(bytes)).titles.size, 0);
});

Deno.test("a forged keyframe that comes down a pipe before the seal is told of with the seal", async () => {
  const bytes = await forge(await write([FORGED]));
  const report = new Report();
  await collect(stream(bytes).pipeThrough(t2a.decoder({ report })));
  deepEqual(report.warnings.map(({ code, message }) => [code, message]), [
    ["untrusted-block", "1 block of derived events is not listed by the seal"],
  ]);
});

Deno.test("a forged keyframe of a signed and encrypted recording is not shown to those who have its key", async () => {
  const forged = await forge(await write([FORGED]));
  const bytes = await collectBytes(rewriteBlocks(stream(forged), { ...options, encrypt: wrapPlainly }));
  equal((await seen(bytes)).titles.has("FORGED"), false);
  const whole = await collectBytes(rewriteBlocks(stream(signed), { ...options, encrypt: wrapPlainly }));
  deepEqual([...(await seen(whole)).titles], ["genuine"]);
});

Deno.test("keyframes may be taken away from a signed recording, and its signature stays good", async () => {
  const bytes = await forge(await write([], false));
  equal((await seen(bytes)).titles.size, 0);
  const [verdict] = await verifyBlocks(stream(bytes), options);
  deepEqual([verdict?.fault, verdict?.signature?.valid, verdict?.unlisted], [undefined, true, 0]);
});

Deno.test("openTimeline() shows what really happened at a moment for which somebody forged a screen", async () => {
  deepEqual(await screenAt(signed), await screenAt(await write([])), "a genuine keyframe is used");
  const drawn = await screenAt(await write([], false)); // from the output alone
  const forged = await forge(await write([FORGED]));
  deepEqual(await screenAt(forged), drawn);
  deepEqual(await screenAt(await forge(await write([FORGED], false))), drawn);
  const secret = await collectBytes(rewriteBlocks(stream(forged), { ...options, encrypt: wrapPlainly }));
  deepEqual(await screenAt(secret), drawn);
  equal((await screenAt(await write([FORGED]))).title, "FORGED", "this test would notice one");
});

/** What a player shows 4.5 s into a recording; nothing of an encrypted one may go to a cache. */
async function screenAt(bytes: Uint8Array) {
  const cache = {
    found: () => Promise.resolve(undefined),
    store: () => Promise.reject(new Error("something secret was kept")),
  };
  const isSecret = blocksOf(bytes)[0]!.header.type === BlockType.recipients;
  const source = blobSource("demo.t2a", new Blob([bytes.slice()]));
  const settings = { loadEmulator, unwrap: unwrapPlainly, ...(isSecret && { cache }) };
  const timeline = await openTimeline(source, settings);
  const screen = await timeline.screen(await timeline.at(4.5e9));
  timeline.close();
  return screen;
}

Deno.test("openTimeline() keeps nothing of an encrypted recording that it has to read from its beginning", async () => {
  const bytes = await collectBytes(rewriteBlocks(stream(await write([])), { ...options, encrypt: wrapPlainly }));
  const cut = recordingOf(blocksOf(bytes).slice(0, -3)); // without an index it is read once
  ok((await screenAt(cut)).normal.rows.length > 0);
});
