import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { openRecording } from "../formats/mod.ts";
import { type Compression, compressionOf, decompressed } from "../lib/host/decompress.ts";
import { Report } from "../lib/report.ts";
import { collect, concat } from "../lib/stream/collect.ts";
import { sourceOf } from "./contracts/format_contract.ts";
import { cut } from "./support/generate.ts";

const TEXT = "hello, hello, hello\n";
const CAST = '{"version": 3, "term": {"cols": 80, "rows": 24}}\n' + '[0.5, "o", "hello"]\n'.repeat(20_000);

/** The text by bzip2 1.0.8, which the platform cannot write. */
const BZIP2 = Uint8Array.fromBase64("QlpoOTFBWSZTWctS5WcAAAVRAAAQQAQCRKAAISQxCGAvGETHFReLuSKcKEhlqXKzgA==");

const PACKED: Record<Compression, Uint8Array> = {
  gzip: gzipSync(TEXT),
  bzip2: BZIP2,
  zstd: zstdCompressSync(TEXT),
};

async function unpack(chunks: Iterable<Uint8Array>, compression: Compression, report = new Report()): Promise<string> {
  const stream = decompressed(ReadableStream.from(chunks), compression, report);
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

for (const [name, packed] of Object.entries(PACKED) as [Compression, Uint8Array][]) {
  Deno.test(`decompressed() unpacks ${name}, one member or several, however it is split`, async () => {
    equal(compressionOf(packed), name);
    for (const members of [1, 2, 3]) {
      const bytes = concat(Array(members).fill(packed));
      for (const size of [1, 2, 7, 64, 10_000]) {
        const report = new Report();
        equal(await unpack(cut(bytes, [size]), name, report), TEXT.repeat(members));
        deepEqual(report.warnings, []);
      }
    }
  });

  Deno.test(`decompressed() gives what it can of ${name} that is cut off, and says so`, async () => {
    const bytes = concat([packed, packed]);
    for (let length = packed.length + 1; length < bytes.length; length++) {
      const report = new Report();
      const text = await unpack([bytes.subarray(0, length)], name, report);
      ok(text.startsWith(TEXT) && (TEXT + TEXT).startsWith(text), `${length}: ${text}`);
      deepEqual(report.warnings.map(({ code }) => code), ["damaged-compression"]);
    }
  });

  Deno.test(`decompressed() survives any damage to ${name}`, async () => {
    for (let at = 4; at < packed.length; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        const bytes = Uint8Array.from(packed);
        bytes[at]! ^= flip;
        await unpack(cut(bytes, [5]), name);
      }
    }
  });

  Deno.test(`decompressed() passes an error of the source on, and lets go of it (${name})`, async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("the disk")) });
    await rejects(new Response(decompressed(broken, name, new Report())).text(), /the disk/);
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(packed),
      cancel: () => void (cancelled = true),
    });
    const reader = decompressed(endless, name, new Report()).getReader();
    await reader.read();
    await reader.cancel();
    equal(cancelled, true);
  });
}

Deno.test("decompressed() gives no frame of Zstandard more than 128 MiB of memory", async () => {
  const hungry = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0xa0, 0x19, 0, 0, 1, 2, 3);
  const checked = zstdCompressSync(TEXT.repeat(50_000), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const skippable = Uint8Array.of(0x52, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9);
  for (const size of [1, 1000]) {
    const report = new Report();
    equal(
      await unpack(cut(concat([checked, skippable, checked, hungry]), [size]), "zstd", report),
      TEXT.repeat(100_000),
    );
    match(report.warnings[0]!.message, /asks for 1073741824 bytes of memory/);
  }
});

Deno.test("openRecording() unpacks what was compressed, twice at most", async () => {
  for (const pack of [gzipSync, zstdCompressSync]) {
    for (const bytes of [pack(CAST), pack(pack(CAST))]) {
      const { events, reader } = await openRecording(sourceOf(cut(bytes, [1000]), "x.cast"));
      equal(reader.name, "asciicast-v3");
      equal((await collect(events)).length, 20_001);
    }
    await rejects(openRecording(sourceOf([pack(pack(pack(CAST)))])), /it begins with/);
  }
});

Deno.test("openRecording() keeps what a compressed recording holds that is cut off", async () => {
  const bytes = gzipSync(CAST);
  const report = new Report();
  const { events } = await openRecording(sourceOf([bytes.subarray(0, bytes.length - 100)]), { report });
  ok((await collect(events)).length > 100);
  ok(report.warnings.some(({ code }) => code === "damaged-compression"));
});

Deno.test("openRecording() takes the reader that is asked for, and no other", async () => {
  const source = () => sourceOf([new TextEncoder().encode(CAST)]);
  equal((await openRecording(source(), { format: "asciicast-v3" })).reader.name, "asciicast-v3");
  await rejects(collect((await openRecording(source(), { format: "asciicast-v2" })).events), /version 3/);
  await rejects(
    openRecording(source(), { format: "gif" }),
    /Cannot read recordings of format "gif": expected one of t2a/,
  );
});
