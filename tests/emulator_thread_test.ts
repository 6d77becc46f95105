import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { EmulatorThread } from "../lib/host/emulator_thread.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenText } from "../lib/terminal/screen_text.ts";
import { sleep } from "./support/pty.ts";
import { anyBytes, randomOf } from "./support/terminal_streams.ts";

const make = await loadEmulator();
const encode = (text: string) => new TextEncoder().encode(text);
const SIZE = { cols: 40, rows: 10 };
const fragile = () => new Worker(new URL("./support/fragile_worker.ts", import.meta.url), { type: "module" });

Deno.test("EmulatorThread shows what an emulator in this thread shows, at every moment at which it is asked", async () => {
  const thread = new EmulatorThread(SIZE), emulator = make(SIZE);
  const random = randomOf(7);
  const asked: Promise<void>[] = [];
  for (let round = 0; round < 40; round++) {
    const bytes = anyBytes(random, 100);
    thread.write(bytes);
    emulator.write(bytes);
    if (random(4) === 0) {
      const [cols, rows] = [10 + random(50), 2 + random(20)];
      thread.resize(cols, rows);
      emulator.resize(cols, rows);
    }
    const expected = emulator.snapshot();
    asked.push(thread.snapshot().then((state) => deepStrictEqual(state, expected)));
  }
  await Promise.all(asked);
  equal(thread.backlog, 0);
  thread.close();
});

Deno.test("EmulatorThread starts no thread before there is something to draw for somebody", () => {
  let started = 0;
  const thread = new EmulatorThread({
    ...SIZE,
    start: () => {
      started++;
      return fragile();
    },
  });
  thread.write(encode("x".repeat(60_000)));
  equal(started, 0);
  thread.write(encode("x".repeat(10_000)));
  equal(started, 1);
  thread.close();
});

Deno.test("EmulatorThread goes on when its engine dies, from what showed before; what kills two is left out", async () => {
  const thread = new EmulatorThread({ ...SIZE, start: fragile });
  thread.write(encode("one\r\n"));
  ok(await thread.snapshot());
  thread.write(encode("two\r\n"));
  thread.resize(50, 12);
  const [before, after] = [thread.snapshot(), (thread.write(encode("DEADLY")), thread.snapshot())];
  thread.write(encode("three\r\n"));
  deepStrictEqual((await Promise.all([before, after, thread.snapshot()])).map((state) => state && screenText(state)), [
    ["one", "two"],
    ["one", "two"],
    ["one", "two", "three"],
  ]);
  deepStrictEqual((await thread.snapshot())?.cols, 50);
  thread.close();
});

Deno.test("EmulatorThread is given up when it falls too far behind, and says that it does not know", async () => {
  const thread = new EmulatorThread(SIZE);
  const asked = thread.snapshot();
  const piece = encode("\x1b[31mred ".repeat(8192));
  while (!thread.isLost) thread.write(piece);
  deepStrictEqual([await asked, await thread.snapshot(), thread.backlog], [undefined, undefined, 0]);
});

Deno.test("EmulatorThread is given up when no engine can begin", async () => {
  const url = URL.createObjectURL(new Blob(["throw new Error('no engine')"], { type: "text/javascript" }));
  const thread = new EmulatorThread({ ...SIZE, start: () => new Worker(url, { type: "module" }) });
  equal(await thread.snapshot(), undefined);
  ok(thread.isLost);
  URL.revokeObjectURL(url);
});

Deno.test("EmulatorThread keeps a bounded part of a long session to begin again from", async () => {
  const thread = new EmulatorThread({ ...SIZE, start: fragile });
  for (let piece = 0; piece < 40; piece++) {
    thread.write(encode(`${piece} `.repeat(20_000)));
    while (thread.backlog > 1 << 20) await sleep(5);
  }
  thread.write(encode("\x1b[2J\x1b[Hbefore DEADLY"));
  equal(await thread.snapshot() !== undefined, true);
  thread.write(encode("\x1b[2J\x1b[Hafter"));
  deepStrictEqual(screenText((await thread.snapshot())!), ["after"]);
  thread.close();
});
