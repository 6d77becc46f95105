import { deepEqual, equal, ok } from "node:assert/strict";
import { t2a, t2aFormat } from "../formats/t2a.ts";
import { BlockType } from "../formats/t2a/block.ts";
import { Cipher, readRecipients } from "../formats/t2a/cipher.ts";
import { rewriteBlocks } from "../formats/t2a/rewrite.ts";
import { verifyBlocks } from "../formats/t2a/verify.ts";
import { Report } from "../lib/report.ts";
import { noPassphrase, unwrapWith } from "../lib/security/age_keys.ts";
import { blobSource } from "../lib/stream/source.ts";
import { blocksOf } from "./support/t2a_blocks.ts";
import { AGE_IDENTITY, testKey, testSign } from "./support/keys.ts";
import type { Nanos, SessionEvent } from "../lib/event.ts";
import { collect, collectBytes, streamOf } from "../lib/stream/collect.ts";

const HEADER: SessionEvent = {
  kind: "header",
  time: 0,
  header: { cols: 80, rows: 24, id: "000102030405060708090a0b0c0d0e0f" },
};

/** The sessions that the document describes, in the order of its vectors. */
const SESSIONS: { name: string; timeUnit: Nanos; events: SessionEvent[] }[] = [
  {
    name: "first",
    timeUnit: 1,
    events: [
      HEADER,
      { kind: "output", time: 5, data: new TextEncoder().encode("hi") },
      { kind: "exit", time: 9, status: { code: 0 } },
    ],
  },
  {
    name: "second",
    timeUnit: 1000,
    events: [
      HEADER,
      { kind: "output", time: 5000, data: Uint8Array.of(0x89, 0x54, 0x32, 0x41) },
      { kind: "command", time: 5000, phase: "done", code: 0 },
      { kind: "marker", time: 9000, label: "é" },
      { kind: "opaque", time: 9000, type: 200 + 0x100, data: Uint8Array.of(0x2a) },
    ],
  },
];

async function vectors(): Promise<string[]> {
  const text = await Deno.readTextFile(new URL("../formats/T2A.md", import.meta.url));
  return [...text.matchAll(/```hex\n([^]*?)```/g)].map((match) => match[1]!.replaceAll(/\s/g, ""));
}

for (const [n, { name, timeUnit, events }] of SESSIONS.entries()) {
  Deno.test(`t2a writes the ${name} test vector of its specification, byte for byte`, async () => {
    const bytes = await collectBytes(streamOf(...events).pipeThrough(t2a.encoder({ timeUnit })));
    equal(bytes.toHex(), (await vectors())[n]);
  });

  Deno.test(`t2a reads the ${name} test vector of its specification`, async () => {
    const bytes = Uint8Array.fromHex((await vectors())[n]!);
    deepEqual(await collect(new Blob([bytes]).stream().pipeThrough(t2a.decoder())), events);
  });
}

Deno.test("t2a has a test for every test vector of its specification", async () => {
  equal((await vectors()).length, SESSIONS.length + 1);
});

const options = { name: "the vector", loadCodec: () => Promise.resolve(undefined) };

Deno.test("t2a reads the signed and encrypted test vector of its specification, with the keys that stand there", async () => {
  const text = await Deno.readTextFile(new URL("../formats/T2A.md", import.meta.url));
  ok(text.includes(AGE_IDENTITY) && text.includes((await testKey()).seed.toHex()));
  const bytes = Uint8Array.fromHex((await vectors())[2]!);
  const unwrap = await unwrapWith([{ name: "the document", text: AGE_IDENTITY }], noPassphrase);
  deepEqual(
    await collect(t2aFormat({ unwrap }).open(blobSource("vector", new Blob([bytes])), new Report())),
    SESSIONS[0]!.events,
  );
  const [verdict] = await verifyBlocks(new Blob([bytes]).stream(), { ...options, unwrap });
  deepEqual([verdict?.fault, verdict?.signature?.valid, verdict?.encrypted], [undefined, true, true]);
});

Deno.test("t2a writes the signed and encrypted test vector of its specification, given the same key, byte for byte", async () => {
  const [first, , vector] = (await vectors()).map((hex) => Uint8Array.fromHex(hex)) as Uint8Array<ArrayBuffer>[];
  const unwrap = await unwrapWith([{ name: "the document", text: AGE_IDENTITY }], noPassphrase);
  const signed = await collectBytes(rewriteBlocks(new Blob([first!]).stream(), { ...options, sign: await testSign() }));
  const plain = await collectBytes(rewriteBlocks(new Blob([vector!]).stream(), { ...options, unwrap }));
  equal(plain.toHex(), signed.toHex(), "inside the boxes is what was signed");
  const recipients = blocksOf(vector!)[0]!;
  const { id, wrapped } = readRecipients(recipients.payload);
  const cipher = await Cipher.create(() => Promise.resolve(wrapped), id, (await unwrap(wrapped))!);
  deepEqual(cipher.recipients, recipients.bytes);
  const boxes = blocksOf(vector!).filter(({ header }) => header.type === BlockType.box);
  for (const box of boxes) {
    const inner = (await cipher.open(box))!;
    deepEqual(await cipher.box(inner.bytes, inner.header.type === BlockType.index), box.bytes);
  }
});
