import { equal, ok } from "node:assert/strict";
import { choosePtyHost } from "../lib/host/pty.ts";
import { hostFacts } from "../lib/host/facts.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { SessionRecorder } from "../lib/record/session_recorder.ts";
import { T2aWriter } from "../formats/t2a.ts";
import { countOutput, openShell } from "./support/pty.ts";

const host = await choosePtyHost();
const FLOOD = "stty raw; yes 'a line of output as programs print it 0123456789' | head -c 20000000";

async function seconds(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** The terminal alone: what the program prints is read and thrown away. */
async function readOnly(): Promise<void> {
  const pty = openShell(host, FLOOD);
  equal(await countOutput(pty), 20_000_000);
  await pty.close();
}

/** The same with everything that recording does but the disk. */
async function record(): Promise<void> {
  const recorder = new SessionRecorder(host, { command: ["sh", "-c", FLOOD], facts: hostFacts() });
  const writer = new T2aWriter({ loadCodec });
  let stored = 0;
  for (let batch = await recorder.next(); batch; batch = await recorder.next()) {
    writer.push(batch);
    for (let block = await writer.take(); block; block = await writer.take()) {
      stored += block.length;
      writer.commit();
    }
  }
  writer.finish();
  ok(stored > 0 && stored < 2_000_000, `${stored} bytes for 20 MB that repeat themselves`);
}

Deno.test("recording a flood takes less than six times as long as only reading it", async () => {
  await record(); // loads the codec, starts the pump's Worker
  const ratios: number[] = [];
  for (let pair = 0; pair < 5; pair++) ratios.push(await seconds(record) / await seconds(readOnly));
  const median = ratios.sort((a, b) => a - b)[2]!;
  console.log(`    recording 20 MB takes ${median.toFixed(2)} times as long as reading it (median of 5 pairs)`);
  ok(median < 6, `${median}`);
});
