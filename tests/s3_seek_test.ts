import { deepEqual, ok } from "node:assert/strict";
import { readIndexes, t2a } from "../formats/mod.ts";
import { loadCodec } from "../lib/host/codec.ts";
import type { SessionEvent } from "../lib/event.ts";
import { collect } from "../lib/stream/collect.ts";
import { S3Blobs } from "../storage/s3.ts";
import { noise } from "./contracts/blob_contract.ts";
import { testBucket } from "./support/servers.ts";

/** `TERM2AI_TEST_LARGE=200` for a recording of 200 MB. */
const MEGABYTES = Number(Deno.env.get("TERM2AI_TEST_LARGE") ?? 20);

/** Events that no codec makes smaller, one a second. */
function* events(): Generator<SessionEvent[], void, void> {
  yield [{ kind: "header", time: 0, header: { cols: 80, rows: 24 } }];
  const megabyte = noise(1_000_000);
  for (let second = 1; second <= MEGABYTES; second++) {
    for (let part = 0; part < 10; part++) {
      const data = megabyte.slice(part * 100_000, (part + 1) * 100_000);
      data[0] = second;
      yield [{ kind: "output", time: second * 1e9 + part, data }];
    }
  }
}

Deno.test("a seek in a large recording on S3 takes few requests, and reads little of it", async () => {
  const bucket = await testBucket();
  if (!bucket) return;
  const settings = new URLSearchParams(bucket.url.split("?")[1]);
  const blobs = await S3Blobs.open({ place: bucket.url.slice(5).split("?")[0]!, settings, owner: "ada" });
  await blobs.put("x.t2a", ReadableStream.from(events()).pipeThrough(t2a.encoder()), "refuse");
  const before = blobs.client.requests;
  let read = 0;
  const ranges = (await blobs.ranges("x.t2a"))!;
  const counted = async (start: number, length: number) => {
    const bytes = await ranges.read(start, length);
    read += Math.max(bytes.length, 128 << 10); // what is asked for is rounded up
    return bytes;
  };
  const [index] = (await readIndexes(counted, ranges.size, loadCodec))!;
  const wanted = MEGABYTES / 2 * 1e9;
  const at = index!.blocks.findLastIndex((block) => block.recorded && block.time <= wanted);
  const [block, next] = [index!.blocks[at]!, index!.blocks[at + 1]!];
  const bytes = await counted(index!.start + block.offset, next.offset - block.offset);
  const decoder = t2a.decoder({ midway: true });
  const found = await collect(new Blob([bytes.slice()]).stream().pipeThrough(decoder));
  ok(found.some(({ time }) => Math.floor(time / 1e9) === MEGABYTES / 2));
  const requests = blobs.client.requests - before;
  ok(requests <= 8, `${requests} requests`);
  ok(read <= 3_000_000, `${read} bytes`);
  console.log(
    `    ${(ranges.size / 1e6).toFixed(0)} MB: ${requests} requests, ${(read / 1e3).toFixed(0)} kB at the most`,
  );
  deepEqual(ranges.size > MEGABYTES * 900_000, true);
  ranges.close();
});
