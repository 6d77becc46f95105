import { equal, match, ok, rejects } from "node:assert/strict";
import { openRecording, READERS, t2a, WRITERS } from "../formats/mod.ts";
import { FormatError } from "../lib/errors.ts";
import type { Source } from "../lib/ports.ts";
import { Report } from "../lib/report.ts";
import { collect, collectBytes, concat, streamOf } from "../lib/stream/collect.ts";
import { streamSource } from "../lib/stream/source.ts";
import { header, marker, output } from "./support/events.ts";

/** A recording in memory, in pieces of `size` bytes. */
function source(bytes: Uint8Array | string, size = 65_536, name = "some file"): Source & { cancelled: () => boolean } {
  const all = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  let at = 0;
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= all.length) return controller.close();
      controller.enqueue(all.slice(at, at += size));
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  return { ...streamSource(name, stream), cancelled: () => cancelled };
}

const SESSION = [header(), output(1e9, "hello\r\n"), marker(2e9, "end")];

const RECOGNISED = READERS.filter((reader) => reader.prefixLength > 0);
const BOTH = WRITERS.filter(({ name }) => RECOGNISED.some((reader) => reader.name === name));

for (const writer of BOTH) {
  Deno.test(`openRecording() recognises ${writer.name} by its bytes, whatever it is called and however it is split`, async () => {
    const sibling = () => Promise.resolve(new WritableStream<Uint8Array>());
    const settings = { report: new Report(), timeUnit: 1, sibling };
    const bytes = await collectBytes(streamOf(...SESSION).pipeThrough(writer.encoder(settings)));
    for (const size of [1, 2, 3, 7, 64, 65_536]) {
      const recording = await openRecording(source(bytes, size, "wrong.gif"));
      equal(recording.reader.name, writer.name);
      const printed = (await collect(recording.events)).flatMap((event) => event.kind === "output" ? [event.data] : []);
      equal(new TextDecoder().decode(concat(printed)), "hello\r\n");
    }
  });

  Deno.test(`${writer.name} is read by a reader of the same name`, () => {
    ok(READERS.some((reader) => reader.name === writer.name));
    equal(WRITERS.filter(({ name }) => name === writer.name).length, 1);
    ok(writer.title.length > 0 && writer.extensions.length > 0 && writer.keeps.has("output"));
  });
}

async function refusal(bytes: Uint8Array | string, size?: number): Promise<string> {
  const it = source(bytes, size);
  let message = "";
  await rejects(openRecording(it), (error: unknown) => {
    ok(error instanceof FormatError);
    equal(error.place.byte, 0);
    message = error.message;
    return true;
  });
  return message;
}

Deno.test("openRecording() says what it found and what it expected when nobody knows the bytes", async () => {
  match(await refusal(""), /^Cannot read some file: it is empty\n {2}Expected a recording: .*asciinema/);
  match(await refusal("#!/bin/sh\necho hi\n"), /it begins with "#!\/bin\/sh\\necho hi\\n"/);
  match(await refusal(Uint8Array.of(0x7f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6)), /it begins with 7f 8b 08 00 01 02 03 04\n/);
  match(await refusal("\x1b]0;title\x07"), /it begins with 1b 5d/);
  for (const reader of RECOGNISED) ok((await refusal("no")).includes(reader.title));
});

Deno.test("openRecording() lets go of what it does not know, and does not read it to its end", async () => {
  const endless = source("x".repeat(10_000_000), 1000);
  await rejects(openRecording(endless), FormatError);
  equal(endless.cancelled(), true);
});

Deno.test("openRecording() puts its findings into the report it is given", async () => {
  const whole = await collectBytes(streamOf(...SESSION).pipeThrough(t2a.encoder()));
  const report = new Report();
  const recording = await openRecording(source(whole.slice(0, whole.length / 2)), { report });
  await collect(recording.events);
  equal(recording.report, report);
  equal(report.completeness, "unfinished");
});
