import { deepEqual, equal } from "node:assert/strict";
import { t2a } from "../formats/t2a.ts";
import type { SessionEvent } from "../lib/event.ts";
import { collect, collectBytes, streamOf } from "../lib/stream/collect.ts";

const EVENTS: SessionEvent[] = [
  { kind: "header", time: 0, header: { cols: 80, rows: 24, id: "000102030405060708090a0b0c0d0e0f" } },
  { kind: "output", time: 5, data: new TextEncoder().encode("hi") },
  { kind: "exit", time: 9, status: { code: 0 } },
];

async function vector(): Promise<string> {
  const text = await Deno.readTextFile(new URL("../formats/T2A.md", import.meta.url));
  return /```hex\n([^]*?)```/.exec(text)![1]!.replaceAll(/\s/g, "");
}

Deno.test("t2a writes the test vector of its specification, byte for byte", async () => {
  equal((await collectBytes(streamOf(...EVENTS).pipeThrough(t2a.encoder()))).toHex(), await vector());
});

Deno.test("t2a reads the test vector of its specification", async () => {
  const bytes = Uint8Array.fromHex(await vector());
  deepEqual(await collect(new Blob([bytes]).stream().pipeThrough(t2a.decoder())), EVENTS);
});
