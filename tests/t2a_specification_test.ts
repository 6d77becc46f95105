import { deepEqual, equal } from "node:assert/strict";
import { t2a } from "../formats/t2a.ts";
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
  equal((await vectors()).length, SESSIONS.length);
});
