import { deepStrictEqual, equal, rejects } from "node:assert/strict";
import { openRecording } from "../formats/mod.ts";
import { raw } from "../formats/raw.ts";
import { UsageError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { collect, concat } from "../lib/stream/collect.ts";
import { formatContract, read, sourceOf, write } from "./contracts/format_contract.ts";
import { header, output } from "./support/events.ts";
import { sessions } from "./support/generate.ts";

/** One output of all that was printed, at once, on a terminal of the usual size. */
function kept(all: readonly SessionEvent[]): SessionEvent[] {
  const data = concat(all.flatMap((event) => event.kind === "output" ? [event.data] : []));
  return data.length > 0 ? [header(), { kind: "output", time: 0, data }] : [header()];
}

formatContract(raw, { events: sessions({ sessions: 1 }), kept, isNamed: true });

Deno.test("raw is what was printed, to the byte", async () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index * 7 % 256);
  const events = [header(), { kind: "output", time: 5, data: bytes } as const];
  deepStrictEqual(await write(raw, events), bytes);
  deepStrictEqual((await read(raw, [bytes])).map((event) => event.kind === "output" && event.data.length), [
    ...[false, 65536, 65536, 65536, 3392],
  ]);
});

Deno.test("raw takes its size from a sequence that sets it, or from a line of script", async () => {
  const size = async (text: string) => {
    const [first] = await read(raw, [new TextEncoder().encode(text)]);
    return first?.kind === "header" && `${first.header.cols}x${first.header.rows}`;
  };
  equal(await size("\x1b[8;50;132tx"), "132x50");
  equal(await size("\x1b%G\x1b[8;50;132tx"), "132x50");
  equal(await size('Script started on x [TERM="xterm" COLUMNS="100" LINES="30"]\n'), "100x30");
  equal(await size("x\x1b[8;50;132t"), "80x24");
  equal(await size("\x1b[8;0;9999t"), "2048x24");
});

Deno.test("raw says that times are lost, once", async () => {
  const report = new Report();
  await write(raw, [header(), output(0, "a"), output(1, "b"), output(2, "c")], { report });
  deepStrictEqual([...report.losses], [["header field cols", 1], ["header field rows", 1], ["times", 1]]);
});

Deno.test("openRecording() reads raw output only when asked for it by name, and knows no other names than those of readers", async () => {
  const source = () => sourceOf([new TextEncoder().encode("hello")]);
  await rejects(openRecording(source()), /begins with "hello"/);
  const { reader, events } = await openRecording(source(), { format: "raw" });
  equal(reader.name, "raw");
  deepStrictEqual(await collect(events), [header(), output(0, "hello")]);
  await rejects(openRecording(source(), { format: "vhs" }), UsageError);
});
