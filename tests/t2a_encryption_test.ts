import { deepEqual, equal, match, notDeepEqual, ok, rejects } from "node:assert/strict";
import { mergeBlocks, readIndexes, type T2aFormat, t2aFormat, T2aWriter } from "../formats/t2a.ts";
import { type Block, BlockType, MAGIC, RECORDED, writeBlock } from "../formats/t2a/block.ts";
import { Cipher, readRecipients } from "../formats/t2a/cipher.ts";
import { rewrapKey, rewriteBlocks } from "../formats/t2a/rewrite.ts";
import { verifyBlocks } from "../formats/t2a/verify.ts";
import { FormatError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { loadCodec } from "../lib/host/codec.ts";
import type { UnwrapKey, WrapKey } from "../lib/ports.ts";
import { Report } from "../lib/report.ts";
import { collect, collectBytes, concat } from "../lib/stream/collect.ts";
import { blobSource } from "../lib/stream/source.ts";
import { header, keyframe, marker, output } from "./support/events.ts";
import { testSign, unwrapPlainly, wrapPlainly } from "./support/keys.ts";
import { blocksOf, recordingOf } from "./support/t2a_blocks.ts";

const bare = t2aFormat({ loadCodec });
const t2a = t2aFormat({ loadCodec, unwrap: unwrapPlainly });
const options = { name: "secret.t2a", loadCodec, unwrap: unwrapPlainly };

const EVENTS: readonly SessionEvent[] = [
  header({ title: "very secret title", command: "cat secret" }),
  ...Array.from({ length: 40 }, (_, n): SessionEvent => output((n + 1) * 1e9, `the secret line ${n} `.repeat(20))),
  keyframe(40e9),
  { kind: "command", time: 40e9, phase: "output", text: "secret command" },
  marker(41e9, "secret place"),
  { kind: "exit", time: 42e9, status: { code: 0 } },
];

const stream = (bytes: Uint8Array) => new Blob([bytes.slice()]).stream();

async function write(settings: Parameters<T2aFormat["encoder"]>[0], events = EVENTS) {
  return await collectBytes(ReadableStream.from([events]).pipeThrough(bare.encoder({ blockBytes: 2000, ...settings })));
}

async function read(bytes: Uint8Array, report = new Report(), format = t2a): Promise<SessionEvent[]> {
  return await collect(format.open(blobSource("secret.t2a", new Blob([bytes.slice()])), report));
}

/** The numbers of boxes that bytes hold. */
const numbersOf = (bytes: Uint8Array) =>
  blocksOf(bytes).filter(({ header }) => header.type === BlockType.box).map(({ header }) => header.sequence);

const secret = await write({ encrypt: wrapPlainly });

Deno.test("t2a.encoder({ encrypt }) shows neither words nor times nor kinds of block, and reads back with the key alone", async () => {
  const report = new Report();
  deepEqual(await read(secret, report), EVENTS);
  deepEqual([report.completeness, report.encrypted, report.warnings], ["complete", true, []]);
  const text = new TextDecoder("latin1").decode(await write({ encrypt: wrapPlainly, codec: 0 }));
  ok(!/secret|cat |title/.test(text));
  const kinds = blocksOf(secret).map(({ header: { type, time } }) => [type, time]);
  deepEqual(new Set(kinds.slice(0, -1).map(String)), new Set(["6,0", "9,0"]));
  equal(kinds.at(-1)![0], BlockType.end);
});

Deno.test("t2a.open() says what is to be done about an encrypted recording that nobody can open", async () => {
  const isClear = (error: unknown) =>
    error instanceof FormatError && /secret\.t2a.*encrypted.*\n.*--identity/.test(error.message);
  await rejects(read(secret, new Report(), bare), isClear);
  await rejects(
    read(secret, new Report(), t2aFormat({ loadCodec, unwrap: () => Promise.resolve(undefined) })),
    isClear,
  );
  await rejects(read(secret, new Report(), t2aFormat({ unwrap: () => Promise.resolve(new Uint8Array(7)) })), isClear);
  await rejects(
    readIndexes((at, length) => Promise.resolve(secret.subarray(at, at + length)), secret.length),
    /encrypted/,
  );
});

Deno.test("each recording and each rewriting has a key and an id of its own", async () => {
  const keys: string[] = [];
  const encrypt: WrapKey = (key) => {
    keys.push(key.toHex());
    return wrapPlainly(key);
  };
  const one = await write({ encrypt }, [...EVENTS, ...EVENTS]);
  await collectBytes(rewriteBlocks(stream(one), { ...options, encrypt }));
  await collectBytes(rewriteBlocks(stream(one), { ...options, encrypt }));
  equal(new Set(keys).size, 6);
  deepEqual(await read(one), [...EVENTS, ...EVENTS]);
});

Deno.test("T2aWriter uses no number twice, whatever could not be written", async () => {
  const writer = new T2aWriter({ loadCodec, encrypt: wrapPlainly });
  const taken: Uint8Array[] = [];
  const stored: Uint8Array[] = [];
  const drain = async (isFull: boolean) => {
    for (let block = await writer.take(); block; block = await writer.take()) {
      taken.push(block);
      if (isFull) writer.drop();
      else {
        stored.push(block);
        writer.commit();
      }
    }
  };
  writer.push([header()]);
  for (let n = 1; n < 20; n++) {
    writer.push([output(n, `part ${n} `)]);
    writer.closeBlock();
    await drain(n % 3 === 0);
  }
  writer.finish();
  await drain(false);
  const numbers = taken.flatMap(numbersOf);
  equal(new Set(numbers).size, numbers.length);
  ok(numbers.length > 25);
  const events = await read(concat(stored));
  equal(events.filter(({ kind }) => kind === "gap").length, 6);
  deepEqual(
    events.at(-1)?.kind === "output" &&
      new TextDecoder().decode(
        events.at(-1)!.kind === "output" ? (events.at(-1) as { data: Uint8Array }).data : undefined,
      ),
    "part 19 ",
  );
});

Deno.test("readIndexes() and t2a.decoder({ midway }) reach any place of an encrypted recording without the rest", async () => {
  const bytes = concat([await write({}), secret]);
  let fetched = 0;
  const readRange = (at: number, length: number) => {
    fetched += length;
    return Promise.resolve(bytes.slice(at, at + length));
  };
  const indexes = (await readIndexes(readRange, bytes.length, loadCodec, unwrapPlainly))!;
  equal(indexes.length, 2);
  equal(indexes[1]?.header.title, "very secret title");
  const { start, blocks } = indexes[1]!;
  const entry = blocks.findLast(({ recorded, time }) => recorded && time <= 30e9)!;
  const rest = await collect(
    stream(bytes.subarray(start + entry.offset)).pipeThrough(t2a.decoder({ midway: indexes[1]! })),
  );
  deepEqual(rest, EVENTS.filter((event) => event.kind !== "header" && event.time >= rest[0]!.time));
  ok(rest[0]!.time <= 30e9 && rest[0]!.time > 20e9);
  ok(fetched < 20_000, `${fetched} bytes were read`);
});

Deno.test("rewriteBlocks() gives back the very bytes that were encrypted, and a signature outlives both", async () => {
  const plain = await collectBytes(rewriteBlocks(stream(await write({})), { ...options, sign: await testSign() }));
  const closed = await collectBytes(rewriteBlocks(stream(plain), { ...options, encrypt: wrapPlainly }));
  const [verdict] = await verifyBlocks(stream(closed), options);
  deepEqual([verdict?.fault, verdict?.signature?.valid], [undefined, true]);
  equal((await collectBytes(rewriteBlocks(stream(closed), options))).toHex(), plain.toHex());
});

Deno.test("rewriteBlocks({ keepKey }) signs an encrypted recording and changes only what the signature is in", async () => {
  const signed = await collectBytes(
    rewriteBlocks(stream(secret), { ...options, keepKey: true, sign: await testSign() }),
  );
  const again = await collectBytes(
    rewriteBlocks(stream(signed), { ...options, keepKey: true, sign: await testSign() }),
  );
  for (const bytes of [signed, again]) {
    const [verdict] = await verifyBlocks(stream(bytes), options);
    deepEqual([verdict?.fault, verdict?.signature?.valid, verdict?.encrypted], [undefined, true, true]);
    deepEqual(await read(bytes), EVENTS);
  }
  const [before, after] = [blocksOf(secret), blocksOf(signed)];
  const same = before.filter(({ bytes }, n) => bytes.toHex() === after[n]!.bytes.toHex());
  equal(same.length, before.length - 3); // not seal, index and end
  const fresh = numbersOf(signed).slice(-2);
  ok(fresh.every((number) => !numbersOf(secret).includes(number)), "other contents have other numbers");
  ok(numbersOf(again).slice(-2).every((number) => !fresh.includes(number)));
});

Deno.test("rewriteBlocks() refuses what is damaged, out of order, altered or of another format", async () => {
  const plain = await write({});
  const blocks = blocksOf(plain);
  const refused: [Uint8Array, RegExp][] = [
    [plain.map((byte, at) => at === 300 ? byte ^ 1 : byte), /damage at byte/],
    [recordingOf(blocks.filter((_, n) => n !== 2)), /block 3 .* is not the next one/],
    [plain.subarray(8), /without its magic/],
    [new TextEncoder().encode("hello hello hello hello hello hello"), /damage|no T2A/],
    [new Uint8Array(0), /no T2A recording/],
  ];
  for (const [bytes, expected] of refused) await rejects(collectBytes(rewriteBlocks(stream(bytes), options)), expected);
  const unfinished = recordingOf(blocks.slice(0, 4));
  await rejects(
    collectBytes(rewriteBlocks(stream(unfinished), { ...options, sign: await testSign() })),
    /not finished[^]*repair secret\.t2a/,
  );
  const closed = await collectBytes(rewriteBlocks(stream(unfinished), { ...options, encrypt: wrapPlainly }));
  deepEqual(await read(closed), await read(unfinished));
});

Deno.test("rewrapKey() changes who can read a recording and no box of it", async () => {
  const [wrapLong, unwrapLong]: [WrapKey, UnwrapKey] = [
    (key) => Promise.resolve(concat([new Uint8Array(500), key])),
    (wrapped) => Promise.resolve(wrapped.length < 500 ? undefined : wrapped.slice(500)),
  ];
  const two = concat([secret, secret]);
  const given = await collectBytes(rewrapKey(stream(two), "secret.t2a", unwrapPlainly, wrapLong));
  const boxes = (bytes: Uint8Array) =>
    blocksOf(bytes).filter(({ header }) => header.type === BlockType.box).map(({ bytes }) => bytes);
  deepEqual(boxes(given), boxes(two));
  const theirs = t2aFormat({ loadCodec, unwrap: unwrapLong });
  deepEqual(await read(given, new Report(), theirs), [...EVENTS, ...EVENTS]);
  await rejects(read(given), /encrypted/);
  const verdicts = await verifyBlocks(stream(given), { ...options, unwrap: unwrapLong });
  deepEqual(verdicts.map(({ fault }) => fault), [undefined, undefined]);
  const indexes = await readIndexes(
    (at, length) => Promise.resolve(given.slice(at, at + length)),
    given.length,
    loadCodec,
    unwrapLong,
  );
  equal(indexes?.length, 2);
  const { start, blocks } = indexes![1]!;
  const middle = await collect(
    stream(given.subarray(start + blocks[3]!.offset)).pipeThrough(t2a.decoder({ midway: indexes![1]! })),
  );
  equal(middle[0]?.time, blocks[3]!.time);
  await rejects(collectBytes(rewrapKey(stream(await write({})), "x", unwrapPlainly, wrapLong)), /not encrypted/);
  await rejects(
    collectBytes(rewrapKey(stream(given), "x", () => Promise.resolve(undefined), wrapLong)),
    /no key that was given/,
  );
  await rejects(
    collectBytes(rewrapKey(stream(new Uint8Array(0)), "x", unwrapPlainly, wrapLong)),
    /Cannot change who can open .*: it is no(?:t encrypted| T2A recording)/,
  );
});

Deno.test("a recipients block that was changed by somebody without the key is refused", async () => {
  const blocks = blocksOf(secret);
  const { payload, header } = blocks[0]!;
  const { wrapped } = readRecipients(payload);
  const changed = payload.slice();
  changed[1]! ^= 1; // another id
  const forged = recordingOf([{ bytes: writeBlock(header, changed) }, ...blocks.slice(1)]);
  await rejects(read(forged), /list of recipients/);
  const eve = await Cipher.create(() => Promise.resolve(wrapped));
  await rejects(read(recordingOf([{ bytes: eve.recipients }, ...blocks.slice(1)])), /list of recipients/);
  match(
    await read(recordingOf([{ bytes: writeBlock(header, Uint8Array.of(9)) }])).catch(({ message }) => message),
    /scheme 9/,
  );
});

Deno.test("boxes that were changed, moved, renumbered or come from elsewhere are damage and show nothing", async () => {
  const blocks = blocksOf(secret);
  const other = blocksOf(await write({ encrypt: wrapPlainly }));
  const n = 3;
  const box = blocks[n]!;
  const flip = (at: number) => box.payload.map((byte, n) => n === at ? byte ^ 1 : byte);
  const replaced: [string, Uint8Array][] = [
    ["changed", writeBlock(box.header, flip(40))],
    ["renumbered", writeBlock({ ...box.header, sequence: 77 }, box.payload)],
    ["flagged", writeBlock({ ...box.header, flags: 2 }, box.payload)],
    ["of another recording", other[n]!.bytes],
    ["too short", writeBlock(box.header, box.payload.subarray(0, 20))],
    ["in no box", blocksOf(await write({}))[2]!.bytes],
  ];
  for (const [what, bytes] of replaced) {
    const report = new Report();
    const events = await read(recordingOf(blocks.map((block, at) => at === n ? { bytes } : block)), report);
    const gaps = events.filter(({ kind }) => kind === "gap");
    equal(gaps.length, 1, what);
    ok(report.warnings.some(({ message }) => /encrypted block at byte \d+ is altered/.test(message)), what);
    equal(report.completeness, "unfinished", what);
    const expected = EVENTS.filter((event) =>
      events.some((found) => found.time === event.time && found.kind === event.kind)
    );
    deepEqual(events.filter(({ kind }) => kind !== "gap"), expected, what);
  }
});

Deno.test("a recording whose first recipients block is damaged is opened by the second, where that can be looked for", async () => {
  const damaged = secret.slice();
  damaged[100]! ^= 1;
  const report = new Report();
  deepEqual(await read(damaged, report), EVENTS);
  ok(report.warnings.length > 0);
  const passing = collect(stream(damaged).pipeThrough(t2a.decoder()));
  await rejects(passing, /the block with its key is lost/);
});

Deno.test("mergeBlocks() gives an encrypted recording a new key, and keeps it encrypted", async () => {
  const small = await write({ encrypt: wrapPlainly, blockBytes: 100 });
  const parts: Uint8Array[] = [];
  await mergeBlocks({
    read: (at, length) => Promise.resolve(small.slice(at, at + length)),
    size: small.length,
    write: (bytes) => void parts.push(bytes),
    loadCodec,
    unwrap: unwrapPlainly,
    encrypt: wrapPlainly,
  });
  const merged = concat(parts);
  ok(merged.length < small.length / 2);
  deepEqual(await read(merged), EVENTS);
  notDeepEqual(readRecipients(blocksOf(merged)[0]!.payload).id, readRecipients(blocksOf(small)[0]!.payload).id);
});

Deno.test("no event can make a writer write recipients or boxes of its own", async () => {
  const evil = [6, 9, 9 + 2 * 256].map((type): SessionEvent => ({
    kind: "opaque",
    time: 1,
    type,
    data: new Uint8Array(80),
  }));
  const bytes = await write({}, [header(), ...evil]);
  deepEqual(blocksOf(bytes).map(({ header: { type } }) => type), [1, 2, 3, 4, 5]);
  deepEqual(await read(bytes), [header(), ...evil]);
});

Deno.test("Cipher refuses to go on when its numbers are used up", async () => {
  const cipher = await Cipher.create(wrapPlainly);
  cipher.goOnBehind(0xffff_ffff);
  await rejects(cipher.box(new Uint8Array(40)), /2\^32/);
  const block: Block = blocksOf(
    concat([MAGIC, writeBlock({ type: 9, flags: 0, codec: 0, unit: 0, sequence: 0, time: 0 }, new Uint8Array(60))]),
  )[0]!;
  equal(await cipher.open(block), undefined);
  equal(RECORDED, 1);
});
