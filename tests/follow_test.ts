import { deepEqual, equal, rejects } from "node:assert/strict";
import { followSource, untilExit } from "../lib/cli/source/follow.ts";
import { UsageError } from "../lib/errors.ts";
import type { EventBatch, SessionEvent } from "../lib/event.ts";
import { withFolder } from "./support/cli.ts";
import { batches, handFed, header, marker } from "./support/events.ts";
import { openDescriptors, sleep } from "./support/pty.ts";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

Deno.test("followSource() waits for what is added, and gives it once", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/x`, "one,");
    const source = await followSource(`${folder}/x`);
    equal(source.name, `${folder}/x`);
    equal(await source.sibling("y"), undefined);
    const reader = source.bytes().getReader();
    equal(text((await reader.read()).value), "one,");
    const next = reader.read();
    equal(await Promise.race([next, sleep(100).then(() => "nothing yet")]), "nothing yet");
    await Deno.writeTextFile(`${folder}/x`, "two", { append: true });
    equal(text((await next).value), "two");
    await reader.cancel();
  });
});

Deno.test("followSource() reads a file to its end that is replaced meanwhile", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/x`, "old,");
    const reader = (await followSource(`${folder}/x`)).bytes().getReader();
    equal(text((await reader.read()).value), "old,");
    await Deno.writeTextFile(`${folder}/x`, "last words", { append: true });
    await Deno.writeTextFile(`${folder}/new`, "merged");
    await Deno.rename(`${folder}/new`, `${folder}/x`);
    equal(text((await reader.read()).value), "last words");
    await reader.cancel();
  });
});

Deno.test("followSource() lets go of the file when it is cancelled, whether it waits or not", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/x`, "one");
    const before = openDescriptors();
    const idle = (await followSource(`${folder}/x`)).bytes();
    await idle.cancel();
    const waiting = (await followSource(`${folder}/x`)).bytes().getReader();
    await waiting.read();
    const more = waiting.read();
    await waiting.cancel();
    equal((await more).done, true);
    const deadline = performance.now() + 10_000;
    while (openDescriptors() > before && performance.now() < deadline) await sleep(10);
    equal(openDescriptors(), before);
  });
});

Deno.test("followSource() refuses what cannot be read", async () => {
  await withFolder(async (folder) => {
    await rejects(followSource(`${folder}/nothing`), UsageError);
    await rejects(followSource(folder), UsageError);
  });
});

const exit: SessionEvent = { kind: "exit", time: 5, status: { code: 0 } };

async function read(stream: ReadableStream<EventBatch>): Promise<EventBatch[]> {
  const all: EventBatch[] = [];
  for await (const batch of stream) all.push(batch);
  return all;
}

Deno.test("untilExit() ends with the exit, though the source goes on", async () => {
  const source = handFed();
  const ended = read(source.events.pipeThrough(untilExit()));
  source.feed(header(), marker(1));
  source.feed(marker(2), exit, marker(6));
  source.feed(marker(7));
  deepEqual(await ended, [[header(), marker(1)], [marker(2), exit]]);
});

Deno.test("untilExit() passes everything on that has no exit", async () => {
  const all = [[header()], [marker(1), marker(2)]];
  deepEqual(await read(batches(...all).pipeThrough(untilExit())), all);
});
