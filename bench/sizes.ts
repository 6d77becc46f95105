/** Sizes of one generated typing session (seeded: 4,000 keys with echo, 100 screens of output) in each format. */

import { zstdCompressSync } from "node:zlib";
import type { SessionEvent } from "../lib/event.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { collectBytes, streamOf } from "../lib/stream/collect.ts";
import { asciicastV3, t2aFormat } from "../formats/mod.ts";

let seed = 42;
const random = () => (seed = seed * 48271 % 0x7fffffff) / 0x7fffffff;
const WORDS = "ls cd git commit make test error warning lib src main function return const 12 345 /usr/bin".split(" ");
const word = () => WORDS[Math.floor(random() * WORDS.length)]!;

function session(): SessionEvent[] {
  const events: SessionEvent[] = [{ kind: "header", time: 0, header: { cols: 80, rows: 24, id: "0".repeat(32) } }];
  let time = 0;
  const print = (text: string) => events.push({ kind: "output", time, data: new TextEncoder().encode(text) });
  for (let command = 0; command < 100; command++) {
    for (const key of `${word()} ${word()} ${word()} ${word()} ${word()} ${word()}`) {
      time += Math.floor(50e6 + random() * 200e6);
      print(key);
    }
    time += Math.floor(random() * 500e6);
    for (let line = 0; line < 20; line++) {
      time += Math.floor(random() * 3e6);
      print(`\x1b[3${Math.floor(random() * 8)}m${word()}\x1b[m ${word()} ${word()} ${word()}\r\n`);
    }
  }
  return events;
}

const events = session();
const size = async (encoder: TransformStream<readonly SessionEvent[], Uint8Array>) =>
  await collectBytes(streamOf(...events).pipeThrough(encoder));
const cast = await size(asciicastV3.encoder({ timeUnit: 1_000_000 }));
const format = t2aFormat({ loadCodec });
console.log(`sizes: asciicast v3 (ms) ${cast.length}, its zstd -3 ${zstdCompressSync(cast).length}`);
for (
  const [name, options] of [["zstd 3", { level: 3 }], ["zstd 19", { level: 19 }], ["brotli 11", {
    codec: 2,
    level: 11,
  }]] as const
) {
  for (const timeUnit of [1, 1000, 1_000_000]) {
    const bytes = await size(format.encoder({ ...options, timeUnit, blockBytes: 256 << 10 }));
    console.log(`sizes: T2A, ${name}, times in steps of ${timeUnit} ns: ${bytes.length}`);
  }
}
