import { deepEqual, ok } from "node:assert/strict";
import { closedRecording, liveRecording } from "../bench/support/closed_recording.ts";
import { corpus, session } from "../bench/support/corpora.ts";
import { asciicastV3, t2a } from "../formats/mod.ts";
import type { SessionEvent } from "../lib/event.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { collect, collectBytes, concat, streamOf } from "../lib/stream/collect.ts";

const zstd = (await loadCodec(1))!;

function outputOf(events: readonly SessionEvent[]): Uint8Array {
  return concat(events.flatMap((event) => event.kind === "output" ? [event.data] : []));
}

/** A session that prints `bytes` in reads of 4 KiB. */
function flood(bytes: Uint8Array): SessionEvent[] {
  const events: SessionEvent[] = [{ kind: "header", time: 0, header: { cols: 80, rows: 24 } }];
  for (let at = 0; at < bytes.length; at += 4096) {
    events.push({ kind: "output", time: at * 10, data: bytes.subarray(at, at + 4096) });
  }
  return events;
}

function share(part: Uint8Array, whole: Uint8Array): number {
  const ratio = part.length / whole.length;
  console.log(`    ${part.length} bytes of ${whole.length}: ${(100 * ratio).toFixed(1)} %`);
  return ratio;
}

Deno.test("a session's T2A is smaller after close than its asciicast v3 behind zstd -3, with the same steps of time", async () => {
  const events = session();
  for (const timeUnit of [1000, 1_000_000]) {
    const cast = await collectBytes(streamOf(...events).pipeThrough(asciicastV3.encoder({ timeUnit })));
    ok(share(await closedRecording(events, timeUnit), zstd.compress(cast, 3)) < 0.85);
  }
});

Deno.test("times to the nanosecond and everything else add less than a third to a session's compressed output", async () => {
  const events = session();
  ok(share(await closedRecording(events, 1), zstd.compress(outputOf(events), 19)) < 4 / 3);
});

Deno.test("closing a session's recording shrinks it to less than a third, and changes no event", async () => {
  const events = session();
  const [live, closed] = [await liveRecording(events, 1), await closedRecording(events, 1)];
  ok(share(closed, live) < 1 / 3);
  const read = (bytes: Uint8Array<ArrayBuffer>) => collect(new Blob([bytes]).stream().pipeThrough(t2a.decoder()));
  deepEqual(await read(closed), await read(live));
});

Deno.test("a flood of text is stored in less than a third of its bytes, one of random bytes in at most 1 % more", async () => {
  const encode = (bytes: Uint8Array) => collectBytes(streamOf(...flood(bytes)).pipeThrough(t2a.encoder()));
  const text = corpus("colourful", 4_000_000);
  ok(share(await encode(text), text) < 1 / 3);
  const random = new Uint8Array(4_000_000);
  for (let at = 0; at < random.length; at += 65_536) crypto.getRandomValues(random.subarray(at, at + 65_536));
  ok(share(await encode(random), random) < 1.01);
});
